"""Generated requests at every protocol endpoint: only registered answers, and nothing without proof of a right to it.

Whoever asks here knows every identifier, some secrets, and live tokens of others, but never all that one grant needs.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import REDIRECT_URI
from tests.flows.answers import inactive
from tests.flows.conftest import DEVICE
from tests.flows.test_rfc8628 import start
from tests.oauth import CHALLENGE, FORM, VERIFIER, answer_in, basic
from tokens.models import AccessToken, RefreshToken

pytestmark = pytest.mark.django_db

TOKEN, REVOKE, INTROSPECT = "/api/o/token/", "/api/o/revoke_token/", "/api/o/introspect/"
DEVICE_AUTHORIZATION = "/api/o/device-authorization/"
PAGES = ["/api/o/authorize/", "/api/o/authorize/", "/api/o/device/"]
# RFC 6749 §5.2; RFC 8628 §3.5
TOKEN_ERRORS = {"invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client"}
TOKEN_ERRORS |= {"unsupported_grant_type", "authorization_pending", "slow_down", "access_denied", "expired_token"}
# RFC 6749 §4.1.2.1; OpenID Connect Core §3.1.2.6
REDIRECT_ERRORS = {"invalid_request", "invalid_scope", "unauthorized_client", "unsupported_response_type"}
REDIRECT_ERRORS |= {"login_required", "consent_required", "request_not_supported", "request_uri_not_supported"}
NAMES = ["scope", "state", "nonce", "prompt", "response_mode", "request", "token_type_hint", "resource", "audience"]
NAMES += ["client_assertion", "client_assertion_type", "access_token", "approval_prompt", "user_code", "allow"]
JUNK = ["", "\x00", "a" * 300, "unknown", "read write", "none", "login", "query", "plain", "https://evil.example/"]
LATIN_1 = st.characters(max_codepoint=255)
BOUNDED = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Attacker:
    """What somebody knows who has no right to anything, and requests that lack one thing each."""

    def __init__(self, driver_for: Any, alice: Any) -> None:
        own, self.victim = driver_for(), driver_for(resource_server=True)
        public, device = driver_for(client_type="public"), driver_for(authorization_grant_type=DEVICE)
        password = driver_for(authorization_grant_type="password")
        machine = driver_for(authorization_grant_type="client-credentials")
        self.http = own.http
        self.http.force_login(alice)
        tokens = self.victim.tokens_for_code()
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        challenged = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")

        def by(driver: Any, secret: str | None = None, **form: str) -> dict[str, str]:
            credentials = {"client_id": driver.application.client_id, "client_secret": secret or driver.secret}
            return form | {name: value for name, value in credentials.items() if value}

        grants = [
            by(own, grant_type="authorization_code", code=self.victim.code(), redirect_uri=REDIRECT_URI),
            by(public, grant_type="authorization_code", code=challenged, code_verifier=VERIFIER[:-1] + "x"),
            by(password, grant_type="password", username="alice", password="wrong"),
            by(machine, "x", grant_type="client_credentials"),
            by(own, grant_type="client_credentials"),
            by(own, grant_type="refresh_token", refresh_token=self.refresh_token),
            by(self.victim, "x", grant_type="refresh_token", refresh_token=self.refresh_token),
            by(device, grant_type=DEVICE, device_code=start(device, auth="basic")["device_code"]),
        ]
        stolen = [by(own, token=self.access_token), by(own, token=self.refresh_token)]
        self.forms = [(TOKEN, form) for form in grants]
        self.forms += [(path, form) for path in (REVOKE, INTROSPECT) for form in stolen]
        self.forms.append((DEVICE_AUTHORIZATION, by(device, scope="read")))
        self.questions = [
            by(own, response_type="code", redirect_uri=REDIRECT_URI, scope="read", state="s"),
            by(own, response_type="code", prompt="none"),
            by(public, response_type="code", code_challenge=CHALLENGE, code_challenge_method="S256"),
            {"signed_request": "x:y:z", "allow": "x"},
            {"user_code": "BBBB-BBBB"},
        ]
        self.words = sorted({value for form in [*grants, *stolen, *self.questions] for value in form.values()})
        self.headers = [f"Bearer {self.access_token}", "Basic", "Basic x", "Digest x", "", None, None, None]

    def header_for(self, form: dict[str, str]) -> str:
        """The credentials of a form, taken out of it."""
        return basic(form.pop("client_id", ""), form.pop("client_secret", ""))


@pytest.fixture
def attacker(settings, driver_for, alice) -> Attacker:
    for limit in ("SECRETS_PER_CLIENT_AND_ADDRESS", "PASSWORDS_PER_ADDRESS", "PASSWORDS_PER_USER_AND_ADDRESS"):
        setattr(settings, f"FAILED_{limit}", 0)  # the last example must get as far as the first
    settings.FAILED_USER_CODES_PER_USER = settings.UNKNOWN_TOKENS_PER_CLIENT = 0
    return Attacker(driver_for, alice)


def encoded(draw: Any, attacker: Attacker, form: dict[str, str]) -> str:
    """The form with up to two parts missing, exchanged, repeated or added."""
    pairs = list(form.items())
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from([*form, *NAMES]) | st.text(max_size=8))
        value = draw(st.sampled_from(attacker.words) | st.sampled_from(JUNK) | st.text(max_size=20))
        change = draw(st.sampled_from(["drop", "exchange", "add"]))
        if change != "add":
            pairs = [pair for pair in pairs if pair[0] != name]
        if change != "drop":
            pairs.append((name, value))
    return "&".join(
        f"{quote_plus(name, errors='replace')}={quote_plus(value, errors='replace')}" for name, value in pairs
    )


@BOUNDED
@given(data=st.data())
def test_nothing_is_given_to_who_has_no_right_to_it(attacker, data):
    path, known = data.draw(st.sampled_from(attacker.forms))
    form = dict(known)
    if data.draw(st.booleans()):
        header = attacker.header_for(form)
    else:
        header = data.draw(st.sampled_from(attacker.headers) | st.text(LATIN_1, max_size=20))
    body = encoded(data.draw, attacker, form).encode()
    response = attacker.http.generic(
        data.draw(st.sampled_from(["POST"] * 20 + ["GET", "HEAD", "PUT", "OPTIONS", "X"])),
        path,
        data.draw(st.sampled_from([body] * 20 + [body[:-1], body + b"%", b"\xff", b""])),
        content_type=data.draw(
            st.sampled_from([FORM] * 20 + ["application/json", "multipart/form-data; boundary=x", ""])
        ),
        headers={} if header is None else {"Authorization": header},
        QUERY_STRING=data.draw(st.sampled_from([""] * 20 + ["a=%", "a=b", "scope=read", "&"])),
    )
    assert response.status_code in {200, 400, 401, 405}
    assert response["Content-Type"] == "application/json"
    assert "no-store" in response["Cache-Control"]
    if response.wsgi_request.method != "HEAD":
        _check_answer(path, response.status_code, response.json())
    assert AccessToken.objects.count() == RefreshToken.objects.count() == 1
    assert not inactive(attacker.victim.introspect(attacker.refresh_token))


def _check_answer(path: str, status: int, content: dict[str, Any]) -> None:
    if status != 200:
        assert content["error"] in TOKEN_ERRORS
    elif path == DEVICE_AUTHORIZATION:
        assert content.keys() >= {"device_code", "user_code", "verification_uri", "expires_in"}
    else:
        assert path != TOKEN
        assert content in ({}, {"active": False})


@BOUNDED
@given(data=st.data())
def test_a_browser_is_shown_a_page_or_sent_where_the_client_registered(attacker, data):
    path = data.draw(st.sampled_from(PAGES))
    question = encoded(data.draw, attacker, data.draw(st.sampled_from(attacker.questions)))
    method = data.draw(st.sampled_from(["GET", "GET", "POST", "HEAD", "PUT"]))
    if method == "POST":
        content_type = data.draw(st.sampled_from([FORM, FORM, "text/plain", "multipart/form-data; boundary=x"]))
        response = attacker.http.generic("POST", path, question.encode(), content_type=content_type)
    else:
        response = attacker.http.generic(method, path, QUERY_STRING=question)
    assert response.status_code in {200, 302, 400, 405}
    assert "no-store" in response["Cache-Control"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    if response.status_code == 302 and not response["Location"].startswith("/api/login/?"):
        assert response["Location"].startswith(f"{REDIRECT_URI}?error=")
        answer = answer_in(response["Location"])
        assert answer["error"] in REDIRECT_ERRORS
        assert answer["iss"] == "http://testserver"
