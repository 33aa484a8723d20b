"""The conventions of AWX's REST API. Knows nothing of the apps that follow them."""
