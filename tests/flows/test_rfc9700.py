"""RFC 9700, the security best current practice, where no other file proves it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from tests.conftest import PASSWORD, REDIRECT_URI
from tests.flows.answers import inactive, issued, refused, sent_back, sent_back_error, shown
from tests.flows.test_rfc8628 import decide, poll, start
from tests.oauth import CHALLENGE, VERIFIER
from tokens.services import issue_personal_token

pytestmark = pytest.mark.django_db


@pytest.mark.rfc("9700", "2.6")
@pytest.mark.parametrize(
    "uri",
    [
        "http://client.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "https://client.example/cb#fragment",
        "https://client.example/cb#",
        "https://*.client.example/cb",
        "https://client.example/*",
        "https:///cb",
        "https:client.example",
        "//client.example/cb",
        "/cb",
        "cb",
        "https://user:password@client.example/cb",
        "https://client.example:port/cb",
        "https://client.example\\@evil.example/cb",
        "https://cliént.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
    ],
)
def test_an_unsafe_redirect_uri_is_not_registered(make_application, uri):
    with pytest.raises(ValidationError) as refusal:
        make_application(redirect_uris=f"{REDIRECT_URI} {uri}")
    assert refusal.value.message_dict.keys() == {"redirect_uris"}


@pytest.mark.rfc("9700", "2.1")
def test_one_registered_uri_does_not_open_the_others_of_its_host(signed_in):
    shown(signed_in.authorize(redirect_uri="https://client.example/"), status=400)
    shown(signed_in.authorize(redirect_uri="https://client.example/callback/sub"), status=400)


@pytest.mark.rfc("9700", "2.1.2")
def test_there_is_no_implicit_grant(signed_in, machine, make_application):
    assert sent_back_error(signed_in.authorize(response_type="token")) == "unsupported_response_type"
    refused(machine.token(grant_type="implicit"), "unsupported_grant_type")
    with pytest.raises(ValidationError):
        make_application(authorization_grant_type="implicit", redirect_uris=REDIRECT_URI)


@pytest.mark.rfc("9700", "4.2.4")
def test_the_page_and_the_redirect_leak_no_referrer_to_others(signed_in):
    page = signed_in.authorize(state="s")
    assert page["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert signed_in.decide(page, allow="x")["Referrer-Policy"] in {"same-origin", "no-referrer"}


@pytest.mark.rfc("9700", "4.2.4")
@pytest.mark.rfc("9700", "4.16")
def test_pages_load_nothing_from_elsewhere_and_are_not_framed(signed_in, device):
    pages = [
        signed_in.authorize(),
        signed_in.http.get("/api/o/authorize/"),
        device.http.get("/api/o/device/"),
        device.post("/api/o/device/", {"user_code": "x"}, auth=None),
    ]
    for page in pages:
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "https:" not in policy.replace("https://client.example", "")
        assert page["X-Frame-Options"] == "DENY"
        assert "no-store" in page["Cache-Control"]


@pytest.mark.rfc("9700", "4.11.2")
@pytest.mark.parametrize("fields", [{"scope": "unknown"}, {"response_type": "token"}, {"code_challenge": "x"}])
def test_not_even_an_error_is_redirected_before_the_person_has_signed_in(oauth, fields):
    response = oauth.authorize(**fields)
    assert response["Location"].startswith("/api/login/?")


@pytest.mark.rfc("9700", "4.12")
def test_no_redirect_repeats_a_posted_form(signed_in):
    page = signed_in.authorize()
    assert signed_in.decide(page, allow="x").status_code in {302, 303}
    signed_in.http.logout()
    login = signed_in.http.post("/api/login/", {"username": "alice", "password": PASSWORD})
    assert login.status_code in {302, 303}


@pytest.mark.rfc("9700", "4.5.3")
def test_a_code_injected_into_another_session_does_not_fit_its_verifier(public):
    stolen = public.code(code_challenge="a" * 43, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": stolen, "code_verifier": VERIFIER}
    refused(public.token(form, auth="none"), "invalid_grant")


@pytest.mark.rfc("9700", "4.15")
def test_a_client_cannot_choose_to_look_like_a_user(machine, alice):
    answer = machine.introspect(issued(machine.token(grant_type="client_credentials"))["access_token"]).json()
    assert "sub" not in answer
    refused(machine.token(grant_type="client_credentials", client_id=str(alice.pk)), "invalid_request")


@pytest.mark.rfc("9700", "2.5")
def test_every_way_to_authenticate_keeps_the_secret_out_of_the_url(machine):
    query = f"client_id={machine.application.client_id}&client_secret={machine.secret}"
    refused(machine.post(f"/api/o/token/?{query}", "grant_type=client_credentials", auth=None), "invalid_request")


@pytest.mark.rfc("6819", "5.1.4.1.3")
@pytest.mark.rfc("6749", "10.3")
def test_nothing_that_can_be_replayed_is_stored(
    signed_in, public, password_client, machine, device, alice, capsys, tmp_path
):
    waiting = start(device)
    begun = start(device)
    decide(device, begun, allow="x")
    code = signed_in.code()
    unused = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    answers = [
        signed_in.token(grant_type="authorization_code", code=code),
        password_client.token(form),
        machine.token(grant_type="client_credentials"),
        poll(device, begun),
    ]
    values = [value for answer in answers for name, value in issued(answer).items() if name.endswith("_token")]
    values += [code, unused, begun["device_code"], waiting["device_code"], PASSWORD]
    values += [driver.secret for driver in (signed_in, password_client, machine)]
    values.append(issue_personal_token(user=alice, scope="read")[1])
    dump = tmp_path / "dump.json"
    call_command("dumpdata", "--all", output=str(dump))
    content = dump.read_text()
    assert alice.username in content
    assert [value for value in values if value in content] == []


@pytest.mark.rfc("9700", "4.14.2")
def test_a_refresh_token_is_bound_to_scope_and_client(signed_in, driver_for):
    tokens = signed_in.tokens_for_code(scope="read")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refused(signed_in.token({**form, "scope": "write"}), "invalid_scope")
    refused(driver_for().token(form), "invalid_grant")
    assert not inactive(signed_in.introspect(tokens["refresh_token"]))


@pytest.mark.rfc("9700", "4.4.2")
def test_the_answer_names_client_and_issuer_of_one_server_only(signed_in):
    answer = signed_in.decide(signed_in.authorize(state="s"), allow="x")
    assert sent_back(answer).keys() == {"code", "state"}
