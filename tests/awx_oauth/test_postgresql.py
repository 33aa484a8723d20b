"""Our PostgreSQL backend: connections that lie idle between two requests, and statements that are planned once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from awx_oauth.postgresql import base

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


def run(sql, *parameters):
    backend: Any = connection
    return backend.fetch_prepared(sql, parameters)[0][0]


def ask(parameter="awx"):
    return run("SELECT %s || %s", parameter, "-oauth")


@pytest.fixture
def fresh(monkeypatch):
    """A connection on which nothing is prepared, in a process that may still prepare."""
    monkeypatch.setattr(base.DatabaseWrapper, "prepares", True)
    connection.close()


def test_a_statement_is_planned_once_for_many_uses_and_then_anew(fresh, monkeypatch):
    monkeypatch.setattr("awx_oauth.postgresql.base._USES_OF_A_PLAN", 3)
    with CaptureQueriesContext(connection) as captured:
        assert [ask(f"{number}") for number in range(5)] == [f"{number}-oauth" for number in range(5)]
    verbs = [query["sql"].split()[0] for query in captured]
    assert verbs == ["PREPARE", "EXECUTE", "EXECUTE", "EXECUTE", "DEALLOCATE", "PREPARE", "EXECUTE", "EXECUTE"]


def test_a_plan_that_could_not_be_made_anew_is_made_the_next_time(fresh, monkeypatch):
    monkeypatch.setattr("awx_oauth.postgresql.base._USES_OF_A_PLAN", 1)
    statement = "SELECT count(*) FROM django_session WHERE session_key = %s"
    assert run(statement, "") == 0
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as migration:
            migration.execute("LOCK TABLE django_session")
        with pytest.raises(OperationalError, match="lock timeout"):
            run(statement, "")
    finally:
        other.rollback()
        other.close()
    assert run(statement, "") == 0
    assert base.DatabaseWrapper.prepares
    connection.close()  # with its lock_timeout


def test_a_new_connection_prepares_anew(fresh):
    assert ask() == "awx-oauth"
    connection.close()
    assert ask() == "awx-oauth"


def test_nothing_is_prepared_in_a_transaction_which_could_not_go_on_after_a_failure(fresh):
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        assert ask() == "awx-oauth"
    assert not any("PREPARE" in query["sql"] for query in captured)


@pytest.mark.parametrize("change", ["DEALLOCATE ALL", "PREPARE {name} AS SELECT 1"], ids=["is elsewhere", "is there"])
def test_behind_a_pooler_that_hands_out_other_connections_statements_are_sent_as_they_are(fresh, change):
    name = base._prepared_form("SELECT %s || %s", 2)[0]
    if change == "DEALLOCATE ALL":
        ask()
    with connection.cursor() as cursor:
        cursor.execute(change.format(name=name))
    with CaptureQueriesContext(connection) as captured:
        assert [ask(), ask()] == ["awx-oauth"] * 2
    assert captured[-1]["sql"] == "SELECT 'awx' || '-oauth'"


def test_whoever_watches_the_statements_sees_them(fresh):
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql.split()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        assert ask() == "awx-oauth"
    assert seen == ["PREPARE", "EXECUTE"]


def test_a_connection_that_ended_between_two_requests_is_replaced(fresh):
    assert ask() == "awx-oauth"
    backend = run("SELECT pg_backend_pid() + %s", 0)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    other.close()
    time.sleep(0.2)  # until the word is here
    connection.close_if_unusable_or_obsolete()  # as the end of a request does
    assert ask() == "awx-oauth"
    assert run("SELECT pg_backend_pid() + %s", 0) != backend


def test_nothing_runs_in_a_transaction_that_is_broken(fresh):
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            ask()


def test_another_error_stays_what_it_is(fresh):
    with pytest.raises(DataError):
        run("SELECT 1 / %s", 0)
    with pytest.raises(ProgrammingError):
        run("SELECT 1 FROM nowhere WHERE 1 = %s", 1)
    assert ask() == "awx-oauth"
    assert base.DatabaseWrapper.prepares
