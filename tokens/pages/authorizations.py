"""Which applications hold something for a person, summed up in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone

from applications.models import Application
from awx_oauth.accounts.models import User
from tokens import scopes
from tokens.models import AccessToken, RefreshToken


@dataclass(frozen=True)
class Authorization:
    """What one application holds. ``last_active`` is when it last used its access or renewed it."""

    application: Application
    scopes: list[tuple[str, str]]  # name and sentence
    since: datetime
    last_active: datetime


def authorized_applications(user: User) -> QuerySet[Application]:
    """The applications that hold a live token of ``user``, by name."""
    own = {"application": OuterRef("pk")}
    return (
        Application.objects.filter(
            Exists(_live_access_tokens(user).filter(**own)) | Exists(_live_refresh_tokens(user).filter(**own))
        )
        .select_related("organization")
        .order_by("name", "pk")
    )


def summarize(user: User, applications: list[Application]) -> list[Authorization]:
    """What each of ``applications``, which are :func:`authorized_applications`, holds of ``user``."""
    held = [application.pk for application in applications]
    granted: defaultdict[int, set[str]] = defaultdict(set)
    times: defaultdict[int, list[datetime]] = defaultdict(list)
    access = _live_access_tokens(user).filter(application__in=held).order_by().values("application", "scope")
    for row in access.annotate(since=Min("created"), newest=Max("created"), used=Max("last_used")):
        granted[row["application"]].update(scopes.parse(row["scope"]))
        times[row["application"]] += [when for when in (row["since"], row["newest"], row["used"]) if when]
    # Rotation replaces a refresh token by the next of its family: the oldest of the family tells since when
    live = _live_refresh_tokens(user).filter(application__in=held)
    families = RefreshToken.objects.filter(token_family__in=live.values("token_family"))
    for row in families.order_by().values("application", "scope").annotate(since=Min("created"), newest=Max("created")):
        granted[row["application"]].update(scopes.parse(row["scope"]))
        times[row["application"]] += [row["since"], row["newest"]]
    sentences = scopes.known()
    return [
        Authorization(
            application,
            [(name, sentence) for name, sentence in sentences.items() if name in granted[application.pk]],
            since=min(times[application.pk]),
            last_active=max(times[application.pk]),
        )
        for application in applications
        if times[application.pk]  # unless its last token has ended meanwhile
    ]


def _live_access_tokens(user: User) -> QuerySet[AccessToken]:
    return AccessToken.objects.filter(user=user, expires__gt=timezone.now())


def _live_refresh_tokens(user: User) -> QuerySet[RefreshToken]:
    return RefreshToken.objects.filter(user=user, revoked=None, expires__gt=timezone.now())
