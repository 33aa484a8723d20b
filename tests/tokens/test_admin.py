"""Tokens in Django admin, and what they add to applications and users."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from awx_oauth.accounts.models import User
from awx_oauth.activity.models import Activity, Event
from tokens import revocation, services
from tokens.models import AccessToken, RefreshToken

LIST = reverse("admin:tokens_accesstoken_changelist")
REFRESH_LIST = reverse("admin:tokens_refreshtoken_changelist")
APPLICATIONS = reverse("admin:applications_application_changelist")
USERS = reverse("admin:accounts_user_changelist")


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def application(make_application):
    return make_application(name="Backup robot")[0]


@pytest.fixture
def personal(alice):
    """A token that alice made for herself, and its value."""
    return services.issue_personal_token(user=alice, scope="read", description="my laptop")


@pytest.fixture
def granted(bob, application):
    """What bob granted to an application: the access token, its value, and the refresh token's."""
    return services.issue_application_token(user=bob, application=application, scope="read write")


def shown(browser, url=LIST, **query):
    response = browser.get(url, query)
    assert response.status_code == 200
    return {token.pk for token in response.context["cl"].result_list}


def act(browser, url, action, *objects, **more):
    return browser.post(url, {"action": action, "_selected_action": [obj.pk for obj in objects], **more})


def page_of(token):
    return reverse(f"admin:tokens_{token._meta.model_name}_change", args=[token.pk])


def test_no_page_shows_a_token_or_its_digest(browser, personal, granted):
    secrets = [personal[1], *granted[1:], personal[0].token_checksum, granted[0].token_checksum]
    refresh_token = RefreshToken.objects.get()
    secrets.append(refresh_token.token_checksum)
    for url in (LIST, REFRESH_LIST, page_of(personal[0]), page_of(granted[0]), page_of(refresh_token)):
        page = browser.get(url)
        assert page.status_code == 200
        assert not any(secret in page.text for secret in secrets)


@pytest.mark.parametrize(
    "lookup", ["token_checksum__startswith", "user__password__startswith", "application__client_secret__startswith"]
)
def test_nothing_secret_can_be_guessed_through_the_list(browser, personal, lookup):
    assert browser.get(LIST, {lookup: "a"}).status_code == 400


@pytest.mark.parametrize("query", [{"q": "alice"}, {"q": "LAPTOP"}, {"kind": "personal"}, {"user__id__exact": "alice"}])
def test_personal_tokens_are_found(browser, personal, granted, alice, query):
    query = {name: alice.pk if name.startswith("user") else value for name, value in query.items()}
    assert shown(browser, **query) == {personal[0].pk}


@pytest.mark.parametrize(
    "query", [{"q": "bob"}, {"q": "backup"}, {"q": "CLIENT"}, {"kind": "application"}, {"may": "write"}]
)
def test_tokens_of_applications_are_found(browser, personal, granted, application, query):
    query = {name: application.client_id if value == "CLIENT" else value for name, value in query.items()}
    assert shown(browser, **query) == {granted[0].pk}


def test_a_search_that_finds_nobody_finds_no_token(browser, personal):
    assert shown(browser, q="nobody") == set()


def test_expired_tokens_are_told_from_live_ones(browser, personal, granted):
    AccessToken.objects.filter(pk=personal[0].pk).update(expires=timezone.now() - timedelta(seconds=1))
    assert shown(browser, state="live") == {granted[0].pk}
    assert shown(browser, state="ended") == {personal[0].pk}


def test_a_revoked_refresh_token_is_not_live(browser, granted):
    refresh_token = RefreshToken.objects.get()
    assert shown(browser, REFRESH_LIST, state="live") == {refresh_token.pk}
    revocation.revoke_token(granted[0], actor=None)
    assert shown(browser, REFRESH_LIST, state="live") == set()
    assert shown(browser, REFRESH_LIST, state="ended") == {refresh_token.pk}


def test_tokens_are_not_added_changed_or_deleted_by_hand(browser, personal):
    token = personal[0]
    assert browser.get(reverse("admin:tokens_accesstoken_add")).status_code == 403
    assert browser.post(page_of(token), {"scope": "read write"}).status_code == 403
    assert browser.post(reverse("admin:tokens_accesstoken_delete", args=[token.pk]), {"post": "yes"}).status_code == 403
    act(browser, LIST, "delete_selected", token, post="yes")
    assert AccessToken.objects.get().scope == "read"


def test_chosen_tokens_are_revoked_after_a_question(browser, personal, granted, admin):
    question = act(browser, LIST, "revoke", granted[0])
    assert "stop working at once" in question.text
    assert AccessToken.objects.count() == 2
    act(browser, LIST, "revoke", granted[0], confirmed="yes")
    assert AccessToken.objects.get() == personal[0]
    assert not RefreshToken.objects.filter(revoked=None).exists()
    assert Activity.objects.get(event=Event.TOKEN_REVOKED).actor == admin


