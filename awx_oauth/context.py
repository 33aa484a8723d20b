"""Which request is being served: for log lines and the audit log, without handing the request through every call."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class RequestContext:
    """What is known about a request: two facts before anything looks at its content, the others once they are found."""

    request_id: str
    remote_address: str | None
    client_id: str = ""  # of the registered client that the request names
    user_id: int | None = None  # of the user whom it concerns
    error: str = ""  # OAuth's code, when the request was refused
    reason: str = ""  # why, for administrators; never for the caller


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


def note(*, client_id: str = "", user_id: int | None = None) -> None:
    """Remember who is concerned, as far as it is known now."""
    request = _current.get()
    if request is not None:
        request.client_id = client_id or request.client_id
        request.user_id = user_id or request.user_id


def because(reason: str) -> None:
    """Remember which check is about to fail, and over what. Never a secret: the reason is stored and logged."""
    request = _current.get()
    if request is not None:
        request.reason = reason


def refused(error: str, description: str = "") -> None:
    """Remember that the answer is ``error``; the caller's own ``description`` is the reason where no check gave one."""
    request = _current.get()
    if request is not None:
        request.error = error
        request.reason = request.reason or description
