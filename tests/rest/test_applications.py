"""Applications over REST."""

from __future__ import annotations

import pytest

from applications.models import Application
from applications.services import verify_secret
from awx_oauth.accounts.models import Membership, Organization
from awx_oauth.activity.models import Activity
from tokens.services import issue_application_token

STARS = "*" * 12


@pytest.fixture
def new(organization):
    return {
        "name": "App",
        "organization": organization.pk,
        "client_type": "confidential",
        "authorization_grant_type": "authorization-code",
        "redirect_uris": "https://client.example/callback https://client.example/other",
    }


def test_the_shape(api, new, organization):
    answer = api.post("/api/v2/applications/", new)
    assert answer.status_code == 201
    row = answer.json()
    assert " ".join(row) == (
        "id type url related summary_fields created modified name description client_id client_secret client_type"
        " redirect_uris authorization_grant_type skip_authorization organization"
        " pkce_required resource_server allowed_origins"
    )
    assert row["type"] == "o_auth2_application"
    url = row["url"]
    assert url == answer["Location"] == f"/api/v2/applications/{row['id']}/"
    assert row["related"] == {
        "named_url": "/api/v2/applications/App++Default/",
        "organization": f"/api/v2/organizations/{organization.pk}/",
        "tokens": f"{url}tokens/",
        "activity_stream": f"{url}activity_stream/",
    }
    assert row["summary_fields"] == {
        "organization": {"id": organization.pk, "name": "Default", "description": ""},
        "user_capabilities": {"edit": True, "delete": True},
        "tokens": {"count": 0, "results": []},
    }
    assert len(row["client_secret"]) == 128
    assert row["client_secret"][0].isalnum()
    assert row["client_id"][0].isalnum()
    assert (row["description"], row["skip_authorization"]) == ("", False)


def test_the_secret_is_shown_once(api, new):
    row = api.post("/api/v2/applications/", new).json()
    assert verify_secret(Application.objects.get(pk=row["id"]), row["client_secret"])
    for answer in (api.get(row["url"]), api.patch(row["url"], {"description": "x"}), api.put(row["url"], new)):
        assert answer.json()["client_secret"] == STARS
    assert api.get("/api/v2/applications/").json()["results"][0]["client_secret"] == STARS
    assert row["client_secret"] not in str(list(Activity.objects.values_list("changes", flat=True)))


def test_a_public_application_has_no_secret_key_at_all(api, new):
    row = api.post("/api/v2/applications/", {**new, "client_type": "public"}).json()
    assert "client_secret" not in row
    assert "client_secret" not in api.get(row["url"]).json()


def test_a_public_application_that_becomes_confidential_gets_a_secret(api, new):
    url = api.post("/api/v2/applications/", {**new, "client_type": "public"}).json()["url"]
    secret = api.patch(url, {"client_type": "confidential"}).json()["client_secret"]
    assert len(secret) == 128
    assert "client_secret" not in api.patch(url, {"client_type": "public"}).json()


def test_the_grant_type_stays(api, new):
    url = api.post("/api/v2/applications/", new).json()["url"]
    answer = api.patch(url, {"authorization_grant_type": "password"})
    assert (answer.status_code, answer.json()["authorization_grant_type"]) == (200, "authorization-code")


def test_identity_and_secret_cannot_be_chosen(api, new):
    row = api.post("/api/v2/applications/", {**new, "client_id": "mine", "client_secret": "weak"}).json()
    assert row["client_id"] != "mine"
    assert row["client_secret"] != "weak"


def test_the_organization_of_a_sublist_wins(api, new, organization):
    other = Organization.objects.create(name="Other")
    answer = api.post(f"/api/v2/organizations/{other.pk}/applications/", new)
    assert (answer.status_code, answer.json()["organization"]) == (201, other.pk)
    assert answer["Location"] == answer.json()["url"]
    assert api.get(f"/api/v2/organizations/{other.pk}/applications/").json()["count"] == 1
    assert api.get(f"/api/v2/organizations/{organization.pk}/applications/").json()["count"] == 0


def test_a_users_applications_are_those_that_the_user_sees(api, new, alice, bob):
    api.post("/api/v2/applications/", new)
    assert api.get(f"/api/v2/users/{alice.pk}/applications/").json()["count"] == 1
    assert api.get(f"/api/v2/users/{bob.pk}/applications/").json()["count"] == 0
    assert api.post(f"/api/v2/users/{bob.pk}/applications/", {**new, "name": "Two"}).status_code == 201


def test_tokens_in_brief(api, new, alice):
    application = Application.objects.get(pk=api.post("/api/v2/applications/", new).json()["id"])
    for _ in range(11):
        issue_application_token(user=alice, application=application, scope="read")
    tokens = api.get(f"/api/v2/applications/{application.pk}/").json()["summary_fields"]["tokens"]
    assert tokens["count"] == 11
    assert len(tokens["results"]) == 10
    assert {"token": STARS, "scope": "read"}.items() <= tokens["results"][0].items()


def test_deletion_takes_the_tokens_along(api, new):
    row = api.post("/api/v2/applications/", new).json()
    token = api.post(row["related"]["tokens"], {}).json()
    assert api.delete(row["url"]).status_code == 204
    assert api.get(token["url"]).status_code == 404


@pytest.mark.parametrize("number", [1, 20])
def test_a_list_costs_as_much_with_one_row_as_with_many(
    api_as, make_application, alice, organization, number, django_assert_num_queries
):
    Membership.objects.create(organization=organization, user=alice, role="admin")
    for _ in range(number):
        application, _secret = make_application()
        issue_application_token(user=alice, application=application, scope="read")
    with django_assert_num_queries(4):  # the count, the rows, their tokens, her memberships
        api_as(alice).get("/api/v2/applications/")
    with django_assert_num_queries(5):  # the organization
        api_as(alice).get(f"/api/v2/organizations/{organization.pk}/applications/")
