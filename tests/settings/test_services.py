"""DATABASE_URL and CACHE_URL mean what their documentation says, and a mistake never shows a password."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings import services


def parts(url):
    found = services.database(url)
    return tuple(found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))


def test_a_postgresql_address_is_taken_apart():
    assert parts("postgres://ann:secret@db.example:5433/tokens") == ("ann", "secret", "db.example", "5433", "tokens")


def test_several_hosts_are_handed_to_libpq():
    found = services.database("postgresql://ann@h1:5432,h2:5433/tokens?target_session_attrs=read-write")
    assert (found["HOST"], found["PORT"]) == ("h1,h2", "5432,5433")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_special_characters_are_percent_encoded():
    assert parts("postgres://a%40b:p%2F%3A%40w@db/tokens")[:2] == ("a@b", "p/:@w")


@pytest.mark.parametrize("url", ["postgres://ann@/tokens?host=/run/pg", "postgres://ann@%2Frun%2Fpg/tokens"])
def test_a_unix_socket_is_a_host(url):
    assert parts(url)[2] == "/run/pg"


def test_an_ipv6_host_is_in_brackets():
    assert parts("postgres://ann@[::1]:5433/tokens")[2:4] == ("::1", "5433")


def test_further_parameters_reach_libpq_and_override_ours():
    options = services.database("postgres://db/tokens?sslmode=verify-full&connect_timeout=1")["OPTIONS"]
    assert options == {"sslmode": "verify-full", "connect_timeout": "1"}


def test_postgresql_connections_are_kept_and_checked():
    found = services.database("postgres://db/tokens")
    assert found["CONN_MAX_AGE"] is None
    assert found["CONN_HEALTH_CHECKS"] is True
    assert found["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert found["OPTIONS"] == {"connect_timeout": 5}


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ann:hunter2@db:port/tokens",
        "postgres://ann:hunter2@db/tokens?nonsense=1",
        "postgres://ann:hunter2@[::1/tokens",
        "postgres://ann:hunter2%zz@db/tokens",
        "postgres://ann:hunter2@db",
        "mysql://ann:hunter2@db/tokens",
        "sqlite://hunter2.db",
        "sqlite:///",
        "hunter2",
    ],
)
def test_a_bad_database_address_is_refused_without_repeating_it(url):
    with pytest.raises(ImproperlyConfigured) as raised:
        services.database(url)
    assert str(raised.value).startswith("DATABASE_URL ")
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def test_sqlite_takes_an_absolute_path_and_begins_transactions_as_writing_ones():
    found = services.database("sqlite:///var/lib/a%20b.sqlite3")
    assert found["NAME"] == Path("/var/lib/a b.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("url", "backend", "location"),
    [
        ("redis://cache:6379/0", "django.core.cache.backends.redis.RedisCache", "redis://cache:6379/0"),
        ("rediss://:secret@cache/1", "django.core.cache.backends.redis.RedisCache", "rediss://:secret@cache/1"),
        ("db://awx_oauth_cache", "awx_oauth.cache.DatabaseCache", "awx_oauth_cache"),
        ("locmem://", "django.core.cache.backends.locmem.LocMemCache", None),
    ],
)
def test_a_cache_address_names_its_backend(url, backend, location):
    found = services.cache(url)
    assert found["BACKEND"] == backend
    assert found.get("LOCATION") == location


@pytest.mark.parametrize("url", ["memcached://cache", "db://no such table", "db://", "redis://", "locmem://x", "x"])
def test_a_bad_cache_address_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match=r"^CACHE_URL must look like"):
        services.cache(url)
