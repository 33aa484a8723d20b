"""Reads configuration from the environment. Every NAME may instead be in the file that NAME_FILE names.

An empty value counts as none, as compose files pass unset variables on. A bad value raises
:class:`~django.core.exceptions.ImproperlyConfigured` with one sentence that names the variable and not its value,
which may be a secret.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def string(name: str, default: str = "") -> str:
    """The value of ``name``, or of the file named by ``name_FILE`` less its trailing newline."""
    value = os.environ.get(name, "")
    file_name = os.environ.get(f"{name}_FILE", "")
    if value and file_name:
        raise ImproperlyConfigured(f"Set either {name} or {name}_FILE, not both.")
    if file_name:
        try:
            value = Path(file_name).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise ImproperlyConfigured(f"{name}_FILE names {file_name}, which cannot be read: {reason}.") from error
    return value or default


def required(name: str, meaning: str) -> str:
    """The value of ``name``, which must be given; ``meaning`` completes the sentence "Set NAME to …"."""
    value = string(name)
    if not value:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) to {meaning}.")
    return value


def integer(name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
    """The whole number in ``name``, from ``minimum`` to ``maximum``."""
    value = string(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be {minimum} or more.")
    if maximum is not None and number > maximum:
        raise ImproperlyConfigured(f"{name} must be {maximum} or less.")
    return number


def boolean(name: str, *, default: bool) -> bool:
    """Whether ``name`` says yes: 1, true, yes and on do; 0, false, no and off do not."""
    value = string(name).lower()
    if not value:
        return default
    if value not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return value in _TRUE


def choice(name: str, options: Sequence[str]) -> str:
    """The one of ``options``, in capitals, that ``name`` has in any case; the first when none is given."""
    value = string(name, options[0]).upper()
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}.")
    return value


def items(name: str) -> list[str]:
    """The comma-separated items in ``name``."""
    return [item.strip() for item in string(name).split(",") if item.strip()]


def networks(name: str) -> list[str]:
    """The comma-separated addresses and networks (``10.0.0.1``, ``10.0.0.0/8``, ``fd00::/8``) in ``name``."""
    found = items(name)
    for item in found:
        try:
            ip_network(item)
        except ValueError:
            raise ImproperlyConfigured(f"{name} must list IP addresses or networks; {item!r} is neither.") from None
    return found
