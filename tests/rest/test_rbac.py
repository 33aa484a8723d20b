"""Who may do what: one table for every role, resource and verb. What one may not read does not exist (404)."""

from __future__ import annotations

from typing import Any

import pytest

from awx_oauth.rest import visibility
from tests.rest.conftest import ROLES

USER = {"username": "new", "password": "a long enough one"}
APPLICATION = {"name": "new", "client_type": "public", "authorization_grant_type": "password"}

# Verb, path, body; then what each of ROLES gets:
#                                     superuser, system auditor, organization's admin, auditor, member, owner, stranger,
#                                     anonymous
TABLE: list[tuple[str, str, Any, str]] = [
    ("get", "me/", None, "200 200 200 200 200 200 200 401"),
    ("get", "organizations/", None, "200 200 200 200 200 200 200 401"),
    ("post", "organizations/", {"name": "new"}, "201 403 403 403 403 403 403 401"),
    ("get", "organizations/{organization}/", None, "200 200 200 200 200 404 404 401"),
    ("put", "organizations/{organization}/", {"name": "new"}, "200 403 200 403 403 404 404 401"),
    ("patch", "organizations/{organization}/", {"name": "new"}, "200 403 200 403 403 404 404 401"),
    ("delete", "organizations/{organization}/", None, "204 403 204 403 403 404 404 401"),
    ("get", "organizations/{organization}/users/", None, "200 200 200 200 200 404 404 401"),
    ("get", "organizations/{organization}/admins/", None, "200 200 200 200 200 404 404 401"),
    ("get", "organizations/{organization}/auditors/", None, "200 200 200 200 200 404 404 401"),
    ("get", "organizations/{organization}/applications/", None, "200 200 200 200 200 404 404 401"),
    ("post", "organizations/{organization}/users/", {"id": "{stranger}"}, "204 403 204 403 403 404 404 401"),
    ("post", "organizations/{organization}/admins/", {"id": "{stranger}"}, "204 403 204 403 403 404 404 401"),
    ("post", "organizations/{organization}/auditors/", {"id": "{stranger}"}, "204 403 204 403 403 404 404 401"),
    ("post", "organizations/{organization}/applications/", APPLICATION, "201 403 201 403 403 404 404 401"),
    ("get", "users/", None, "200 200 200 200 200 200 200 401"),
    ("post", "users/", USER, "201 403 201 403 403 403 403 401"),
    ("get", "users/{target}/", None, "200 200 200 200 200 404 404 401"),
    ("put", "users/{target}/", {"username": "target"}, "200 403 200 403 403 404 404 401"),
    ("patch", "users/{target}/", {"first_name": "T"}, "200 403 200 403 403 404 404 401"),
    ("delete", "users/{target}/", None, "204 403 204 403 403 404 404 401"),
    ("patch", "users/{owner}/", {"first_name": "O"}, "200 403 403 403 404 200 404 401"),
    ("delete", "users/{owner}/", None, "204 403 204 403 404 403 404 401"),
    ("get", "users/{owner}/tokens/", None, "200 200 200 200 404 200 404 401"),
    ("get", "users/{owner}/personal_tokens/", None, "200 200 200 200 404 200 404 401"),
    ("get", "users/{owner}/authorized_tokens/", None, "200 200 200 200 404 200 404 401"),
    ("get", "users/{owner}/applications/", None, "200 200 200 200 404 200 404 401"),
    ("get", "users/{owner}/activity_stream/", None, "200 200 200 200 404 200 404 401"),
    ("post", "users/{owner}/tokens/", {}, "403 403 403 403 404 201 404 401"),
    ("post", "users/{owner}/personal_tokens/", {}, "403 403 403 403 404 201 404 401"),
    ("get", "applications/", None, "200 200 200 200 200 200 200 401"),
    ("post", "applications/", {**APPLICATION, "organization": "{organization}"}, "201 403 201 403 403 403 403 401"),
    ("get", "applications/{application}/", None, "200 200 200 404 200 404 404 401"),
    (
        "put",
        "applications/{application}/",
        {**APPLICATION, "organization": "{organization}"},
        "200 403 200 404 403 404 404 401",
    ),
    ("patch", "applications/{application}/", {"name": "new"}, "200 403 200 404 403 404 404 401"),
    ("delete", "applications/{application}/", None, "204 403 204 404 403 404 404 401"),
    ("get", "applications/{application}/tokens/", None, "200 200 200 404 200 404 404 401"),
    ("post", "applications/{application}/tokens/", {}, "201 201 201 404 201 404 404 401"),
    ("get", "applications/{application}/activity_stream/", None, "200 200 200 404 200 404 404 401"),
    ("get", "tokens/", None, "200 200 200 200 200 200 200 401"),
    ("post", "tokens/", {}, "201 201 201 201 201 201 201 401"),
    ("post", "tokens/", {"application": "{application}"}, "201 201 201 403 201 403 403 401"),
    ("get", "tokens/{application_token}/", None, "200 200 200 200 404 200 404 401"),
    ("put", "tokens/{application_token}/", {"scope": "read"}, "200 403 200 403 404 200 404 401"),
    ("patch", "tokens/{application_token}/", {"scope": "read"}, "200 403 200 403 404 200 404 401"),
    ("delete", "tokens/{application_token}/", None, "204 403 204 403 404 204 404 401"),
    ("get", "tokens/{application_token}/activity_stream/", None, "200 200 200 200 404 200 404 401"),
    ("get", "tokens/{personal_token}/", None, "200 200 404 404 404 200 404 401"),
    ("put", "tokens/{personal_token}/", {"scope": "read"}, "200 403 404 404 404 200 404 401"),
    ("patch", "tokens/{personal_token}/", {"scope": "read"}, "200 403 404 404 404 200 404 401"),
    ("delete", "tokens/{personal_token}/", None, "204 403 404 404 404 204 404 401"),
    ("get", "tokens/{personal_token}/activity_stream/", None, "200 200 404 404 404 200 404 401"),
    ("get", "activity_stream/", None, "200 200 200 200 200 200 200 401"),
    ("get", "activity_stream/{application_entry}/", None, "200 200 200 404 200 404 404 401"),
    ("get", "activity_stream/{personal_entry}/", None, "200 200 404 404 404 200 404 401"),
    ("post", "activity_stream/", {}, "405 405 405 405 405 405 405 401"),
    ("delete", "activity_stream/{application_entry}/", None, "405 405 405 405 405 405 405 401"),
]

