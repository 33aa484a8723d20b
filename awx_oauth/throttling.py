"""Counting failures, so that guessing is slow (RFC 6749 §2.3.1, §4.3.2; RFC 8628 §5.1; RFC 7662 §4).

The counters live in the cache, which nodes share. When it is down nothing is counted and the log says so: guessing a
little faster for a while is better than nobody getting in.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache

from awx_oauth import context

logger = logging.getLogger(__name__)


class TooManyFailuresError(Exception):
    """Whoever this is has failed too often. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many failures: try again in {retry_after} seconds.")
        self.retry_after = retry_after


@dataclass(frozen=True)
class FailureLimit:
    """How often something may fail for one key in a window of ``FAILURE_WINDOW_SECONDS``.

    ``setting`` names the number in the settings; 0 there switches the limit off.
    """

    setting: str

    def check(self, *key: str) -> None:
        """Raise :class:`TooManyFailuresError` when the next attempt must wait."""
        limit = self._limit()
        failures = 0
        if limit:
            with _cache_may_be_down():
                failures = cache.get(self._cache_key(key), 0)
        if limit and failures >= limit:
            window = settings.FAILURE_WINDOW_SECONDS
            raise TooManyFailuresError(int(window - time.time() % window) + 1)

    def note(self, *key: str) -> None:
        """Count one failure."""
        if not self._limit():
            return
        cache_key = self._cache_key(key)
        with _cache_may_be_down():
            # add, then incr: both atomic, so that parallel guesses all count
            if not cache.add(cache_key, 1, timeout=settings.FAILURE_WINDOW_SECONDS):
                cache.incr(cache_key)

    def forgive(self, *key: str) -> None:
        """Begin anew after a success."""
        if self._limit():
            with _cache_may_be_down():
                cache.delete(self._cache_key(key))

    def _limit(self) -> int:
        limit: int = getattr(settings, self.setting)
        return limit

    def _cache_key(self, key: tuple[str, ...]) -> str:
        """Hashed, because user names are no cache keys and nobody who reads the cache need learn them."""
        window = int(time.time()) // settings.FAILURE_WINDOW_SECONDS
        digest = hashlib.sha256("\0".join(key).encode()).hexdigest()[:32]
        return f"failures:{self.setting}:{window}:{digest}"


def remote_address() -> str:
    """Where the request being served comes from, as far as that is known."""
    where = context.current()
    return (where.remote_address if where else None) or "unknown"


@contextmanager
def _cache_may_be_down() -> Iterator[None]:
    try:
        yield
    except Exception:  # each cache has errors of its own
        logger.warning("The cache does not answer: failed attempts are not being counted.", exc_info=True)
