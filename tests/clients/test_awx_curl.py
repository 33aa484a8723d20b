"""The curl lines of AWX's page "Token Handling using OAuth2", as they stand there, through the real curl."""

from __future__ import annotations

import json

import pytest

from tests.servers import ADMIN, ADMIN_PASSWORD
from tests.shell import needs_curl, reply

pytestmark = needs_curl

# What stands for the reader's own values on that page
TOKEN_LINE = r"""curl -X POST \
  -H "Content-Type: application/x-www-form-urlencoded" \
  -d "grant_type=password&username=<username>&password=<password>&scope=read" \
  -u "gwSPoasWSdNkMDtBN3Hu2WYQpPWCO9SwUEsKK22l:fI6ZpfocHYBGfm1tP92r0yIgCyfRdDQt0Tos9L8a4fNsJjQQMwp9569eIaUBsaVDgt2eiwOGe0bg5m5vCSstClZmtdy359RVx2rQK5YlIWyPlrolpt2LEpVeKXWaiybo" \
  http://localhost:8013/api/o/token/ -i"""  # noqa: E501 - verbatim
REFRESH_LINE = r"""curl -X POST \
  -H "Content-Type: application/x-www-form-urlencoded" \
  -d "grant_type=refresh_token&refresh_token=AL0NK9TTpv0qp54dGbC4VUZtsZ9r8z" \
  -u "gwSPoasWSdNkMDtBN3Hu2WYQpPWCO9SwUEsKK22l:fI6ZpfocHYBGfm1tP92r0yIgCyfRdDQt0Tos9L8a4fNsJjQQMwp9569eIaUBsaVDgt2eiwOGe0bg5m5vCSstClZmtdy359RVx2rQK5YlIWyPlrolpt2LEpVeKXWaiybo" \
  http://localhost:8013/api/o/token/ -i"""  # noqa: E501 - verbatim
REVOKE_LINE = r"""curl -X POST -d "token=rQONsve372fQwuc2pn76k3IHDCYpi7" \
  -u "gwSPoasWSdNkMDtBN3Hu2WYQpPWCO9SwUEsKK22l:fI6ZpfocHYBGfm1tP92r0yIgCyfRdDQt0Tos9L8a4fNsJjQQMwp9569eIaUBsaVDgt2eiwOGe0bg5m5vCSstClZmtdy359RVx2rQK5YlIWyPlrolpt2LEpVeKXWaiybo" \
  http://localhost:8013/api/o/revoke_token/ -i"""  # noqa: E501 - verbatim
READERS_OWN = {
    "client_id": "gwSPoasWSdNkMDtBN3Hu2WYQpPWCO9SwUEsKK22l",
    "client_secret": "fI6ZpfocHYBGfm1tP92r0yIgCyfRdDQt0Tos9L8a4fNsJjQQMwp9569eIaUBsaVDgt2eiwOGe0bg5m5vCSstClZmtdy35"
    "9RVx2rQK5YlIWyPlrolpt2LEpVeKXWaiybo",
    "base_url": "http://localhost:8013",
    "username": "<username>",
    "password": "<password>",
    "refresh_token": "AL0NK9TTpv0qp54dGbC4VUZtsZ9r8z",
    "token": "rQONsve372fQwuc2pn76k3IHDCYpi7",
}


@pytest.fixture(scope="module")
def client(server):
    made = server.manage("createapplication", "confidential", "password", "--name", "AWX's curl lines", "--json")
    return json.loads(made)


@pytest.fixture
def curl(server, client):
    """Run a line with the reader's own values in place of the page's."""

    def run_line(line, **values):
        values = {"client_id": client["client_id"], "client_secret": client["client_secret"], **values}
        for name, value in {**values, "base_url": server.base_url}.items():
            line = line.replace(READERS_OWN[name], value)
        return reply(server, line)

    return run_line


def test_the_token_line_the_refresh_line_and_the_revoke_line(curl, wire):
    first = curl(TOKEN_LINE, username=ADMIN, password=ADMIN_PASSWORD)
    assert first.status_line == "HTTP/1.1 200 OK"
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Cache-Control"] == "no-store"
    assert first.headers["Pragma"] == "no-cache"
    assert set(first.json()) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (first.json()["token_type"], first.json()["scope"]) == ("Bearer", "read")
    assert wire.me(first.json()["access_token"]).json()["results"][0]["username"] == ADMIN

    second = curl(REFRESH_LINE, refresh_token=first.json()["refresh_token"])
    assert second.status_line == "HTTP/1.1 200 OK"
    assert second.json()["scope"] == "read"
    assert second.json()["refresh_token"] != first.json()["refresh_token"]
    assert wire.me(first.json()["access_token"]).status == 401
    assert wire.me(second.json()["access_token"]).status == 200

    revoked = curl(REVOKE_LINE, token=second.json()["access_token"])
    assert revoked.status_line == "HTTP/1.1 200 OK"
    assert revoked.json() == {}
    assert wire.me(second.json()["access_token"]).status == 401
    refused = curl(REFRESH_LINE, refresh_token=second.json()["refresh_token"])
    assert refused.status_line == "HTTP/1.1 400 Bad Request"
    assert refused.json()["error"] == "invalid_grant"


def test_the_token_line_with_a_wrong_password_or_secret(curl):
    refused = curl(TOKEN_LINE, username=ADMIN, password="wrong")
    assert (refused.status_line, refused.json()["error"]) == ("HTTP/1.1 400 Bad Request", "invalid_grant")
    stranger = curl(TOKEN_LINE, client_secret="wrong", username=ADMIN, password=ADMIN_PASSWORD)
    assert (stranger.status_line, stranger.json()["error"]) == ("HTTP/1.1 401 Unauthorized", "invalid_client")
    assert stranger.headers["WWW-Authenticate"].startswith("Basic ")
