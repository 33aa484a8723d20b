"""For the test suite: SQLite in memory unless DATABASE_URL names a database, cheap passwords, no build steps."""

from __future__ import annotations

from settings import base, env, services
from settings.base import *  # noqa: F403

SECRET_KEY = "for tests only"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

_URL = env.string("DATABASE_URL")
_IN_MEMORY = services.database("sqlite:///unused") | {"NAME": ":memory:"}
DATABASES = {"default": services.database(_URL) if _URL else _IN_MEMORY}
CACHES = {"default": services.cache("locmem://")}

PASSWORD_HASHERS = ["tests.hashers.CheapArgon2idHasher", *base.PASSWORD_HASHERS]
STORAGES = {**base.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files from where they are written: nothing has collected them
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
