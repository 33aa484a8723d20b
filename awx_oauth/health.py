"""Whether the process lives (``/livez``) and whether it can serve (``/readyz``), for load balancers and containers."""

from __future__ import annotations

import logging
from functools import cache as remembered
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponseNotAllowed, JsonResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)


class HealthMiddleware:
    """Answers the probes before anything else looks at them.

    A middleware and no view, because a probe calls by plain http and by an address that is no allowed host.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe, or pass the request on."""
        probe = {"/livez": livez, "/readyz": readyz}.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = probe()
        response.headers["Cache-Control"] = "no-store"
        return response


def livez() -> JsonResponse:
    """200 while the process answers. Restarting it would not bring a database back, so none is asked."""
    return JsonResponse({"status": "ok"})


def readyz() -> JsonResponse:
    """Says ``ok`` or ``failed`` of each part, and no more; 503 when one of them stops the service.

    Without its cache the service goes on, only without counting failed attempts: every node would leave the load
    balancer at once if that were a 503.
    """
    parts = {name: _holds(name, check) for name, check in _CHECKS.items()}
    failed = {name for name, holds in parts.items() if not holds}
    status = "ok" if not failed else "degraded" if failed <= _DISPENSABLE else "failed"
    return JsonResponse(
        {"status": status, "checks": {name: "ok" if holds else "failed" for name, holds in parts.items()}},
        status=HTTPStatus.SERVICE_UNAVAILABLE if status == "failed" else HTTPStatus.OK,
    )


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever a driver raises, the answer is the same
        logger.warning("The readiness check of %s failed.", name, exc_info=True)
        return False


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True


def _migrations_are_applied() -> bool:
    return _expected_migrations() <= MigrationRecorder(connection).applied_migrations().keys()


@remembered
def _expected_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _cache_answers() -> bool:
    key = f"readyz-{uuid4().hex}"
    cache.set(key, "ok", timeout=10)
    return bool(cache.get(key) == "ok" and cache.delete(key))


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_applied,
    "cache": _cache_answers,
}
_DISPENSABLE = {"cache"}
