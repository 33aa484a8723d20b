"""RFC 9207: every authorization response names its issuer."""

from __future__ import annotations

import pytest

from tests.oauth import answer_in

pytestmark = pytest.mark.django_db


def issuer_in(response) -> str:
    assert response.status_code == 302
    return answer_in(response["Location"])["iss"]


@pytest.mark.rfc("9207", "2")
@pytest.mark.parametrize("configured", ["", "https://auth.example.org"])
def test_success_denial_and_every_error_name_the_issuer(settings, signed_in, client, configured):
    settings.OAUTH2_ISSUER = configured
    issuer = client.get("/.well-known/oauth-authorization-server").json()["issuer"]
    page = signed_in.authorize()
    answers = [
        signed_in.decide(page, allow="x"),
        signed_in.decide(page),
        signed_in.authorize(scope="unknown"),
        signed_in.authorize(response_type="token"),
        signed_in.authorize(response_type=None),
        signed_in.authorize(response_mode="form_post"),
        signed_in.authorize(code_challenge="x"),
        signed_in.authorize(prompt="none"),
        signed_in.authorize(request="x"),
    ]
    assert {issuer_in(answer) for answer in answers} == {issuer}
    signed_in.http.logout()
    assert issuer_in(signed_in.authorize(prompt="none")) == issuer


@pytest.mark.rfc("9207", "2.4")
def test_a_client_cannot_put_an_issuer_of_its_own_into_the_answer(signed_in):
    page = signed_in.authorize(iss="https://evil.example")
    assert issuer_in(signed_in.decide(page, allow="x")) == "http://testserver"


@pytest.mark.rfc("9207", "3")
def test_the_metadata_says_so(client):
    metadata = client.get("/.well-known/oauth-authorization-server").json()
    assert metadata["authorization_response_iss_parameter_supported"] is True
