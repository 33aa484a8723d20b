"""This service, as it is shipped: only the rows are made here."""
