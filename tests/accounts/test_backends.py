"""The limit on failed passwords, wherever a password can be typed."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from awx_oauth import context
from awx_oauth.context import RequestContext
from tests.cast import PASSWORD
from tests.oauth import basic


@pytest.fixture(autouse=True)
def _three(settings):
    settings.FAILED_PASSWORDS_PER_USER_AND_ADDRESS = 3
    settings.FAILED_PASSWORDS_PER_ADDRESS = 6


def guess(times: int, username: str = "alice", address: str = "192.0.2.1") -> None:
    with context.serving(RequestContext("test", address)):
        for _ in range(times):
            assert authenticate(username=username, password="a guess") is None


def assert_refused(response) -> None:
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300


def test_the_login_page_refuses_the_guess_after_the_last_allowed_one(client, alice):
    guess(3, address="127.0.0.1")
    assert_refused(client.post("/api/login/", {"username": "alice", "password": PASSWORD}))


def test_the_token_endpoint_refuses_it_in_json(driver_for, alice):
    guess(3, address="127.0.0.1")
    driver = driver_for(authorization_grant_type="password")
    response = driver.token(grant_type="password", username="alice", password=PASSWORD)
    assert_refused(response)
    assert response.json()["error"] == "temporarily_unavailable"
    assert response["Cache-Control"] == "no-store"


def test_http_basic_at_the_rest_api_is_refused_too(client, alice):
    guess(3, address="127.0.0.1")
    assert_refused(client.get("/api/v2/me/", headers={"Authorization": basic("alice", PASSWORD)}))


def test_who_knows_the_password_gets_in_while_somebody_guesses_elsewhere(client, alice):
    guess(3, address="192.0.2.1")
    response = client.post("/api/login/", {"username": "alice", "password": PASSWORD})
    assert response.status_code == 302


def test_one_address_cannot_try_every_user(client, alice, bob):
    for number in range(6):
        guess(1, f"user {number}", address="127.0.0.1")
    assert_refused(client.post("/api/login/", {"username": "bob", "password": PASSWORD}))


def test_the_case_of_a_user_name_does_not_begin_a_new_count(client, alice):
    guess(2, "Alice", address="127.0.0.1")
    guess(1, "ALICE", address="127.0.0.1")
    assert_refused(client.post("/api/login/", {"username": "alice", "password": PASSWORD}))


def test_a_wrong_client_secret_ends_in_429_but_the_right_one_always_passes(oauth, settings):
    settings.FAILED_SECRETS_PER_CLIENT_AND_ADDRESS = 2
    wrong = {"Authorization": basic(oauth.application.client_id, "wrong")}
    for expected in (401, 401, 429):
        assert oauth.post("/api/o/introspect/", {"token": "x"}, auth=None, **wrong).status_code == expected
    assert oauth.introspect("x").status_code == 200
