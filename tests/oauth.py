"""A client of the service for tests: sends what the RFCs say, in the client's name, and nothing of its own."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

from django.test import Client

from applications.models import Application

FORM = "application/x-www-form-urlencoded"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636 Appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def basic(client_id: str, secret: str) -> str:
    """RFC 6749 §2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(pair.encode()).decode()


def challenge_for(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def answer_in(location: str) -> dict[str, str]:
    """The parameters of a redirect, each of which must be there once."""
    found = parse_qs(urlsplit(location).query, strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), location
    return {name: values[0] for name, values in found.items()}


class _HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden":
            self.values[found.get("name") or ""] = found.get("value") or ""


def hidden_fields(page: Any) -> dict[str, str]:
    """The hidden inputs of a page."""
    parser = _HiddenFields()
    parser.feed(page.content.decode())
    return parser.values


@dataclass
class Driver:
    """One client application, at the endpoints."""

    http: Client
    application: Application
    secret: str

    def post(self, path: str, form: Any, *, auth: str | None = "basic", **headers: str) -> Any:
        """POST a form (a dict, a list of pairs, or encoded). ``auth``: basic, post, none, or ``None`` for nothing."""
        encoded = form if isinstance(form, str) else urlencode(form)
        if auth == "basic":
            headers.setdefault("Authorization", basic(self.application.client_id, self.secret))
        elif auth in {"post", "none"}:
            own = {"client_id": self.application.client_id}
            if auth == "post":
                own["client_secret"] = self.secret
            encoded = "&".join(part for part in (encoded, urlencode(own)) if part)
        return self.http.post(path, encoded, content_type=FORM, headers=headers)

    def token(self, form: Any = None, *, auth: str | None = "basic", **fields: str) -> Any:
        """The token endpoint."""
        return self.post("/api/o/token/", fields if form is None else form, auth=auth or None)

    def revoke(self, token: str, *, auth: str | None = "basic", **fields: str) -> Any:
        """The revocation endpoint."""
        return self.post("/api/o/revoke_token/", {"token": token, **fields}, auth=auth)

    def introspect(self, token: str, *, auth: str | None = "basic", **fields: str) -> Any:
        """The introspection endpoint."""
        return self.post("/api/o/introspect/", {"token": token, **fields}, auth=auth)

    def authorize(self, **fields: str) -> Any:
        """GET the authorization endpoint, as the browser whose cookies ``http`` holds."""
        query = {"response_type": "code", "client_id": self.application.client_id, **fields}
        return self.http.get("/api/o/authorize/", {name: value for name, value in query.items() if value is not None})

    def decide(self, page: Any, **decision: str) -> Any:
        """Answer the consent page: ``allow="Authorize"``, or nothing to deny."""
        return self.http.post("/api/o/authorize/", {**hidden_fields(page), **decision})

    def code(self, **fields: str) -> str:
        """Ask for a code and allow it."""
        page = self.authorize(**fields)
        assert page.status_code == 200, page
        answer = self.decide(page, allow="Authorize")
        assert answer.status_code == 302, answer
        return answer_in(answer["Location"])["code"]

    def tokens_for_code(self, **fields: str) -> dict[str, Any]:
        """The whole authorization code flow. The browser must be logged in."""
        answer = self.token(grant_type="authorization_code", code=self.code(**fields))
        assert answer.status_code == 200, answer.content
        return answer.json()

    def me(self, access_token: str) -> Any:
        """A protected resource."""
        return self.http.get("/api/v2/me/", headers={"Authorization": f"Bearer {access_token}"})
