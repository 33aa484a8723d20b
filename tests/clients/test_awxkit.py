"""awxkit 24.6.1, unmodified: its real command line over real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
import requests

from tests.servers import ADMIN, ADMIN_PASSWORD, Server

BASIC = (ADMIN, ADMIN_PASSWORD)


@dataclass
class Result:
    """What a run of ``awx`` left behind."""

    code: int
    out: str
    errors: str


@dataclass
class Awx:
    """The command line, pointed at a server."""

    host: str

    def __call__(
        self, *arguments: str, token: str | None = None, username: str = ADMIN, password: str = ADMIN_PASSWORD
    ):
        login = ["--conf.token", token] if token else ["--conf.username", username, "--conf.password", password]
        done = subprocess.run(
            [
                *(sys.executable, "-W", "ignore", "-c", "from awxkit.cli import run; run()"),
                *("--conf.host", self.host, "--conf.color", "false", *login, *arguments),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": "/usr/bin:/bin"},
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Result(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str, **options: Any) -> Any:
        result = self(*arguments, **options)
        assert result.code == 0, result.out
        return json.loads(result.out) if result.out.strip() else None

    def get(self, path: str, **parameters: Any) -> Any:
        answer = requests.get(self.host + path, params=parameters, auth=BASIC, timeout=10)
        assert answer.status_code == HTTPStatus.OK, answer.text
        return answer.json()

    def me(self, token: str) -> requests.Response:
        return requests.get(f"{self.host}/api/v2/me/", headers={"Authorization": f"Bearer {token}"}, timeout=10)


@pytest.fixture
def awx(server: Server) -> Awx:
    return Awx(server.base_url)


def make_application(awx: Awx, name: str, **fields: Any) -> Any:
    body = {
        "name": name,
        "organization": 1,
        "client_type": "confidential",
        "authorization_grant_type": "password",
        **fields,
    }
    answer = requests.post(f"{awx.host}/api/v2/applications/", json=body, auth=BASIC, timeout=10)
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return answer.json()


def test_login_makes_a_personal_token(awx):
    token = awx.ok("login", "--description", "from the CLI")["token"]
    assert awx.me(token).json()["results"][0]["username"] == ADMIN
    stored = awx.get("/api/v2/tokens/", description="from the CLI")["results"][0]
    assert stored["application"] is None
    assert stored["scope"] == "write"


def test_login_prints_a_line_to_paste(awx):
    assert awx("login", "-f", "human").out.startswith("export CONTROLLER_OAUTH_TOKEN=")


def test_login_through_a_confidential_application(awx):
    application = make_application(awx, "confidential login")
    client = ["--conf.client_id", application["client_id"], "--conf.client_secret", application["client_secret"]]
    token = awx.ok("login", *client, "--conf.scope", "read")["token"]
    assert awx.me(token).status_code == HTTPStatus.OK
    stored = awx.get("/api/v2/tokens/", application=application["id"])["results"][0]
    assert (stored["scope"], stored["refresh_token"]) == ("read", "************")


def test_login_through_a_public_application(awx):
    application = make_application(awx, "public login", client_type="public")
    token = awx.ok("login", "--conf.client_id", application["client_id"])["token"]
    assert awx.me(token).status_code == HTTPStatus.OK


def test_login_with_a_wrong_password_makes_no_token(awx):
    before = awx.get("/api/v2/tokens/")["count"]
    assert "Error retrieving an OAuth2.0 token" in awx("login", password="wrong").out
    assert awx.get("/api/v2/tokens/")["count"] == before


def test_me_with_a_session(awx):
    assert awx.ok("me")["results"][0]["username"] == ADMIN


def test_me_with_a_token(awx):
    token = awx.ok("login")["token"]
    assert awx.ok("me", token=token)["results"][0]["username"] == ADMIN


def test_a_wrong_token_is_refused(awx):
    result = awx("me", token="wrong")
    assert result.code == 1
    assert "Valid credentials were not provided" in result.errors


def test_a_token_from_creation_to_deletion(awx):
    created = awx.ok("tokens", "create", "--scope", "read", "--description", "of awxkit")
    assert awx.me(created["token"]).status_code == HTTPStatus.OK
    identifier = str(created["id"])

    shown = awx.ok("tokens", "get", identifier)
    assert (shown["description"], shown["token"]) == ("of awxkit", "************")
    assert created["id"] in [token["id"] for token in awx.ok("tokens", "list", "--all", "--order_by=-id")["results"]]
    assert awx.ok("tokens", "list", "--description", "of awxkit")["count"] == 1

    assert awx.ok("tokens", "modify", identifier, "--scope", "write")["scope"] == "write"
    awx.ok("tokens", "delete", identifier)
    assert awx.me(created["token"]).status_code == HTTPStatus.UNAUTHORIZED


def test_a_token_for_an_application_by_name(awx):
    application = make_application(awx, "named")
    created = awx.ok("tokens", "create", "--application", "named")
    assert created["application"] == application["id"]
    assert created["refresh_token"] not in {None, "************"}


def test_a_read_token_cannot_create(awx):
    token = awx.ok("tokens", "create", "--scope", "read")["token"]
    before = awx.get("/api/v2/tokens/")["count"]
    assert awx("tokens", "create", token=token).code != 0  # OPTIONS offers no POST, so there is no such command
    assert awx.get("/api/v2/tokens/")["count"] == before


def test_every_page_is_followed(awx):
    for _ in range(26):
        requests.post(f"{awx.host}/api/v2/tokens/", json={"description": "many"}, auth=BASIC, timeout=10)
    assert len(awx.ok("tokens", "list", "--all", "--description", "many")["results"]) == 26


def test_an_application_from_creation_to_deletion(awx):
    created = awx.ok(
        "applications", "create", "--name", "from the CLI", "--organization", "Default",
        "--client_type", "confidential", "--authorization_grant_type", "authorization-code", "--redirect_uris", "https://client.example/callback",
        "--skip_authorization", "true",
    )  # fmt: skip
    assert len(created["client_secret"]) == 128
    assert created["skip_authorization"] is True
    assert awx.ok("applications", "list", "--name", "from the CLI")["count"] == 1
    assert awx.ok("applications", "get", "from the CLI")["client_secret"] == "************"

    modified = awx.ok("applications", "modify", "from the CLI", "--description", "changed")
    assert modified["description"] == "changed"
    awx.ok("applications", "modify", str(created["id"]), "--skip_authorization", "false")
    assert awx.get(created["url"])["skip_authorization"] is False

    awx.ok("applications", "delete", "from the CLI")
    assert awx.get("/api/v2/applications/", name="from the CLI")["count"] == 0


def test_a_mistake_is_explained(awx):
    make_application(awx, "twice")
    result = awx(
        "applications", "create", "--name", "twice", "--organization", "1", "--client_type", "public",
        "--authorization_grant_type", "password",
    )  # fmt: skip
    assert result.code == 1
    assert "Application with this Name and Organization already exists." in result.out


def test_human_output(awx):
    make_application(awx, "readable")
    assert "readable" in awx("applications", "list", "--all", "-f", "human").out


def test_an_organization_from_creation_to_deletion(awx):
    created = awx.ok("organizations", "create", "--name", "Research", "--description", "new")
    assert awx.ok("organizations", "get", "Research")["id"] == created["id"]
    assert awx.ok("organizations", "modify", "Research", "--description", "old")["description"] == "old"
    awx.ok("organizations", "delete", "Research")
    assert awx.get("/api/v2/organizations/", name="Research")["count"] == 0


def test_a_user_from_creation_to_deletion(awx):
    password = "a long enough one"
    created = awx.ok("users", "create", "--username", "carol", "--password", password, "--first_name", "Carol")
    assert awx.ok("me", username="carol", password=password)["results"][0]["id"] == created["id"]
    assert awx.ok("users", "get", "carol")["first_name"] == "Carol"
    assert awx.ok("users", "list", "--username", "carol")["count"] == 1

    assert awx.ok("users", "modify", "carol", "--is_system_auditor", "true")["is_system_auditor"] is True
    token = awx.ok("login", username="carol", password=password)["token"]
    awx.ok("users", "delete", "carol")
    assert awx.me(token).status_code == HTTPStatus.UNAUTHORIZED


def test_the_activity_stream(awx):
    awx.ok("organizations", "create", "--name", "Seen")
    entries = awx.ok("activity_stream", "list", "--operation", "create", "--order_by=-id")["results"]
    assert entries[0]["object1"] == "organization"
    assert awx.ok("activity_stream", "get", str(entries[0]["id"]))["changes"]["name"] == "Seen"
