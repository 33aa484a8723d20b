"""RFC 7636, RFC 9700 §2.1.1: PKCE, S256 only."""

from __future__ import annotations

import pytest

from tests.flows.answers import issued, refused, sent_back_error, shown
from tests.oauth import CHALLENGE, VERIFIER, challenge_for

pytestmark = pytest.mark.django_db

PLAIN = VERIFIER  # what a plain challenge would look like


def redeem(driver, code, auth="basic", **fields):
    return driver.token({"grant_type": "authorization_code", "code": code, **fields}, auth=auth)


@pytest.mark.rfc("7636", "B")
def test_the_example_of_the_rfc_is_accepted(signed_in):
    code = signed_in.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    issued(redeem(signed_in, code, code_verifier=VERIFIER))


@pytest.mark.rfc("7636", "4.1")
@pytest.mark.parametrize("verifier", ["a" * 43, "~" * 128, "AZaz09-._~" * 5, "." * 64])
def test_every_well_formed_verifier_is_accepted(public, verifier):
    code = public.code(code_challenge=challenge_for(verifier), code_challenge_method="S256")
    issued(redeem(public, code, auth="none", code_verifier=verifier))


@pytest.mark.rfc("7636", "4.4.1")
@pytest.mark.parametrize("fields", [{}, {"code_challenge": ""}, {"code_challenge_method": "S256"}])
def test_a_public_client_needs_a_challenge(public, fields):
    assert sent_back_error(public.authorize(**fields, state="s"), state="s") == "invalid_request"


@pytest.mark.rfc("7636", "4.4.1")
def test_a_confidential_client_needs_a_challenge_when_its_registration_says_so(driver_for, alice):
    client = driver_for(pkce_required=True)
    client.http.force_login(alice)
    assert sent_back_error(client.authorize()) == "invalid_request"
    shown(client.authorize(code_challenge=CHALLENGE, code_challenge_method="S256"))


@pytest.mark.rfc("7636", "4.4.1")
def test_a_confidential_client_may_go_without(signed_in):
    issued(redeem(signed_in, signed_in.code()))


@pytest.mark.rfc("9700", "2.1.1")
@pytest.mark.parametrize("method", ["plain", "", None, "s256", "S512", "S256 ", "ü"])
def test_no_other_method_than_s256(public, signed_in, method):
    for client in (public, signed_in):
        answer = client.authorize(code_challenge=PLAIN, code_challenge_method=method, state="s")
        assert sent_back_error(answer, state="s") == "invalid_request"


@pytest.mark.rfc("7636", "4.2")
@pytest.mark.parametrize(
    "challenge",
    [
        *("a" * 42, "a" * 129, "a" * 5000, "ü" * 43, CHALLENGE + "\t", " " + CHALLENGE),
        *(CHALLENGE[:-1] + last for last in "=+/%"),
    ],
)
def test_a_malformed_challenge_is_refused(public, challenge):
    answer = public.authorize(code_challenge=challenge, code_challenge_method="S256")
    assert sent_back_error(answer) == "invalid_request"


@pytest.mark.rfc("7636", "4.6")
@pytest.mark.parametrize(
    "verifier",
    [
        VERIFIER[:-1] + "l",
        VERIFIER.lower(),
        CHALLENGE,
        VERIFIER + "a",
        VERIFIER[:42],
        "a" * 129,
        "a" * 42 + "ü",
        VERIFIER + "=",
        VERIFIER + " ",
        "a",
    ],
)
def test_a_wrong_or_malformed_verifier_is_invalid_grant_and_ends_the_code(public, verifier):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    refused(redeem(public, code, auth="none", code_verifier=verifier), "invalid_grant")
    refused(redeem(public, code, auth="none", code_verifier=VERIFIER), "invalid_grant")


@pytest.mark.rfc("7636", "4.1")
@pytest.mark.parametrize("verifier", ["a" * 42, "a" * 129, "a" * 42 + "ü", "a" * 42 + "/"])
def test_a_malformed_verifier_is_refused_even_when_it_fits_its_challenge(public, verifier):
    code = public.code(code_challenge=challenge_for(verifier), code_challenge_method="S256")
    refused(redeem(public, code, auth="none", code_verifier=verifier), "invalid_grant")


@pytest.mark.rfc("7636", "4.5")
@pytest.mark.parametrize("fields", [{}, {"code_verifier": ""}])
def test_a_missing_verifier_is_a_missing_parameter_and_ends_the_code(public, fields):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    refused(redeem(public, code, auth="none", **fields), "invalid_request")
    refused(redeem(public, code, auth="none", code_verifier=VERIFIER), "invalid_grant")


@pytest.mark.rfc("9700", "4.8.2")
def test_a_verifier_for_a_code_without_a_challenge_is_refused(signed_in):
    refused(redeem(signed_in, signed_in.code(), code_verifier=VERIFIER), "invalid_grant")


@pytest.mark.rfc("9700", "4.8.2")
def test_an_injected_code_does_not_fit_the_verifier_of_another_session(signed_in):
    stolen = signed_in.code(code_challenge=challenge_for("a" * 43), code_challenge_method="S256")
    signed_in.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    refused(redeem(signed_in, stolen, code_verifier=VERIFIER), "invalid_grant")


@pytest.mark.rfc("7636", "4.4")
def test_the_challenge_that_was_consented_to_cannot_be_exchanged(public):
    page = public.authorize(code_challenge=CHALLENGE, code_challenge_method="S256")
    answer = public.decide(page, allow="x", code_challenge=challenge_for("b" * 43), code_challenge_method="S256")
    code = answer["Location"].split("code=")[1].split("&")[0]
    refused(redeem(public, code, auth="none", code_verifier="b" * 43), "invalid_grant")


@pytest.mark.rfc("7636", "4.6")
def test_a_stranger_cannot_spend_the_code_with_a_guess(public, driver_for):
    code = public.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    stranger = driver_for(client_type="public")
    refused(redeem(stranger, code, auth="none", code_verifier="c" * 43), "invalid_grant")
    issued(redeem(public, code, auth="none", code_verifier=VERIFIER))
