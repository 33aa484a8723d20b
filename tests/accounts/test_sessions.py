"""What the table of sessions tells."""

from __future__ import annotations

from django.contrib.sessions.models import Session

from tests.conftest import PASSWORD


def log_in(client) -> str:
    client.post("/api/login/", {"username": "alice", "password": PASSWORD})
    return client.cookies["awx_sessionid"].value


def test_a_session_is_not_stored_under_the_cookies_value(client, alice):
    key = log_in(client)
    assert client.get("/api/v2/me/").status_code == 200
    assert not Session.objects.filter(session_key=key).exists()
    assert key not in str(list(Session.objects.values()))


def test_what_is_stored_does_not_log_anybody_in(client, alice):
    log_in(client)
    client.cookies["awx_sessionid"] = Session.objects.get().session_key
    assert client.get("/api/v2/me/").status_code == 401


def test_logging_out_ends_the_session(client, alice):
    key = log_in(client)
    client.post("/api/logout/")
    assert not Session.objects.exists()
    client.cookies["awx_sessionid"] = key
    assert client.get("/api/v2/me/").status_code == 401


def test_an_unknown_key_is_not_taken_over(client, alice):
    client.cookies["awx_sessionid"] = "a" * 32
    key = log_in(client)
    assert key != "a" * 32
