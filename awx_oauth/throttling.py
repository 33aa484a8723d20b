"""Counting failures, so that guessing is slow (RFC 6749 §2.3.1, §4.3.2; RFC 8628 §5.1; RFC 7662 §4).

The counters live in the cache, which nodes share. When it is down nothing is counted and the log says so: guessing a
little faster for a while is better than nobody getting in. For some seconds then nobody waits for it either.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache

from awx_oauth import context, metrics

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_PAUSE_SECONDS = 10


class TooManyFailuresError(Exception):
    """Whoever this is has failed too often. ``limit`` names the setting, ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int, *, limit: str = "") -> None:
        super().__init__(f"Too many failures: try again in {retry_after} seconds.")
        self.retry_after = retry_after
        self.limit = limit


@dataclass(frozen=True)
class FailureLimit:
    """How often something may fail for one key in a window of ``FAILURE_WINDOW_SECONDS``.

    ``setting`` names the number in the settings; 0 there switches the limit off.
    """

    setting: str

    def check(self, *key: str) -> int:
        """How many have failed. Raises :class:`TooManyFailuresError` when the next attempt must wait."""
        return check_all((self, key))[0]

    def note(self, *key: str) -> None:
        """Count one failure."""
        if self.most:
            count_up(self.cache_key(key), seconds=settings.FAILURE_WINDOW_SECONDS)

    def forgive(self, *key: str) -> None:
        """Begin anew after a success."""
        if self.most:
            shared.ask(lambda: cache.delete(self.cache_key(key)))

    @property
    def most(self) -> int:
        """How many failures there may be; 0: any number."""
        limit: int = getattr(settings, self.setting)
        return limit

    def cache_key(self, key: tuple[str, ...]) -> str:
        """Hashed, because user names are no cache keys and nobody who reads the cache need learn them."""
        window = int(time.time()) // settings.FAILURE_WINDOW_SECONDS
        digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:32]
        return f"failures:{self.setting}:{window}:{digest}"


def check_all(*attempts: tuple[FailureLimit, tuple[str, ...]]) -> list[int]:
    """How many have failed under each limit and key, asked of the cache at once.

    Raises :class:`TooManyFailuresError` for the first limit that the next attempt would exceed.
    """
    keys = [limit.cache_key(key) if limit.most else "" for limit, key in attempts]
    counted = shared.ask(lambda: cache.get_many(list(filter(None, keys)))) if any(keys) else None
    found = [int((counted or {}).get(key, 0)) for key in keys]
    for (limit, _key), failures in zip(attempts, found, strict=True):
        if limit.most and failures >= limit.most:
            window = settings.FAILURE_WINDOW_SECONDS
            metrics.LOCKOUTS.labels(limit.setting).inc()
            raise TooManyFailuresError(int(window - time.time() % window) + 1, limit=limit.setting)
    return found


def remote_address() -> str:
    """Where the request being served comes from, as far as that is known."""
    where = context.current()
    return (where.remote_address if where else None) or "unknown"


def count_up(key: str, *, seconds: int) -> int | None:
    """Count one more under ``key`` for ``seconds``. Returns how many there are, or ``None`` without a cache."""

    def up() -> int:
        # add, then incr: both atomic, so that parallel guesses all count
        if cache.add(key, 1, timeout=seconds):
            return 1
        try:
            return cache.incr(key)
        except ValueError:  # it has just been forgotten
            return 1

    return shared.ask(up)


class SharedCache:
    """The cache, which may be down: after a failure nothing is asked of it for a while."""

    def __init__(self) -> None:
        self.away_until = 0.0

    def ask(self, work: Callable[[], Result]) -> Result | None:
        """What ``work`` returns, or ``None`` while the cache is down."""
        if time.monotonic() < self.away_until:
            return None
        try:
            return work()
        except Exception:  # each cache has errors of its own
            self.away_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("The cache does not answer: failed attempts are not being counted.", exc_info=True)
            return None


shared = SharedCache()
