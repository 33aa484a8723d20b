"""Who takes part in the tests against a started server: clients and users, made as they are needed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests import secrets_in_logs
from tests.servers import ADMIN, ADMIN_PASSWORD, Server
from tests.wire import Client, Person, Wire

PASSWORD = "correct horse"
REDIRECT_URI = "https://client.example/callback"

CODE = {
    "client_type": "confidential",
    "authorization_grant_type": "authorization-code",
    "redirect_uris": REDIRECT_URI,
    "skip_authorization": True,
}
ASKING = {**CODE, "skip_authorization": False}
PASSWORD_GRANT = {"client_type": "confidential", "authorization_grant_type": "password"}
CLIENT_CREDENTIALS = {"client_type": "confidential", "authorization_grant_type": "client-credentials"}
DEVICE = {"client_type": "public", "authorization_grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
RESOURCE_SERVER = {**CLIENT_CREDENTIALS, "resource_server": True}

_numbers = count(1)


@dataclass(frozen=True)
class Cast:
    """The users and clients of one server, made as they are needed, through the REST API."""

    server: Server

    def rest(self, method: str, path: str, **fields: Any) -> Any:
        """A request of the first admin's under ``/api/v2/``. Gives the JSON that comes back, if any does."""
        login = base64.b64encode(f"{ADMIN}:{ADMIN_PASSWORD}".encode()).decode()
        with Wire(self.server) as wire:
            headers = {"Authorization": f"Basic {login}", "Content_Type": "application/json"}
            answer = wire.send(method, f"/api/v2/{path}", json.dumps(fields) if fields else None, **headers)
        assert 200 <= answer.status < 300, answer
        return answer.json() if answer.body else None

    def client(self, **kind: Any) -> Client:
        """Register a client."""
        [organization] = self.rest("GET", "organizations/?name=Default")["results"]
        fields = {"name": f"client {next(_numbers)}", "organization": organization["id"], **kind}
        made = self.rest("POST", "applications/", **fields)
        return Client(made["client_id"], made.get("client_secret") or "", made["id"])

    def user(self) -> Person:
        """Add a user."""
        name = f"user{next(_numbers)}"
        made = self.rest("POST", "users/", username=name, password=PASSWORD)
        secrets_in_logs.learn_password(PASSWORD)
        return Person(self.server, made["id"], name, PASSWORD)
