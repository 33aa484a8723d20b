"""RFC 6749 §4.1.2, §4.1.3, §10.5: redeeming an authorization code."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.services import change_application, delete_application
from awx_oauth.activity.models import Activity, Event
from tests.conftest import REDIRECT_URI
from tests.flows.answers import inactive, issued, refused
from tests.oauth import CHALLENGE, VERIFIER

pytestmark = pytest.mark.django_db


def redeem(driver, code, **fields):
    return driver.token(grant_type="authorization_code", code=code, **fields)


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("auth", ["basic", "post"])
def test_a_code_is_redeemed_for_tokens(signed_in, auth):
    form = {"grant_type": "authorization_code", "code": signed_in.code()}
    tokens = issued(signed_in.token(form, auth=auth))
    assert signed_in.introspect(tokens["access_token"]).json()["username"] == "alice"


@pytest.mark.rfc("6749", "4.1.3")
def test_a_public_client_redeems_its_code_by_name(public):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    issued(public.token(form, auth="none"))


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.rfc("6749", "10.5")
def test_a_replayed_code_is_refused_and_ends_what_came_from_it(signed_in):
    code = signed_in.code()
    tokens = issued(redeem(signed_in, code))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    newer = issued(signed_in.token(form))
    refused(redeem(signed_in, code), "invalid_grant")
    for token in (tokens["access_token"], newer["access_token"], newer["refresh_token"]):
        assert inactive(signed_in.introspect(token))
    refused(signed_in.token(grant_type="refresh_token", refresh_token=newer["refresh_token"]), "invalid_grant")
    assert signed_in.me(newer["access_token"]).status_code == 401
    assert Activity.objects.filter(event=Event.CODE_REPLAYED).count() == 1


@pytest.mark.rfc("6749", "10.5")
def test_a_replayed_code_leaves_other_authorizations_alone(signed_in):
    code, other = signed_in.code(), signed_in.tokens_for_code()
    redeem(signed_in, code)
    redeem(signed_in, code)
    assert not inactive(signed_in.introspect(other["access_token"]))


@pytest.mark.rfc("6749", "4.1.3")
def test_a_code_of_another_client_is_refused_and_stays_good_for_its_own(signed_in, driver_for):
    code = signed_in.code()
    refused(redeem(driver_for(), code), "invalid_grant")
    tokens = issued(redeem(signed_in, code))
    refused(redeem(driver_for(), code), "invalid_grant")
    assert not inactive(signed_in.introspect(tokens["access_token"]))


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.parametrize(("seconds", "alive"), [(58, True), (60, False), (3600, False)])
def test_a_code_lives_a_minute(signed_in, seconds, alive):
    code = signed_in.code()
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        response = redeem(signed_in, code)
    if alive:
        issued(response)
    else:
        refused(response, "invalid_grant")


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("bad", ["x", "x" * 40, "ü", "0"])
def test_an_unknown_code_is_refused(signed_in, bad):
    refused(redeem(signed_in, bad), "invalid_grant")


@pytest.mark.rfc("6749", "3.2")
def test_a_nul_in_a_code_is_invalid_request(signed_in):
    refused(redeem(signed_in, "a\x00b"), "invalid_request")


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("auth", [None, "none"])
def test_a_confidential_client_must_authenticate_and_loses_no_code_when_it_does_not(signed_in, auth):
    form = {"grant_type": "authorization_code", "code": signed_in.code()}
    refused(signed_in.token(form, auth=auth), "invalid_client", status=401)
    issued(signed_in.token(form))


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize(
    "uri",
    [
        "https://client.example/callback/",
        "https://evil.example/",
        "https://client.example/callback ",
        "HTTPS://client.example/callback",
        "x",
    ],
)
@pytest.mark.parametrize("named", [{"redirect_uri": REDIRECT_URI}, {}])
def test_another_redirect_uri_than_that_of_the_code_is_refused(signed_in, uri, named):
    code = signed_in.code(**named)
    refused(redeem(signed_in, code, redirect_uri=uri), "invalid_grant")
    refused(redeem(signed_in, code, redirect_uri=REDIRECT_URI), "invalid_grant")


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("left_out", [{}, {"redirect_uri": ""}])
def test_a_redirect_uri_that_was_named_must_be_named_again(signed_in, left_out):
    code = signed_in.code(redirect_uri=REDIRECT_URI)
    refused(redeem(signed_in, code, **left_out), "invalid_grant")


@pytest.mark.rfc("6749", "4.1.3")
def test_a_redirect_uri_that_was_named_and_is_named_again_is_taken(signed_in):
    issued(redeem(signed_in, signed_in.code(redirect_uri=REDIRECT_URI), redirect_uri=REDIRECT_URI))


@pytest.mark.rfc("6749", "4.1.3")
@pytest.mark.parametrize("named", [{}, {"redirect_uri": REDIRECT_URI}])
def test_a_redirect_uri_that_was_left_out_may_be_named_or_not(signed_in, named):
    issued(redeem(signed_in, signed_in.code(), **named))


@pytest.mark.rfc("6749", "4.1.3")
def test_a_scope_in_the_token_request_does_not_change_what_was_granted(signed_in):
    assert issued(redeem(signed_in, signed_in.code(scope="read"), scope="write"))["scope"] == "read"


@pytest.mark.rfc("6749", "4.1.3")
def test_the_code_of_an_inactive_user_is_refused(signed_in, alice):
    code = signed_in.code()
    alice.is_active = False
    alice.save()
    refused(redeem(signed_in, code), "invalid_grant")


@pytest.mark.rfc("6749", "4.1.3")
def test_the_code_of_a_deleted_user_is_refused(signed_in, alice):
    code = signed_in.code()
    alice.delete()
    refused(redeem(signed_in, code), "invalid_grant")


@pytest.mark.rfc("6749", "4.1.3")
def test_a_deleted_client_is_unknown(signed_in):
    code = signed_in.code()
    delete_application(signed_in.application)
    refused(redeem(signed_in, code), "invalid_client", status=401)


@pytest.mark.rfc("6749", "5.2")
def test_a_client_whose_grant_type_changed_may_not_redeem(signed_in):
    code = signed_in.code()
    change_application(signed_in.application, authorization_grant_type="client-credentials")
    refused(redeem(signed_in, code), "unauthorized_client")


@pytest.mark.rfc("6749", "4.1.2")
def test_a_code_opens_nothing_by_itself(signed_in):
    code = signed_in.code()
    assert signed_in.me(code).status_code == 401
    assert inactive(signed_in.introspect(code))
    refused(signed_in.token(grant_type="refresh_token", refresh_token=code), "invalid_grant")
    assert signed_in.revoke(code).json() == {}
    issued(redeem(signed_in, code))


@pytest.mark.rfc("6749", "10.3")
def test_an_access_token_is_no_refresh_token_and_neither_is_a_code(signed_in):
    tokens = signed_in.tokens_for_code()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["access_token"]}
    refused(signed_in.token(form), "invalid_grant")
    assert signed_in.me(tokens["refresh_token"]).status_code == 401
    refused(redeem(signed_in, tokens["refresh_token"]), "invalid_grant")
    refused(redeem(signed_in, tokens["access_token"]), "invalid_grant")
