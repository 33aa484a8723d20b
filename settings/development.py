"""For ``make run``: works on a fresh checkout over plain http on this machine, and shows what production shows."""

from __future__ import annotations

from settings import env, secret_key, services
from settings.base import *  # noqa: F403
from settings.base import BASE_DIR

SECRET_KEY = env.string("SECRET_KEY") or secret_key.kept_in(BASE_DIR / ".secret-key")
ALLOWED_HOSTS = env.items("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]", env.string("HOST", "127.0.0.1")]

DATABASES = {"default": services.database(env.string("DATABASE_URL") or f"sqlite://{BASE_DIR / 'db.sqlite3'}")}
CACHES = {"default": services.cache(env.string("CACHE_URL", "db://awx_oauth_cache"))}
