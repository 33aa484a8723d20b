"""A strict client that is not written in Python: oauth4webapi, in node, over real HTTP."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.cast import ASKING, CLIENT_CREDENTIALS, DEVICE, REDIRECT_URI


@pytest.fixture
def play(server, visitor, me_url, library):
    """Run one flow for a client, with the visitor at the browser; give what it came to."""

    def play_flow(flow, client, method="client_secret_basic"):
        given = {
            "issuer": server.base_url,
            "flow": flow,
            "client_id": client.client_id,
            "client_secret": client.secret,
            "method": method,
            "redirect_uri": REDIRECT_URI,
            "resource": me_url,
        }
        with subprocess.Popen(
            ["node", "client.mjs", json.dumps(given)],
            cwd=library, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                message = json.loads(line)
                if "result" in message:
                    return message["result"]
                if "visit" in message:
                    came_back = visitor.answer_of(message["visit"])
                else:
                    visitor.connect_device(message["device"])
                    came_back = "done"
                process.stdin.write(f"{came_back}\n")
                process.stdin.flush()
            pytest.fail(process.stderr.read())

    return play_flow


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_discovery_then_code_with_pkce_then_refresh_introspection_and_revocation(cast, visitor, play, method):
    visitor.log_in()
    client = cast.client(**ASKING | {"client_type": "public" if method == "none" else "confidential"})
    came_to = play("code", client, method)
    introspected = came_to.pop("introspected", None)
    assert came_to == {
        "refused": {"refused": "consent_required"},
        "scope": "read",
        "users": [visitor.username, visitor.username],
        "revoked": "invalid_token",
        "replayed": {"refused": "invalid_grant"},
    }
    if method != "none":
        assert (introspected["active"], introspected["username"]) == (True, visitor.username)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_client_credentials_then_introspection_and_revocation(cast, play, method):
    client = cast.client(**CLIENT_CREDENTIALS)
    came_to = play("client_credentials", client, method)
    assert came_to["scope"] == "read"
    assert (came_to["introspected"]["active"], came_to["introspected"]["client_id"]) == (True, client.client_id)
    assert came_to["revoked"] == {"active": False}


@pytest.mark.parametrize("client_type", ["public", "confidential"])
def test_device_flow(cast, visitor, play, client_type):
    came_to = play("device", cast.client(**DEVICE | {"client_type": client_type}))
    assert came_to == {
        "waiting": {"refused": "authorization_pending"},
        "user": visitor.username,
        "again": {"refused": "invalid_grant"},
    }
