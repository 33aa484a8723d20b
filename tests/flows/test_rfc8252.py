"""RFC 8252: native apps."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tests.flows.answers import issued, sent_back, sent_back_error, shown
from tests.oauth import CHALLENGE, VERIFIER

pytestmark = pytest.mark.django_db

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@pytest.fixture
def native(driver_for, alice):
    def make(redirect_uris):
        driver = driver_for(client_type="public", redirect_uris=redirect_uris)
        driver.http.force_login(alice)
        return driver

    return make


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize(
    ("registered", "named"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1{port}/cb"),
        ("http://127.0.0.1:1234/cb", "http://127.0.0.1{port}/cb"),
        ("http://[::1]/cb?x=1", "http://[::1]{port}/cb?x=1"),
    ],
)
@pytest.mark.parametrize("port", ["", ":1", ":51004", ":65535"])
def test_any_port_of_a_registered_loopback_address_will_do(native, registered, named, port):
    app, uri = native(registered), named.format(port=port)
    answer = app.decide(app.authorize(redirect_uri=uri, **PKCE), allow="x")
    code = sent_back(answer, uri)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": uri, "code_verifier": VERIFIER}
    issued(app.token(form, auth="none"))


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/other",
        "http://127.0.0.1:1234/cb?x=1",
        "http://127.0.0.1:1234/cb/",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:-1/cb",
        "http://127.0.0.1:12a/cb",
        "http://127.0.0.1:\u0661/cb",
        "http://127.0.0.1 :80/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:80.evil.example/cb",
        "http://user@127.0.0.1/cb",
        "http://127.0.0.2/cb",
        "http://127.1/cb",
        "http://0.0.0.0/cb",
        "http://2130706433/cb",
        "http://[::1]/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://localhost/cb",
        "https://127.0.0.1/cb",
        "HTTP://127.0.0.1/cb",
    ],
)
def test_nothing_else_of_a_loopback_address_may_differ(native, uri):
    shown(native("http://127.0.0.1/cb").authorize(redirect_uri=uri, **PKCE), status=400)


@pytest.mark.rfc("8252", "7.3")
@pytest.mark.parametrize("registered", ["HTTP://127.0.0.1/cb", "http://127.0.0.1:/cb", "http://localhost/cb"])
def test_an_oddly_spelt_loopback_address_matches_itself_only(native, registered):
    app = native(registered)
    for uri in ("http://evil.example/", "https://evil.example/cb", "x", "http://127.0.0.1:1/cb"):
        shown(app.authorize(redirect_uri=uri, **PKCE), status=400)
    shown(app.authorize(redirect_uri=registered, **PKCE))


@pytest.mark.rfc("8252", "8.3")
def test_localhost_is_a_name_so_its_port_counts(native):
    app = native("http://localhost:8000/cb")
    shown(app.authorize(redirect_uri="http://localhost:8000/cb", **PKCE))
    shown(app.authorize(redirect_uri="http://localhost:8001/cb", **PKCE), status=400)


@pytest.mark.rfc("8252", "7.1")
@pytest.mark.parametrize("uri", ["com.example.app:/cb", "com.example.app://auth/cb", "com.example.app:cb"])
def test_a_private_use_scheme_gets_its_answer(native, uri):
    app = native(uri)
    page = app.authorize(redirect_uri=uri, state="s", **PKCE)
    assert "form-action 'self' com.example.app:" in page["Content-Security-Policy"]
    assert sent_back(app.decide(page, allow="x"), uri).keys() == {"code", "state"}
    assert sent_back(app.decide(page), uri)["error"] == "access_denied"


@pytest.mark.rfc("8252", "7.1")
@pytest.mark.parametrize("uri", ["myapp:/cb", "myapp://cb", "javascript:alert(1)", "data:text/html,x", "file:///x"])
def test_a_scheme_that_is_no_reversed_domain_name_is_not_registered(make_application, uri):
    with pytest.raises(ValidationError) as refusal:
        make_application(client_type="public", redirect_uris=uri)
    assert "redirect_uris" in refusal.value.message_dict


@pytest.mark.rfc("8252", "7.2")
def test_a_claimed_https_uri_gets_its_answer(native):
    app = native("https://app.example.com/oauth2redirect")
    page = app.authorize(**PKCE)
    assert sent_back(app.decide(page, allow="x"), "https://app.example.com/oauth2redirect?")


@pytest.mark.rfc("8252", "8.1")
@pytest.mark.rfc("8252", "6")
def test_a_native_app_needs_pkce(native):
    app = native("https://client.example/callback")
    assert sent_back_error(app.authorize()) == "invalid_request"


@pytest.mark.rfc("8252", "8.4")
@pytest.mark.rfc("8252", "8.5")
def test_a_public_client_has_no_secret_to_hide(make_application):
    application, secret = make_application(client_type="public")
    assert (application.client_secret, secret) == ("", "")


@pytest.mark.rfc("8252", "8.6")
def test_the_person_is_warned_that_a_public_client_cannot_prove_itself(native):
    page = shown(native("http://127.0.0.1/cb").authorize(**PKCE))
    assert "This application cannot prove its identity" in page
    assert "A program running on this computer" in page
