"""Logging in and out, and the roots that answer before anybody has."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from awx_oauth.activity.models import Activity, Event
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def basic(username, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def log_in(client, **fields):
    return client.post("/api/login/", {"username": "alice", "password": PASSWORD, "next": "/api/", **fields})


def test_the_root_tells_where_everything_is(client):
    answer = client.get("/api/")
    assert answer.json() == {
        "description": "AWX REST API",
        "current_version": "/api/v2/",
        "available_versions": {"v2": "/api/v2/"},
        "oauth2": "/api/o/",
        "custom_logo": "",
        "custom_login_info": "",
        "login_redirect_override": "",
    }
    assert "csrftoken" in answer.cookies
    assert answer["X-API-Product-Name"] == "AWX"
    assert "X-API-Product-Version" not in answer


def test_the_version_root_lists_the_resources(client):
    answer = client.get("/api/v2/").json()
    assert list(answer) == ["me", "organizations", "users", "applications", "tokens", "activity_stream"]
    assert answer["activity_stream"] == "/api/v2/activity_stream/"


@pytest.mark.parametrize("path", ["/api/", "/api/v2/"])
@pytest.mark.parametrize("credentials", [{"Authorization": "Bearer stale"}, basic("alice", "wrong")])
def test_wrong_credentials_do_not_hide_the_roots(client, path, credentials):
    answer = client.get(path, headers=credentials)
    assert answer.status_code == 200
    assert "X-API-Product-Version" not in answer


def test_someone_logged_in_learns_the_version(client, alice):
    client.force_login(alice)
    answer = client.get("/api/v2/me/")
    assert answer["X-API-Product-Version"] == "24.6.1"
    assert answer["Session-Timeout"] == "1800"
    assert answer["X-API-Time"].endswith("s")
    assert answer["Cache-Control"] == "no-store"


def test_login_answers_as_awx_does(client, alice):
    answer = log_in(client)
    assert (answer.status_code, answer["Location"]) == (302, "/api/")
    assert answer["X-API-Session-Cookie-Name"] == "awx_sessionid"
    assert answer.cookies["userLoggedIn"].value == "true"
    assert client.get("/api/v2/me/").json()["results"][0]["username"] == "alice"


@pytest.mark.parametrize(
    "fields", [{"password": "wrong"}, {"username": "nobody"}, {"username": ""}, {"username": "a\0"}]
)
def test_wrong_credentials_are_401_with_the_form(client, alice, fields):
    answer = log_in(client, **fields)
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("text/html")
    assert "awx_sessionid" not in answer.cookies


def test_a_disabled_user_does_not_get_in(client, alice):
    alice.is_active = False
    alice.save()
    assert log_in(client).status_code == 401


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_login_leads_nowhere_else(client, alice, url):
    assert log_in(client, next=url)["Location"] == "/"
    assert log_in(client, next="https://testserver/x")["Location"] == "https://testserver/x"


def test_login_changes_the_session_key(client, alice):
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["awx_sessionid"] = session.session_key
    assert log_in(client).cookies["awx_sessionid"].value != session.session_key


def test_login_needs_the_csrf_token(alice):
    client = Client(enforce_csrf_checks=True)
    assert log_in(client).status_code == 403
    token = client.get("/api/").cookies["csrftoken"].value
    fields = {"username": "alice", "password": PASSWORD}
    assert client.post("/api/login/", fields, headers={"X-CSRFToken": token}).status_code == 302


def test_the_login_form_is_for_browsers(client):
    assert client.get("/api/login/", headers={"Accept": "text/html"}).status_code == 200
    assert client.get("/api/login/", headers={"Accept": "application/json"}).status_code == 406


def test_logout_ends_the_session(client, alice):
    log_in(client)
    answer = client.post("/api/logout/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/")
    assert answer.cookies["userLoggedIn"].value == "false"
    assert client.get("/api/v2/me/").status_code == 401


def test_a_link_logs_out_as_it_does_in_awx(client, alice):
    log_in(client)
    assert client.get("/api/logout/").status_code == 302
    assert client.get("/api/v2/me/").status_code == 401


def test_but_not_one_on_another_site(client, alice):
    log_in(client)
    client.get("/api/logout/", headers={"Sec-Fetch-Site": "cross-site"})
    assert client.get("/api/v2/me/").status_code == 200


def test_logins_and_failures_are_in_the_log(client, alice):
    log_in(client, password="wrong")
    log_in(client, username="hunter2 typed into the wrong field")
    log_in(client)
    client.post("/api/logout/")
    entries = list(Activity.objects.order_by("pk").values_list("event", "actor_name", "object_name"))
    assert entries == [
        (Event.LOGIN_FAILED, "", "alice"),
        (Event.LOGIN_FAILED, "", ""),
        (Event.LOGIN, "alice", ""),
        (Event.LOGOUT, "alice", ""),
    ]


def test_basic_can_be_switched_off(client, alice, settings):
    assert client.get("/api/v2/me/", headers=basic("alice", PASSWORD)).status_code == 200
    settings.AUTH_BASIC_ENABLED = False
    assert client.get("/api/v2/me/", headers=basic("alice", PASSWORD)).status_code == 401


@pytest.mark.parametrize(("username", "password"), [("alice", "wrong"), ("nobody", "x"), ("a\0lice", "x"), ("", "")])
def test_wrong_basic_credentials_are_401(client, alice, username, password):
    answer = client.get("/api/v2/me/", headers=basic(username, password))
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Invalid username/password. To establish a login session, visit /api/login/."
    assert answer["WWW-Authenticate"].startswith('Bearer realm="api"')


def test_no_credentials_are_401(client):
    answer = client.get("/api/v2/me/")
    assert answer.status_code == 401
    assert answer.json() == {
        "detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."
    }
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", authorization_url="/api/o/authorize/"'


def test_a_bad_bearer_token_is_401(client, db):
    answer = client.get("/api/v2/me/", headers={"Authorization": "Bearer stale"})
    assert answer.status_code == 401
    assert answer.json()["detail"].endswith(" To establish a login session, visit /api/login/.")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_session_cannot_write_without_the_csrf_token(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/api/v2/tokens/", {}, content_type="application/json").status_code == 403


@pytest.mark.parametrize(
    "name",
    ["projects", "inventories", "teams", "credentials", "job_templates", "workflow_job_templates", "instance_groups"],
)
def test_resources_of_awx_that_we_lack_answer_options_only(client, alice, name):
    client.force_login(alice)
    assert client.options(f"/api/v2/{name}/").json() == {}
    assert client.get(f"/api/v2/{name}/").status_code == 404
    assert client.post(f"/api/v2/{name}/").status_code == 404


@pytest.mark.parametrize("path", ["/api/gateway/v1/tokens/", "/o/token/", "/api/v2/nothing/"])
def test_an_unknown_path_is_404_to_post(client, db, path):
    # Later clients fall back to ours on 404 only
    assert client.post(path, {}, content_type="application/json").status_code == 404


@pytest.mark.parametrize("path", ["/api/", "/api/v2/", "/api/v2/me/", "/api/v2/users/", "/api/v2/tokens/"])
def test_a_browser_gets_a_page(client, alice, path):
    client.force_login(alice)
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
