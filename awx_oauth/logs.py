"""What every log line carries, and how it is written."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

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


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (ISO 8601, UTC), ``level``, ``logger``, ``request_id`` and ``message``.

    Then what a record has in ``facts``, a dict, less what is ``None``, and a traceback as ``exc_info``. Our own, as one
    line a request is a good part of what a request costs.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": record.getMessage(),
        }
        facts: dict[str, Any] = getattr(record, "facts", {})
        line.update((name, fact) for name, fact in facts.items() if fact is not None)
        if record.exc_info:
            line["exc_info"] = self.formatException(record.exc_info)
        return json.dumps(line)