def test_the_page_of_a_token_has_a_button_to_revoke_it(browser, personal):
    assert 'name="action" value="revoke"' in browser.get(page_of(personal[0])).text


def test_too_many_tokens_are_not_revoked_in_one_request(browser, alice):
    AccessToken.objects.bulk_create(
        AccessToken(token_checksum=str(number), user=alice, scope="read", expires=timezone.now())
        for number in range(501)
    )
    first = AccessToken.objects.all()[:1]
    response = act(browser, LIST, "revoke", *first, select_across="1", confirmed="yes")
    assert "Choose at most 500 at once." in browser.get(response.url).text
    assert AccessToken.objects.count() == 501


def test_every_token_of_an_application_is_revoked(browser, application, personal, granted, admin):
    assert "stops working at once" in act(browser, APPLICATIONS, "revoke_tokens", application).text
    assert AccessToken.objects.count() == 2
    act(browser, APPLICATIONS, "revoke_tokens", application, confirmed="yes")
    assert AccessToken.objects.get() == personal[0]
    entry = Activity.objects.get(event=Event.TOKEN_REVOKED)
    assert (entry.actor, entry.client_id) == (admin, application.client_id)


def test_every_token_of_a_user_is_revoked(browser, alice, personal, granted, admin):
    act(browser, USERS, "revoke_tokens", alice, confirmed="yes")
    assert AccessToken.objects.get() == granted[0]
    assert Activity.objects.get(event=Event.TOKEN_REVOKED).actor == admin


def test_a_new_password_ends_what_applications_were_granted(browser, bob, granted):
    password = {"password1": "a staple of batteries", "password2": "a staple of batteries"}
    fields = {"username": "bob", "is_active": "on", "memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    browser.post(reverse("admin:accounts_user_change", args=[bob.pk]), fields | password)
    assert not AccessToken.objects.exists()


def test_applications_show_how_many_tokens_they_hold_and_when_the_last_was_issued(browser, application, granted, alice):
    services.issue_application_token(user=alice, application=application, scope="read")
    [row] = browser.get(APPLICATIONS).context["cl"].result_list
    assert row.last_issued == Activity.objects.filter(event=Event.TOKEN_ISSUED).latest("id").timestamp
    assert f'<a href="{LIST}?application__id__exact={application.pk}">2</a>' in browser.get(APPLICATIONS).text


def test_users_show_how_many_tokens_they_have(browser, granted, bob):
    assert f'<a href="{LIST}?user__id__exact={bob.pk}">1</a>' in browser.get(USERS).text


def test_tokens_of_an_application_are_counted_up_to_a_limit(browser, application, alice):
    expires = timezone.now() + timedelta(hours=1)
    AccessToken.objects.bulk_create(
        AccessToken(token_checksum=str(number), application=application, user=alice, scope="read", expires=expires)
        for number in range(1200)
    )
    assert ">1000+</a>" in browser.get(APPLICATIONS).text
    assert ">1000+</a>" in browser.get(USERS).text
    delete = reverse("admin:applications_application_delete", args=[application.pk])
    assert "1000+" in browser.get(delete).text


@pytest.mark.parametrize("owner", ["application", "alice"])
def test_tokens_are_one_click_away_from_their_owner(browser, request, owner):
    owner = request.getfixturevalue(owner)
    url = reverse(f"admin:{owner._meta.app_label}_{owner._meta.model_name}_change", args=[owner.pk])
    field = "user" if isinstance(owner, User) else "application"
    link = f"{LIST}?{field}__id__exact={owner.pk}"
    assert link in browser.get(url).text
    assert browser.get(link).status_code == 200


@pytest.mark.parametrize("url", [LIST, REFRESH_LIST])
def test_the_lists_cost_the_same_however_many_tokens_they_show(
    browser, bob, application, url, django_assert_max_num_queries
):
    for _ in range(20):
        services.issue_application_token(user=bob, application=application, scope="read")
    with django_assert_max_num_queries(6):
        browser.get(url)


@pytest.mark.parametrize("model", ["grant", "idtoken"])
def test_codes_and_id_tokens_are_not_shown(browser, model):
    assert f"/admin/tokens/{model}/" not in browser.get(reverse("admin:index")).text
    assert browser.get(f"/admin/tokens/{model}/").status_code == 403


def test_a_system_auditor_looks_and_revokes_nothing(client, alice, granted, application):
    alice.is_system_auditor = True
    alice.save()
    client.force_login(alice)
    assert shown(client) == {granted[0].pk}
    assert 'value="revoke"' not in client.get(page_of(granted[0])).text
    act(client, LIST, "revoke", granted[0], confirmed="yes")
    act(client, APPLICATIONS, "revoke_tokens", application, confirmed="yes")
    assert AccessToken.objects.exists()