CASES = [
    pytest.param(verb, path, body, role, int(status), id=f"{role} {verb} {path} {number}")
    for number, (verb, path, body, statuses) in enumerate(TABLE)
    for role, status in zip(ROLES, statuses.split(), strict=True)
]


def filled(body: Any, names: dict[str, Any]) -> Any:
    if body is None:
        return None
    return {key: names[value.strip("{}")] if str(value).startswith("{") else value for key, value in body.items()}


@pytest.mark.parametrize(("verb", "path", "body", "role", "status"), CASES)
def test_the_table(world, verb, path, body, role, status):
    names = world.names()
    answer = getattr(world.as_(role), verb)("/api/v2/" + path.format(**names), filled(body, names))
    assert answer.status_code == status, answer.content
    if status == 403:
        assert answer.json()["detail"]
    elif status == 404:
        assert answer.json() == {"detail": "Not found."}


LISTED = [
    # What each list holds for each role but anonymous, by id; "-" for nothing
    ("organizations/", "name", "superuser system_auditor", "Default Other"),
    ("organizations/", "name", "admin auditor member", "Default"),
    ("organizations/", "name", "owner stranger", ""),
    ("applications/", "name", "superuser system_auditor admin member", "app"),
    ("applications/", "name", "auditor owner stranger", ""),
    ("users/", "username", "member", "orgadmin orgmember superuser target"),
    ("users/", "username", "stranger", "stranger superuser"),
    (
        "users/",
        "username",
        "admin auditor",
        "orgadmin orgauditor orgmember owner stranger superuser system_auditor target",
    ),
]


@pytest.mark.parametrize(
    ("path", "key", "role", "expected"),
    [(path, key, role, expected) for path, key, roles, expected in LISTED for role in roles.split()],
)
def test_a_list_holds_what_one_may_read(world, path, key, role, expected):
    answer = world.as_(role).get(f"/api/v2/{path}")
    assert [row[key] for row in answer.json()["results"]] == expected.split()


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("superuser", "application personal"),
        ("system_auditor", "application personal"),
        ("owner", "application personal"),
        ("admin", "application"),
        ("auditor", "application"),
        ("member", ""),
        ("stranger", ""),
    ],
)
def test_the_token_list_holds_what_one_may_read(world, role, kinds):
    rows = world.as_(role).get("/api/v2/tokens/").json()["results"]
    assert ["personal" if row["application"] is None else "application" for row in rows] == kinds.split()


