"""``/metrics`` for Prometheus: what every app counts, what is measured of every request, and who may read it.

Under gunicorn each worker counts in a file of its own and whoever answers a scrape adds them up: the library's
multiprocess mode, which PROMETHEUS_MULTIPROC_DIR switches on (:mod:`awx_oauth.gunicorn` sets it). A worker's file is
named by its slot and not by its process id, so that a new worker counts on where the one it replaces ended, and files
do not pile up.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import prometheus_client
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from awx_oauth import paths
from awx_oauth.proxies import FORWARDED

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR" in os.environ
_PROXIED = (*FORWARDED, "HTTP_X_REAL_IP", "HTTP_VIA")


class _Process:
    """What this process calls itself in the names of its files: the master until a worker has its slot."""

    slot = "master"


if _MULTIPROCESS:
    values.ValueClass = values.MultiProcessValue(lambda: _Process.slot)  # type: ignore[no-untyped-call]
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]

registry = CollectorRegistry()

REQUESTS = Histogram(
    "awx_oauth_request_duration_seconds",
    "Seconds from a request's arrival to its answer, by route and class of status.",
    ["route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)
EVENTS = Counter(
    "awx_oauth_events",
    "Entries in the audit log: token:replayed and code:replayed are replays that were detected.",
    ["event"],
    registry=registry,
)
LOCKOUTS = Counter(
    "awx_oauth_lockouts",
    "Attempts that were not looked at because too many had failed (429), by the limit's setting.",
    ["limit"],
    registry=registry,
)

_measured: dict[tuple[str, int], Histogram] = {}


def become(slot: int) -> None:
    """Count as the worker in ``slot``, in a process that has just been forked."""
    _Process.slot = str(slot)


def observe(request: HttpRequest, status: int, seconds: float) -> None:
    """Count a request. Its route is the name that the URLconf gives it: paths have ids in them."""
    if request.path_info in paths.HEALTH:
        return
    match = request.resolver_match
    route = "none" if match is None else "admin" if match.app_names == ["admin"] else match.view_name or match.route
    key = (route, status // 100)
    measured = _measured.get(key)
    if measured is None:
        measured = _measured[key] = REQUESTS.labels(route, f"{status // 100}xx")
    measured.observe(seconds)


def on_scrape(collect: Callable[[], Iterable[Metric]]) -> Callable[[], Iterable[Metric]]:
    """Add what ``collect`` finds at each scrape. It must be quick, and must not raise."""
    _collectors.append(_OnScrape(collect))
    return collect


class _OnScrape(Collector):
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self._collect = collect

    def collect(self) -> Iterator[Metric]:
        yield from self._collect()


_collectors: list[_OnScrape] = []


class MetricsMiddleware:
    """Answers ``/metrics`` before anything else looks at it, as :class:`awx_oauth.health.HealthMiddleware` does probes.

    For METRICS_ALLOWED, and for whoever shows METRICS_TOKEN. An address counts only without a proxy between, since any
    request from the internet has the proxy's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.networks = [ip_network(item) for item in settings.METRICS_ALLOWED]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass the request on."""
        if request.path_info != "/metrics":
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not (self._comes_from_allowed(request) or _shows_token(request)):
            return JsonResponse({"detail": "Set METRICS_ALLOWED or METRICS_TOKEN."}, status=HTTPStatus.FORBIDDEN)
        return HttpResponse(
            exposition(), content_type=prometheus_client.CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
        )

    def _comes_from_allowed(self, request: HttpRequest) -> bool:
        if not request.META.keys().isdisjoint(_PROXIED):
            return False
        try:
            peer = ip_address(request.META.get("REMOTE_ADDR", ""))
        except ValueError:  # a unix socket, which a proxy speaks to
            return False
        peer = getattr(peer, "ipv4_mapped", None) or peer
        return any(peer in network for network in self.networks)


def exposition() -> bytes:
    """Everything that was counted, by all workers, in Prometheus's text format."""
    scraped = CollectorRegistry()
    if _MULTIPROCESS:
        MultiProcessCollector(scraped)  # type: ignore[no-untyped-call]
    else:
        scraped.register(registry)
    for collector in _collectors:
        scraped.register(collector)
    return generate_latest(scraped)


def _shows_token(request: HttpRequest) -> bool:
    expected = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "")
    return bool(expected) and hmac.compare_digest(sent.encode(), f"Bearer {expected}".encode())
