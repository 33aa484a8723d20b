"""Turns DATABASE_URL and CACHE_URL into what Django's DATABASES and CACHES want."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import ImproperlyConfigured

# An answered token must outlive a power cut, so every commit is on disk first: FULL, where NORMAL would do for WAL.
_SQLITE_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
_LIBPQ_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database(url: str) -> dict[str, Any]:
    """Django's settings for the database at ``url``: ``postgres://…`` in libpq's syntax, or ``sqlite:///path``.

    libpq's own parser reads the former, so several hosts, unix sockets, percent-encoding and every connection
    parameter mean here what they mean to ``psql``.
    """
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return _postgresql(url)
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return _sqlite(Path(unquote(rest)))
    raise ImproperlyConfigured(
        "DATABASE_URL must look like postgres://user@host:5432/name or sqlite:///absolute/path/to/file."
    )


def _postgresql(url: str) -> dict[str, Any]:
    from psycopg2 import ProgrammingError  # here, so that SQLite alone does not load libpq
    from psycopg2.extensions import parse_dsn

    try:
        parameters = parse_dsn(url)
    except ProgrammingError:
        # libpq's message may quote the whole URL, password and all
        raise ImproperlyConfigured(
            "DATABASE_URL is not a valid PostgreSQL address: percent-encode special characters in the user name and "
            "password, and give only parameters that libpq knows."
        ) from None
    if not re.fullmatch(r"[0-9,]*", parameters.get("port", "")):
        raise ImproperlyConfigured(
            "DATABASE_URL must have a number for each port, as in postgres://user@host:5432/name."
        )
    if not parameters.get("dbname"):
        raise ImproperlyConfigured(
            "DATABASE_URL must end in the database's name, as in postgres://user@host:5432/name."
        )
    connection = {key: parameters.pop(name, "") for name, key in _LIBPQ_NAMES.items()}
    return {
        "ENGINE": "awx_oauth.postgresql",
        **connection,
        "CONN_MAX_AGE": None,  # for good: opening a connection costs more than most requests
        "CONN_HEALTH_CHECKS": True,
        # They outlive a transaction, and so do not work behind PgBouncer's transaction pooling
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 5, **parameters},
    }


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "awx_oauth.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that begins by reading could not become a writing one while another writes.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": _SQLITE_PRAGMAS,
        },
    }


def cache(url: str) -> dict[str, Any]:
    """Django's settings for the cache at ``url``: ``redis://host:6379/0``, ``db://table`` or ``locmem://``."""
    scheme, _, rest = url.partition("://")
    if scheme in {"redis", "rediss"} and rest:
        return {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "awx_oauth",
            # Seconds: what the cache holds can be done without, so nobody waits for it for long
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    if scheme == "db" and rest.isidentifier():
        return {"BACKEND": "awx_oauth.cache.DatabaseCache", "LOCATION": rest}
    if scheme == "locmem" and not rest:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    raise ImproperlyConfigured("CACHE_URL must look like redis://host:6379/0, db://table_name or locmem://.")