def test_what_one_may_not_read_looks_like_what_is_not_there(world):
    stranger = world.as_("stranger")
    there = stranger.get(f"/api/v2/applications/{world.application.pk}/")
    absent = stranger.get("/api/v2/applications/999999/")
    assert (there.status_code, there.content) == (absent.status_code, absent.content)


@pytest.mark.parametrize("field", ["application", "organization"])
def test_an_id_in_a_body_does_not_tell_whether_it_is_there(world, field):
    stranger = world.as_("stranger")
    path = {"application": "/api/v2/tokens/", "organization": "/api/v2/applications/"}[field]
    there = stranger.post(path, {**APPLICATION, field: getattr(world, field).pk})
    absent = stranger.post(path, {**APPLICATION, field: 999999})
    assert (there.status_code, there.content) == (absent.status_code, absent.content) == (403, there.content)


def test_moving_an_application_needs_both_organizations(world):
    path = f"/api/v2/applications/{world.application.pk}/"
    assert world.as_("admin").patch(path, {"organization": world.other.pk}).status_code == 403
    assert world.as_("superuser").patch(path, {"organization": world.other.pk}).status_code == 200


@pytest.mark.parametrize("field", ["is_superuser", "is_system_auditor"])
def test_only_superusers_give_powers(world, field):
    answer = world.as_("admin").patch(f"/api/v2/users/{world.target.pk}/", {field: True})
    assert (answer.status_code, answer.json()) == (403, {"detail": f"Cannot change {field}."})
    assert world.as_("admin").post("/api/v2/users/", {**USER, field: True}).status_code == 403
    assert world.as_("superuser").patch(f"/api/v2/users/{world.target.pk}/", {field: True}).status_code == 200


def test_only_superusers_deactivate(world):
    path = f"/api/v2/users/{world.target.pk}/"
    assert world.as_("admin").patch(path, {"is_active": False}).status_code == 403
    assert world.as_("superuser").patch(path, {"is_active": False}).json()["is_active"] is False


def test_an_organization_admin_has_no_power_over_a_superuser(world):
    superuser = world.users["superuser"]
    answer = world.as_("admin").patch(f"/api/v2/users/{superuser.pk}/", {"password": "taken over by force"})
    assert answer.status_code == 403


def test_an_admin_of_one_of_two_organizations_does_not_manage_the_user(world):
    target = world.target
    world.as_("superuser").post(f"/api/v2/organizations/{world.other.pk}/users/", {"id": target.pk})
    assert world.as_("admin").patch(f"/api/v2/users/{target.pk}/", {"first_name": "T"}).status_code == 403


def test_people_change_their_password_but_not_their_name(world):
    owner = world.users["owner"]
    path = f"/api/v2/users/{owner.pk}/"
    assert world.as_("owner").patch(path, {"password": "a long enough one"}).status_code == 200
    assert world.as_("owner").patch(path, {"username": "else"}).json() == {"detail": "Cannot change username."}


def test_only_superusers_make_resource_servers(world):
    path = f"/api/v2/applications/{world.application.pk}/"
    assert world.as_("admin").patch(path, {"resource_server": True}).status_code == 403
    assert world.as_("superuser").patch(path, {"resource_server": True}).json()["resource_server"] is True


@pytest.mark.parametrize("role", ROLES[:-1])
def test_user_capabilities_tell_what_one_may_do(world, role):
    client = world.as_(role)
    for path in ("organizations", "users", "applications", "tokens"):
        for row in client.get(f"/api/v2/{path}/").json()["results"]:
            capabilities = row["summary_fields"]["user_capabilities"]
            assert (client.patch(row["url"], {}).status_code == 200) == capabilities["edit"], row


def test_every_model_with_a_type_has_its_rule():
    assert set(visibility.resources()) == {
        "user",
        "organization",
        "o_auth2_application",
        "o_auth2_access_token",
        "activity_stream",
    }
