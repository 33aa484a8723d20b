"""The probes say whether the process lives and whether it can serve, and nothing else."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

OK = {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "cache": "ok"}}


class AbsentCache(LocMemCache):
    """A cache server that is away."""

    def set(self, *args, **kwargs):
        raise ConnectionError("connection to redis:6379 with password hunter2 refused")


def absent_database(*args):
    raise OperationalError("connection to database with password hunter2 refused")


def test_livez_does_not_ask_the_database(client):
    # without the django_db mark a query would fail the test
    response = client.get("/livez")
    assert response.status_code == HTTPStatus.OK
    assert response.json() == {"status": "ok"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_names_each_part(client):
    response = client.get("/readyz")
    assert response.status_code == HTTPStatus.OK
    assert response.json() == OK


@pytest.mark.django_db
def test_readyz_fails_when_the_database_does(client):
    with connection.execute_wrapper(absent_database):
        response = client.get("/readyz")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json()["checks"] == {"database": "failed", "migrations": "failed", "cache": "ok"}
    assert b"hunter2" not in response.content


@pytest.mark.django_db
def test_readyz_fails_while_a_migration_is_to_come(client):
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    response = client.get("/readyz")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json()["checks"] == {"database": "ok", "migrations": "failed", "cache": "ok"}


@pytest.mark.django_db
def test_readyz_names_a_cache_that_is_away_but_stays_ready(client, settings):
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.AbsentCache"}}
    response = client.get("/readyz")
    assert response.status_code == HTTPStatus.OK
    assert response.json() == {
        "status": "degraded",
        "checks": {"database": "ok", "migrations": "ok", "cache": "failed"},
    }
    assert b"hunter2" not in response.content


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_probes_answer_reading_methods_only(client, path):
    response = client.post(path)
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_probe_may_call_by_any_address_and_by_plain_http(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/livez", headers={"host": "10.1.2.3:8013"}).status_code == HTTPStatus.OK
