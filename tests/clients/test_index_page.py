"""Every command that the page at ``/api/o/`` shows, taken from the page and pasted into a shell."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
import requests

from tests.cast import PASSWORD
from tests.oauth import answer_in
from tests.shell import needs_curl, reply, run

pytestmark = needs_curl


class Commands(HTMLParser):
    """The commands of the page: each under its id, and the one that makes an application under its section's."""

    def __init__(self, page):
        super().__init__()
        self.by_id = {}
        self.create = {}
        self.prepare = {}
        self._section = self._id = self._text = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "section":
            self._section = found.get("id")
        if tag == "pre" and "code-command" in found.get("class", "").split():
            self._id, self._text = found.get("id"), ""

    def handle_data(self, data):
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag != "pre" or self._text is None:
            return
        if self._id:
            self.by_id[self._id] = self._text
        elif "createapplication" in self._text:
            self.create[self._section] = self._text
        else:
            self.prepare.setdefault(self._section, []).append(self._text)
        self._text = None


@pytest.fixture(scope="module")
def commands(server):
    page = requests.get(f"{server.base_url}/api/o/", headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 200
    return Commands(page.text)


@pytest.fixture
def client(server, commands):
    """The variables CLIENT_ID and CLIENT_SECRET after the page's own command made an application."""

    def make(section):
        made = json.loads(run(server, f"{commands.create[section]} --json"))
        return {"CLIENT_ID": made["client_id"], "CLIENT_SECRET": made.get("client_secret", "")}

    return make


@pytest.fixture
def curl(server, commands):
    """Run a command by its id and give the JSON of a reply with status 200."""

    def run_command(name, **variables):
        answer = reply(server, commands.by_id[name], **variables)
        assert answer.status_line == "HTTP/1.1 200 OK", answer
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.json()

    return run_command


def test_the_page_has_a_command_for_each_flow_and_no_other(commands):
    flows = {"authorization-code", "pkce", "password", "refresh", "client-credentials", "revoke"}
    more = {"me", "introspect", "device-authorization", "device-token", "metadata"}
    assert set(commands.by_id) == {f"curl-{name}" for name in flows | more}


def test_password_then_the_rest_api_then_refresh_introspection_and_revocation(server, commands, client, curl, visitor):
    own = client("prepare")
    first = curl("curl-password", LOGIN=visitor.username, PASSWORD=PASSWORD, **own)
    me = json.loads(run(server, commands.by_id["curl-me"], ACCESS_TOKEN=first["access_token"]))
    assert me["results"][0]["username"] == visitor.username
    second = curl("curl-refresh", REFRESH_TOKEN=first["refresh_token"], **own)
    assert curl("curl-introspect", TOKEN=second["access_token"], **own)["active"] is True
    assert curl("curl-revoke", TOKEN=second["access_token"], **own) == {}
    assert curl("curl-introspect", TOKEN=second["refresh_token"], **own) == {"active": False}


@pytest.mark.parametrize("flow", ["authorization-code", "pkce"])
def test_a_code_is_asked_for_and_exchanged(server, commands, client, curl, visitor, flow):
    own = client(flow)
    script = "\n".join([*commands.prepare[flow], 'echo "${CODE_VERIFIER-}"'])
    url, verifier = run(server, script, **own).split("\n")[:2]
    answer = answer_in(visitor.answer_of(url))
    assert answer["state"]
    got = curl(f"curl-{flow}", CODE=answer["code"], CODE_VERIFIER=verifier, **own)
    assert set(got) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}


def test_client_credentials(client, curl):
    got = curl("curl-client-credentials", **client("client-credentials"))
    assert set(got) == {"access_token", "token_type", "expires_in", "scope"}


def test_a_device(client, curl, visitor):
    own = client("device")
    started = curl("curl-device-authorization", **own)
    visitor.connect_device(started["user_code"])
    got = curl("curl-device-token", DEVICE_CODE=started["device_code"], **own)
    assert got["scope"] == "read"


def test_the_metadata(server, commands):
    assert json.loads(run(server, commands.by_id["curl-metadata"]))["issuer"] == server.base_url
