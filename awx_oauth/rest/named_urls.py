"""Names in place of ids in URLs: ``users/alice``, ``organizations/Default``, ``applications/app++Default`` (AWX)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from django.db.models import Model, Q

# AWX's NAMED_URL_FORMATS: the lookups that the parts of a name stand for, by awx_type
_PARTS = {
    "user": ("username",),
    "organization": ("name",),
    "o_auth2_application": ("name", "organization__name"),
}
_SEPARATOR = "++"
_PLUS = "[+]"  # a plus sign within a part
_RESERVED = ";/?:@=&[]"
_LARGEST_ID = 2**63 - 1
_MOST_DIGITS = 100  # int() itself has a limit


def condition(model: type[Model], identity: str) -> Q | None:
    """What selects the row that ``identity``, from a URL, stands for; ``None`` when it cannot stand for any."""
    if identity.isascii() and identity.isdecimal():
        too_large = len(identity) > _MOST_DIGITS or int(identity) > _LARGEST_ID
        return None if too_large else Q(pk=int(identity))
    lookups = _PARTS.get(getattr(model, "awx_type", ""))
    parts = [unquote(part) for part in identity.replace(_PLUS, "%2B").split(_SEPARATOR)]
    if lookups is None or len(parts) != len(lookups) or "\0" in "".join(parts):
        return None
    return Q(**dict(zip(lookups, parts, strict=True)))


def is_name(identity: str) -> bool:
    """Whether ``identity`` is no id. A name of digits only cannot be used in a URL (AWX)."""
    return not (identity.isascii() and identity.isdecimal())


def name_of(target: Any) -> str | None:
    """The identity of a row as it stands in a URL, or ``None`` when rows of its kind are not named."""
    lookups = _PARTS.get(target.awx_type)
    if lookups is None:
        return None
    return quote(_SEPARATOR.join(_encode(_value(target, lookup)) for lookup in lookups), safe="+[]")


def _value(target: Any, lookup: str) -> str:
    for attribute in lookup.split("__"):
        target = getattr(target, attribute)
    return str(target)


def _encode(part: str) -> str:
    # "%" too, which AWX forgets, so that every name comes back as it was
    encoded = "".join(quote(character, safe="") if character in _RESERVED + "%" else character for character in part)
    return encoded.replace("+", _PLUS)
