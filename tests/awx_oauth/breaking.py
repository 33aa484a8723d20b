"""A WSGI application whose answers are none that ours would give: some break off, each in its own way."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

LONG = 8 * 1024 * 1024


def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    """``/begun`` fails within its body, ``/exit`` ends its thread if it can, ``/long`` has 8 MiB; others four bytes."""
    path = environ["PATH_INFO"]
    if path == "/exit":
        sys.exit("An application should not.")
    length = LONG if path == "/long" else 4
    start_response("200 OK", [("Content-Length", f"{length}"), ("Content-Type", "text/plain")])
    yield b"ab"
    if path == "/begun":
        raise ValueError(path)
    yield b"cd" + bytes(length - 4)
