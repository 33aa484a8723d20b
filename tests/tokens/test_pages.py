"""My access: a person sees what they granted and ends it, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from awx_oauth.activity.models import Activity, Event
from awx_oauth.activity.services import record
from tests.conftest import PASSWORD
from tests.oauth import Driver
from tokens import revocation, services
from tokens.models import AccessToken, RefreshToken

PAGES = ["/my-access/", "/my-access/activity/", "/my-access/tokens/new/", "/my-access/password/"]


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def held(alice, make_application):
    """An application that holds a token of alice."""
    application, _secret = make_application(name="Dashboard")
    services.issue_application_token(user=alice, application=application, scope="read")
    return application


def revoke_url(application):
    return f"/my-access/applications/{application.pk}/revoke/"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_for_people_who_are_signed_in(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/api/login/?next={path}"


@pytest.mark.parametrize("path", PAGES)
def test_page_is_stored_by_nobody(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_application_is_listed_with_its_scopes_and_organization(browser, held):
    page = browser.get("/my-access/").content.decode()
    assert "Dashboard" in page
    assert "Default" in page
    assert "See everything that you can see." in page
    assert "See, create, change and delete everything that you can." not in page


def test_application_of_somebody_else_is_not_listed(browser, bob, make_application):
    application, _secret = make_application(name="Dashboard")
    services.issue_application_token(user=bob, application=application, scope="read")
    assert "Dashboard" not in browser.get("/my-access/").content.decode()


def test_application_is_listed_for_as_long_as_it_can_refresh(browser, alice, held):
    AccessToken.objects.update(expires=timezone.now() - timedelta(days=1))
    assert browser.get("/my-access/").context["authorizations"]
    RefreshToken.objects.update(expires=timezone.now() - timedelta(days=1))
    assert not browser.get("/my-access/").context["authorizations"]


def test_time_since_when_survives_a_refresh(browser, alice, make_application):
    oauth = Driver(browser, *make_application(name="Dashboard"))
    tokens = oauth.tokens_for_code()
    RefreshToken.objects.update(created=timezone.now() - timedelta(days=400))
    assert oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200
    [authorization] = browser.get("/my-access/").context["authorizations"]
    assert (timezone.now() - authorization.since).days == 400
    assert (timezone.now() - authorization.last_active).days == 0


def test_revoking_an_application_ends_everything_it_holds(browser, alice, make_application):
    oauth = Driver(browser, *make_application())
    tokens, code = oauth.tokens_for_code(), oauth.code()
    assert browser.get(revoke_url(oauth.application)).status_code == 200
    assert oauth.me(tokens["access_token"]).status_code == 200

    answer = browser.post(revoke_url(oauth.application), follow=True)
    assert escape("no longer has access") in answer.content.decode()
    assert oauth.me(tokens["access_token"]).status_code == 401
    refused = oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    assert oauth.token(grant_type="authorization_code", code=code).json()["error"] == "invalid_grant"


def test_revoking_an_application_ends_a_device_that_was_approved(browser, alice, driver_for):
    oauth = driver_for(authorization_grant_type="urn:ietf:params:oauth:grant-type:device_code", client_type="public")
    device = oauth.post("/api/o/device-authorization/", {}, auth="none").json()
    page = browser.post("/api/o/device/", {"user_code": device["user_code"]})
    browser.post("/api/o/device/", {"signed_request": page.context["signed_request"], "allow": "1"})
    revocation.revoke_application_tokens(oauth.application, actor=alice, user=alice)
    answer = oauth.token(
        grant_type="urn:ietf:params:oauth:grant-type:device_code", device_code=device["device_code"], auth="none"
    )
    assert answer.json()["error"] == "invalid_grant"


def test_revoking_an_application_leaves_what_others_granted_it(browser, bob, held):
    _token, theirs, _refresh = services.issue_application_token(user=bob, application=held, scope="read")
    browser.post(revoke_url(held))
    assert browser.get("/api/v2/me/", headers={"Authorization": f"Bearer {theirs}"}).status_code == 200


def test_revoking_an_application_leaves_other_tokens_of_the_person(browser, alice, held, make_application):
    other, _secret = make_application(name="Other")
    _token, other_value, _refresh = services.issue_application_token(user=alice, application=other, scope="read")
    _token, own = services.issue_personal_token(user=alice, scope="read")
    browser.post(revoke_url(held))
    for value in (other_value, own):
        assert browser.get("/api/v2/me/", headers={"Authorization": f"Bearer {value}"}).status_code == 200


def test_revoking_an_application_is_in_the_audit_log(browser, alice, held):
    browser.post(revoke_url(held))
    entry = Activity.objects.filter(event=Event.TOKEN_REVOKED).get()
    assert entry.actor == alice
    assert entry.client_id == held.client_id


def test_application_without_access_has_no_page_to_revoke_it(browser, make_application):
    application, _secret = make_application()
    assert browser.get(revoke_url(application)).status_code == 404
    assert browser.post(revoke_url(application)).status_code == 404


def create(browser, **fields):
    return browser.post(
        "/my-access/tokens/new/", {"description": "Backup", "scope": "read", "lifetime": "30", **fields}
    )


def test_new_token_is_shown_once_and_acts_as_its_owner(browser, client):
    answer = create(browser)
    value = answer.context["cleartext"]
    assert value in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert value not in str(dict(browser.session))
    assert value not in browser.get("/my-access/").content.decode()
    me = client.get("/api/v2/me/", headers={"Authorization": f"Bearer {value}"}).json()
    assert me["results"][0]["username"] == "alice"


@pytest.mark.parametrize(("lifetime", "days"), [("7", 7), ("90", 90), ("longest", 365)])
def test_new_token_lives_as_long_as_was_chosen(browser, lifetime, days):
    create(browser, lifetime=lifetime)
    token = AccessToken.objects.get()
    assert token.application is None
    assert round((token.expires - timezone.now()) / timedelta(days=1)) == days


def test_lifetimes_end_at_what_the_service_allows(browser, settings):
    settings.PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS = 10 * 24 * 3600
    page = browser.get("/my-access/tokens/new/").content.decode()
    assert "7 days" in page
    assert "30 days" not in page


@pytest.mark.parametrize("fields", [{"description": ""}, {"scope": "admin"}, {"scope": ""}, {"lifetime": "9999"}])
def test_token_that_is_asked_for_wrongly_is_not_made(browser, fields):
    answer = create(browser, **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert not AccessToken.objects.exists()


def test_personal_token_is_revoked_after_a_question(browser, alice):
    token, value = services.issue_personal_token(user=alice, scope="read", description="Backup")
    url = f"/my-access/tokens/{token.pk}/revoke/"
    assert "Backup" in browser.get(url).content.decode()
    assert AccessToken.objects.exists()
    assert browser.post(url)["Location"] == "/my-access/"
    assert browser.get("/api/v2/me/", headers={"Authorization": f"Bearer {value}"}).status_code == 401


def test_token_of_somebody_else_cannot_be_revoked(browser, bob):
    token, _value = services.issue_personal_token(user=bob, scope="read")
    assert browser.post(f"/my-access/tokens/{token.pk}/revoke/").status_code == 404
    assert AccessToken.objects.exists()


def test_token_of_an_application_is_not_revoked_as_a_personal_one(browser, held):
    assert browser.post(f"/my-access/tokens/{AccessToken.objects.get().pk}/revoke/").status_code == 404


def test_number_of_queries_does_not_grow_with_what_is_listed(
    browser, alice, make_application, django_assert_num_queries
):
    def add(number):
        for index in range(number):
            application, _secret = make_application()
            services.issue_application_token(user=alice, application=application, scope="read write")
            services.issue_personal_token(user=alice, scope="read", description=str(index))

    add(1)
    browser.get("/my-access/")
    with django_assert_num_queries(11):
        browser.get("/my-access/")
    add(4)
    with django_assert_num_queries(11):
        browser.get("/my-access/")


def test_long_lists_come_in_pages(browser, alice):
    for number in range(21):
        services.issue_personal_token(user=alice, scope="read", description=f"token number {number}")
    first = browser.get("/my-access/").content.decode()
    assert "?tokens=2" in first
    second = browser.get("/my-access/?tokens=2")
    assert [token.description for token in second.context["tokens_page"]] == ["token number 0"]


def test_activity_tells_what_a_person_did_and_what_was_done_to_them(browser, alice, admin, bob, held):
    record(Event.LOGIN, actor=alice)
    record(Event.LOGIN_FAILED, target=alice)
    record(Event.USER_PASSWORD_CHANGED, actor=admin, target=alice)
    record(Event.LOGIN_FAILED, target=bob)
    record(Event.CODE_GRANTED, actor=alice, client_id=held.client_id, target=held)
    entries = browser.get("/my-access/activity/").context["entries"]
    assert [(entry.sentence, entry.by_other) for entry in entries[:4]] == [
        ("You allowed Dashboard to access your account", ""),
        ("Your password was changed", "admin"),
        ("A sign-in to your account failed", ""),
        ("You signed in", ""),
    ]


def test_activity_survives_the_application_it_speaks_of(browser, alice):
    record(Event.CODE_GRANTED, actor=alice, client_id="gone")
    [entry, *_] = browser.get("/my-access/activity/").context["entries"]
    assert entry.sentence == "You allowed an application that no longer exists to access your account"


@pytest.mark.parametrize("event", list(Event))
def test_every_event_has_a_sentence(browser, alice, held, event):
    for fields in ({}, {"client_id": held.client_id, "target": held}, {"target": alice}, {"target": None}):
        record(event, actor=alice, changes={"description": ["100 % old", "new"]}, **fields)
    answer = browser.get("/my-access/activity/")
    assert answer.status_code == 200
    assert "%(" not in answer.content.decode()


def test_activity_goes_back_page_by_page(browser, alice):
    for _number in range(41):
        record(Event.LOGOUT, actor=alice)
    first = browser.get("/my-access/activity/").context
    assert first["more"]
    second = browser.get(f"/my-access/activity/?before={first['entries'][-1].pk}").context
    assert second["entries"][0].pk < first["entries"][-1].pk
    assert len(first["entries"]) + len(second["entries"]) >= 41


@pytest.mark.parametrize("before", ["x", "-1", "9" * 30, "²"])
def test_activity_page_that_does_not_exist_is_the_first(browser, before):
    assert browser.get("/my-access/activity/", {"before": before}).context["is_first"]


def test_person_changes_their_password(browser, alice, held):
    new = "a much longer phrase"
    answer = browser.post(
        "/my-access/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}, follow=True
    )
    assert "Your password is changed." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(new)
    assert not AccessToken.objects.exists()


def test_password_stays_without_the_old_one(browser, alice):
    new = "a much longer phrase"
    answer = browser.post("/my-access/password/", {"old_password": "wrong", "new_password1": new, "new_password2": new})
    assert "aria-invalid" in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)
