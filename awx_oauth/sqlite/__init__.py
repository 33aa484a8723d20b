"""Django's SQLite backend, whose threads do not wait for each other's garbage."""
