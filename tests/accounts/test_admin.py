"""Users, organizations and memberships in Django admin."""

from __future__ import annotations

import html
import json

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Group
from django.urls import reverse

from awx_oauth.accounts.models import Membership, Organization, User
from awx_oauth.activity.models import Activity, Event

USERS = reverse("admin:accounts_user_changelist")
ADD_USER = reverse("admin:accounts_user_add")
ORGANIZATIONS = reverse("admin:accounts_organization_changelist")
ADD_ORGANIZATION = reverse("admin:accounts_organization_add")
NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
NEW_PASSWORD = "a staple of batteries"


def roles_in(organization, user):
    return frozenset(user.memberships.filter(organization=organization).values_list("role", flat=True))


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


def page_of(obj, page="change"):
    return reverse(f"admin:accounts_{obj._meta.model_name}_{page}", args=[obj.pk])


def values(user, **changes):
    """What the form of a user sends when only ``changes`` are typed in."""
    names = ("username", "first_name", "last_name", "email")
    flags = ("is_active", "is_superuser", "is_system_auditor")
    fields = {name: getattr(user, name) for name in names} | {name: getattr(user, name) for name in flags} | changes
    return {name: value for name, value in fields.items() if value is not False} | NO_MEMBERSHIPS


def entry(event):
    return Activity.objects.get(event=event)


def messages(browser, response):
    assert response.status_code == 302
    return html.unescape(browser.get(response.url).text)


def test_a_user_is_created_with_a_password(browser, admin, client):
    password = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    response = browser.post(ADD_USER, {"username": "carol", "is_active": "on", **password, **NO_MEMBERSHIPS})
    carol = User.objects.get(username="carol")
    assert response.status_code == 302
    assert carol.check_password(NEW_PASSWORD)
    assert (carol.is_active, carol.is_superuser, carol.is_staff) == (True, False, False)
    assert entry(Event.USER_CREATED).actor == admin
    assert NEW_PASSWORD not in json.dumps(list(Activity.objects.values_list("changes", flat=True)))


def test_a_user_is_created_with_an_organization(browser, organization):
    password = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    membership = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-organization": organization.pk,
        "memberships-0-role": "admin",
    }
    browser.post(ADD_USER, {"username": "carol", "is_active": "on", **password, **membership})
    assert roles_in(organization, User.objects.get(username="carol")) == {"admin"}
    assert entry(Event.MEMBER_ADDED).object_id == organization.pk


@pytest.mark.parametrize(
    ("passwords", "reason"),
    [
        (("", ""), "This field is required."),
        ((NEW_PASSWORD, "another staple"), "The two password fields didn"),
        (("12345678", "12345678"), "This password is entirely numeric."),
    ],
)
def test_a_wrong_password_is_an_error_of_the_form(browser, passwords, reason):
    fields = {"username": "carol", "password1": passwords[0], "password2": passwords[1]}
    response = browser.post(ADD_USER, fields | NO_MEMBERSHIPS)
    assert reason in html.unescape(response.text)
    assert not User.objects.filter(username="carol").exists()


def test_a_change_is_recorded_and_keeps_the_password(browser, alice, admin):
    response = browser.post(page_of(alice), values(alice, email="new@example.com", is_system_auditor="on"))
    assert response.status_code == 302
    alice.refresh_from_db()
    assert alice.is_system_auditor
    assert alice.check_password("correct horse")
    assert entry(Event.USER_CHANGED).changes == {
        "email": ["alice@example.com", "new@example.com"],
        "is_system_auditor": [False, True],
    }
    assert entry(Event.USER_CHANGED).actor == admin


def test_a_new_password_is_stored_and_recorded(browser, alice, admin):
    browser.post(page_of(alice), values(alice, password1=NEW_PASSWORD, password2=NEW_PASSWORD))
    alice.refresh_from_db()
    assert alice.check_password(NEW_PASSWORD)
    assert entry(Event.USER_PASSWORD_CHANGED).actor == admin


def test_who_changes_their_own_password_stays_logged_in(browser, admin):
    browser.post(page_of(admin), values(admin, password1=NEW_PASSWORD, password2=NEW_PASSWORD))
    assert browser.get(USERS).status_code == 200


def test_ones_own_password_is_changed_on_the_page_that_everybody_has(browser):
    assert browser.get(reverse("admin:password_change")).url == reverse("my-access-password")


def test_no_page_of_a_user_has_the_hash_of_the_password(browser, alice):
    page = browser.get(page_of(alice)).text
    assert "argon2" not in page
    assert alice.password not in page


@pytest.mark.parametrize("flag", ["is_superuser", "is_active"])
def test_the_last_superuser_cannot_lose_that(browser, admin, flag):
    response = browser.post(page_of(admin), values(admin, **{flag: False}))
    assert "this is the last one" in messages(browser, response)
    admin.refresh_from_db()
    assert admin.is_superuser
    assert admin.is_active


def test_a_user_is_deleted_through_the_service(browser, alice, admin):
    assert "Are you sure" in browser.get(page_of(alice, "delete")).text
    browser.post(page_of(alice, "delete"), {"post": "yes"})
    assert not User.objects.filter(username="alice").exists()
    assert entry(Event.USER_DELETED).actor == admin


