"""Serializer fields that take what AWX's clients send."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from awx_oauth.rest import visibility


class OptionalCharField(serializers.CharField):
    """Text that may be left out: ``null`` is as good as empty (AWX)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "allow_null": True, "allow_blank": True})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Let ``null`` through as an empty text."""
        return super().validate_empty_values("" if data is None else data)


class OptionalBooleanField(serializers.BooleanField):
    """A flag that may be left out: ``null`` and ``""`` are false (AWX); awxkit sends 1 and 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "allow_null": True})

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Let ``null`` and ``""`` through as false."""
        return super().validate_empty_values(False if data in (None, "") else data)


class RelatedIdField(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the caller may read.

    One that does not exist is a validation error to those who read every row. To others it cannot be told from one
    that they may not read, so both are forbidden, as AWX forbids the latter.
    """

    def use_pk_only_optimization(self) -> bool:
        """Reading needs the id only."""
        return True

    def to_internal_value(self, data: Any) -> Any:
        """The row. Raises :class:`ValidationError` or :class:`PermissionDenied`."""
        if isinstance(data, str) and data.isascii() and data.isdecimal():
            data = int(data[:20])  # more digits than an id has, and not so many that int() refuses
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type", data_type=type(data).__name__)
        rows = cast("QuerySet[Any]", self.get_queryset())  # a field that is written to has rows to choose from
        readable = visibility.readable(rows.model, self.context["request"].user)
        found = readable.filter(pk=data).first() if 0 <= data < 2**63 else None
        if found is None:
            if visibility.is_restricted(readable):
                raise PermissionDenied
            self.fail("does_not_exist", pk_value=data)
        return found
