"""What every log line carries, and what some do not."""

from __future__ import annotations

import logging

from awx_oauth import context

# Nothing that a record would look up for these is in our lines (Python's logging HOWTO, "Optimization")
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None  # noqa: SLF001  # the HOWTO's own way


class RequestIdFilter(logging.Filter):
    """Gives each record the id of the request that it was written for, or ``-`` outside one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``request_id``; lets every record through."""
        request = context.current()
        record.request_id = request.request_id if request else "-"
        return True


class RefusedRequestFilter(logging.Filter):
    """Makes one warning of what Django says when it refuses a request by its host, size or number of fields.

    It says so as an error with a traceback, by which any scanner of the internet would raise the alarm.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the records of ``django.security``; lets every record through."""
        if record.name.startswith("django.security."):
            record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
        return True
