"""Whether a connection that lies idle between two requests still stands."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that could go away"),
]


def test_a_connection_that_stands_is_not_asked():
    connection.ensure_connection()
    with CaptureQueriesContext(connection) as captured:
        assert connection.is_usable()
    assert len(captured) == 0


def test_a_connection_that_the_server_ended_is_found_out():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    other.close()
    time.sleep(0.2)  # until the word is here
    assert not connection.is_usable()
    connection.close()


def test_a_closed_connection_is_not_usable():
    connection.ensure_connection()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
