"""Who may read which rows, told once for each model by the app that owns it.

Views list through it, filters look through relations no further than it, and the activity log shows by it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

Rule = Callable[[Any], QuerySet[Any]]

_rules: dict[type[Model], Rule] = {}


def reads(model: type[Model]) -> Callable[[Rule], Rule]:
    """Declare a function of a user as what that user may read of ``model``, which has AWX's name in ``awx_type``."""

    def declare(rule: Rule) -> Rule:
        _rules[model] = rule
        return rule

    return declare


def is_resource(model: type[Model]) -> bool:
    """Whether the API shows this model at all."""
    return model in _rules


def readable(model: type[Model], user: Any) -> QuerySet[Any]:
    """The rows that ``user``, who is authenticated, may read."""
    return _rules[model](user)


def is_restricted(rows: QuerySet[Any]) -> bool:
    """Whether what :func:`readable` returned may lack some of the model's rows."""
    return bool(rows.query.has_filters())


def resources() -> dict[str, type[Model]]:
    """The models that the API shows, by AWX's name."""
    return {model.awx_type: model for model in _rules}  # type: ignore[attr-defined]
