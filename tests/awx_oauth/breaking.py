"""A WSGI application whose answers break off, each in its own way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any


def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """``/begun`` fails within its body, ``/exit`` ends its thread if it can, and anything else is answered."""
    path = environ["PATH_INFO"]
    if path == "/exit":
        sys.exit("An application should not.")
    start_response("200 OK", [("Content-Length", "4"), ("Content-Type", "text/plain")])
    yield b"ab"
    if path == "/begun":
        raise ValueError(path)
    yield b"cd"
