"""Which request is being served: for log lines and the audit log, without handing the request through every call."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What is known about a request before anything looks at its content."""

    request_id: str
    remote_address: str | None


_current: ContextVar[RequestContext | None] = ContextVar("awx_oauth_request", default=None)


def current() -> RequestContext | None:
    """The request being served, or ``None`` outside one (commands, start-up)."""
    return _current.get()


@contextmanager
def serving(request: RequestContext) -> Iterator[None]:
    """Make ``request`` the current one while the block runs."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)
