"""OpenID Connect Core §3.1.2.1's ``prompt``, multiple response types' ``response_mode``, and RFC 9101's ``request``."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import PASSWORD
from tests.flows.answers import sent_back, sent_back_error, shown

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("OpenID Connect Core", "3.1.2.1")
def test_prompt_none_asks_nobody_and_says_what_would_have_been_asked(oauth, alice):
    assert sent_back_error(oauth.authorize(prompt="none", state="s"), state="s") == "login_required"
    oauth.http.force_login(alice)
    assert sent_back_error(oauth.authorize(prompt="none", state="s"), state="s") == "consent_required"


@pytest.mark.rfc("OpenID Connect Core", "3.1.2.1")
def test_prompt_none_succeeds_where_nothing_is_to_be_asked(driver_for, alice):
    client = driver_for(skip_authorization=True)
    assert sent_back_error(client.authorize(prompt="none")) == "login_required"
    client.http.force_login(alice)
    assert "code" in sent_back(client.authorize(prompt="none"))


@pytest.mark.rfc("OpenID Connect Core", "3.1.2.1")
@pytest.mark.parametrize("prompt", ["none login", "consent none"])
def test_prompt_none_goes_with_nothing_else(signed_in, prompt):
    assert sent_back_error(signed_in.authorize(prompt=prompt)) == "invalid_request"
    signed_in.http.logout()
    assert signed_in.authorize(prompt=prompt)["Location"].startswith("/api/login/?")


@pytest.mark.rfc("OpenID Connect Core", "3.1.2.1")
def test_prompt_login_asks_who_is_there_once_more(signed_in):
    response = signed_in.authorize(prompt="login", state="s")
    location = urlsplit(response["Location"])
    assert location.path == "/api/login/"
    (after,) = parse_qs(location.query)["next"]
    form = {"username": "alice", "password": PASSWORD, "next": after}
    back = signed_in.http.post("/api/login/", form)
    page = signed_in.http.get(back["Location"])
    assert sent_back(signed_in.decide(page, allow="x"))["state"] == "s"


@pytest.mark.rfc("OpenID Connect Core", "3.1.2.1")
@pytest.mark.parametrize("prompt", ["consent", "select_account", "unheard_of"])
def test_other_prompts_show_the_consent_page(signed_in, prompt):
    shown(signed_in.authorize(prompt=prompt))


@pytest.mark.rfc("OAuth 2.0 Multiple Response Types", "2.1")
@pytest.mark.parametrize("mode", ["form_post", "fragment", "query.jwt", "web_message", "unheard_of", "QUERY"])
def test_a_response_mode_that_is_not_offered_is_refused_and_not_ignored(signed_in, mode):
    assert sent_back_error(signed_in.authorize(response_mode=mode, state="s"), state="s") == "invalid_request"


@pytest.mark.rfc("OAuth 2.0 Multiple Response Types", "2.1")
@pytest.mark.parametrize("mode", ["query", ""])
def test_the_response_mode_that_is_offered_may_be_named(signed_in, mode):
    assert "code" in sent_back(signed_in.decide(signed_in.authorize(response_mode=mode), allow="x"))


@pytest.mark.rfc("9101", "6.3")
@pytest.mark.parametrize(
    ("name", "error"), [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")]
)
def test_a_signed_request_is_refused_and_not_ignored(signed_in, name, error):
    assert sent_back_error(signed_in.authorize(**{name: "x"}, state="s"), state="s") == error