def test_several_users_are_deleted_through_the_service(browser, alice, bob):
    fields = {"action": "delete_selected", "_selected_action": [alice.pk, bob.pk]}
    assert "Are you sure" in browser.post(USERS, fields).text
    browser.post(USERS, fields | {"post": "yes"})
    assert User.objects.count() == 1
    assert Activity.objects.filter(event=Event.USER_DELETED).count() == 2


def test_nobody_deletes_themselves(browser, admin, bob):
    User.objects.create_superuser("other", password="correct horse")
    assert "You cannot delete yourself." in messages(browser, browser.get(page_of(admin, "delete")))
    assert "You cannot delete yourself." in messages(browser, browser.post(page_of(admin, "delete"), {"post": "yes"}))
    fields = {"action": "delete_selected", "_selected_action": [bob.pk, admin.pk], "post": "yes"}
    assert "You cannot delete yourself." in messages(browser, browser.post(USERS, fields))
    assert User.objects.count() == 3


def test_a_user_is_found_by_name_and_mail(browser, alice, bob):
    for term in ("alice", "alice@example"):
        page = browser.get(USERS, {"q": term}).text
        assert "alice@example.com" in page
        assert "bob@example.com" not in page


def test_a_password_cannot_be_guessed_through_the_list(browser, alice):
    assert browser.get(USERS, {"password__startswith": "argon2"}).status_code == 400


def test_an_organization_is_created_with_a_member(browser, alice, admin):
    membership = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": alice.pk,
        "memberships-0-role": "member",
    }
    browser.post(ADD_ORGANIZATION, {"name": "Operations", "description": "", **membership})
    operations = Organization.objects.get(name="Operations")
    assert roles_in(operations, alice) == {"member"}
    assert entry(Event.ORGANIZATION_CREATED).actor == admin
    assert entry(Event.MEMBER_ADDED).actor == admin


def test_an_organization_is_changed_and_a_member_removed(browser, organization, alice, admin):
    membership = organization.memberships.get()
    forms = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": membership.pk,
        "memberships-0-organization": organization.pk,
        "memberships-0-DELETE": "on",
    }
    browser.post(page_of(organization), {"name": "Renamed", "description": "", **forms})
    assert roles_in(organization, alice) == frozenset()
    assert entry(Event.ORGANIZATION_CHANGED).changes == {"name": ["Default", "Renamed"]}
    assert entry(Event.MEMBER_REMOVED).actor == admin


def test_an_organization_is_deleted_through_the_service(browser, organization, make_application):
    make_application()
    page = browser.get(page_of(organization, "delete")).text
    assert "applications: 1" in html.unescape(page).lower()
    browser.post(page_of(organization, "delete"), {"post": "yes"})
    assert not Organization.objects.exists()
    assert entry(Event.ORGANIZATION_DELETED).object_name == "Default"


def test_an_organization_with_many_members_still_opens_and_saves(browser, organization):
    users = User.objects.bulk_create([User(username=f"user{number}", password="!") for number in range(150)])
    Membership.objects.bulk_create([Membership(organization=organization, user=user) for user in users])
    assert "memberships-0-user" not in browser.get(page_of(organization)).text
    browser.post(page_of(organization), {"name": "Renamed", "description": ""})
    assert Organization.objects.get().name == "Renamed"
    assert '<td class="field-memberships_held">150</td>' in browser.get(ORGANIZATIONS).text


def test_a_role_is_given_and_taken_in_the_list_of_memberships(browser, organization, bob):
    add = reverse("admin:accounts_membership_add")
    fields = {"organization": organization.pk, "user": bob.pk, "role": "auditor"}
    assert browser.post(add, fields).status_code == 302
    assert roles_in(organization, bob) == {"auditor"}
    membership = Membership.objects.get()
    assert browser.get(page_of(membership)).status_code == 200
    browser.post(page_of(membership, "delete"), {"post": "yes"})
    assert not Membership.objects.exists()
    assert entry(Event.MEMBER_ADDED)
    assert entry(Event.MEMBER_REMOVED)


def test_a_system_auditor_looks_and_changes_nothing(client, alice, bob, organization):
    alice.is_system_auditor = True
    alice.save()
    client.force_login(alice)
    for url in (USERS, ORGANIZATIONS, page_of(bob), page_of(organization), reverse("admin:index")):
        assert client.get(url).status_code == 200
    assert "password" not in client.get(page_of(bob)).text.replace("password_change", "").replace("Change password", "")
    assert client.get(ADD_USER).status_code == 403
    assert client.post(page_of(bob), values(bob, is_superuser="on")).status_code == 403
    assert client.post(page_of(bob, "delete"), {"post": "yes"}).status_code == 403
    bob.refresh_from_db()
    assert not bob.is_superuser


def test_staff_alone_does_not_open_the_door(client, alice):
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_a_superuser_without_the_staff_flag_gets_in(client, admin):
    admin.is_staff = False
    admin.save()
    client.force_login(admin)
    assert client.get(reverse("admin:index")).status_code == 200


def test_django_groups_are_not_offered():
    assert not django_admin.site.is_registered(Group)


def test_activity_of_a_user_is_one_click_away(browser, alice):
    response = browser.get(page_of(alice, "history"))
    assert response.url == f"/admin/activity/activity/?object_type=user&object_id={alice.pk}"
    assert browser.get(response.url).status_code == 200
