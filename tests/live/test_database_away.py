"""A database that goes away during a request: 503 for that request, nothing half-written, and all is well after it.

PostgreSQL is cut off by a proxy. The SQLite file is locked by another writer for longer than the service waits.
"""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.cast import CLIENT_CREDENTIALS, CODE, PASSWORD, PASSWORD_GRANT, Cast
from tests.oauth import answer_in
from tests.proxy import Proxy
from tests.servers import ADMIN, ADMIN_PASSWORD, Server, serving
from tests.wire import Load, Wire, at_once

DATABASE_URL = os.environ.get("DATABASE_URL", "")
ALL_WORKERS = 13  # requests at once: more than there are threads in all workers


@dataclass(frozen=True)
class Outage:
    """A server whose database can be taken away."""

    server: Server
    cast: Cast
    away: Callable[[], AbstractContextManager[None]]
    proxy: Proxy | None = None


@pytest.fixture(scope="module")
def outage():
    if DATABASE_URL.startswith("postgres"):
        with Proxy(DATABASE_URL) as proxy, serving(database_through=proxy.url) as server:

            @contextmanager
            def cut():
                proxy.cut()
                try:
                    yield
                finally:
                    proxy.restore()

            yield Outage(server, Cast(server), cut, proxy)
        return
    with serving(DJANGO_SETTINGS_MODULE="tests.live.impatient") as server:

        @contextmanager
        def locked():
            path = urlsplit(server.database_url).path
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield

        yield Outage(server, Cast(server), locked)


@pytest.fixture
def server(outage):
    return outage.server


@pytest.fixture
def proxy(outage):
    if outage.proxy is None:
        pytest.skip("a connection to cut needs PostgreSQL: SQLite is a file")
    return outage.proxy


@pytest.fixture(scope="module")
def requests(outage):
    """A request of each kind that writes, and so is hit on both databases."""
    code_client, client = outage.cast.client(**CODE), outage.cast.client(**CLIENT_CREDENTIALS)
    user = outage.cast.user()
    user.log_in()
    cookies = user.cookies()
    login = "Basic " + base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
    rename = json.dumps({"description": "renamed"})
    path = f"/api/o/authorize/?response_type=code&client_id={code_client.client_id}"
    return {
        "protocol": lambda wire: wire.token(client, grant_type="client_credentials"),
        "REST": lambda wire: wire.send(
            "PATCH", f"/api/v2/applications/{client.pk}/", rename, Authorization=login, Content_Type="application/json"
        ),
        "page": lambda wire: wire.send("GET", path, Cookie=cookies, Accept="text/html"),
    }


@pytest.mark.parametrize(
    ("kind", "content_type", "good"),
    [("protocol", "application/json", 200), ("REST", "application/json", 200), ("page", "text/html", 302)],
)
def test_a_request_is_answered_503_and_every_worker_serves_the_next_one(
    outage, server, requests, kind, content_type, good
):
    send = requests[kind]
    assert {answer.status for answer in at_once(server, [send] * ALL_WORKERS)} == {good}
    with outage.away():
        answers = at_once(server, [send] * 6)
    for answer in answers:
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers.get_content_type() == content_type
        if kind == "protocol":
            assert answer.json()["error"] == "temporarily_unavailable"
            assert answer.headers["Cache-Control"] == "no-store"
        elif kind == "REST":
            assert set(answer.json()) == {"detail"}
    assert {answer.status for answer in at_once(server, [send] * ALL_WORKERS)} == {good}


def test_reading_is_answered_503_too_and_the_probes_tell(outage, proxy, server):
    client = outage.cast.client(**PASSWORD_GRANT)
    user = outage.cast.user()
    user.log_in()
    cookies = user.cookies()
    with Wire(server) as wire:
        form = {"grant_type": "password", "username": user.username, "password": PASSWORD}
        token = wire.token(client, **form).json()["access_token"]
        sends = [
            lambda: wire.me(token),
            lambda: wire.post("/api/o/introspect/", client, token=token),
            lambda: wire.revoke(client, "unknown"),
            lambda: wire.send("GET", "/my-access/", Cookie=cookies, Accept="text/html"),
        ]
        assert [send().status for send in sends] == [200] * 4
        with outage.away():
            answers = [send() for send in sends]
            assert wire.send("GET", "/livez").status == 200
            assert wire.send("GET", "/readyz").status == 503
        assert [answer.status for answer in answers] == [503] * 4
        assert all(answer.headers["Retry-After"] for answer in answers)
        types = [answer.headers.get_content_type() for answer in answers]
        assert types == ["application/json"] * 3 + ["text/html"]
        assert [send().status for send in sends] == [200] * 4
        assert wire.send("GET", "/readyz").status == 200


def test_a_code_and_a_refresh_token_outlive_an_exchange_that_was_cut_off(outage, proxy, server):
    client = outage.cast.client(**CODE)
    user = outage.cast.user()
    user.log_in()
    with Wire(server) as wire:
        path = f"/api/o/authorize/?response_type=code&client_id={client.client_id}"
        code = answer_in(wire.send("GET", path, Cookie=user.cookies()).headers["Location"])["code"]

        def exchange():
            return wire.token(client, grant_type="authorization_code", code=code)

        def refresh():
            return wire.refresh(client, tokens["refresh_token"])

        for step in (exchange, refresh):
            before = _rows(server, client)
            proxy.cut_at('INSERT INTO "tokens_accesstoken"')
            cut_off = step()
            assert proxy.sprung.is_set()
            proxy.restore()
            assert cut_off.outcome == (503, "temporarily_unavailable")
            assert _rows(server, client) == before
            answer = step()
            assert answer.outcome == (200, None)
            tokens = answer.json()
        assert wire.me(tokens["access_token"]).status == 200


def test_connections_that_the_database_closed_while_nobody_asked_are_not_noticed(outage, proxy, server, requests):
    send = requests["protocol"]
    assert {answer.status for answer in at_once(server, [send] * ALL_WORKERS)} == {200}
    server.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    time.sleep(1)  # nobody asks, and the word that they are closed arrives
    assert {answer.status for answer in at_once(server, [send] * ALL_WORKERS)} == {200}


def test_under_load_a_short_outage_gives_503_and_nothing_else(outage, server, requests):
    load = Load(server, *[lambda wire, send=send: [send(wire)] for send in requests.values()] * 4)
    with load.running(), outage.away(), Wire(server) as wire:
        assert requests["protocol"](wire).status == 503
    # Whether the load met the outage itself is chance: a lock that is released in time is waited for
    assert {200, 302} <= {status for status, _error in load.outcomes} <= {200, 302, 503}
    assert {answer.status for answer in at_once(server, [requests["protocol"]] * ALL_WORKERS)} == {200}


def _rows(server, client):
    """The rows of a client, and whether each is spent."""
    return [
        server.rows(f"SELECT count(*), count({spent}) FROM tokens_{table} WHERE application_id = {client.pk}")
        for table, spent in (("grant", "used"), ("accesstoken", "id"), ("refreshtoken", "revoked"))
    ]
