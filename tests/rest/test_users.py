"""Users, and the caller as one of them."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.test import Client

from awx_oauth.accounts.models import Membership, User
from awx_oauth.accounts.services import change_user
from awx_oauth.accounts.signals import password_changed
from awx_oauth.activity.models import Activity, Event
from tests.conftest import PASSWORD

NEW = {"username": "carol", "password": "a long enough one"}


@pytest.fixture
def changed():
    """Whose password was changed."""
    users = []

    def note(user, **_kwargs):
        users.append(user.username)

    password_changed.connect(note)
    yield users
    password_changed.disconnect(note)


def test_the_shape(api):
    answer = api.post("/api/v2/users/", {**NEW, "first_name": "Carol", "is_superuser": 0})
    assert answer.status_code == 201
    row = answer.json()
    assert " ".join(row) == (
        "id type url related summary_fields created modified username first_name last_name email is_superuser"
        " is_system_auditor password last_login is_active"
    )
    assert row["type"] == "user"
    assert row["password"] == "$encrypted$"
    url = row["url"]
    assert row["related"] == {
        "named_url": "/api/v2/users/carol/",
        "tokens": f"{url}tokens/",
        "authorized_tokens": f"{url}authorized_tokens/",
        "personal_tokens": f"{url}personal_tokens/",
        "activity_stream": f"{url}activity_stream/",
    }
    assert row["summary_fields"] == {"user_capabilities": {"edit": True, "delete": True}}
    assert api.get(url).json() == row
    assert User.objects.get(username="carol").check_password(NEW["password"])


def test_me_is_a_list_of_one(api_as, alice):
    answer = api_as(alice).get("/api/v2/me/").json()
    assert {**answer, "results": None} == {"count": 1, "next": None, "previous": None, "results": None}
    assert answer["results"][0]["username"] == "alice"
    assert api_as(alice).get("/api/v2/me/?username=bob").json()["count"] == 0


def test_me_needs_no_query_of_its_own(api_as, alice, django_assert_num_queries):
    with django_assert_num_queries(0):
        api_as(alice).get("/api/v2/me/")


def test_a_new_user_needs_a_password(api):
    answer = api.post("/api/v2/users/", {"username": "carol"})
    assert answer.status_code == 400
    assert answer.json() == {"password": ["Password required for new User."]}


def test_a_password_is_never_shown_nor_logged(api):
    url = api.post("/api/v2/users/", NEW).json()["url"]
    api.patch(url, {"password": "another long enough one"})
    stored = User.objects.get(username="carol").password
    seen = api.get(url).content.decode() + str(list(Activity.objects.values_list("changes", "object_name")))
    assert NEW["password"] not in seen
    assert stored not in seen


def test_what_was_read_can_be_written_back(api):
    row = api.post("/api/v2/users/", NEW).json()
    assert api.put(row["url"], {**row, "last_name": "C"}).status_code == 200
    user = User.objects.get(username="carol")
    assert user.last_name == "C"
    assert user.check_password(NEW["password"])


def test_an_empty_password_changes_nothing(api, changed):
    url = api.post("/api/v2/users/", NEW).json()["url"]
    assert api.patch(url, {"password": ""}).status_code == 200
    assert User.objects.get(username="carol").check_password(NEW["password"])
    assert changed == []


def test_a_new_password_is_told_once_and_logged(api, changed):
    url = api.post("/api/v2/users/", NEW).json()["url"]
    assert changed == []
    assert api.patch(url, {"password": "another long enough one", "last_name": "C"}).status_code == 200
    assert changed == ["carol"]
    entries = Activity.objects.filter(object_name="carol").order_by("pk")
    assert [entry.event for entry in entries] == [
        Event.USER_CREATED,
        Event.USER_CHANGED,
        Event.USER_PASSWORD_CHANGED,
    ]
    assert entries[1].changes == {"last_name": ["", "C"]}


def test_a_change_does_not_undo_another_one(alice):
    read_before = User.objects.get(pk=alice.pk)
    change_user(alice, password="another long enough one")
    change_user(User.objects.get(pk=alice.pk), first_name="B")
    change_user(read_before, last_name="A")
    assert User.objects.get(pk=alice.pk).check_password("another long enough one")
    assert Activity.objects.filter(event=Event.USER_CHANGED).latest("pk").changes == {"last_name": ["", "A"]}


def test_changepassword_tells_it_too(alice, changed, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda *_args, **_options: "another long enough one")
    call_command("changepassword", "alice", stdout=io.StringIO())
    assert changed == ["alice"]


def test_a_login_that_hashes_the_password_anew_is_no_change(client, alice, changed, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    before = alice.password
    assert client.login(username="alice", password=PASSWORD)
    alice.refresh_from_db()
    assert alice.password != before
    assert changed == []


def test_whoever_changes_their_own_password_stays_logged_in_there_only(alice):
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(alice)
    body = {"password": "another long enough one"}
    path = f"/api/v2/users/{alice.pk}/"
    assert here.patch(path, body, content_type="application/json").status_code == 200
    assert here.get("/api/v2/me/").status_code == 200
    assert elsewhere.get("/api/v2/me/").status_code == 401


def test_a_user_goes_with_their_tokens(api, api_as, alice):
    token = api_as(alice).post("/api/v2/tokens/", {}).json()
    assert api.delete(f"/api/v2/users/{alice.pk}/").status_code == 204
    assert api.get(token["url"]).status_code == 404
    assert Activity.objects.filter(event=Event.USER_DELETED, object_name="alice").exists()


def test_superusers_may_use_the_admin_pages_and_others_not(api):
    url = api.post("/api/v2/users/", {**NEW, "is_superuser": True}).json()["url"]
    assert User.objects.get(username="carol").is_staff
    api.patch(url, {"is_superuser": False})
    assert not User.objects.get(username="carol").is_staff


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_as_much_with_one_row_as_with_many(api_as, organization, alice, number, django_assert_num_queries):
    Membership.objects.create(organization=organization, user=alice, role="admin")
    for index in range(number):
        user = User.objects.create_user(f"user{index}")
        Membership.objects.create(organization=organization, user=user, role="member")
    with django_assert_num_queries(5):  # what she may see, the count, the rows, their memberships, hers
        api_as(alice).get("/api/v2/users/")
