"""Configuration: one module for each way to run the service, all of them on ``settings.base``."""
