"""Turns a filter's name and value, as they stand in a URL, into a condition that gives nothing away.

A filter may cross relations, but sees there only the rows that the caller may read, and no secret anywhere.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, PermissionDenied

from awx_oauth.rest import visibility

LOOKUPS = frozenset(
    {"exact", "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"}
    | {"regex", "iregex", "gt", "gte", "lt", "lte", "in", "isnull", "search"}
)
_EXPRESSIONS = frozenset({"regex", "iregex"})
SEARCHED_FIELDS = ("name", "description", "username", "first_name", "last_name", "email")
# No filter may name these, wherever its path leads: a match would tell them letter by letter. Some no longer exist as
# columns, but AWX's clients may ask for them and are told what AWX tells
FORBIDDEN = frozenset(
    {"password", "token", "token_checksum", "token_family", "refresh_token", "client_id", "client_secret"}
    | {"code", "code_checksum", "code_challenge", "user_code", "device_code", "device_code_checksum"}
    | {"remote_address", "request_id"}
)
# Names that the API shows → the column, where that is called otherwise
_ALIASES = {"modified": "updated", "object1": "object_type"}
_TRUE = frozenset({"true", "t", "1"})
_FALSE = frozenset({"false", "f", "0"})
_NULL = frozenset({"null", "none"})

Field = Any  # django.db.models.Field or a reverse relation, which share no public base class


def resolve(model: type[models.Model], path: str) -> list[Field]:
    """The fields along ``path``. Raises :class:`ParseError` or :class:`PermissionDenied` naming the element."""
    fields: list[Field] = []
    names = path.split("__")
    for name in names:
        if name in FORBIDDEN:
            raise PermissionDenied(_("Filtering on %(name)s is not allowed.") % {"name": name})
    current: type[models.Model] | None = model
    for name in names:
        if current is None:
            raise ParseError(_("No related model for field %(name)s.") % {"name": name})
        field = _field(current, name)
        if field in fields:
            raise ParseError(_("Loops not allowed in filters, detected on field %(name)s.") % {"name": name})
        fields.append(field)
        current = field.related_model if field.is_relation else None
        if current is not None and not visibility.is_resource(current):
            raise PermissionDenied(_("Filtering on %(name)s is not allowed.") % {"name": name})
    return fields


def _field(model: type[models.Model], name: str) -> Field:
    if name == "pk":
        return model._meta.pk
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist as error:
        if name in _ALIASES:
            return _field(model, _ALIASES[name])
        raise ParseError(str(error)) from error


def condition(model: type[models.Model], key: str, value: str, user: Any, *, negated: bool = False) -> tuple[Q, bool]:
    """The condition ``key=value``, and whether it may find a row several times.

    Raises :class:`ParseError` or :class:`PermissionDenied`.
    """
    path, _separator, lookup = key.rpartition("__")
    if lookup not in LOOKUPS or not path:
        path, lookup = key, "exact"
    fields = resolve(model, path)
    if lookup in _EXPRESSIONS and connection.vendor == "sqlite" and not (user.is_superuser or user.is_system_auditor):
        # There it is Python's engine, which one expression can keep busy for minutes, and the whole process with it
        raise PermissionDenied(_("Here only those who may read everything can filter by a regular expression."))
    if lookup == "search":
        found = _search(fields, value)
    elif lookup == "isnull":
        is_null = _boolean(value)
        if fields[-1].is_relation and not fields[-1].concrete:
            # Having none that one may see: not even an unreadable row's existence is told
            found, negated = Q(**{f"{_join(fields)}__isnull": False}), negated != is_null
        else:
            found = Q(**{f"{_join(fields)}__isnull": is_null})
    else:
        found = Q(**{f"{_join(fields)}__{lookup}": _convert(fields[-1], lookup, value)})
    seen = found & _visible(fields, user, searched=lookup == "search")
    if not negated:
        return seen, repeats_rows(fields)
    # "Not among those that match", so that what the caller cannot see never counts either way
    return ~Q(pk__in=model._default_manager.filter(seen).values("pk")), False


def repeats_rows(fields: list[Field]) -> bool:
    """Whether joining along ``fields`` may give one row several times."""
    return any(field.one_to_many or field.many_to_many for field in fields if field.is_relation)


def _visible(fields: list[Field], user: Any, *, searched: bool) -> Q:
    """That every row on the way to the last field is one the caller may read."""
    seen = Q()
    for position, field in enumerate(fields, 1):
        is_last = position == len(fields)
        # A foreign key's own id is a column of a row that has been checked already
        if field.is_relation and (not is_last or searched or not field.concrete or field.many_to_many):
            rows = visibility.readable(field.related_model, user)
            if visibility.is_restricted(rows):
                seen &= Q(**{f"{_join(fields[:position])}__in": rows})
    return seen


def _join(fields: list[Field]) -> str:
    return "__".join(field.name for field in fields)


def _search(fields: list[Field], value: str) -> Q:
    last = fields[-1]
    if not last.is_relation:
        raise ParseError(_("%(name)s is not searchable") % {"name": last.name})
    found = Q()
    for field in last.related_model._meta.fields:
        if field.name in SEARCHED_FIELDS:
            found |= Q(**{f"{_join(fields)}__{field.name}__icontains": value})
    return found


def _convert(field: Field, lookup: str, value: str) -> Any:
    """The value in the field's own type. Raises :class:`ParseError`."""
    if lookup == "in":
        if not value:
            raise ParseError(_("cannot provide empty value for __in"))
        return [_convert(field, "exact", item) for item in value.split(",")]
    if isinstance(field, models.JSONField) and lookup != "icontains":
        raise ParseError(_("%(name)s can be filtered with __icontains only") % {"name": field.name})
    if lookup in _EXPRESSIONS:
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError) as error:
            raise ParseError(_("Invalid regular expression: %(error)s") % {"error": error}) from error
        return value
    if lookup == "iexact" and not isinstance(field, models.CharField | models.TextField):
        message = _("%(name)s is not a text field and cannot be filtered by case-insensitive search")
        raise ParseError(message % {"name": field.name})
    if lookup in {"contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"}:
        return value
    return _in_its_type(field, value)


def _in_its_type(field: Field, value: str) -> Any:
    if field.is_relation:
        if value.lower() in _NULL:
            return None
        field = field.related_model._meta.pk
    if isinstance(field, models.BooleanField):
        return _boolean(value)
    try:
        converted = field.to_python(value)
        if isinstance(converted, datetime):
            converted = (timezone.make_aware(converted) if timezone.is_naive(converted) else converted).astimezone(UTC)
    except ValidationError as error:
        raise ParseError(" ".join(error.messages)) from error
    except OverflowError as error:  # a time zone that leads out of the calendar
        raise ParseError(_("%(value)s is out of range for %(name)s.") % {"value": value, "name": field.name}) from error
    if isinstance(converted, int):
        low, high = connection.ops.integer_field_range(field.get_internal_type())
        if not low <= converted <= high:
            raise ParseError(_("%(value)s is out of range for %(name)s.") % {"value": value, "name": field.name})
    return converted


def _boolean(value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ParseError(_('Unable to convert "%(value)s" to boolean') % {"value": value})
