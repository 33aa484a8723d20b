"""What somebody found who knew only the contract: each stays mended."""

from __future__ import annotations

import pytest

from awx_oauth.accounts.models import Membership, Organization, User


@pytest.fixture
def org_admin(client, organization, alice):
    Membership.objects.create(organization=organization, user=alice, role="admin")
    client.force_login(alice)
    return client


def test_an_organizations_admin_cannot_take_over_a_system_auditor(org_admin, organization, bob):
    User.objects.filter(pk=bob.pk).update(is_system_auditor=True)
    url = f"/api/v2/organizations/{organization.pk}/users/"
    org_admin.post(url, {"id": bob.pk}, content_type="application/json")
    answer = org_admin.patch(f"/api/v2/users/{bob.pk}/", {"password": "taken over"}, content_type="application/json")
    assert answer.status_code == 403
    assert org_admin.delete(f"/api/v2/users/{bob.pk}/").status_code == 403


def test_a_null_character_in_search_is_an_error_in_detail(client, admin):
    client.force_login(admin)
    answer = client.get("/api/v2/applications/", {"search": "\0"})
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Null characters are not allowed."}


def test_an_order_by_nothing_is_an_error(client, admin):
    client.force_login(admin)
    assert client.get("/api/v2/applications/", {"order_by": "-"}).status_code == 400


def test_an_empty_scope_is_refused_in_awxs_words(client, alice):
    client.force_login(alice)
    answer = client.post("/api/v2/tokens/", {"scope": ""}, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["scope"][0].startswith("Must be a simple space-separated string")


def test_what_may_not_be_filtered_by_is_not_offered_as_a_filter(client, admin):
    client.force_login(admin)
    fields = client.options("/api/v2/applications/").json()["actions"]["GET"]
    assert not fields["client_id"]["filterable"]
    assert not fields["client_secret"]["filterable"]
    assert fields["name"]["filterable"]


def test_lists_say_that_they_have_no_object_roles(client, admin):
    client.force_login(admin)
    assert client.options("/api/v2/applications/").json()["object_roles"] == []


def test_the_time_is_told_in_both_of_awxs_headers(client, admin):
    client.force_login(admin)
    answer = client.get("/api/v2/me/")
    assert answer["X-API-Total-Time"] == answer["X-API-Time"]


def test_an_organization_is_unique(client, admin):
    Organization.objects.create(name="Twice")
    client.force_login(admin)
    assert client.post("/api/v2/organizations/", {"name": "Twice"}, content_type="application/json").status_code == 400
