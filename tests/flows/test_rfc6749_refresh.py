"""RFC 6749 §6, §10.4, RFC 9700 §4.14: refreshing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.services import change_application
from awx_oauth.activity.models import Activity, Event
from tests.conftest import PASSWORD
from tests.flows.answers import inactive, issued, refused
from tests.oauth import CHALLENGE, VERIFIER, Driver

pytestmark = pytest.mark.django_db


def refresh(driver: Driver, token: str, *, auth: str = "basic", **fields: str):
    return driver.token({"grant_type": "refresh_token", "refresh_token": token, **fields}, auth=auth)


@pytest.fixture
def tokens(signed_in):
    return signed_in.tokens_for_code(scope="read write")


@pytest.mark.rfc("6749", "6")
@pytest.mark.rfc("9700", "4.14.2")
def test_each_refresh_gives_a_new_pair_and_ends_the_old_one(signed_in, tokens):
    newer = issued(refresh(signed_in, tokens["refresh_token"]))
    assert newer["access_token"] != tokens["access_token"]
    assert newer["refresh_token"] != tokens["refresh_token"]
    assert inactive(signed_in.introspect(tokens["access_token"]))
    assert inactive(signed_in.introspect(tokens["refresh_token"]))
    assert not inactive(signed_in.introspect(newer["access_token"]))
    assert signed_in.me(tokens["access_token"]).status_code == 401


@pytest.mark.rfc("9700", "4.14.2")
def test_a_replayed_refresh_token_ends_the_family(signed_in, tokens):
    second = issued(refresh(signed_in, tokens["refresh_token"]))
    third = issued(refresh(signed_in, second["refresh_token"]))
    refused(refresh(signed_in, tokens["refresh_token"]), "invalid_grant")
    assert inactive(signed_in.introspect(third["access_token"]))
    refused(refresh(signed_in, third["refresh_token"]), "invalid_grant")
    assert Activity.objects.filter(event=Event.TOKEN_REPLAYED).count() == 1


@pytest.mark.rfc("9700", "4.14.2")
def test_a_replay_ends_no_other_family(signed_in, tokens):
    other = signed_in.tokens_for_code()
    refresh(signed_in, tokens["refresh_token"])
    refused(refresh(signed_in, tokens["refresh_token"]), "invalid_grant")
    issued(refresh(signed_in, other["refresh_token"]))


@pytest.mark.rfc("6749", "6")
def test_a_narrowed_access_token_does_not_narrow_the_refresh_token(signed_in, tokens):
    narrow = issued(refresh(signed_in, tokens["refresh_token"], scope="read"))
    assert narrow["scope"] == "read"
    assert signed_in.introspect(narrow["refresh_token"]).json()["scope"] == "read write"
    assert issued(refresh(signed_in, narrow["refresh_token"]))["scope"] == "read write"


@pytest.mark.rfc("6749", "6")
def test_a_scope_that_was_not_granted_is_refused_and_spends_nothing(signed_in):
    tokens = signed_in.tokens_for_code(scope="read")
    refused(refresh(signed_in, tokens["refresh_token"], scope="read write"), "invalid_scope")
    refused(refresh(signed_in, tokens["refresh_token"], scope="write"), "invalid_scope")
    assert not inactive(signed_in.introspect(tokens["access_token"]))
    assert issued(refresh(signed_in, tokens["refresh_token"]))["scope"] == "read"


@pytest.mark.rfc("6749", "6")
def test_an_omitted_or_empty_scope_means_what_was_granted(signed_in, tokens):
    newer = issued(refresh(signed_in, tokens["refresh_token"], scope=""))
    assert newer["scope"] == "read write"


@pytest.mark.rfc("6749", "6")
@pytest.mark.rfc("6749", "10.4")
def test_a_refresh_token_of_another_client_is_refused_and_stays_good(signed_in, tokens, driver_for):
    stranger = driver_for()
    refused(refresh(stranger, tokens["refresh_token"]), "invalid_grant")
    newer = issued(refresh(signed_in, tokens["refresh_token"]))
    refused(refresh(stranger, tokens["refresh_token"]), "invalid_grant")
    assert not inactive(signed_in.introspect(newer["access_token"]))


@pytest.mark.rfc("6749", "6")
@pytest.mark.parametrize("auth", ["none", None])
def test_a_confidential_client_must_authenticate(signed_in, tokens, auth):
    refused(refresh(signed_in, tokens["refresh_token"], auth=auth), "invalid_client", status=401)
    issued(refresh(signed_in, tokens["refresh_token"]))


@pytest.mark.rfc("6749", "6")
def test_a_public_client_refreshes_by_name_and_rotates_too(public):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    first = issued(public.token(form, auth="none"))
    second = issued(refresh(public, first["refresh_token"], auth="none"))
    refused(refresh(public, first["refresh_token"], auth="none"), "invalid_grant")
    refused(refresh(public, second["refresh_token"], auth="none"), "invalid_grant")


@pytest.mark.rfc("6749", "6")
def test_unknown_refresh_tokens_are_refused(signed_in):
    for token in ("x", "x" * 40, "ü"):
        refused(refresh(signed_in, token), "invalid_grant")


@pytest.mark.rfc("9700", "4.14.2")
def test_a_refresh_token_that_is_not_used_expires_and_use_renews_it(signed_in, tokens):
    now = timezone.now()
    with time_machine.travel(now + timedelta(seconds=2_627_000), tick=False):
        newer = issued(refresh(signed_in, tokens["refresh_token"]))
    with time_machine.travel(now + timedelta(seconds=2 * 2_627_000), tick=False):
        newest = issued(refresh(signed_in, newer["refresh_token"]))
    with time_machine.travel(now + timedelta(seconds=2 * 2_627_000 + 2_628_000), tick=False):
        refused(refresh(signed_in, newest["refresh_token"]), "invalid_grant")
        assert inactive(signed_in.introspect(newest["refresh_token"]))


@pytest.mark.rfc("6749", "6")
def test_the_refresh_token_outlives_its_access_token(signed_in, tokens):
    with time_machine.travel(timezone.now() + timedelta(seconds=36_001), tick=False):
        assert inactive(signed_in.introspect(tokens["access_token"]))
        issued(refresh(signed_in, tokens["refresh_token"]))


@pytest.mark.rfc("6749", "6")
def test_the_refresh_token_of_an_inactive_user_is_refused_and_not_spent(signed_in, tokens, alice):
    alice.is_active = False
    alice.save()
    refused(refresh(signed_in, tokens["refresh_token"]), "invalid_grant")
    alice.is_active = True
    alice.save()
    issued(refresh(signed_in, tokens["refresh_token"]))


@pytest.mark.rfc("6749", "6")
def test_the_refresh_token_of_a_deleted_user_is_refused(signed_in, tokens, alice):
    alice.delete()
    refused(refresh(signed_in, tokens["refresh_token"]), "invalid_grant")


@pytest.mark.rfc("6749", "5.2")
def test_a_client_whose_grant_type_changed_to_one_without_refresh_may_not_refresh(signed_in, tokens):
    change_application(signed_in.application, authorization_grant_type="client-credentials")
    refused(refresh(signed_in, tokens["refresh_token"]), "unauthorized_client")


@pytest.mark.rfc("6749", "6")
def test_the_password_grant_refreshes_too(password_client):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD, "scope": "read"}
    first = issued(password_client.token(form))
    second = issued(refresh(password_client, first["refresh_token"]))
    assert second["scope"] == "read"
    refused(refresh(password_client, first["refresh_token"]), "invalid_grant")
    assert inactive(password_client.introspect(second["access_token"]))


@pytest.mark.rfc("6749", "6")
@pytest.mark.rfc("9700", "2.4")
def test_refresh_goes_on_when_the_password_grant_is_turned_off(settings, password_client):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    first = issued(password_client.token(form))
    settings.PASSWORD_GRANT_ENABLED = False
    issued(refresh(password_client, first["refresh_token"]))


@pytest.mark.rfc("6749", "1.5")
def test_a_revoked_access_token_takes_its_refresh_token_with_it(signed_in, tokens):
    signed_in.revoke(tokens["access_token"])
    refused(refresh(signed_in, tokens["refresh_token"]), "invalid_grant")
