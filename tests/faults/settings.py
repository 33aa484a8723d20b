"""Settings of a node under fault: as the suite's, with a cache that nodes share, and a clock that a test can move."""

from __future__ import annotations

from settings import env, services
from settings.test import *  # noqa: F403
from settings.test import MIDDLEWARE

CACHES = {"default": services.cache(env.string("CACHE_URL", "db://awx_oauth_cache"))}
if env.string("CLOCK_FILE"):
    MIDDLEWARE = ["tests.faults.clock.MovedClockMiddleware", *MIDDLEWARE]
