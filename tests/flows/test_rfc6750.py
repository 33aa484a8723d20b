"""RFC 6750: bearer tokens at the REST API, the resource server that comes with the service."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.flows.answers import issued
from tests.oauth import FORM
from tokens.services import issue_personal_token

pytestmark = pytest.mark.django_db

ME = "/api/v2/me/"


@pytest.fixture
def token(signed_in) -> str:
    access_token: str = signed_in.tokens_for_code(scope="read")["access_token"]
    signed_in.http.logout()
    return access_token


def get(driver, authorization, path=ME):
    return driver.http.get(path, headers={"Authorization": authorization})


@pytest.mark.rfc("6750", "2.1")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_in_the_header_opens_the_api(oauth, token, scheme):
    assert get(oauth, f"{scheme} {token}").status_code == 200


@pytest.mark.rfc("6750", "3")
def test_without_a_token_the_challenge_names_no_error(oauth, alice):
    response = oauth.http.get(ME)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer ")
    assert 'realm="' in response["WWW-Authenticate"]
    assert "error" not in response["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1")
@pytest.mark.parametrize("bad", ["", "unknown", "x" * 5000, "a b", "\x80", "%00", '"', "ü"])
def test_a_token_that_is_unknown_or_malformed_is_invalid_token(oauth, alice, bad):
    response = get(oauth, f"Bearer {bad}")
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


@pytest.mark.rfc("6750", "3.1")
@pytest.mark.parametrize(("seconds", "status"), [(35_990, 200), (36_000, 401)])
def test_a_token_expires(signed_in, alice, seconds, status):
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        token = signed_in.tokens_for_code()["access_token"]
    with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
        signed_in.http.logout()
        assert get(signed_in, f"Bearer {token}").status_code == status


@pytest.mark.rfc("6750", "2.3")
@pytest.mark.rfc("9700", "4.3.2")
def test_a_token_in_the_url_opens_nothing(oauth, token):
    response = oauth.http.get(ME, {"access_token": token})
    assert response.status_code == 401
    assert "error" not in response["WWW-Authenticate"]


@pytest.mark.rfc("6750", "2")
@pytest.mark.rfc("6750", "3.1")
def test_a_token_in_header_and_url_at_once_is_invalid_request(oauth, token):
    response = oauth.http.get(ME, {"access_token": token}, headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 400
    assert 'error="invalid_request"' in response["WWW-Authenticate"]


@pytest.mark.rfc("6750", "2.2")
def test_a_token_in_a_form_body_opens_nothing(oauth, token):
    response = oauth.http.post("/api/v2/organizations/", f"access_token={token}", content_type=FORM)
    assert response.status_code == 401


@pytest.mark.rfc("6750", "3.1")
def test_a_token_without_write_is_insufficient_for_what_changes_something(oauth, admin):
    token = issue_personal_token(user=admin, scope="read")[1]
    headers = {"Authorization": f"Bearer {token}"}
    response = oauth.http.post(
        "/api/v2/organizations/", {"name": "x"}, content_type="application/json", headers=headers
    )
    assert response.status_code == 403
    challenge = response["WWW-Authenticate"]
    assert challenge.startswith("Bearer ")
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="write"' in challenge


@pytest.mark.rfc("6749", "3.3")
def test_a_token_with_write_may_change_something(oauth, admin):
    token = issue_personal_token(user=admin, scope="write")[1]
    headers = {"Authorization": f"Bearer {token}"}
    response = oauth.http.post(
        "/api/v2/organizations/", {"name": "x"}, content_type="application/json", headers=headers
    )
    assert response.status_code == 201


@pytest.mark.rfc("6750", "3.1")
def test_the_token_of_an_inactive_user_opens_nothing(oauth, token, alice):
    alice.is_active = False
    alice.save()
    response = get(oauth, f"Bearer {token}")
    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    alice.is_active = True
    alice.save()
    assert get(oauth, f"Bearer {token}").status_code == 200


@pytest.mark.rfc("6750", "3")
def test_a_token_that_stands_for_nobody_opens_nothing_personal(machine):
    token = issued(machine.token(grant_type="client_credentials"))["access_token"]
    assert machine.me(token).status_code in {401, 403}


@pytest.mark.rfc("6750", "3")
def test_a_bad_token_is_refused_even_where_a_session_would_do(signed_in):
    assert get(signed_in, "Bearer unknown").status_code == 401


@pytest.mark.rfc("6750", "5.3")
def test_nothing_that_a_token_opens_is_stored_by_shared_caches(oauth, token):
    response = get(oauth, f"Bearer {token}")
    assert "Authorization" in response.get("Vary", "") or "no-store" in response.get("Cache-Control", "")
