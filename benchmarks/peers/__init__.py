"""What is measured: this service and its peers, each with a script that fills its database."""
