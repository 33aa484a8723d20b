"""RFC 6749 §3.1.2.4, §4.1.2.1: the authorization endpoint, when something is wrong, and who hears of it."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing

from applications.services import delete_application
from awx_oauth.activity.models import Activity, Event
from tests.conftest import REDIRECT_URI
from tests.flows.answers import sent_back, sent_back_error, shown
from tests.oauth import FORM, hidden_fields

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize(
    "query",
    [
        "",
        "response_type=code",
        "response_type=code&client_id=",
        "response_type=code&client_id=unknown",
        "response_type=code&client_id=%00",
        "response_type=code&client_id=ID&client_id=ID",
        "response_type=code&client_id=ID&client_id=",
        "response_type=code&client_id=ID%20",
    ],
)
def test_a_missing_or_wrong_client_is_told_to_the_person_only(signed_in, query):
    query = query.replace("ID", signed_in.application.client_id)
    shown(signed_in.http.get(f"/api/o/authorize/?{query}&redirect_uri={REDIRECT_URI}"), status=400)


@pytest.mark.rfc("6749", "3.1.2.4")
@pytest.mark.rfc("9700", "2.1")
@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://client.example/callback/",
        "https://client.example/callback?x=1",
        "https://client.example/callback%2F..",
        "https://client.example/callback/../evil",
        "https://client.example.evil.example/callback",
        "https://client.example@evil.example/callback",
        "https://client.example:443/callback",
        "https://client.example/callback#fragment",
        "https://client.example/callback#",
        "https://client.example/callbacK",
        "HTTPS://client.example/callback",
        "https://CLIENT.example/callback",
        "http://client.example/callback",
        "https://client.example/callback\n",
        "https://client.example/callback\r\nX: y",
        "https://client.example/callback ",
        " https://client.example/callback",
        "https://client.example/callback\x00",
        "https://client.example/callback https://client.example/callback",
        "//client.example/callback",
        "/callback",
        "javascript:alert(1)",
        "https://[",
    ],
)
def test_a_redirect_uri_that_is_not_registered_is_never_redirected_to(signed_in, uri):
    shown(signed_in.authorize(redirect_uri=uri), status=400)
    shown(signed_in.authorize(redirect_uri=uri, scope="unknown"), status=400)
    signed_in.http.logout()
    shown(signed_in.authorize(redirect_uri=uri), status=400)


@pytest.mark.rfc("6749", "3.1.2.3")
def test_one_of_several_redirect_uris_must_be_named(driver_for, alice):
    client = driver_for(redirect_uris="https://client.example/one https://client.example/two")
    client.http.force_login(alice)
    shown(client.authorize(), status=400)


@pytest.mark.rfc("6749", "4.1.2.1")
def test_a_redirect_uri_named_twice_is_told_to_the_person_only(signed_in):
    query = f"response_type=code&client_id={signed_in.application.client_id}"
    twice = f"&redirect_uri={REDIRECT_URI}&redirect_uri={REDIRECT_URI}"
    shown(signed_in.http.get(f"/api/o/authorize/?{query}{twice}"), status=400)


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("decision", [{}, {"allow": ""}, {"allow": "false"}, {"allow": "False"}, {"allow": "0"}])
def test_denial_is_sent_to_the_client(signed_in, decision):
    answer = signed_in.decide(signed_in.authorize(state="s"), **decision)
    assert sent_back_error(answer, state="s") == "access_denied"


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "xcodex"}, "unsupported_response_type"),
        ({"response_type": "CODE"}, "unsupported_response_type"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"scope": "read unknown"}, "invalid_scope"),
        ({"scope": "READ"}, "invalid_scope"),
        ({"scope": "read,write"}, "invalid_scope"),
        ({"scope": "read  write"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"scope": "ü"}, "invalid_scope"),
    ],
)
def test_other_errors_are_sent_to_the_proven_client(signed_in, fields, error):
    assert sent_back_error(signed_in.authorize(**fields, state="s"), state="s") == error
    assert sent_back_error(signed_in.authorize(**fields, redirect_uri=REDIRECT_URI)) == error


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize(
    "name", ["response_type", "scope", "code_challenge", "code_challenge_method", "nonce", "prompt", "unheard_of"]
)
def test_a_repeated_parameter_is_sent_back_as_invalid_request(signed_in, name):
    query = f"response_type=code&client_id={signed_in.application.client_id}&state=s&{name}=code&{name}=code"
    assert sent_back_error(signed_in.http.get(f"/api/o/authorize/?{query}"), state="s") == "invalid_request"


@pytest.mark.rfc("6749", "3.1")
def test_a_repeated_state_is_sent_back_as_invalid_request(signed_in):
    query = f"response_type=code&client_id={signed_in.application.client_id}&state=a&state=b"
    answer = sent_back(signed_in.http.get(f"/api/o/authorize/?{query}"))
    assert (answer["error"], answer["state"]) == ("invalid_request", "a")


@pytest.mark.rfc("6749", "3.1")
def test_a_repeated_parameter_is_still_refused_after_the_login_page(oauth, alice):
    query = f"response_type=code&client_id={oauth.application.client_id}&scope=read&scope=write"
    response = oauth.http.get(f"/api/o/authorize/?{query}")
    oauth.http.force_login(alice)
    after = parse_qs(urlsplit(response["Location"]).query)["next"][0]
    assert sent_back_error(oauth.http.get(after)) == "invalid_request"


@pytest.mark.rfc("8707", "2")
def test_resource_may_come_more_than_once_and_is_ignored(signed_in):
    query = f"response_type=code&client_id={signed_in.application.client_id}&resource=a&resource=b"
    shown(signed_in.http.get(f"/api/o/authorize/?{query}"))


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("grant", ["password", "client-credentials", "urn:ietf:params:oauth:grant-type:device_code"])
def test_a_client_of_another_grant_is_unauthorized(driver_for, alice, grant):
    client = driver_for(authorization_grant_type=grant, redirect_uris=REDIRECT_URI)
    client.http.force_login(alice)
    assert sent_back_error(client.authorize(state="s"), state="s") == "unauthorized_client"


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("bad", ["%", "%zz", "%f", "%ff", "%C3", "\xfc", "%ED%A0%80"])
@pytest.mark.parametrize("name", ["state", "scope", "unknown", "%ff"])
def test_malformed_encoding_is_a_page_and_no_server_error(signed_in, name, bad):
    query = f"response_type=code&client_id={signed_in.application.client_id}&{name}={bad}"
    shown(signed_in.http.get("/api/o/authorize/", QUERY_STRING=query), status=400)
    shown(signed_in.http.generic("POST", "/api/o/authorize/", query.encode(), content_type=FORM), status=400)


@pytest.mark.rfc("6749", "4.1.2.1")
def test_too_many_parameters_are_a_page(signed_in):
    query = f"response_type=code&client_id={signed_in.application.client_id}"
    many = "&".join(f"a{number}=1" for number in range(2000))
    shown(signed_in.http.get(f"/api/o/authorize/?{query}&{many}"), status=400)
    shown(signed_in.http.post("/api/o/authorize/", f"{query}&{many}", content_type=FORM), status=400)


@pytest.mark.rfc("6749", "3.1")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "application/x-www-form-urlencoded2"],
)
def test_a_request_posted_as_anything_but_a_form_is_refused(signed_in, content_type):
    body = json.dumps({"response_type": "code", "client_id": signed_in.application.client_id})
    shown(signed_in.http.generic("POST", "/api/o/authorize/", body, content_type=content_type), status=400)


@pytest.mark.rfc("6749", "3.1")
def test_a_request_posted_as_multipart_form_is_refused(signed_in):
    request = {"response_type": "code", "client_id": signed_in.application.client_id}
    shown(signed_in.http.post("/api/o/authorize/", request), status=400)


@pytest.mark.rfc("6749", "10.15")
@pytest.mark.rfc("9700", "4.11.2")
@pytest.mark.parametrize("decision", [{"allow": "Authorize"}, {}])
def test_consent_can_neither_be_widened_nor_sent_elsewhere(signed_in, decision):
    page = signed_in.authorize(scope="read", state="s")
    tampered = {"scope": "read write", "redirect_uri": "https://evil.example/", "client_id": "x", "state": "t"}
    answer = sent_back(signed_in.decide(page, **tampered, **decision))
    assert answer["state"] == "s"
    if decision:
        tokens = signed_in.token(grant_type="authorization_code", code=answer["code"]).json()
        assert tokens["scope"] == "read"


@pytest.mark.rfc("6749", "10.15")
@pytest.mark.parametrize("decision", [{"allow": "Authorize"}, {}])
@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "ü", "\x00", signing.dumps((1, {"client_id": "x"}))])
def test_consent_that_we_never_asked_for_is_a_page(signed_in, forged, decision):
    form = {"signed_request": forged, "redirect_uri": "https://evil.example/", **decision}
    shown(signed_in.post("/api/o/authorize/", form, auth=None), status=400)


@pytest.mark.rfc("6749", "10.15")
def test_consent_for_a_client_that_is_gone_is_a_page(signed_in):
    page = signed_in.authorize()
    delete_application(signed_in.application)
    shown(signed_in.decide(page, allow="Authorize"), status=400)
    shown(signed_in.decide(page), status=400)


@pytest.mark.rfc("6749", "10.12")
def test_consent_of_one_person_is_not_taken_from_another(signed_in, bob):
    page = signed_in.authorize()
    signed_in.http.force_login(bob)
    shown(signed_in.decide(page, allow="Authorize"), status=400)
    signed_in.http.logout()
    shown(signed_in.decide(page, allow="Authorize"), status=400)


@pytest.mark.rfc("6749", "10.12")
def test_a_device_and_a_client_do_not_take_each_others_consent(signed_in, device):
    consent = hidden_fields(signed_in.authorize())["signed_request"]
    shown(device.post("/api/o/device/", {"signed_request": consent, "allow": "x"}, auth=None), status=400)
    user_code = device.post("/api/o/device-authorization/", {}, auth="none").json()["user_code"]
    confirm = device.post("/api/o/device/", {"user_code": user_code}, auth=None)
    form = {"signed_request": hidden_fields(confirm)["signed_request"], "allow": "x"}
    shown(device.post("/api/o/authorize/", form, auth=None), status=400)


@pytest.mark.rfc("6749", "4.1.2.1")
@pytest.mark.parametrize("language", ["de", "ja", "fr", "es"])
def test_an_error_description_stays_ascii_in_every_language(signed_in, language):
    query = {"response_type": "code", "client_id": signed_in.application.client_id, "scope": "unknown"}
    response = signed_in.http.get("/api/o/authorize/", query, headers={"Accept-Language": language})
    assert sent_back_error(response) == "invalid_scope"


@pytest.mark.rfc("6749", "4.1.2.1")
def test_denial_is_on_record(signed_in):
    signed_in.decide(signed_in.authorize())
    assert Activity.objects.filter(event=Event.CODE_DENIED).count() == 1
