"""RFC 6749 §3.1, §4.1.1, §4.1.2: the authorization endpoint, when all is well."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.models import Application
from tests.conftest import PASSWORD, REDIRECT_URI
from tests.flows.answers import sent_back, shown
from tests.oauth import CHALLENGE, FORM, VERIFIER, hidden_fields

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("6749", "3.1")
def test_person_signs_in_before_being_asked(oauth, alice):
    response = oauth.authorize(state="s t")
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]
    login, query = response["Location"].split("?")
    assert login == "/api/login/"
    (after,) = parse_qs(query)["next"]
    signed_in = oauth.http.post(response["Location"], {"username": "alice", "password": PASSWORD, "next": after})
    assert signed_in["Location"] == after
    page = oauth.http.get(after)
    assert oauth.application.name in shown(page)
    assert sent_back(oauth.decide(page, allow="Authorize"))["state"] == "s t"


@pytest.mark.rfc("6749", "4.1.1")
def test_consent_page_names_the_client_its_organization_and_each_scope(signed_in):
    html = shown(signed_in.authorize(scope="read"))
    assert signed_in.application.name in html
    assert "Default" in html
    assert "<code>read</code>" in html
    assert "<code>write</code>" not in html


@pytest.mark.rfc("6749", "10.2")
def test_consent_page_says_who_is_signed_in_and_leads_to_another_account(signed_in):
    page = signed_in.authorize(state="xyz")
    assert "Signed in as <strong><bdi>alice</bdi></strong>" in shown(page)
    [path] = re.findall('<a href="([^"]+)">Use another account', shown(page))
    login = signed_in.http.get(path)
    assert "Signed in as" not in shown(login)
    assert "state=xyz" in hidden_fields(login)["next"]


@pytest.mark.rfc("6749", "10.2")
def test_consent_page_says_in_a_sentence_what_each_scope_allows(signed_in):
    html = shown(signed_in.authorize(scope="read write"))
    assert "See everything that you can see." in html
    assert "See, create, change and delete everything that you can." in html


@pytest.mark.rfc("6749", "10.2")
def test_consent_page_says_how_long_access_lasts(signed_in, settings):
    settings.OAUTH2_PROVIDER = {**settings.OAUTH2_PROVIDER, "ACCESS_TOKEN_EXPIRE_SECONDS": 1800}
    html = shown(signed_in.authorize())
    assert "30\xa0minutes" in html
    assert "can renew it until you revoke it" in html


@pytest.mark.rfc("6749", "10.2")
@pytest.mark.parametrize(("age", "is_new"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_consent_page_warns_of_a_new_application(signed_in, age, is_new):
    Application.objects.filter(pk=signed_in.application.pk).update(created=timezone.now() - age)
    assert ("This application is new" in shown(signed_in.authorize())) is is_new


@pytest.mark.rfc("6749", "10.2")
@pytest.mark.parametrize(
    ("uri", "host", "is_loopback"),
    [
        ("https://client.example/callback", "client.example", False),
        ("http://127.0.0.1:8400/callback", "127.0.0.1", True),
        ("com.example.app:/callback", "com.example.app", False),
    ],
)
def test_consent_page_says_where_the_person_will_be_sent(driver_for, alice, uri, host, is_loopback):
    native = driver_for(client_type="public", redirect_uris=uri)
    native.http.force_login(alice)
    html = shown(native.authorize(redirect_uri=uri, code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert f"<bdi>{host}</bdi>" in html
    assert ("A program running on this computer" in html) is is_loopback


@pytest.mark.rfc("6749", "4.1.2")
def test_allowing_sends_a_code_and_the_state(signed_in):
    answer = sent_back(signed_in.decide(signed_in.authorize(state="xyz"), allow="Authorize"))
    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "xyz"


@pytest.mark.rfc("6749", "4.1.2")
def test_without_a_state_none_is_sent(signed_in):
    assert sent_back(signed_in.decide(signed_in.authorize(), allow="Authorize")).keys() == {"code"}


@pytest.mark.rfc("6749", "10.10")
def test_each_code_is_another_one_of_at_least_160_bits(signed_in):
    codes = {signed_in.code() for _ in range(3)}
    assert len(codes) == 3
    assert all(len(code) == 40 and code.isalnum() for code in codes)


@pytest.mark.rfc("6749", "4.1.2")
@pytest.mark.parametrize(
    ("encoded", "state"),
    [
        ("a+b", "a b"),
        ("a%2Bb", "a+b"),
        ("a%20b", "a b"),
        ("%20%20x%20", "  x "),
        ("%25%32%35", "%25"),
        ("a%26b%3Dc%23d", "a&b=c#d"),
        ("%C3%BC%E2%82%AC%F0%9F%94%91", "ü€🔑"),
        ("%22%3Cscript%3E%27%5C", "\"<script>'\\"),
        ("a.b_c~d-e", "a.b_c~d-e"),
        ("0", "0"),
        ("x" * 2000, "x" * 2000),
    ],
)
def test_state_comes_back_exactly(signed_in, encoded, state):
    url = f"/api/o/authorize/?response_type=code&client_id={signed_in.application.client_id}&state={encoded}"
    page = signed_in.http.get(url)
    assert sent_back(signed_in.decide(page, allow="Authorize"))["state"] == state
    assert sent_back(signed_in.decide(page))["state"] == state
    assert sent_back(signed_in.http.get(url + "&scope=unknown"))["state"] == state


@pytest.mark.rfc("6749", "4.1.2")
def test_state_survives_the_login_page(oauth, alice):
    state = " a+b%2B&c=ü#"
    after = parse_qs(urlsplit(oauth.authorize(state=state)["Location"]).query)["next"][0]
    oauth.http.force_login(alice)
    assert sent_back(oauth.decide(oauth.http.get(after), allow="Authorize"))["state"] == state


@pytest.mark.rfc("6749", "3.1")
def test_a_request_may_be_posted(signed_in):
    body = f"response_type=code&client_id={signed_in.application.client_id}&state=a%2Bb"
    page = signed_in.http.post("/api/o/authorize/", body, content_type=FORM)
    assert sent_back(signed_in.decide(page, allow="Authorize"))["state"] == "a+b"


@pytest.mark.rfc("6749", "3.1")
def test_a_posted_request_survives_the_login_page(oauth, alice):
    body = f"response_type=code&client_id={oauth.application.client_id}&state=a%23b"
    after = parse_qs(urlsplit(oauth.http.post("/api/o/authorize/", body, content_type=FORM)["Location"]).query)["next"]
    oauth.http.force_login(alice)
    assert sent_back(oauth.decide(oauth.http.get(after[0]), allow="Authorize"))["state"] == "a#b"


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize("ignored", ["&junk", "&junk=", "&unknown=1", "&redirect_uris=https://evil.example", "&", "&&"])
def test_unrecognized_parameters_are_ignored(signed_in, ignored):
    url = f"/api/o/authorize/?response_type=code&client_id={signed_in.application.client_id}{ignored}"
    assert "code" in sent_back(signed_in.decide(signed_in.http.get(url), allow="Authorize"))


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize("empty", ["scope", "redirect_uri", "state", "code_challenge", "code_challenge_method"])
def test_a_parameter_without_a_value_counts_as_omitted(signed_in, empty):
    answer = sent_back(signed_in.decide(signed_in.authorize(**{empty: ""}), allow="Authorize"))
    assert answer.keys() == {"code"}


@pytest.mark.rfc("6749", "3.1.2.3")
def test_the_only_registered_redirect_uri_need_not_be_named(signed_in):
    assert "code" in sent_back(signed_in.decide(signed_in.authorize(), allow="Authorize"), REDIRECT_URI + "?code=")


@pytest.mark.rfc("6749", "3.1.2.3")
def test_one_of_several_registered_redirect_uris_is_used(driver_for, alice):
    client = driver_for(redirect_uris="https://client.example/one https://client.example/two")
    client.http.force_login(alice)
    page = client.authorize(redirect_uri="https://client.example/two")
    assert sent_back(client.decide(page, allow="Authorize"), "https://client.example/two?code=")


@pytest.mark.rfc("6749", "3.1.2")
@pytest.mark.parametrize(
    ("registered", "start"),
    [
        ("https://client.example/cb?tenant=a%2Bb&x=", "https://client.example/cb?tenant=a%2Bb&x=&code="),
        ("https://client.example/cb?", "https://client.example/cb?code="),
        ("https://client.example/cb?a=1&", "https://client.example/cb?a=1&code="),
        ("https://client.example", "https://client.example?code="),
    ],
)
def test_the_query_of_a_redirect_uri_is_kept(driver_for, alice, registered, start):
    client = driver_for(redirect_uris=registered)
    client.http.force_login(alice)
    page = client.authorize(redirect_uri=registered)
    assert client.decide(page, allow="Authorize")["Location"].startswith(start)
    assert client.decide(page)["Location"].startswith(start.replace("code=", "error="))


@pytest.mark.rfc("6749", "3.3")
def test_the_code_carries_the_scope_that_was_consented_to(signed_in):
    tokens = signed_in.tokens_for_code(scope="read")
    assert tokens["scope"] == "read"


@pytest.mark.rfc("6749", "3.3")
def test_without_a_scope_the_default_is_asked_for_and_said(signed_in):
    assert signed_in.tokens_for_code()["scope"] == "read write"


@pytest.mark.rfc("6749", "3.3")
def test_the_order_of_scopes_does_not_matter_and_each_counts_once(signed_in):
    assert set(signed_in.tokens_for_code(scope="write read write")["scope"].split()) == {"read", "write"}


@pytest.mark.rfc("6749", "4.1.1")
def test_an_application_that_skips_authorization_goes_straight_through(driver_for, alice):
    client = driver_for(skip_authorization=True)
    client.http.force_login(alice)
    assert sent_back(client.authorize(state="s")).keys() == {"code", "state"}


@pytest.mark.rfc("6749", "10.12")
def test_consent_needs_the_csrf_token_of_its_page(oauth, alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    page = browser.get(f"/api/o/authorize/?response_type=code&client_id={oauth.application.client_id}")
    fields = hidden_fields(page)
    token = fields.pop("csrfmiddlewaretoken")
    answer = {**fields, "allow": "Authorize"}
    assert browser.post("/api/o/authorize/", answer).status_code == 403
    assert "code" in sent_back(browser.post("/api/o/authorize/", {**answer, "csrfmiddlewaretoken": token}))


@pytest.mark.rfc("6749", "10.13")
def test_the_consent_page_is_not_framed_and_its_policy_lets_the_redirect_through(signed_in):
    page = signed_in.authorize()
    shown(page)
    assert "form-action 'self' https://client.example" in page["Content-Security-Policy"]


@pytest.mark.rfc("6749", "3.1")
def test_head_is_answered_like_get_without_a_body(signed_in):
    query = quote(f"response_type=code&client_id={signed_in.application.client_id}", safe="=&")
    response = signed_in.http.head(f"/api/o/authorize/?{query}")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_not_allowed(signed_in, method):
    response = getattr(signed_in.http, method)("/api/o/authorize/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"


@pytest.mark.rfc("6749", "10.2")
def test_consent_is_asked_every_time_even_when_the_client_asks_not_to(signed_in):
    signed_in.tokens_for_code()
    shown(signed_in.authorize())
    shown(signed_in.authorize(approval_prompt="auto"))


@pytest.mark.rfc("6749", "10.2")
def test_consent_that_took_too_long_is_asked_for_again(signed_in):
    page = signed_in.authorize(state="s")
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        signed_in.http.force_login(page.wsgi_request.user)
        answer = signed_in.decide(page, allow="Authorize")
    assert 'href="/api/o/authorize/?' in shown(answer, status=400)


@pytest.mark.rfc("6749", "4.1.2")
def test_the_code_is_bound_to_client_redirect_uri_and_challenge(signed_in, driver_for):
    named = {"redirect_uri": REDIRECT_URI, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = signed_in.code(**named)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    stranger = driver_for(name="stranger")
    assert stranger.token(form).json()["error"] == "invalid_grant"
    assert signed_in.token(form).status_code == 200
