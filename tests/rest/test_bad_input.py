"""What is wrong with a request is said, with the field's name where there is one, and is never our fault."""

from __future__ import annotations

import json

import pytest

from awx_oauth.accounts.models import User

HUGE = 99999999999999999999
GOOD = {
    "organizations/": {"name": "new"},
    "users/": {"username": "new", "password": "a long enough one"},
    "applications/": {"name": "new", "client_type": "public", "authorization_grant_type": "password"},
    "tokens/": {},
}


@pytest.fixture
def post(api, organization):
    def send(path, **fields):
        body = {**GOOD[path], **fields}
        if path == "applications/":
            body.setdefault("organization", organization.pk)
        return api.post(f"/api/v2/{path}", body)

    return send


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("{", "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"a": 1,}', "JSON parse error - "),
        ("[]", "JSON parse error - not a JSON object"),
        ('"text"', "JSON parse error - not a JSON object"),
        ("null", "JSON parse error - not a JSON object"),
        ('{"a": NaN}', "JSON parse error - NaN is not JSON"),
        (b"\xff\xfe", "JSON parse error - "),
        (r'{"description": "\uD800"}', "JSON parse error - "),
        ("[" * 100_000, "JSON parse error - "),
        ('{"a": ' + "1" * 5000 + "}", "JSON parse error - "),
    ],
)
def test_what_is_no_json_object_is_400(api, body, detail):
    answer = api.generic("POST", "/api/v2/tokens/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(detail)


def test_bad_json_gets_awxs_hint(api):
    answer = api.generic("POST", "/api/v2/tokens/", '{"a": 1,}', content_type="application/json")
    assert answer.json()["detail"].endswith("\nPossible cause: trailing comma.")


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
def test_another_content_type_is_415(api, content_type):
    answer = api.generic("POST", "/api/v2/tokens/", "description=x", content_type=content_type)
    assert answer.status_code == 415
    assert answer.json() == {
        "detail": "You did not use correct Content-Type in your HTTP request. If you are using our REST API, "
        "the Content-Type must be application/json"
    }


def test_a_character_beyond_the_basic_plane_may_be_escaped(api):
    body = r'{"description": "\ud83d\ude00"}'
    answer = api.generic("POST", "/api/v2/tokens/", body, content_type="application/json")
    assert answer.json()["description"] == "😀"


def test_an_empty_body_is_an_empty_object(api):
    assert api.generic("POST", "/api/v2/tokens/", "", content_type="application/json").status_code == 201
    answer = api.generic("POST", "/api/v2/organizations/", "", content_type="application/json")
    assert answer.json() == {"name": ["This field is required."]}


def test_unknown_fields_are_ignored(post):
    assert post("organizations/", nothing=[1], id=77, created="x").status_code == 201


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("organizations/", "name", None),
        ("organizations/", "name", ""),
        ("organizations/", "name", "x" * 513),
        ("organizations/", "name", "a\0b"),
        ("organizations/", "name", ["x"]),
        ("organizations/", "name", {"x": 1}),
        ("organizations/", "name", True),
        ("organizations/", "description", "a\0b"),
        ("organizations/", "description", ["x"]),
        ("users/", "username", ""),
        ("users/", "username", "x" * 151),
        ("users/", "username", "a b"),
        ("users/", "username", "a\0b"),
        ("users/", "username", None),
        ("users/", "email", "nobody"),
        ("users/", "email", "x" * 250 + "@example.com"),
        ("users/", "first_name", "x" * 151),
        ("users/", "first_name", {"a": 1}),
        ("users/", "password", ""),
        ("users/", "password", None),
        ("users/", "password", "a\0 long enough one"),
        ("users/", "password", "x" * 129),
        ("users/", "is_superuser", "perhaps"),
        ("users/", "is_superuser", [1]),
        ("users/", "is_active", {"a": 1}),
        ("applications/", "name", None),
        ("applications/", "name", "x" * 256),
        ("applications/", "name", "a\0b"),
        ("applications/", "client_type", "secret"),
        ("applications/", "client_type", None),
        ("applications/", "client_type", ["public"]),
        ("applications/", "authorization_grant_type", "implicit"),
        ("applications/", "authorization_grant_type", ""),
        ("applications/", "authorization_grant_type", {"a": 1}),
        ("applications/", "redirect_uris", "javascript:alert(1)"),
        ("applications/", "redirect_uris", "http://client.example/"),
        ("applications/", "redirect_uris", "https://client.example/#a"),
        ("applications/", "redirect_uris", "https://a.example/ https://*.example/"),
        ("applications/", "redirect_uris", "https://[/"),
        ("applications/", "redirect_uris", "a\0b"),
        ("applications/", "redirect_uris", ["https://a.example/"]),
        ("applications/", "skip_authorization", "perhaps"),
        ("applications/", "organization", None),
        ("applications/", "organization", 0),
        ("applications/", "organization", -1),
        ("applications/", "organization", 999999),
        ("applications/", "organization", HUGE),
        ("applications/", "organization", str(HUGE)),
        ("applications/", "organization", "9" * 5000),
        ("applications/", "organization", "Default"),
        ("applications/", "organization", ""),
        ("applications/", "organization", True),
        ("applications/", "organization", 1.5),
        ("applications/", "organization", [1]),
        ("applications/", "organization", {"id": 1}),
        ("applications/", "allowed_origins", "https://a.example/path"),
        ("tokens/", "scope", ""),
        ("tokens/", "scope", None),
        ("tokens/", "scope", " "),
        ("tokens/", "scope", "admin"),
        ("tokens/", "scope", "read read"),
        ("tokens/", "scope", "read  write"),
        ("tokens/", "scope", "read,write"),
        ("tokens/", "scope", "READ"),
        ("tokens/", "scope", "read\0"),
        ("tokens/", "scope", ["read"]),
        ("tokens/", "description", "a\0b"),
        ("tokens/", "description", ["x"]),
        ("tokens/", "application", 999999),
        ("tokens/", "application", HUGE),
        ("tokens/", "application", -HUGE),
        ("tokens/", "application", "x"),
        ("tokens/", "application", False),
        ("tokens/", "application", []),
        ("tokens/", "expires", "tomorrow"),
        ("tokens/", "expires", "2020-01-01T00:00:00Z"),
        ("tokens/", "expires", "9999-12-31T23:59:59-14:00"),
        ("tokens/", "expires", 1),
        ("tokens/", "expires", {}),
    ],
)
def test_a_bad_value_is_400_naming_the_field(post, path, field, value):
    answer = post(path, **{field: value})
    assert answer.status_code == 400, answer.content
    assert list(answer.json()) == [field]


