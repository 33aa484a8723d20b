"""Reading ``application/x-www-form-urlencoded`` strictly: what a body or query says, or why it says nothing."""

from __future__ import annotations

import re
from collections import Counter
from urllib.parse import parse_qsl, unquote_plus

from oauthlib.oauth2 import InvalidRequestError

MAX_BYTES = 64 * 1024
MAX_PARAMETERS = 100

# RFC 8707 §2 and RFC 8693 §2.1 let these come more than once; we ignore both
_REPEATABLE = frozenset({"resource", "audience"})
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 6749 Appendix A allows tab in user names and passwords, and no other control character anywhere
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

_MALFORMED = "The parameters are not well-formed percent-encoded UTF-8."
_CONTROL_CHARACTER = "A parameter holds a control character."


def read(encoded: str) -> tuple[dict[str, str], frozenset[str]]:
    """What :func:`parse` gives; raises for a control character, too."""
    values, repeated = parse(encoded)
    check_characters(values)
    return values, repeated


def check_characters(values: dict[str, str]) -> None:
    """Raise :class:`~oauthlib.oauth2.InvalidRequestError` when a name or a value holds a control character."""
    if has_control_character("".join([*values, *values.values()])):
        raise InvalidRequestError(_CONTROL_CHARACTER)


def has_control_character(value: str) -> bool:
    """Whether ``value`` holds what no parameter may hold."""
    return _CONTROL.search(value) is not None


def parse(encoded: str) -> tuple[dict[str, str], frozenset[str]]:
    """The parameters of a form-encoded string, and the names of those that came more than once.

    A parameter without a value counts as omitted (RFC 6749 §3.1, §3.2); of a repeated one the first value is kept.
    Raises :class:`~oauthlib.oauth2.InvalidRequestError` for what is not well-formed UTF-8 in percent-encoding, or has
    over 100 parameters.
    """
    if not encoded.isascii() or _BROKEN_ESCAPE.search(encoded):
        raise InvalidRequestError(_MALFORMED)
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise InvalidRequestError(_MALFORMED) from None
    except ValueError:
        raise InvalidRequestError("Too many parameters.") from None
    values = {name: value for name, value in reversed(pairs) if value}
    if len(values) == len(pairs):
        return values, frozenset()
    counts = Counter(name for name, _value in pairs)
    return values, frozenset(name for name, count in counts.items() if count > 1) - _REPEATABLE


def decode(encoded: str) -> str:
    """One form-encoded value; raises as :func:`read` does."""
    if _BROKEN_ESCAPE.search(encoded):
        raise InvalidRequestError(_MALFORMED)
    try:
        value = unquote_plus(encoded, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequestError(_MALFORMED) from None
    if has_control_character(value):
        raise InvalidRequestError(_CONTROL_CHARACTER)
    return value


def printable(name: str) -> str:
    """A parameter's name in the part of ASCII that an ``error_description`` may use (RFC 6749 §5.2)."""
    return "".join(char if " " <= char <= "~" and char not in '"\\' else "?" for char in name[:40])
