"""The scopes there are, and how they are read and compared (RFC 6749 §3.3)."""

from __future__ import annotations

from collections.abc import Iterable

from oauth2_provider.scopes import get_scopes_backend

READ = "read"
WRITE = "write"


def parse(value: str) -> tuple[str, ...]:
    """The scope tokens of a space-separated value, each once, in the order given."""
    return tuple(dict.fromkeys(value.split(" "))) if value else ()


def join(scopes: Iterable[str]) -> str:
    """The space-separated value that goes on the wire and into the database."""
    return " ".join(scopes)


def known() -> dict[str, str]:
    """Every scope with a sentence that says what it lets a client do."""
    scopes: dict[str, str] = get_scopes_backend().get_all_scopes()
    return scopes


def default() -> tuple[str, ...]:
    """What a client gets that asks for no scope."""
    return tuple(get_scopes_backend().get_default_scopes())


def are_known(scopes: Iterable[str]) -> bool:
    """Whether each one exists."""
    return set(scopes) <= known().keys()
