"""What the token service counts for ``/metrics``, and what it counts in the database when it is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily

from awx_oauth import metrics
from tokens.models import AccessToken, RefreshToken

logger = logging.getLogger(__name__)

ISSUED = Counter(
    "awx_oauth_token_responses",
    "Successful answers of the token endpoint, by grant type.",
    ["grant_type"],
    registry=metrics.registry,
)
REFUSED = Counter(
    "awx_oauth_refusals",
    "Requests refused at the protocol's endpoints, by OAuth's error code.",
    ["endpoint", "error"],
    registry=metrics.registry,
)

_MOST = 100_000  # rows that a scrape counts: with an index, some 10 ms
_SECONDS = 30  # between two looks of one process into the database


class _Stock:
    """What is in the database, as of the last look."""

    def __init__(self) -> None:
        self.looked = -float(_SECONDS)
        self.families: list[GaugeMetricFamily] = []

    def families_now(self) -> Iterable[GaugeMetricFamily]:
        """The gauges; none while the database does not answer."""
        if time.monotonic() - self.looked >= _SECONDS:
            self.looked = time.monotonic()
            try:
                self.families = list(_look(timezone.now()))
            except Exception:  # whatever a driver raises, the counters are still worth a scrape
                self.families = []
                logger.warning("The tokens could not be counted.", exc_info=True)
        return self.families


def _look(now: datetime) -> Iterable[GaugeMetricFamily]:
    live = GaugeMetricFamily(
        "awx_oauth_live_access_tokens", f"Access tokens that can be used now, counted up to {_MOST}."
    )
    live.add_metric([], _count(AccessToken.objects.filter(expires__gt=now)))
    yield live
    backlog = GaugeMetricFamily(
        "awx_oauth_cleanup_backlog_rows",
        f"Expired rows that manage.py cleanup_tokens would remove, counted up to {_MOST}.",
        labels=["table"],
    )
    backlog.add_metric(["access_token"], _count(AccessToken.objects.filter(expires__lt=now)))
    backlog.add_metric(["refresh_token"], _count(RefreshToken.objects.filter(expires__lt=now)))
    yield backlog


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by().values("pk")[:_MOST].count()


stock = _Stock()
metrics.on_scrape(stock.families_now)
