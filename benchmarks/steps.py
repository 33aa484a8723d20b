"""The steps that are measured: what a client sends, and what must be in the answer."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from urllib.parse import quote_plus, urlencode

from benchmarks.load import Script

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 Appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
USERNAME, PASSWORD = "resource-owner", "correct horse battery staple"


@dataclass(frozen=True)
class Paths:
    """Where a subject has its endpoints."""

    token: str
    introspect: str
    revoke: str
    me: str


class Supplies:
    """What was put into a subject's database for the steps, handed out to the clients."""

    def __init__(self, made: Mapping[str, Any]) -> None:
        self.clients: dict[str, tuple[str, str]] = made["clients"]
        self.redirect_uri: str = made["redirect_uri"]
        self.access_tokens = cycle(made["access_tokens"])
        self.refresh_tokens: list[str] = made["refresh_tokens"]
        # Each of these is good for one request
        self.codes: Iterator[str] = iter(made["codes"])
        self.revocable_tokens: Iterator[str] = iter(made["revocable_tokens"])

    def basic(self, client: str) -> str:
        """The client's Authorization header (RFC 6749 §2.3.1)."""
        pair = ":".join(quote_plus(part) for part in self.clients[client])
        return "Basic " + base64.b64encode(pair.encode()).decode()


def post(path: str, authorization: str, form: Mapping[str, str]) -> bytes:
    """A form, as bytes on the wire."""
    body = urlencode(form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _client_credentials(paths: Paths, supplies: Supplies) -> Script:
    request = post(paths.token, supplies.basic("client_credentials"), {"grant_type": "client_credentials"})
    while True:
        yield request


def _password(paths: Paths, supplies: Supplies) -> Script:
    form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    request = post(paths.token, supplies.basic("password"), form)
    while True:
        yield request


def _refresh(paths: Paths, supplies: Supplies) -> Script:
    """Each client has a token of its own; the answer has the next one."""
    refresh_token = supplies.refresh_tokens.pop()
    authorization = supplies.basic("code")
    try:
        while True:
            form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
            body = yield post(paths.token, authorization, form)
            refresh_token = json.loads(body)["refresh_token"]
    finally:
        supplies.refresh_tokens.append(refresh_token)


def _introspect(paths: Paths, supplies: Supplies) -> Script:
    authorization = supplies.basic("code")
    for token in supplies.access_tokens:
        yield post(paths.introspect, authorization, {"token": token})


def _bearer(paths: Paths, supplies: Supplies) -> Script:
    for token in supplies.access_tokens:
        head = f"GET {paths.me} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        yield f"{head}Authorization: Bearer {token}\r\n\r\n".encode()


def _revoke(paths: Paths, supplies: Supplies) -> Script:
    """A refresh token, and with it its access token."""
    authorization = supplies.basic("code")
    for token in supplies.revocable_tokens:
        yield post(paths.revoke, authorization, {"token": token})


def _code(paths: Paths, supplies: Supplies) -> Script:
    authorization = supplies.basic("code")
    form = {"grant_type": "authorization_code", "redirect_uri": supplies.redirect_uri, "code_verifier": VERIFIER}
    for code in supplies.codes:
        yield post(paths.token, authorization, {**form, "code": code})


@dataclass(frozen=True)
class Step:
    """One kind of request."""

    name: str
    title: str
    script: Callable[[Paths, Supplies], Script]
    expected: re.Pattern[bytes]  # found in the body of every answer
    slow: bool = False  # hashes a user's password


STEPS = {
    step.name: step
    for step in (
        Step("client_credentials", "client credentials", _client_credentials, re.compile(rb'"access_token"')),
        Step("refresh", "refresh, rotating", _refresh, re.compile(rb'"refresh_token"')),
        Step("introspect", "introspect", _introspect, re.compile(rb'"active": ?true')),
        Step("bearer", "bearer GET", _bearer, re.compile(rb'"username"')),
        Step("revoke", "revoke", _revoke, re.compile(rb"")),
        Step("code", "code + PKCE exchange", _code, re.compile(rb'"refresh_token"')),
        # Last: what hashing passwords leaves in memory is measured apart
        Step("password", "password", _password, re.compile(rb'"refresh_token"'), slow=True),
    )
}
