"""The audit log in the shape of AWX's activity stream."""

from __future__ import annotations

import platform

import pytest

from awx_oauth.accounts.models import Membership
from awx_oauth.activity.models import Activity, Event
from awx_oauth.activity.services import record
from tokens.services import issue_application_token, issue_personal_token


@pytest.fixture
def application(make_application):
    return make_application(name="App")[0]


def test_the_shape(api, admin):
    url = api.post("/api/v2/organizations/", {"name": "New"}).json()["url"]
    row = api.get("/api/v2/activity_stream/").json()["results"][0]
    assert " ".join(row) == (
        "id type url related summary_fields timestamp operation changes object1 object2 object_association action_node"
        " object_type event object_name actor_name client_id remote_address"
    )
    assert row["type"] == "activity_stream"
    assert row["url"] == f"/api/v2/activity_stream/{row['id']}/"
    assert row["related"] == {"actor": f"/api/v2/users/{admin.pk}/", "organization": [url]}
    pk = int(url.split("/")[-2])
    assert row["summary_fields"] == {
        "organization": [{"id": pk, "name": "New", "description": ""}],
        "actor": {"id": admin.pk, "username": "admin", "first_name": "", "last_name": ""},
    }
    assert (row["operation"], row["object1"], row["event"]) == ("create", "organization", "organization:created")
    assert row["changes"] == {"id": pk, "name": "New", "description": ""}
    assert (row["object2"], row["object_association"], row["object_type"]) == ("", "", "")
    assert row["action_node"] == platform.node()
    assert row["remote_address"] == "127.0.0.1"
    assert api.get(row["url"]).json() == row


def test_a_token(api, api_as, application, alice):
    created = api_as(alice).post("/api/v2/tokens/", {"application": application.pk, "scope": "read"}).json()
    api_as(alice).patch(created["url"], {"scope": "write"})
    changed, issued = api.get(f"{created['url']}activity_stream/").json()["results"]
    assert issued["changes"] == {
        "id": created["id"],
        "token": "*" * 12,
        "description": "",
        "application": application.pk,
        "scope": "read",
    }
    assert changed["changes"] == {"scope": ["read", "write"]}
    assert changed["summary_fields"]["o_auth2_access_token"] == [
        {
            "id": created["id"],
            "user_id": alice.pk,
            "description": "",
            "application_id": application.pk,
            "scope": "write",
        }
    ]
    assert changed["related"]["o_auth2_access_token"] == [created["url"]]


def test_an_application(api, application):
    api.patch(f"/api/v2/applications/{application.pk}/", {"description": "new"})
    rows = api.get(f"/api/v2/applications/{application.pk}/activity_stream/").json()["results"]
    assert [row["operation"] for row in rows] == ["update", "create"]
    assert rows[0]["changes"] == {"description": ["", "new"]}
    assert "client_secret" not in rows[1]["changes"]
    assert rows[1]["summary_fields"]["o_auth2_application"] == [
        {"id": application.pk, "name": "App", "description": "new"}
    ]


def test_a_users_stream_has_what_they_did_and_what_was_done_to_them(api, api_as, alice):
    api.patch(f"/api/v2/users/{alice.pk}/", {"last_name": "A"})
    api_as(alice).post("/api/v2/tokens/", {})
    rows = api.get(f"/api/v2/users/{alice.pk}/activity_stream/").json()["results"]
    assert [row["event"] for row in rows] == [Event.TOKEN_ISSUED, Event.USER_CHANGED]


def test_what_is_gone_is_still_told_of(api):
    url = api.post("/api/v2/organizations/", {"name": "New"}).json()["url"]
    api.delete(url)
    row = api.get("/api/v2/activity_stream/?operation=delete").json()["results"][0]
    assert row["object_name"] == "New"
    assert "organization" not in row["related"]
    assert "organization" not in row["summary_fields"]


def test_an_entry_without_object_or_actor(api):
    record(Event.LOGIN_FAILED)
    row = api.get("/api/v2/activity_stream/").json()["results"][0]
    assert (row["related"], row["summary_fields"], row["object1"]) == ({}, {}, "")


def test_others_see_what_they_did_and_what_was_done_to_what_they_see(api_as, application, alice, bob):
    issue_personal_token(user=alice, scope="write")
    issue_personal_token(user=bob, scope="write")
    record(Event.LOGIN, actor=bob)
    seen = api_as(alice).get("/api/v2/activity_stream/").json()["results"]
    assert [row["event"] for row in seen] == [Event.TOKEN_ISSUED, Event.APPLICATION_CREATED]
    seen = api_as(bob).get("/api/v2/activity_stream/").json()["results"]
    assert [row["event"] for row in seen] == [Event.LOGIN, Event.TOKEN_ISSUED]


def test_addresses_are_for_those_who_read_everything(api, api_as, alice):
    api_as(alice).post("/api/v2/tokens/", {})
    assert api_as(alice).get("/api/v2/activity_stream/").json()["results"][0]["remote_address"] is None
    assert api.get("/api/v2/activity_stream/").json()["results"][0]["remote_address"] == "127.0.0.1"


def test_filters(api, application, admin):
    path = "/api/v2/activity_stream/"
    assert api.get(f"{path}?object1=o_auth2_application").json()["count"] == 1
    assert api.get(f"{path}?event=application:created&operation=create").json()["count"] == 1
    assert api.get(f"{path}?changes__icontains=client.example").json()["count"] == 1
    assert api.get(f"{path}?actor__username=admin&timestamp__gt=2020-01-01").json()["count"] == 0


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_as_much_with_one_row_as_with_many(
    api_as, organization, application, alice, number, django_assert_max_num_queries
):
    Membership.objects.create(organization=organization, user=alice, role="admin")
    for _ in range(number):
        issue_application_token(user=alice, application=application, scope="write")
        record(Event.MEMBER_ADDED, actor=alice, target=organization)
        record(Event.USER_CHANGED, target=alice)
    # What she may see of users, twice; the count, the rows, and the objects of four types
    with django_assert_max_num_queries(8):
        api_as(alice).get("/api/v2/activity_stream/")
    assert Activity.objects.count() > number
