#!/usr/bin/env python3
"""Django's command line for this project. Uses the development settings unless DJANGO_SETTINGS_MODULE names others."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command in ``sys.argv``. A configuration mistake ends it with one sentence instead of a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.development")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit("Django is not installed for this Python. Run 'make run' once, then use .venv/bin/python manage.py.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration error: {error}")


if __name__ == "__main__":
    main()
