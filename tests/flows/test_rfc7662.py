"""RFC 7662: introspection."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.services import delete_application
from tests.conftest import PASSWORD
from tests.flows.answers import ISSUER, inactive, issued, refused
from tokens.services import issue_personal_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def tokens(signed_in):
    return signed_in.tokens_for_code(scope="read")


@pytest.mark.rfc("7662", "2.2")
@pytest.mark.parametrize("caller", ["signed_in", "resource_server"])
def test_an_active_access_token_is_described(request, signed_in, alice, caller):
    now = timezone.now().replace(microsecond=0)
    issued_at = int(now.timestamp())
    with time_machine.travel(now, tick=False):
        token = signed_in.tokens_for_code(scope="read")["access_token"]
        answer = request.getfixturevalue(caller).introspect(token).json()
    assert answer == {
        "active": True,
        "scope": "read",
        "client_id": signed_in.application.client_id,
        "username": "alice",
        "sub": str(alice.pk),
        "token_type": "Bearer",
        "iat": issued_at,
        "exp": issued_at + 36000,
        "iss": ISSUER,
    }


@pytest.mark.rfc("7662", "2.2")
def test_an_active_refresh_token_is_described_to_its_client(signed_in, tokens):
    answer = signed_in.introspect(tokens["refresh_token"]).json()
    assert (answer["active"], answer["scope"], answer["token_type"]) == (True, "read", "refresh_token")
    assert answer["exp"] - answer["iat"] == 2628000


@pytest.mark.rfc("7662", "2.1")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "unheard_of", ""])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_every_kind_of_token_is_searched_whatever_the_hint(signed_in, tokens, kind, hint):
    assert signed_in.introspect(tokens[kind], token_type_hint=hint).json()["active"] is True


@pytest.mark.rfc("7662", "2.2")
@pytest.mark.parametrize("token", ["unknown", "x" * 5000, "ü", "%"])
def test_an_unknown_token_is_inactive_and_nothing_more(signed_in, token):
    assert inactive(signed_in.introspect(token))


@pytest.mark.rfc("7662", "2.2")
def test_expired_revoked_and_spent_tokens_are_inactive(signed_in, resource_server, tokens):
    newer = issued(signed_in.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    for caller in (signed_in, resource_server):
        assert inactive(caller.introspect(tokens["access_token"]))
        assert inactive(caller.introspect(tokens["refresh_token"]))
    with time_machine.travel(timezone.now() + timedelta(seconds=36000), tick=False):
        assert inactive(signed_in.introspect(newer["access_token"]))
        assert not inactive(signed_in.introspect(newer["refresh_token"]))
    signed_in.revoke(newer["refresh_token"])
    assert inactive(resource_server.introspect(newer["access_token"]))


@pytest.mark.rfc("7662", "4")
def test_a_token_of_another_client_is_inactive_unless_for_a_resource_server(tokens, driver_for, resource_server):
    for kind in ("access_token", "refresh_token"):
        assert inactive(driver_for().introspect(tokens[kind]))
        assert not inactive(resource_server.introspect(tokens[kind]))


@pytest.mark.rfc("7662", "4")
def test_the_tokens_of_a_deleted_client_are_inactive(signed_in, resource_server, tokens):
    delete_application(signed_in.application)
    assert inactive(resource_server.introspect(tokens["access_token"]))


@pytest.mark.rfc("7662", "2.1")
def test_a_public_client_proves_nothing_and_learns_nothing(driver_for, alice):
    client = driver_for(authorization_grant_type="password", client_type="public")
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    tokens = issued(client.token(form, auth="none"))
    assert inactive(client.introspect(tokens["access_token"], auth="none"))
    assert inactive(client.introspect(tokens["refresh_token"], auth="none"))


@pytest.mark.rfc("7662", "2.1")
@pytest.mark.rfc("7662", "2.3")
@pytest.mark.parametrize("auth", [None, "none"])
def test_the_caller_must_authenticate(signed_in, tokens, auth):
    refused(signed_in.introspect(tokens["access_token"], auth=auth), "invalid_client", status=401)


@pytest.mark.rfc("7662", "2.3")
def test_an_access_token_is_no_way_to_authenticate_here(signed_in, tokens):
    token = tokens["access_token"]
    response = signed_in.post("/api/o/introspect/", {"token": token}, auth=None, Authorization=f"Bearer {token}")
    refused(response, "invalid_client", status=401)


@pytest.mark.rfc("7662", "2.1")
@pytest.mark.parametrize("body", ["", "token=", "token_type_hint=access_token"])
def test_a_missing_token_is_invalid_request(signed_in, body):
    refused(signed_in.post("/api/o/introspect/", body), "invalid_request")


@pytest.mark.rfc("7662", "2.1")
@pytest.mark.rfc("7662", "4")
def test_get_is_refused_because_urls_are_logged(signed_in, tokens):
    response = signed_in.http.get("/api/o/introspect/", {"token": tokens["access_token"]})
    refused(response, "invalid_request", status=405)
    response = signed_in.post(f"/api/o/introspect/?token={tokens['access_token']}", "")
    refused(response, "invalid_request")


@pytest.mark.rfc("7662", "2.2")
def test_the_tokens_of_an_inactive_user_are_inactive_and_of_an_active_one_again_active(signed_in, tokens, alice):
    alice.is_active = False
    alice.save()
    assert inactive(signed_in.introspect(tokens["access_token"]))
    assert inactive(signed_in.introspect(tokens["refresh_token"]))
    alice.is_active = True
    alice.save()
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("7662", "2.2")
def test_a_personal_token_is_shown_to_resource_servers_only(signed_in, resource_server, alice):
    token = issue_personal_token(user=alice, scope="write")[1]
    assert inactive(signed_in.introspect(token))
    answer = resource_server.introspect(token).json()
    assert (answer["active"], answer["scope"], answer["username"]) == (True, "write", "alice")
    assert "client_id" not in answer


@pytest.mark.rfc("7662", "2.2")
def test_a_clients_own_token_has_no_user(machine, resource_server):
    token = issued(machine.token(grant_type="client_credentials", scope="read"))["access_token"]
    answer = resource_server.introspect(token).json()
    assert answer["client_id"] == machine.application.client_id
    assert answer.keys().isdisjoint({"username", "sub"})


@pytest.mark.rfc("7662", "2.2")
def test_introspection_changes_nothing(signed_in, tokens):
    before = signed_in.introspect(tokens["access_token"]).json()
    assert signed_in.introspect(tokens["access_token"]).json() == before
    issued(signed_in.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))


@pytest.mark.rfc("7662", "2.2")
def test_the_issuer_is_that_of_the_metadata(settings, signed_in, tokens):
    settings.OAUTH2_ISSUER = "https://auth.example.org"
    assert signed_in.introspect(tokens["access_token"]).json()["iss"] == "https://auth.example.org"
