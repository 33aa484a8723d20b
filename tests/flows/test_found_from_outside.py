"""What somebody found who knew only the contract: each stays mended."""

from __future__ import annotations

import pytest

from tests.oauth import answer_in


@pytest.mark.rfc("6749", "4.1.2.1")
def test_the_login_page_lets_a_browser_follow_a_redirect_to_the_client(driver_for):
    client = driver_for(skip_authorization=True)
    page = client.http.get(client.authorize()["Location"])
    assert "form-action" not in page["Content-Security-Policy"]


@pytest.mark.rfc("9700", "4.1")
def test_consent_goes_to_the_redirect_uri_that_was_shown_or_nowhere(oauth, alice):
    oauth.http.force_login(alice)
    page = oauth.authorize()
    oauth.application.redirect_uris = "https://elsewhere.example/cb"
    oauth.application.save()
    for decision in ({"allow": "Authorize"}, {}):
        answer = oauth.decide(page, **decision)
        assert answer.status_code == 400
        assert "Location" not in answer


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("fields", [{"scope": "read\0"}, {"scope": "read\x7f"}, {"prompt": "a\nb"}])
def test_a_control_character_is_an_error_for_the_client(oauth, alice, fields):
    oauth.http.force_login(alice)
    answer = answer_in(oauth.authorize(state="kept", **fields)["Location"])
    assert (answer["error"], answer["state"]) == ("invalid_request", "kept")


@pytest.mark.rfc("6749", "4.1.2.1")
def test_a_state_with_a_control_character_is_an_error_that_does_not_repeat_it(oauth, alice):
    oauth.http.force_login(alice)
    answer = answer_in(oauth.authorize(state="a\nb")["Location"])
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


@pytest.mark.parametrize("field", ["client_id", "redirect_uri"])
def test_a_control_character_in_client_or_redirect_uri_is_a_page(oauth, alice, field):
    oauth.http.force_login(alice)
    answer = oauth.authorize(**{field: "x\0"})
    assert answer.status_code == 400
    assert "Location" not in answer


def test_head_grants_nothing(driver_for, alice):
    client = driver_for(skip_authorization=True)
    client.http.force_login(alice)
    query = {"response_type": "code", "client_id": client.application.client_id}
    answer = client.http.head("/api/o/authorize/", query)
    assert "Location" not in answer


@pytest.mark.rfc("8628", "3.1")
def test_a_confidential_device_may_have_nothing_to_say(driver_for):
    client = driver_for(authorization_grant_type="urn:ietf:params:oauth:grant-type:device_code")
    from tests.oauth import basic

    headers = {"Authorization": basic(client.application.client_id, client.secret)}
    answer = client.http.generic("POST", "/api/o/device-authorization/", b"", content_type="", headers=headers)
    assert answer.status_code == 200, answer.content
