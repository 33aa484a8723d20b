"""The clock of one node, moved without moving the machine's: what Python reads in each of its workers.

Steps of a real clock do not touch ``time.monotonic``, nor does this; and the database keeps its own clock, as another
machine would.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class MovedClockMiddleware:
    """Sets the clock of its process to as many seconds off as the file CLOCK_FILE says, before each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.file = Path(os.environ["CLOCK_FILE"])
        self.offset = 0.0
        self.clock: Any = None
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        wanted = float(self.file.read_text())
        with self.lock:
            if wanted != self.offset:
                self._move(wanted)
        return self.get_response(request)

    def _move(self, wanted: float) -> None:
        if self.clock is None:
            self.clock = time_machine.travel(datetime.now(UTC), tick=True).start()
        self.clock.shift(timedelta(seconds=wanted - self.offset))
        self.offset = wanted


class Clock:
    """The test's hand on the clock of a node."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.move(0)

    def move(self, offset: float) -> None:
        """Let the node's clock be ``offset`` seconds off from the next request on."""
        # In one step, so that nobody reads half a number
        new = self.file.with_suffix(".new")
        new.write_text(str(offset))
        new.rename(self.file)
        time.sleep(0.1)
