"""The query language of lists (AWX): field lookups with ``or__``, ``not__`` and ``chain__``, ``type``, ``order_by``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from awx_oauth.rest import lookups

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module

_ORDER = ("order_by", "order")
# Parameters that are no field: those of other parts of the API, and of AWX's that have nothing to act on here
_RESERVED = frozenset(
    {*_ORDER, "page", "page_size", "format", "search", "type", "count_disabled", "role_level", "host_filter", "limit"}
    | {"no_truncate", "validate"}
)


class FieldLookupBackend(BaseFilterBackend):
    """``field__lookup=value``: all of them must hold, and one at least of those that begin with ``or__``.

    Conditions on a many-valued relation must hold for one and the same related row, but those with ``chain__`` may
    each find another. ``not__`` follows the other prefixes. Raises :class:`ParseError` (400) for what makes no sense,
    :class:`PermissionDenied` (403) for secrets.
    """

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Any number of parameters, named by the caller."""
        return [
            {
                "name": "field__lookup",
                "in": "query",
                "required": False,
                "description": "Any field of the row, and of rows it refers to (`organization__name`), with one of "
                f"the lookups {', '.join(sorted(lookups.LOOKUPS))}. `or__`, `not__` and `chain__` before the name "
                "combine several.",
                "schema": {"type": "object", "additionalProperties": {"type": "string"}},
                "style": "form",
                "explode": True,
                "example": {"created__gt": "2026-01-01"},
            }
        ]

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that match."""
        required, alternatives, chained, repeated = Q(), Q(), [], False
        for key, values in request.query_params.lists():
            if key in _RESERVED:
                continue
            if not key.isascii():
                raise ParseError(_("%(key)r is not an allowed field name. Must be ascii encodable.") % {"key": key})
            prefix, name, negated = _split(key)
            for value in _terms(name, values):
                if "\0" in key + value:
                    raise ParseError(_("Null characters are not allowed."))
                found, repeats = lookups.condition(queryset.model, name, value, request.user, negated=negated)
                repeated |= repeats
                if prefix == "or__":
                    alternatives |= found
                elif prefix == "chain__":
                    chained.append(found)
                else:
                    required &= found
        for found in chained:
            queryset = queryset.filter(found)
        queryset = queryset.filter(required, alternatives)
        return queryset.distinct() if repeated else queryset


def _split(key: str) -> tuple[str, str, bool]:
    """A parameter's ``or__`` or ``chain__``, its field and lookup, and whether it is negated."""
    key = key.removesuffix("__int")  # AWX compatibility: the value is converted by its field anyway
    prefix = next((prefix for prefix in ("chain__", "or__") if key.startswith(prefix)), "")
    name = key.removeprefix(prefix)
    return prefix, name.removeprefix("not__"), name.startswith("not__")


def _terms(name: str, values: list[str]) -> list[str]:
    """AWX: a related search takes several terms, separated by commas, that must all be found."""
    if name.endswith("__search"):
        return [term for value in values for term in value.split(",")]
    return values


class TypeBackend(BaseFilterBackend):
    """``type=user,organization``: everything or nothing, as each list has one type."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The one parameter."""
        return [_text("type", "Types, separated by commas: nothing unless the list's own is among them.")]

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """All rows, or none when the list's type is not among those asked for."""
        wanted = request.query_params.get("type")
        return queryset if not wanted or queryset.model.awx_type in wanted.split(",") else queryset.none()


class OrderByBackend(BaseFilterBackend):
    """``order_by=-created,name``; the model's own order decides ties, and the id the last of them."""

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The one parameter."""
        return [_text("order_by", "Fields, separated by commas; `-` before one turns its order round.")]

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows in order. Raises :class:`ParseError` or :class:`PermissionDenied`."""
        asked = next((value for key in _ORDER if (value := request.query_params.get(key))), "")
        order = [_checked(queryset, name) for name in asked.split(",") if name and name.removeprefix("-") != "type"]
        return queryset.order_by(*order, *queryset.model._meta.ordering, "pk")


def _checked(queryset: QuerySet[Any], name: str) -> str:
    path = name.removeprefix("-")
    if "\0" in path:
        raise ParseError(_("Null characters are not allowed."))
    fields = lookups.resolve(queryset.model, path)
    if lookups.repeats_rows(fields):
        raise ParseError(_("%(name)s has many values and gives no order.") % {"name": path})
    return ("-" if name.startswith("-") else "") + "__".join(field.name for field in fields)


def _text(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "string"}}
