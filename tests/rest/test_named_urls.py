"""Names in place of ids in URLs."""

from __future__ import annotations

import pytest

from awx_oauth.accounts.models import User
from awx_oauth.accounts.services import create_organization

AWKWARD = ["a+b", "a++b", "a/b", "a b", "a%2Fb", "ä;?:@=&[]", "[+]", "100%", "a.b", ".", "#1"]


@pytest.mark.parametrize("path", ["users/alice/", "users/alice/personal_tokens/", "organizations/Default/users/"])
def test_a_name_stands_for_the_id(api, alice, path):
    assert api.get(f"/api/v2/{path}").status_code == 200


def test_every_verb_takes_it(api, alice):
    assert api.patch("/api/v2/users/alice/", {"first_name": "A"}).json()["first_name"] == "A"
    assert api.delete("/api/v2/users/alice/").status_code == 204
    assert api.get("/api/v2/users/alice/").status_code == 404


@pytest.mark.parametrize("name", AWKWARD)
def test_every_name_leads_back_to_its_row(api, name):
    organization = create_organization(name=name)
    row = api.get(f"/api/v2/organizations/{organization.pk}/").json()
    assert api.get(row["related"]["named_url"]).json()["id"] == organization.pk


@pytest.mark.parametrize("name", AWKWARD)
def test_an_application_is_named_with_its_organization(api, make_application, name):
    application, _secret = make_application(name=name, organization=create_organization(name=name))
    row = api.get(f"/api/v2/applications/{application.pk}/").json()
    assert api.get(row["related"]["named_url"]).json()["id"] == application.pk


def test_an_application_as_the_collection_writes_it(api, make_application):
    application, _secret = make_application(name="a")
    assert api.get("/api/v2/applications/a++Default/").json()["id"] == application.pk
    assert api.get("/api/v2/applications/a++Other/").status_code == 404
    assert api.get("/api/v2/applications/a/").status_code == 404


def test_lists_do_not_tell_the_names_path(api, alice):
    assert "named_url" not in api.get("/api/v2/users/").json()["results"][0]["related"]


def test_a_name_of_digits_is_an_id(api):
    user = User.objects.create_user("123456")
    assert api.get("/api/v2/users/123456/").status_code == 404
    assert api.get(f"/api/v2/users/{user.pk}/").json()["username"] == "123456"


def test_a_refusal_does_not_admit_that_the_name_is_there(api_as, alice, organization):
    assert api_as(alice).patch("/api/v2/organizations/Default/", {}).status_code == 404
    assert api_as(alice).patch(f"/api/v2/organizations/{organization.pk}/", {}).status_code == 403


def test_somebody_anonymous_is_asked_who_they_are(client, alice):
    assert client.get("/api/v2/users/alice/").status_code == 401
    assert client.get("/api/v2/users/nobody/").status_code == 401


@pytest.mark.parametrize("resource", ["tokens", "activity_stream"])
def test_what_has_no_name_is_not_found_by_one(api, resource):
    assert api.get(f"/api/v2/{resource}/anything/").status_code == 404
