"""No log line holds a secret. tests/secrets_in_logs.py looks at every line of every test; this shows that it sees."""

from __future__ import annotations

import logging

import pytest

from tests import secrets_in_logs
from tests.conftest import PASSWORD
from tests.oauth import CHALLENGE, VERIFIER
from tokens import digests

logger = logging.getLogger("tests")


@pytest.fixture
def watch():
    """One of our own, since this logs what it must not."""
    own = secrets_in_logs.Watch()
    logger.addHandler(own)
    logger.propagate = False
    yield own
    logger.propagate = True
    logger.removeHandler(own)


def test_a_token_in_a_message_is_seen(watch):
    logger.warning("Refused %s.", digests.generate())
    with pytest.raises(AssertionError, match=r"A secret is in the log\."):
        watch.check()


def test_a_password_in_a_field_is_seen_also_when_it_is_encoded(watch, alice):
    logger.warning("Logged in.", extra={"facts": {"form": f"password={PASSWORD.replace(' ', '+')}"}})
    with pytest.raises(AssertionError):
        watch.check()


def test_a_token_in_a_traceback_is_seen(watch):
    try:
        int(digests.generate())
    except ValueError:
        logger.exception("It failed.")
    with pytest.raises(AssertionError):
        watch.check()


def test_an_answer_of_a_server_is_learned_from():
    token, code = "a1" * 20, "b2" * 20
    secrets_in_logs.learn(f'{{"access_token": "{token}"}} https://client.example/?code={code}&state=x')
    assert secrets_in_logs.secrets_in(f"GET /{token}?{code}") == {token, code}


def test_a_line_without_secrets_passes(watch, alice):
    logger.warning("Logged in %s with %s.", alice, digests.digest("x"))
    watch.check()


def test_the_whole_flow_at_log_level_debug_leaves_no_secret(oauth, driver_for, alice, caplog):
    # The watch over every test looks at the lines; caplog lets the root logger have those of DEBUG
    with caplog.at_level(logging.DEBUG):
        assert oauth.http.login(username="alice", password=PASSWORD)
        pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
        tokens = oauth.token(grant_type="authorization_code", code=oauth.code(**pkce), code_verifier=VERIFIER).json()
        again = oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
        oauth.introspect(again["access_token"])
        oauth.me(again["access_token"])
        oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        oauth.revoke(again["access_token"])
        password_client = driver_for(authorization_grant_type="password")
        password_client.token(grant_type="password", username="alice", password=PASSWORD, auth="post")
        password_client.token(grant_type="password", username="nobody", password=PASSWORD)
        oauth.http.get("/api/v2/me/", headers={"Authorization": "Bearer " + tokens["access_token"]})
    assert "oauthlib" not in {record.name.partition(".")[0] for record in caplog.records}
