"""How many SQL statements each step takes, so that nobody adds one unseen.

BEGIN, COMMIT and savepoints are not counted. PostgreSQL gets what belongs together in one statement; SQLite, which is
no journey away, in several.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import PASSWORD
from tests.oauth import CHALLENGE, VERIFIER

_UNCOUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE SAVEPOINT")


def either(*, postgresql, sqlite):
    return postgresql if connection.vendor == "postgresql" else sqlite


@pytest.fixture
def statements():
    """Count the statements of a call that answers 200."""

    def count(call):
        with CaptureQueriesContext(connection) as captured:
            answer = call()
        assert answer.status_code == 200, answer.content
        counted = [query["sql"] for query in captured if not query["sql"].startswith(_UNCOUNTED)]
        return len(counted), counted, answer.json()

    return count


@pytest.fixture
def password_client(driver_for, alice):
    return driver_for(authorization_grant_type="password")


def log_in(client):
    return client.token(grant_type="password", username="alice", password=PASSWORD)


def test_client_credentials(driver_for, statements):
    client = driver_for(authorization_grant_type="client-credentials")
    number, seen, _answer = statements(lambda: client.token(grant_type="client_credentials"))
    assert number == either(postgresql=2, sqlite=4), seen
    # The next time the client is known; the statement that stores the token asks whether it is still the same
    number, seen, _answer = statements(lambda: client.token(grant_type="client_credentials"))
    assert number == either(postgresql=1, sqlite=3), seen


def test_password(password_client, statements):
    number, seen, _answer = statements(lambda: log_in(password_client))
    assert number == either(postgresql=2, sqlite=5), seen


def test_code_with_pkce(oauth, alice, statements):
    oauth.http.force_login(alice)
    code = oauth.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    number, seen, _answer = statements(lambda: oauth.token(**form))
    assert number == either(postgresql=2, sqlite=5), seen


def test_refresh(password_client, statements):
    token = log_in(password_client).json()["refresh_token"]
    number, seen, _answer = statements(lambda: password_client.token(grant_type="refresh_token", refresh_token=token))
    assert number == either(postgresql=2, sqlite=6), seen


@pytest.mark.parametrize(("which", "expected"), [("access_token", 1), ("refresh_token", 2)])
def test_introspection(password_client, statements, which, expected):
    token = log_in(password_client).json()[which]
    number, seen, answer = statements(lambda: password_client.introspect(token))
    assert answer["active"] is True
    assert number == expected, seen


def test_a_bearer_request_writes_when_its_token_was_used_at_most_once_a_minute(password_client, statements):
    token = log_in(password_client).json()["access_token"]
    first, seen, _answer = statements(lambda: password_client.me(token))
    assert first == 2, seen
    second, seen, _answer = statements(lambda: password_client.me(token))
    assert second == 1, seen


@pytest.mark.parametrize(
    ("which", "hint", "lookups"),
    [
        ("access_token", {}, 1),
        ("refresh_token", {"token_type_hint": "refresh_token"}, 1),
        ("refresh_token", {}, 2),
    ],
)
def test_revocation(password_client, statements, which, hint, lookups):
    token = log_in(password_client).json()[which]
    number, seen, _answer = statements(lambda: password_client.revoke(token, **hint))
    assert number == lookups + either(postgresql=1, sqlite=3), seen
