"""For the test suite: a file of SQLite unless DATABASE_URL names a database, cheap passwords, no build steps."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import gettempdir

from settings import base, env, services
from settings.base import *  # noqa: F403

SECRET_KEY = env.string("SECRET_KEY", "for tests only")
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]

_URL = env.string("DATABASE_URL")
if _URL:
    DATABASES = {"default": services.database(_URL)}
else:
    DATABASES = {"default": services.database("sqlite:///unused") | {"NAME": ":memory:"}}
    # For tests a file: connections that share memory lock each other's tables, whatever the timeout
    DATABASES["default"]["TEST"] = {"NAME": Path(gettempdir()) / f"awx-oauth-test-{os.getpid()}.sqlite3"}
CACHES = {"default": services.cache("locmem://")}

PASSWORD_HASHERS = ["tests.hashers.CheapArgon2idHasher", *base.PASSWORD_HASHERS]
STORAGES = {**base.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files from where they are written: nothing has collected them
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
