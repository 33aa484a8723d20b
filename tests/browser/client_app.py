"""A small web application that signs people in with this service: the other side of the browser tests."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http import cookies
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import Request, urlopen

from tests.oauth import basic, challenge_for
from tests.wire import Client

REDIRECT_URI = "http://127.0.0.1/callback"  # any port (RFC 8252 §7.3)


@dataclass
class ClientApp:
    """The running application: where it answers, and whom it knows."""

    service: str
    client: Client
    base_url: str = ""
    pending: dict[str, str] = field(default_factory=dict)  # verifiers by state

    def authorization_url(self) -> str:
        """Begin a sign-in (RFC 6749 §4.1.1, RFC 7636)."""
        state, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(48)
        self.pending[state] = verifier
        query = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": f"{self.base_url}/callback",
            "scope": "read",
            "state": state,
            "code_challenge": challenge_for(verifier),
            "code_challenge_method": "S256",
        }
        return f"{self.service}/api/o/authorize/?{urlencode(query)}"

    def finish(self, answer: dict[str, str], own_states: set[str]) -> str:
        """What the page at the redirect address says to the browser that began with ``own_states``."""
        verifier = self.pending.pop(answer.get("state", ""), None)
        if verifier is None or answer["state"] not in own_states:
            return "This answer is not one that was asked for."
        if answer.get("iss") != self.service:
            return "This answer is from somebody else."  # RFC 9207 §2.4
        if "error" in answer:
            return f"No access: {answer['error']}"
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": f"{self.base_url}/callback",
            "code_verifier": verifier,
        }
        login = basic(self.client.client_id, self.client.secret)
        tokens = fetch(f"{self.service}/api/o/token/", form, Authorization=login)
        if "error" in tokens:
            return f"No token: {tokens['error']}"
        me = fetch(f"{self.service}/api/v2/me/", Authorization=f"Bearer {tokens['access_token']}")
        return f"Welcome, {me['results'][0]['username']}"


def fetch(url: str, form: dict[str, str] | None = None, **headers: str) -> Any:
    """The JSON at ``url``, also that of an error; a form is POSTed."""
    request = Request(url, urlencode(form).encode() if form else None, headers)
    try:
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except HTTPError as error:
        return json.load(error)


class _Handler(BaseHTTPRequestHandler):
    app: ClientApp

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/":
            self._page('<a href="/login">Sign in</a>')
        elif parts.path == "/login":
            url = self.app.authorization_url()
            self.send_response(302)
            self.send_header("Location", url)
            # A cookie for each, so that two tabs do not get in each other's way
            self.send_header("Set-Cookie", f"{dict(parse_qsl(urlsplit(url).query))['state']}=1; HttpOnly")
            self.end_headers()
        elif parts.path == "/callback":
            own_states = set(cookies.SimpleCookie(self.headers.get("Cookie", "")))
            self._page(f"<h1>{escape(self.app.finish(dict(parse_qsl(parts.query)), own_states))}</h1>")
        else:
            self.send_error(404)

    def _page(self, content: str) -> None:
        page = f'<!doctype html><title>Demo</title><link rel="icon" href="data:,">{content}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments: Any) -> None:
        pass


@contextmanager
def running(service: str, client: Client) -> Iterator[ClientApp]:
    """Serve the application on a free port of this machine."""
    app = ClientApp(service, client)
    handler = type("Handler", (_Handler,), {"app": app})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        app.base_url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield app
        finally:
            server.shutdown()
            thread.join()
