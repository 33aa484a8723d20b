"""Organizations and who belongs to them."""

from __future__ import annotations

import pytest

from awx_oauth.accounts.models import Membership, User
from awx_oauth.activity.models import Activity, Event


def usernames(api, organization, which):
    answer = api.get(f"/api/v2/organizations/{organization.pk}/{which}/")
    return [row["username"] for row in answer.json()["results"]]


def test_the_shape(api):
    answer = api.post("/api/v2/organizations/", {"name": "New", "description": "one"})
    assert answer.status_code == 201
    row = answer.json()
    pk = row["id"]
    assert " ".join(row) == "id type url related summary_fields created modified name description"
    assert row["type"] == "organization"
    assert row["url"] == f"/api/v2/organizations/{pk}/"
    assert row["related"] == {
        "named_url": "/api/v2/organizations/New/",
        "users": f"/api/v2/organizations/{pk}/users/",
        "admins": f"/api/v2/organizations/{pk}/admins/",
        "auditors": f"/api/v2/organizations/{pk}/auditors/",
        "applications": f"/api/v2/organizations/{pk}/applications/",
    }
    assert row["summary_fields"] == {"user_capabilities": {"edit": True, "delete": True}}
    assert api.get(row["url"]).json() == row


def test_changes_and_deletion_are_logged(api, admin):
    url = api.post("/api/v2/organizations/", {"name": "New"}).json()["url"]
    api.patch(url, {"description": "changed"})
    api.patch(url, {"description": "changed"})
    assert api.delete(url).status_code == 204
    entries = Activity.objects.filter(object_type="organization", object_name="New").order_by("pk")
    assert [(entry.event, entry.actor) for entry in entries] == [
        (Event.ORGANIZATION_CREATED, admin),
        (Event.ORGANIZATION_CHANGED, admin),
        (Event.ORGANIZATION_DELETED, admin),
    ]
    assert entries[1].changes == {"description": ["", "changed"]}


@pytest.mark.parametrize(
    ("which", "shown_in"),
    [("users", {"users"}), ("admins", {"users", "admins"}), ("auditors", {"auditors"})],
)
def test_a_user_is_associated_and_disassociated(api, organization, bob, which, shown_in):
    path = f"/api/v2/organizations/{organization.pk}/{which}/"
    for _ in range(2):  # a second time changes nothing
        answer = api.post(path, {"id": bob.pk, "associate": True})
        assert (answer.status_code, answer.content) == (204, b"")
    for other in ("users", "admins", "auditors"):
        assert (usernames(api, organization, other) == ["bob"]) == (other in shown_in)
    assert api.post(path, {"id": bob.pk, "disassociate": True}).status_code == 204
    assert api.post(path, {"id": bob.pk, "disassociate": True}).status_code == 204
    assert usernames(api, organization, which) == []
    events = Activity.objects.filter(object_type="organization").order_by("pk").values_list("event", "operation")
    assert list(events) == [(Event.MEMBER_ADDED, "associate"), (Event.MEMBER_REMOVED, "disassociate")]


def test_who_ceases_to_be_a_member_is_no_admin_any_more(api, organization, bob):
    api.post(f"/api/v2/organizations/{organization.pk}/admins/", {"id": bob.pk})
    api.post(f"/api/v2/organizations/{organization.pk}/users/", {"id": bob.pk, "disassociate": True})
    assert not Membership.objects.filter(user=bob).exists()


def test_who_ceases_to_be_an_admin_stays_a_member(api, organization, alice):
    api.post(f"/api/v2/organizations/{organization.pk}/admins/", {"id": alice.pk})
    api.post(f"/api/v2/organizations/{organization.pk}/admins/", {"id": alice.pk, "disassociate": True})
    assert usernames(api, organization, "users") == ["alice"]


def test_an_organization_goes_with_its_applications_and_tokens(api, organization, make_application):
    application, _secret = make_application()
    token = api.post("/api/v2/tokens/", {"application": application.pk}).json()
    assert api.delete(f"/api/v2/organizations/{organization.pk}/").status_code == 204
    assert api.get(f"/api/v2/applications/{application.pk}/").status_code == 404
    assert api.get(token["url"]).status_code == 404


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_as_much_with_one_row_as_with_many(api, organization, number, django_assert_num_queries):
    for index in range(number):
        api.post("/api/v2/organizations/", {"name": f"organization {index}"})
        user = User.objects.create_user(f"user{index}")
        Membership.objects.create(organization=organization, user=user, role="member")
    with django_assert_num_queries(2):
        api.get("/api/v2/organizations/")
    with django_assert_num_queries(4):  # the parent, the count, the rows, their memberships
        api.get(f"/api/v2/organizations/{organization.pk}/users/")
