"""Removing what has ended, in small bites so that requests go on meanwhile.

Kept as long as a replay could still do harm: a spent refresh token until it would have expired anyway, a spent code for
as long as anything that came from it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from awx_oauth.activity.models import Activity
from tokens.models import AccessToken, DeviceGrant, Grant, RefreshToken, Refusal

BATCH = 5000  # rows a transaction
_UNDER_WAY = timedelta(minutes=1)  # a redemption that began in time may store its tokens a moment later


def clean(progress: Callable[[type[Model], int], None] = lambda _model, _deleted: None) -> dict[type[Model], int]:
    """Delete everything that has ended. Returns how many rows of each model; ``progress`` hears of each batch."""
    deleted: dict[type[Model], int] = {}
    for rows in _ended():
        model = rows.model
        deleted.setdefault(model, 0)
        while number := _delete_batch(rows):
            deleted[model] += number
            progress(model, number)
    return deleted


def _ended() -> Iterator[QuerySet[Any]]:
    now = timezone.now()
    yield AccessToken.objects.filter(expires__lt=now)
    yield RefreshToken.objects.filter(expires__lt=now)
    for model in (Grant, DeviceGrant):
        family = {"token_family": OuterRef("token_family")}
        yield model.objects.filter(
            ~Exists(RefreshToken.objects.filter(**family)),
            ~Exists(AccessToken.objects.filter(**family)),
            expires__lt=now - _UNDER_WAY,
        )
    yield Session.objects.filter(expire_date__lt=now)
    yield Refusal.objects.filter(timestamp__lt=now - timedelta(days=settings.REFUSAL_RETENTION_DAYS))
    if settings.ACTIVITY_RETENTION_DAYS:
        yield Activity.objects.filter(timestamp__lt=now - timedelta(days=settings.ACTIVITY_RETENTION_DAYS))


def _delete_batch(rows: QuerySet[Any]) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH])
    # Nothing refers to these rows, so there is nothing to collect
    return rows.model._default_manager.filter(pk__in=keys).delete()[0] if keys else 0
