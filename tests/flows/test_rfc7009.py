"""RFC 7009: revocation."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.conftest import PASSWORD
from tests.flows.answers import inactive, issued, refused
from tests.oauth import CHALLENGE, VERIFIER
from tokens.services import issue_personal_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(signed_in):
    return signed_in.tokens_for_code()


def revoked(response) -> bool:
    """RFC 7009 §2.2: 200, whatever became of the token."""
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    assert "no-store" in response["Cache-Control"]
    return bool(response.json() == {})


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
@pytest.mark.parametrize("hint", [{}, {"token_type_hint": "access_token"}, {"token_type_hint": "refresh_token"}])
def test_a_token_is_found_whatever_the_hint_and_ends_the_other(signed_in, tokens, kind, hint):
    assert revoked(signed_in.revoke(tokens[kind], **hint))
    assert inactive(signed_in.introspect(tokens["access_token"]))
    assert inactive(signed_in.introspect(tokens["refresh_token"]))
    assert signed_in.me(tokens["access_token"]).status_code == 401
    refused(signed_in.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]), "invalid_grant")


@pytest.mark.rfc("7009", "2.2.1")
@pytest.mark.parametrize("hint", ["unheard_of", "ü", "id_token", ""])
def test_an_unsupported_hint_is_ignored(signed_in, tokens, hint):
    assert revoked(signed_in.revoke(tokens["access_token"], token_type_hint=hint))
    assert inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.2")
@pytest.mark.parametrize("token", ["unknown", "x" * 5000, "ü", "45ghiukldjahdnhzdauz"])
def test_an_invalid_token_is_answered_like_a_valid_one(signed_in, token):
    assert revoked(signed_in.revoke(token))


@pytest.mark.rfc("7009", "2.2")
def test_revoking_twice_is_answered_alike(signed_in, tokens):
    assert revoked(signed_in.revoke(tokens["refresh_token"]))
    assert revoked(signed_in.revoke(tokens["refresh_token"]))
    assert revoked(signed_in.revoke(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.2")
def test_an_expired_token_is_answered_alike(signed_in, tokens):
    with time_machine.travel(timezone.now() + timedelta(days=400), tick=False):
        assert revoked(signed_in.revoke(tokens["access_token"]))
        assert revoked(signed_in.revoke(tokens["refresh_token"]))


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_of_another_client_stays_alive(signed_in, tokens, driver_for, kind):
    assert revoked(driver_for().revoke(tokens[kind]))
    assert not inactive(signed_in.introspect(tokens["access_token"]))
    issued(signed_in.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))


@pytest.mark.rfc("7009", "2.1")
def test_a_spent_refresh_token_still_ends_its_family(signed_in, tokens):
    newer = issued(signed_in.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    assert revoked(signed_in.revoke(tokens["refresh_token"]))
    assert inactive(signed_in.introspect(newer["access_token"]))
    refused(signed_in.token(grant_type="refresh_token", refresh_token=newer["refresh_token"]), "invalid_grant")


@pytest.mark.rfc("7009", "2.1")
def test_revoking_one_authorization_leaves_the_others(signed_in, tokens):
    other = signed_in.tokens_for_code()
    assert revoked(signed_in.revoke(tokens["refresh_token"]))
    assert not inactive(signed_in.introspect(other["access_token"]))


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("body", ["", "token=", "token_type_hint=access_token"])
def test_a_missing_token_is_invalid_request(signed_in, body):
    refused(signed_in.post("/api/o/revoke_token/", body), "invalid_request")


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("auth", [None, "none"])
def test_a_confidential_client_must_authenticate(signed_in, tokens, auth):
    refused(signed_in.revoke(tokens["access_token"], auth=auth), "invalid_client", status=401)
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.1")
def test_a_public_client_revokes_by_name_what_is_its_own(public, signed_in, tokens):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    own = issued(public.token(form, auth="none"))
    assert revoked(public.revoke(own["access_token"], auth="none"))
    assert public.me(own["access_token"]).status_code == 401
    assert revoked(public.revoke(tokens["access_token"], auth="none"))
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.1")
def test_a_client_revokes_its_own_client_credentials_token(machine):
    token = issued(machine.token(grant_type="client_credentials"))["access_token"]
    assert revoked(machine.revoke(token))
    assert inactive(machine.introspect(token))


@pytest.mark.rfc("7009", "2.1")
def test_the_tokens_of_an_inactive_user_can_be_revoked(signed_in, tokens, alice):
    alice.is_active = False
    alice.save()
    assert revoked(signed_in.revoke(tokens["refresh_token"]))
    alice.is_active = True
    alice.save()
    assert inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.3")
@pytest.mark.parametrize("query", ["callback=package.myCallback", "jsonp=x"])
def test_a_callback_parameter_gives_no_script(signed_in, tokens, query):
    response = signed_in.post(f"/api/o/revoke_token/?{query}", {"token": tokens["access_token"]})
    assert revoked(response)


# AWX's personal access tokens belong to no client: the token itself is the proof


@pytest.fixture
def personal(alice) -> str:
    return issue_personal_token(user=alice, scope="write")[1]


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_personal_token_revokes_itself(oauth, personal, scheme):
    form = {"token": personal}
    assert revoked(oauth.post("/api/o/revoke_token/", form, auth=None, Authorization=f"{scheme} {personal}"))
    assert oauth.me(personal).status_code == 401


@pytest.mark.rfc("7009", "2.1")
def test_a_bearer_revokes_nothing_but_itself(oauth, personal, alice, signed_in, tokens):
    other = issue_personal_token(user=alice, scope="write")[1]
    path = "/api/o/revoke_token/"
    for victim in (other, tokens["access_token"], tokens["refresh_token"]):
        response = oauth.post(path, {"token": victim}, auth=None, Authorization=f"Bearer {personal}")
        refused(response, "invalid_client", status=401)
    assert oauth.me(other).status_code == 200
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.1")
def test_an_applications_token_is_not_said_to_be_revoked_without_the_application(oauth, signed_in, tokens):
    form = {"token": tokens["access_token"]}
    bearer = f"Bearer {tokens['access_token']}"
    refused(oauth.post("/api/o/revoke_token/", form, auth=None, Authorization=bearer), "invalid_client", status=401)
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7009", "2.2")
def test_a_personal_token_that_is_none_any_more_is_answered_alike(oauth, personal):
    for _ in range(2):
        form = {"token": personal}
        assert revoked(oauth.post("/api/o/revoke_token/", form, auth=None, Authorization=f"Bearer {personal}"))


@pytest.mark.rfc("7009", "2.1")
def test_a_client_does_not_revoke_a_personal_token(oauth, resource_server, personal):
    assert revoked(oauth.revoke(personal))
    assert revoked(resource_server.revoke(personal))
    assert not inactive(resource_server.introspect(personal))


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("extra", ["client_id=x", "client_secret=x", "client_assertion=x"])
def test_a_bearer_and_a_client_at_once_are_refused(oauth, personal, extra):
    body = f"token={personal}&{extra}"
    response = oauth.post("/api/o/revoke_token/", body, auth=None, Authorization=f"Bearer {personal}")
    refused(response, "invalid_request")


@pytest.mark.rfc("7009", "2.1")
@pytest.mark.parametrize("bearer", ["", "unknown", "ü"])
def test_a_bearer_that_does_not_match_is_refused(oauth, personal, bearer):
    response = oauth.post("/api/o/revoke_token/", {"token": personal}, auth=None, Authorization=f"Bearer {bearer}")
    refused(response, "invalid_client", status=401)


@pytest.mark.rfc("7009", "2")
def test_the_password_grants_tokens_are_revoked_like_awxs_page_says(password_client):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD, "scope": "read"}
    tokens = issued(password_client.token(form))
    assert revoked(password_client.revoke(tokens["access_token"]))
    assert inactive(password_client.introspect(tokens["refresh_token"]))
