"""Administrators learn why a request was refused, under its id; the caller does not, and no secret is kept."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, REDIRECT_URI
from tests.oauth import CHALLENGE, VERIFIER, basic
from tokens import cleanup, refusals, services
from tokens.models import Refusal

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
GENERIC_CLIENT = {"error": "invalid_client", "error_description": "Client authentication failed."}


def the_refusal(response):
    """The one that is kept for a response, by its id."""
    return Refusal.objects.get(request_id=response.headers["X-Request-ID"])


def reason_of(response):
    return the_refusal(response).reason


@pytest.fixture
def password_client(driver_for, alice):
    return driver_for(authorization_grant_type="password")


# Which redirect URI was sent, and which are registered


def test_a_wrong_redirect_uri_is_kept_beside_the_registered_ones_without_query_values(oauth, db):
    response = oauth.authorize(redirect_uri="https://user:pw@client.example/call?token=hunter2#hunter3")
    refusal = the_refusal(response)
    assert refusal.endpoint == "authorize"
    assert refusal.client_id == oauth.application.client_id
    assert (refusal.error, refusal.status) == ("invalid_request", 400)
    assert refusal.reason == (
        f"The request sent “https://…@client.example/call?token=…#…”. Registered: “{REDIRECT_URI}”."
    )
    assert refusal.reason not in response.content.decode()


def test_an_unnamed_redirect_uri_is_kept_with_the_choice_there_was(driver_for):
    two = driver_for(redirect_uris="https://a.example/cb https://b.example/cb?x=1")
    assert reason_of(two.authorize()) == (
        "The request named no redirect URI. Registered: “https://a.example/cb”, “https://b.example/cb?x=…”."
    )


def test_a_redirect_uri_that_differs_at_the_token_endpoint_is_kept_beside_the_first(oauth, alice):
    oauth.http.force_login(alice)
    code = oauth.code(redirect_uri=REDIRECT_URI)
    response = oauth.token(grant_type="authorization_code", code=code, redirect_uri="https://other.example/")
    assert reason_of(response) == (
        f"The token request sent the redirect URI “https://other.example/”, the authorization request “{REDIRECT_URI}”."
    )


# Which check failed: one answer outside, many reasons inside


def test_an_unknown_client_and_a_wrong_secret_look_alike_to_the_caller_only(oauth, db):
    unknown = oauth.http.post("/api/o/token/", "grant_type=password", content_type="application/x-www-form-urlencoded",
                              headers={"Authorization": basic("x" * 40, oauth.secret)})  # fmt: skip
    oauth.secret = "wrong"
    wrong = oauth.token(grant_type="password")
    assert unknown.json() == wrong.json() == GENERIC_CLIENT
    assert reason_of(unknown) == "There is no client with the client_id “xxxx”… (40 characters)."
    assert the_refusal(unknown).client_id == ""
    assert reason_of(wrong) == "The secret is not the client's."
    assert the_refusal(wrong).client_id == oauth.application.client_id


def test_a_secret_in_the_place_of_the_client_id_is_not_kept(oauth, db):
    oauth.http.post("/api/o/token/", {"client_id": oauth.secret}, headers={"X-Request-ID": "swapped"})
    oauth.token(f"grant_type=password&client_id={oauth.secret}", auth="")
    for refusal in Refusal.objects.all():
        assert oauth.secret not in f"{refusal.client_id}{refusal.reason}"


def test_each_way_to_fail_client_authentication_has_its_reason(oauth, driver_for):
    public = driver_for(client_type="public")
    public.secret = "surplus"
    assert reason_of(oauth.token(grant_type="x", auth="none")) == "The client is confidential and sent no secret."
    assert reason_of(public.token(grant_type="x")) == "The client is public and has no secret, but sent one."
    for header, reason in {
        "Basic ???": "The Authorization header is not the base64 of UTF-8 text.",
        basic("", "x"): "The Authorization header has no client_id, or no colon after it.",
        "Basic JXg6eA==": "The client_id or secret in the Authorization header is not form-encoded (RFC 6749 §2.3.1).",
        "Digest x": "Unsupported client authentication method.",
    }.items():
        response = oauth.post("/api/o/token/", {"grant_type": "x"}, auth=None, Authorization=header)
        assert reason_of(response) == reason


def test_a_wrong_password_an_inactive_user_and_an_unknown_one_look_alike_to_the_caller_only(password_client, bob):
    bob.is_active = False
    bob.save()
    tries = [
        password_client.token(grant_type="password", username=name, password=password)
        for name, password in [("alice", "wrong"), ("bob", PASSWORD), ("nobody", PASSWORD)]
    ]
    assert len({response.content for response in tries}) == 1
    reasons = [reason_of(response) for response in tries]
    assert reasons == ["The password is wrong.", "The user is not active.", "No user has the name that was sent."]


def test_spent_foreign_unknown_and_expired_codes_look_alike_to_the_caller_only(oauth, driver_for, alice):
    oauth.http.force_login(alice)
    form = {"grant_type": "authorization_code"}
    spent, foreign, expired = oauth.code(), oauth.code(), oauth.code()
    oauth.token(**form, code=spent)
    tries = [oauth.token(**form, code=spent), driver_for().token(**form, code=foreign), oauth.token(**form, code="x")]
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        tries.append(oauth.token(**form, code=expired))
    assert len({response.content for response in tries}) == 1
    reasons = [reason_of(response) for response in tries]
    assert reasons[0].startswith("The code was used before, at 20")
    assert reasons[1:3] == ["The code was issued to another client.", "The code is unknown."]
    assert reasons[3].startswith("The code expired at 20")


@pytest.mark.parametrize(
    ("asked", "sent", "reason"),
    [
        (PKCE, "x" * 43, "The code_verifier does not belong to the code_challenge of the authorization request."),
        (PKCE, "short", "The code_verifier is not 43 to 128 letters, digits and -._~ (RFC 7636 §4.1)."),
        ({}, VERIFIER, "The request sent a code_verifier, but the authorization request had no code_challenge."),
    ],
)
def test_each_pkce_mismatch_has_its_reason(oauth, alice, asked, sent, reason):
    oauth.http.force_login(alice)
    code = oauth.code(**asked)
    response = oauth.token(grant_type="authorization_code", code=code, code_verifier=sent)
    assert reason_of(response) == reason
    assert response.json() == {"error": "invalid_grant"}


def test_a_refused_refresh_token_has_its_reason(password_client, alice):
    first = password_client.token(grant_type="password", username="alice", password=PASSWORD).json()["refresh_token"]
    password_client.token(grant_type="refresh_token", refresh_token=first)
    replayed = password_client.token(grant_type="refresh_token", refresh_token=first)
    assert reason_of(replayed).startswith("The refresh token was spent or revoked at 20")
    assert reason_of(password_client.token(grant_type="refresh_token", refresh_token="x")) == (
        "The refresh token is unknown."
    )


def test_a_grant_type_that_is_not_the_clients_is_named(password_client, db):
    assert reason_of(password_client.token(grant_type="client_credentials")) == (
        "The grant type “client_credentials” is not that of the client (confidential, password)."
    )
    assert reason_of(password_client.token(grant_type="magic")) == (
        "The grant type “magic” is unknown, or switched off in the settings."
    )


def test_an_error_that_goes_by_redirect_is_kept_too(oauth, alice):
    oauth.http.force_login(alice)
    response = oauth.authorize(scope="write everything")
    assert response.status_code == 302
    refusal = the_refusal(response)
    assert (refusal.error, refusal.status) == ("invalid_scope", 302)
    assert refusal.reason == "The request asked for the scope “write everything”."
    assert reason_of(oauth.decide(oauth.authorize())) == "The person said no."


def test_a_wrong_device_code_on_the_page_has_its_reason_but_not_the_code(client, alice):
    client.force_login(alice)
    response = client.post("/api/o/device/", {"user_code": "ABCD-EFGH"})
    assert reason_of(response) == "No device has this code."


def test_a_lockout_names_its_limit_and_what_failed(password_client, settings):
    settings.FAILED_SECRETS_PER_CLIENT_AND_ADDRESS = 1
    password_client.secret = "wrong"
    password_client.token(grant_type="password")
    locked = the_refusal(password_client.token(grant_type="password"))
    assert locked.status == 429
    assert locked.reason == (
        "The secret is not the client's. The limit FAILED_SECRETS_PER_CLIENT_AND_ADDRESS is reached."
    )


@pytest.mark.parametrize("path", ["revoke_token", "introspect", "device-authorization"])
def test_every_endpoint_keeps_its_refusals(oauth, db, path):
    response = oauth.post(f"/api/o/{path}/", "a=1&a=2")
    assert (the_refusal(response).endpoint, reason_of(response)) == (path, "Repeated parameter: a.")


def test_a_form_without_its_csrf_token_is_kept(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    response = browser.post("/api/o/device/", {"user_code": "ABCD-EFGH"})
    assert reason_of(response).startswith("Django refused the form: CSRF")


def test_a_device_that_waits_is_not_refused(driver_for):
    device = driver_for(authorization_grant_type="urn:ietf:params:oauth:grant-type:device_code")
    begun = device.post("/api/o/device-authorization/", {"scope": "read"}).json()
    device.token(grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=begun["device_code"])
    assert not Refusal.objects.exists()


def test_what_succeeds_leaves_nothing(password_client):
    password_client.token(grant_type="password", username="alice", password=PASSWORD)
    assert not Refusal.objects.exists()


# What becomes of them


def test_a_failure_to_keep_it_changes_no_answer_and_is_not_tried_again_at_once(oauth, db, caplog):
    tried = []

    def fail(execute, sql, *args):
        if "tokens_refusal" in sql:
            tried.append(sql)
            raise OperationalError("disk full")
        return execute(sql, *args)

    with connection.execute_wrapper(fail):
        answers = [oauth.post("/api/o/token/", "a=1&a=2") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert len(tried) == 1
    assert "could not be kept" in caplog.text


def test_a_flood_from_one_address_is_cut_and_leaves_room_for_others(oauth, db, settings):
    settings.REFUSALS_KEPT_PER_MINUTE = 4
    settings.REFUSALS_KEPT_PER_MINUTE_AND_ADDRESS = 3
    with time_machine.travel(1_800_000_000, tick=False):
        for _ in range(5):
            oauth.token("a=1&a=2")
        elsewhere = Client(REMOTE_ADDR="192.0.2.9").post("/api/o/token/")
    assert Refusal.objects.filter(remote_address="127.0.0.1").count() == 3
    assert the_refusal(elsewhere).remote_address == "192.0.2.9"


def test_a_flood_from_everywhere_is_cut_also_without_a_cache(oauth, db, settings):
    settings.REFUSALS_KEPT_PER_MINUTE = 4
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    }
    with time_machine.travel(1_800_000_000, tick=False):
        for number in range(6):
            Client(REMOTE_ADDR=f"192.0.2.{number}").post("/api/o/token/")
    assert Refusal.objects.count() == 4


def test_cleaning_removes_them_after_their_days(oauth, db, settings):
    oauth.token("a=1&a=2")
    with time_machine.travel(timezone.now() + timedelta(days=settings.REFUSAL_RETENTION_DAYS - 1)):
        cleanup.clean()
    assert Refusal.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=settings.REFUSAL_RETENTION_DAYS + 1)):
        cleanup.clean()
    assert not Refusal.objects.exists()


def test_zero_days_keep_nothing(oauth, db, settings):
    settings.REFUSAL_RETENTION_DAYS = 0
    oauth.token("a=1&a=2")
    assert not Refusal.objects.exists()


# Who sees them


def test_explain_prints_the_reason_under_the_request_id(oauth, db):
    oauth.post("/api/o/token/", "a=1&a=2", **{"X-Request-ID": "trace-1"})
    out = StringIO()
    call_command("explain", "trace-1", stdout=out)
    assert "token  invalid_request (400)" in out.getvalue()
    assert "  from:   127.0.0.1\n  reason: Repeated parameter: a.\n" in out.getvalue()


def test_explain_says_when_it_knows_nothing(db):
    with pytest.raises(CommandError, match="No refused request is kept under this ID"):
        call_command("explain", "unheard-of")


def test_admins_find_a_refusal_by_its_request_id_and_by_its_application(client, admin, oauth):
    oauth.post("/api/o/token/", {"grant_type": "magic"}, **{"X-Request-ID": "trace-2"})
    oauth.post("/api/o/token/", "a=1&a=2", **{"X-Request-ID": "trace-3"})
    client.force_login(admin)
    found = client.get("/admin/tokens/refusal/", {"q": "trace-2"}).content.decode()
    assert "The grant type “magic” is unknown" in found
    assert "trace-3" not in found
    page = client.get(f"/admin/applications/application/{oauth.application.pk}/change/").content.decode()
    assert f"/admin/tokens/refusal/?client={oauth.application.client_id}" in page
    of_client = client.get("/admin/tokens/refusal/", {"client": oauth.application.client_id}).content.decode()
    assert "trace-2" in of_client
    assert "trace-3" not in of_client
    assert "trace-2" in client.get("/admin/tokens/refusal/", {"code": "unsupported_grant_type"}).content.decode()
    assert client.get("/admin/tokens/refusal/", {"endpoint__exact": "token", "within": "hour"}).status_code == 200
    one = Refusal.objects.all()[0]
    assert client.get(f"/admin/tokens/refusal/{one.pk}/change/").status_code == 200
    assert client.post(f"/admin/tokens/refusal/{one.pk}/delete/").status_code == 403


def test_nobody_else_sees_refusals(client, alice, oauth):
    oauth.token("a=1&a=2")
    client.force_login(alice)
    assert client.get("/admin/tokens/refusal/").status_code in {302, 403}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("https://a.example/cb?code=secret&x", "“https://a.example/cb?code=…&x”"),
        ("https://a.example/cb#access_token=secret", "“https://a.example/cb#…”"),
        ("https://[bad?secret=1", "“http”… (21 characters)"),
        ("short", "“short”"),
        ("a\u202eb", "“a?b”"),
    ],
)
def test_a_redirect_uri_is_shown_without_what_may_be_secret(sent, shown):
    assert refusals.shown_uri(sent) == shown


def test_a_code_of_a_user_who_is_no_longer_active_says_so(oauth, alice):
    oauth.http.force_login(alice)
    code = oauth.code()
    alice.is_active = False
    alice.save()
    response = oauth.token(grant_type="authorization_code", code=code)
    assert reason_of(response) == "The user who granted the code is not active."


def test_personal_tokens_revoked_by_another_bearer_say_so(oauth, alice):
    _token, value = services.issue_personal_token(user=alice, scope="read")
    response = oauth.post("/api/o/revoke_token/", {"token": value}, auth=None, Authorization="Bearer other")
    assert reason_of(response) == "A bearer may only revoke itself."