@pytest.mark.parametrize("field", ["description", "redirect_uris", "skip_authorization"])
def test_null_is_as_good_as_nothing_where_awx_says_so(post, field):
    answer = post("applications/", **{field: None})
    assert answer.status_code == 201
    assert answer.json()[field] in ("", False)


def test_an_empty_flag_is_false(post):
    assert post("applications/", skip_authorization="").json()["skip_authorization"] is False
    assert post("applications/", name="one", skip_authorization=1).json()["skip_authorization"] is True


@pytest.mark.parametrize(
    "identity", ["0", "-1", "999999", str(HUGE), "9" * 5000, "1.5", "x", "%00", "a%00b", "%FF", "++"]
)
@pytest.mark.parametrize("resource", ["users", "organizations", "applications", "tokens", "activity_stream"])
def test_an_unknown_id_is_404(api, resource, identity):
    for verb in ("get", "patch", "delete"):
        answer = getattr(api, verb)(f"/api/v2/{resource}/{identity}/")
        assert answer.status_code in ({404, 405} if resource == "activity_stream" else {404}), answer.content


@pytest.mark.parametrize("path", ["organizations/{}/users/", "users/{}/tokens/", "applications/{}/activity_stream/"])
def test_an_unknown_parent_is_404(api, path):
    assert api.get("/api/v2/" + path.format(HUGE)).json() == {"detail": "Not found."}


