"""Why protocol requests were refused: kept for administrators for some days, and never told to the caller.

The check that fails says so with :func:`awx_oauth.context.because`; what it says is stored here once the request and
its transaction are over.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from awx_oauth import context, paths, throttling
from tokens import metrics
from tokens.models import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)

# A device that polls is told to wait, not refused (RFC 8628 §3.5)
WAITING = frozenset({"authorization_pending", "slow_down"})

_ENDPOINTS = {f"{paths.OAUTH}{endpoint}/": endpoint for endpoint in Refusal.Endpoint.values}
_SHOWN = 300  # characters of what a caller sent
_MINUTE = 60


@dataclass
class Budget:
    """How many rows this process may still add in the present minute, whoever causes them.

    Threads may add one too many between them; it need not be exact.
    """

    minute: int = 0
    left: int = 0
    loud: set[str | None] = field(default_factory=set)

    def take(self, address: str | None) -> bool:
        """Whether one more may be added, for ``address``."""
        minute = int(time.time()) // _MINUTE
        if minute != self.minute:
            self.minute, self.left, self.loud = minute, settings.REFUSALS_KEPT_PER_MINUTE, set()
        if address in self.loud or self.left <= 0:
            return False
        self.left -= 1
        return True

    def give_back(self, address: str | None) -> None:
        """Leave to others what ``address`` took, which has added its own share already."""
        self.loud.add(address)
        self.left += 1

    def forfeit(self) -> None:
        """Add nothing more in this minute: where the database is away, each attempt would cost the caller time."""
        self.left = 0


budget = Budget()


class RefusalMiddleware:
    """Keeps what was refused at the protocol's endpoints, with an error status or by redirect.

    A middleware, so that it comes after every transaction of the request and also sees what no view did.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request; whatever happens to the record, the answer stays as it is."""
        response = self.get_response(request)
        where = context.current()
        if where is not None and where.error and response.status_code < 500 and where.error not in WAITING:  # noqa: PLR2004
            endpoint = _ENDPOINTS.get(request.path_info)
            if endpoint is not None:
                metrics.REFUSED.labels(endpoint, where.error).inc()
                _keep(where, endpoint, response.status_code)
        return response


def _keep(where: context.RequestContext, endpoint: str, status: int) -> None:
    if not settings.REFUSAL_RETENTION_DAYS or not budget.take(where.remote_address):
        return
    if not _address_may_add(where.remote_address):
        budget.give_back(where.remote_address)
        return
    try:
        with transaction.atomic():
            Refusal.objects.create(
                request_id=where.request_id,
                endpoint=endpoint,
                client_id=where.client_id,
                error=where.error,
                status=status,
                reason=where.reason,
                remote_address=where.remote_address,
            )
    except Exception:  # whatever a driver raises, the caller gets the answer
        budget.forfeit()
        logger.warning("A refused request could not be kept; the next one is tried in a minute.", exc_info=True)


def _address_may_add(address: str | None) -> bool:
    """So that one flood does not use up what others' refusals need."""
    added = throttling.count_up(f"refusals:{int(time.time()) // _MINUTE}:{address}", seconds=2 * _MINUTE)
    return added is None or added <= settings.REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS


def shown(text: str) -> str:
    """What a caller sent, quoted for a reason: bounded, and without what would confuse a log."""
    clean = "".join(char if char.isprintable() else "?" for char in text[:_SHOWN])
    return f"“{clean}{'…' if len(text) > _SHOWN else ''}”"


def shown_beginning(text: str) -> str:
    """The first characters of what may be a secret in the wrong place, and how long it is."""
    return f"{shown(text[:4])}… ({len(text)} characters)" if len(text) >= 4 * 4 else f"one of {len(text)} characters"


def shown_uri(uri: str) -> str:
    """A redirect URI without the values in its query, its user and its fragment, which may be secrets."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return shown_beginning(uri)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(f"{name}{'=…' if equals else ''}" for name, equals, _value in pairs)
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"…@{host}" if at and user else parts.netloc
    return shown(parts._replace(netloc=netloc, query=query, fragment="…" if parts.fragment else "").geturl())
