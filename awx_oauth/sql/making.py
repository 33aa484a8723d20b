"""New rows, without what a model's constructor looks up and announces each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db.models import ForeignKey, Model
from django.db.models.base import ModelState

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class _Plan:
    names: frozenset[str]
    keys: Mapping[str, str]  # of foreign keys, by name: the attribute that has the key
    constants: Mapping[str, Any]
    made: Mapping[str, Callable[[], Any]]


def new(model: type[Row], **values: Any) -> Row:
    """The row that ``model(**values)`` makes, of values that need no check: by field, a foreign key's as its object.

    It has yet to be stored. No signals are sent. Raises :class:`TypeError` for a field that there is not.
    """
    plan = _plan(model)
    if not plan.names.issuperset(values):
        message = f"{model.__name__} has no {', '.join(sorted(set(values) - plan.names))}."
        raise TypeError(message)
    state = ModelState()
    attributes = {"_state": state, **plan.constants}
    for name, value in values.items():
        if name in plan.keys:
            attributes[plan.keys[name]] = None if value is None else value.pk
            state.fields_cache[name] = value
        else:
            attributes[name] = value
    for name, make in plan.made.items():
        if name not in values:
            attributes[name] = make()
    row = model.__new__(model)
    row.__dict__ = attributes
    return row


@cache
def _plan(model: type[Model]) -> _Plan:
    fields = model._meta.concrete_fields
    defaults = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    return _Plan(
        names=frozenset(field.name for field in fields),
        keys={field.name: field.attname for field in fields if isinstance(field, ForeignKey)},
        constants={field.attname: field.get_default() for field in fields if field.attname not in defaults},
        made=defaults,
    )