@pytest.mark.parametrize("value", [0, -1, 999999, HUGE, "x", None, True, [1], {}])
def test_only_users_can_be_associated(api, organization, value):
    answer = api.post(f"/api/v2/organizations/{organization.pk}/users/", {"id": value})
    assert (answer.status_code, list(answer.json())) == (400, ["id"])


def test_an_association_needs_an_id(api, organization):
    path = f"/api/v2/organizations/{organization.pk}/admins/"
    assert api.post(path, {}).json() == {"id": ["This field is required."]}
    assert api.post(path, {"id": 1, "disassociate": "perhaps"}).status_code == 400


@pytest.mark.parametrize(("path", "field"), [("organizations/", "name"), ("users/", "username")])
def test_a_name_that_is_taken_is_400(post, path, field):
    post(path)
    answer = post(path)
    assert answer.status_code == 400
    assert "already exists" in answer.json()[field][0]


def test_an_application_that_exists_is_400_in_awxs_words(post):
    post("applications/")
    answer = post("applications/")
    assert answer.status_code == 400
    assert answer.json() == {"__all__": ["Application with this Name and Organization already exists."]}


def test_the_code_grant_needs_a_redirect_uri(post):
    answer = post("applications/", authorization_grant_type="authorization-code")
    assert answer.status_code == 400
    assert answer.json() == {"__all__": ["redirect_uris cannot be empty with grant_type authorization-code"]}


def test_a_change_is_checked_like_a_new_one(post, api):
    url = post("applications/").json()["url"]
    assert api.patch(url, {"redirect_uris": "ftp://a.example/"}).status_code == 400
    assert api.patch(url, {"name": ""}).json() == {"name": ["This field may not be blank."]}
    assert api.put(url, {"description": "x"}).status_code == 400
    assert api.get(url).json()["description"] == ""


def test_nobody_deletes_themselves(api, admin):
    User.objects.create_superuser("another")
    assert api.delete(f"/api/v2/users/{admin.pk}/").status_code == 403


def test_the_last_superuser_stays(api_as, admin):
    retired = User.objects.create_superuser("retired", is_active=False)
    for field, value in (("is_superuser", False), ("is_active", False)):
        answer = api_as(admin).patch(f"/api/v2/users/{admin.pk}/", {field: value})
        assert answer.status_code == 400
        assert list(answer.json()) == [field]
    answer = api_as(retired).delete(f"/api/v2/users/{admin.pk}/")
    assert answer.status_code == 403
    assert "last one" in answer.json()["detail"]


def test_a_large_body_is_refused(api):
    answer = api.post("/api/v2/tokens/", {"description": "x" * 1_000_000})
    assert answer.status_code in {400, 413}
    assert "too large" in answer.json()["detail"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=2", "page=x", f"page={HUGE}", "page=%00", "page=2&count_disabled"]
)
def test_a_page_that_is_not_there_is_404(api, query):
    answer = api.get(f"/api/v2/users/?{query}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Invalid page."})


@pytest.mark.parametrize("query", ["page_size=0", "page_size=-1", "page_size=x", f"page_size={HUGE}", "page_size=%00"])
def test_a_page_size_that_makes_no_sense_is_no_error(api, query):
    assert api.get(f"/api/v2/users/?{query}").status_code == 200


@pytest.mark.parametrize("verb", ["put", "patch", "delete"])
def test_lists_take_no_other_verb(api, verb):
    answer = getattr(api, verb)("/api/v2/users/")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")


def test_deep_values_are_no_trouble(api):
    body = json.dumps({"description": json.loads("[" * 400 + "]" * 400)})
    assert api.generic("POST", "/api/v2/tokens/", body, content_type="application/json").status_code == 400
