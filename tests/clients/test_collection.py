"""What the awx.awx 24.6.1 collection's ``application`` and ``token`` modules send, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from itertools import count
from typing import Any

import pytest
import requests

from tests.servers import ADMIN, ADMIN_PASSWORD, Server

_numbers = count(1)


class Module:
    """The collection's ``ControllerAPIModule``: a token for each task, then JSON with it, then the token's end."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = requests.Session()
        self.http.headers["Content-Type"] = "application/json"

    def authenticate(self) -> None:
        body = {
            "description": "Automation Platform Controller Module Token",
            "application": None,
            "scope": "write",
        }
        answer = self._send("POST", "/api/v2/tokens/", json=body, auth=(ADMIN, ADMIN_PASSWORD))
        self.own_token = answer["id"]
        self.http.headers["Authorization"] = f"Bearer {answer['token']}"

    def logout(self) -> None:
        del self.http.headers["Authorization"]
        self._send("DELETE", f"/api/v2/tokens/{self.own_token}/", auth=(ADMIN, ADMIN_PASSWORD))

    def get(self, path: str, **parameters: Any) -> Any:
        return self._send("GET", path, params=parameters)

    def post(self, path: str, **body: Any) -> Any:
        return self._send("POST", path, json=body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._send("PATCH", path, json=body)

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        answer = self.http.request(method, self.base_url + path, timeout=10, **options)
        expected = {"POST": HTTPStatus.CREATED, "DELETE": HTTPStatus.NO_CONTENT}.get(method, HTTPStatus.OK)
        assert answer.status_code == expected, answer.text
        # The module warns when these do not fit it
        assert answer.headers["X-API-Product-Name"] == "AWX"
        assert answer.headers["X-API-Product-Version"].startswith("24.")
        return answer.json() if answer.content else None


@pytest.fixture
def module(server: Server) -> Iterator[Module]:
    module = Module(server.base_url)
    module.authenticate()
    yield module
    module.logout()


@pytest.fixture
def organization(module: Module) -> int:
    found = module.get("/api/v2/organizations/", name="Default")
    assert found["count"] == 1
    return int(found["results"][0]["id"])


@pytest.fixture
def application(module: Module, organization: int) -> Any:
    return module.post(
        "/api/v2/applications/",
        name=f"collection {next(_numbers)}",
        organization=organization,
        authorization_grant_type="authorization-code",
        client_type="confidential",
        description="made by the collection",
        redirect_uris="https://a.example/ https://b.example/",
        skip_authorization=True,
    )


def test_application_present(module, organization, application):
    assert application["client_id"]
    assert len(application["client_secret"]) == 128
    found = module.get("/api/v2/applications/", organization=organization, name=application["name"])
    assert (found["count"], found["results"][0]["id"]) == (1, application["id"])
    assert found["results"][0]["type"] == "o_auth2_application"


def test_application_changed(module, organization, application):
    changed = module.patch(
        application["url"], name=application["name"], organization=organization, description="changed"
    )
    assert changed["description"] == "changed"


def test_application_by_number(module, organization, application):
    number = str(application["id"])
    found = module.get("/api/v2/applications/", organization=organization, or__id=number, or__name=number)
    assert [row["id"] for row in found["results"]] == [application["id"]]


def test_application_by_named_url(module, application):
    assert module.get(f"/api/v2/applications/{application['name']}++Default/")["id"] == application["id"]


def test_application_absent(module, organization, application):
    module.delete(application["url"])
    assert module.get("/api/v2/applications/", organization=organization, name=application["name"])["count"] == 0


def test_application_that_exists(module, organization, application):
    answer = module.http.post(
        f"{module.base_url}/api/v2/applications/",
        json={
            "name": application["name"],
            "organization": organization,
            "client_type": "public",
            "authorization_grant_type": "password",
        },
        timeout=10,
    )
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.json()["__all__"][0] == "Application with this Name and Organization already exists."


def test_token_present_and_absent(module, application):
    found = module.get("/api/v2/applications/", name=application["name"])["results"][0]["id"]
    token = module.post("/api/v2/tokens/", description="from a play", application=found, scope="read")
    assert token["type"] == "o_auth2_access_token"
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert requests.get(f"{module.base_url}/api/v2/me/", headers=headers, timeout=10).status_code == HTTPStatus.OK
    module.delete(token["url"])
    assert (
        requests.get(f"{module.base_url}/api/v2/me/", headers=headers, timeout=10).status_code
        == HTTPStatus.UNAUTHORIZED
    )


def test_token_absent_by_id(module):
    token = module.post("/api/v2/tokens/", description="from a play", scope="write")
    found = module.get("/api/v2/tokens/", id=token["id"])
    assert found["count"] == 1
    module.delete(found["results"][0]["url"])
    assert module.get("/api/v2/tokens/", id=token["id"])["count"] == 0


def test_wrong_credentials_are_401(server):
    answer = requests.post(f"{server.base_url}/api/v2/tokens/", json={}, auth=(ADMIN, "wrong"), timeout=10)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
