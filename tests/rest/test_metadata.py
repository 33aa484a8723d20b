"""OPTIONS, from which awxkit builds its command line."""

from __future__ import annotations

import pytest

from tokens.services import issue_personal_token


def options(client, path):
    answer = client.options(f"/api/v2/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_shape(api, organization):
    metadata = options(api, "applications/")
    assert " ".join(metadata) == (
        "name description renders parses actions types search_fields related_search_fields max_page_size object_roles"
    )
    assert metadata["parses"] == ["application/json"]
    assert metadata["types"] == ["o_auth2_application"]
    assert metadata["search_fields"] == ["name", "description"]
    assert "organization__search" in metadata["related_search_fields"]
    assert not {"grant__search", "refreshtoken__search"} & set(metadata["related_search_fields"])
    assert metadata["max_page_size"] == 200
    assert list(metadata["actions"]) == ["GET", "POST"]


def test_reading(api):
    fields = options(api, "applications/")["actions"]["GET"]
    assert fields["type"] == {
        "type": "choice",
        "label": "Type",
        "help_text": "Data type for this application.",
        "choices": [["o_auth2_application", "Application"]],
        "filterable": True,
    }
    assert fields["organization"]["type"] == "id"
    assert fields["created"]["type"] == "datetime"
    assert fields["related"]["type"] == "object"
    assert fields["url"]["type"] == "string"
    assert fields["skip_authorization"]["type"] == "boolean"
    assert fields["client_type"]["choices"] == [["confidential", "Confidential"], ["public", "Public"]]
    assert not any(
        {"required", "read_only", "default", "min_length", "max_length"} & set(info) for info in fields.values()
    )
    assert not fields["url"]["filterable"]
    assert fields["name"]["filterable"]


@pytest.mark.parametrize(
    ("path", "required"),
    [
        ("organizations/", "name"),
        ("users/", "username"),
        ("applications/", "name client_type authorization_grant_type organization"),
        ("tokens/", ""),
    ],
)
def test_writing(api, path, required):
    fields = options(api, path)["actions"]["POST"]
    assert [name for name, info in fields.items() if info["required"]] == required.split()
    assert not {"id", "url", "created", "client_id", "client_secret", "token", "user", "last_login"} & set(fields)
    assert not any("read_only" in info for info in fields.values())


def test_foreign_keys_take_an_id(api):
    assert options(api, "tokens/")["actions"]["POST"]["application"]["type"] == "id"
    assert options(api, "tokens/")["actions"]["GET"]["user"]["type"] == "id"


@pytest.mark.parametrize("path", ["users/1/", "users/999999/", "organizations/1/", "applications/1/", "tokens/1/"])
def test_a_detail_answers_whether_there_is_a_row_or_not(api, path):
    answer = api.options(f"/api/v2/{path}")
    assert answer.status_code == 200
    assert {"GET", "PUT", "PATCH", "DELETE"} <= set(answer["Allow"].split(", "))


def test_a_detail_tells_what_can_be_changed(api, make_application):
    application, _secret = make_application()
    fields = options(api, f"applications/{application.pk}/")["actions"]["PUT"]
    assert "name" in fields
    assert "authorization_grant_type" not in fields
    assert "PUT" not in options(api, "applications/999999/")["actions"]


@pytest.mark.parametrize(
    ("role", "path", "may"),
    [
        ("superuser", "organizations/", True),
        ("admin", "organizations/", False),
        ("admin", "users/", True),
        ("member", "users/", False),
        ("admin", "applications/", True),
        ("member", "applications/", False),
        ("system_auditor", "applications/", False),
        ("stranger", "tokens/", True),
    ],
)
def test_only_what_one_may_do_is_offered(world, role, path, may):
    assert ("POST" in options(world.as_(role), path)["actions"]) == may


def test_a_read_token_is_offered_no_writing(admin, client):
    _token, cleartext = issue_personal_token(user=admin, scope="read")
    answer = client.options("/api/v2/tokens/", headers={"Authorization": f"Bearer {cleartext}"})
    assert list(answer.json()["actions"]) == ["GET"]


def test_somebody_anonymous_learns_nothing(client, db):
    assert client.options("/api/v2/users/").status_code == 401


@pytest.mark.parametrize(
    "path",
    ["me/", "activity_stream/", "organizations/{}/users/", "organizations/{}/applications/", "users/{}/tokens/"],
)
def test_other_lists_answer_too(api, admin, organization, path):
    pk = admin.pk if path.startswith("users") else organization.pk
    assert "GET" in options(api, path.format(pk))["actions"]


@pytest.mark.parametrize("path", ["users/", "users/{}/", "applications/", "organizations/{}/users/", "tokens/"])
def test_a_browser_gets_a_page(api, organization, admin, path):
    pk = admin.pk if path.startswith("users") else organization.pk
    for verb in ("get", "options"):
        answer = getattr(api, verb)(f"/api/v2/{path.format(pk)}", headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")
