"""RFC 8628 §3.3, §5: the person's side of the device flow."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications.services import delete_application
from tests.flows.answers import issued, refused, shown
from tests.flows.test_rfc8628 import decide, poll, start
from tests.oauth import hidden_fields

pytestmark = pytest.mark.django_db

PAGE = "/api/o/device/"


def enter(driver, user_code):
    return driver.post(PAGE, {"user_code": user_code}, auth=None)


@pytest.mark.rfc("8628", "3.3")
def test_the_person_signs_in_first(device):
    device.http.logout()
    response = device.http.get(f"{PAGE}?user_code=WDJB-MJHT")
    assert response.status_code == 302
    assert "no-store" in response["Cache-Control"]
    location = urlsplit(response["Location"])
    assert location.path == "/api/login/"
    assert parse_qs(location.query)["next"] == [f"{PAGE}?user_code=WDJB-MJHT"]


@pytest.mark.rfc("8628", "3.3.1")
def test_a_complete_link_fills_in_the_code_and_decides_nothing(device):
    begun = start(device)
    page = shown(device.http.get(urlsplit(begun["verification_uri_complete"])._replace(scheme="", netloc="").geturl()))
    assert f'value="{begun["user_code"]}"' in page
    refused(poll(device, begun), "authorization_pending")


@pytest.mark.rfc("8628", "3.3")
@pytest.mark.rfc("8628", "5.4")
def test_the_page_names_the_client_the_scopes_and_the_code(device):
    begun = start(device, scope="read")
    page = shown(enter(device, begun["user_code"]))
    assert device.application.name in page
    assert begun["user_code"] in page
    assert "<code>read</code>" in page
    assert "<code>write</code>" not in page


@pytest.mark.rfc("8628", "6.1")
@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:2]} {code[2:]} "]
)
def test_case_spaces_and_punctuation_of_the_code_do_not_matter(device, change):
    begun = start(device)
    shown(enter(device, change(begun["user_code"])))


@pytest.mark.rfc("8628", "3.3")
@pytest.mark.parametrize("code", ["", "BBBB-BBBB", "x" * 41, "ü", "\x00", "<script>", "' OR 1=1"])
def test_a_wrong_code_is_told_to_the_person(device, code):
    start(device)
    page = shown(enter(device, code), status=400)
    assert "<script>" not in page


@pytest.mark.rfc("8628", "3.3")
@pytest.mark.parametrize("first", [{"allow": "x"}, {"deny": "1"}])
@pytest.mark.parametrize("second", [{"allow": "x"}, {"deny": "1"}])
def test_a_decision_is_taken_once(device, first, second):
    begun = start(device)
    page = enter(device, begun["user_code"])
    form = hidden_fields(page)
    shown(device.post(PAGE, {**form, **first}, auth=None))
    shown(device.post(PAGE, {**form, **second}, auth=None), status=400)
    shown(enter(device, begun["user_code"]), status=400)
    if "allow" in first:
        issued(poll(device, begun))
    else:
        refused(poll(device, begun), "access_denied")


@pytest.mark.rfc("8628", "3.3")
@pytest.mark.parametrize("value", ["", "false", "False", "0"])
def test_allowing_falsely_is_denying(device, value):
    begun = start(device)
    shown(decide(device, begun, allow=value))
    refused(poll(device, begun), "access_denied")


@pytest.mark.rfc("8628", "3.3")
def test_an_expired_code_can_neither_be_entered_nor_decided(device, alice):
    begun = start(device)
    page = enter(device, begun["user_code"])
    with time_machine.travel(timezone.now() + timedelta(seconds=1801), tick=False):
        device.http.force_login(alice)
        shown(enter(device, begun["user_code"]), status=400)
        shown(device.post(PAGE, {**hidden_fields(page), "allow": "x"}, auth=None), status=400)


@pytest.mark.rfc("8628", "5.4")
def test_nobody_decides_in_the_name_of_another(device, bob):
    begun = start(device)
    page = enter(device, begun["user_code"])
    device.http.force_login(bob)
    shown(device.post(PAGE, {**hidden_fields(page), "allow": "x"}, auth=None), status=400)
    refused(poll(device, begun), "authorization_pending")


@pytest.mark.rfc("8628", "5.4")
@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "ü", "\x00"])
def test_a_decision_that_we_never_asked_for_is_a_page(device, forged):
    shown(device.post(PAGE, {"signed_request": forged, "allow": "x"}, auth=None), status=400)


@pytest.mark.rfc("8628", "3.3")
def test_a_decision_for_a_client_that_is_gone_is_a_page(device):
    page = enter(device, start(device)["user_code"])
    delete_application(device.application)
    shown(device.post(PAGE, {**hidden_fields(page), "allow": "x"}, auth=None), status=400)


@pytest.mark.rfc("8628", "5.4")
def test_code_and_decision_need_the_csrf_token(device, alice):
    begun = start(device)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(PAGE, {"user_code": begun["user_code"]}).status_code == 403
    token = hidden_fields(browser.get(PAGE))["csrfmiddlewaretoken"]
    page = browser.post(PAGE, {"user_code": begun["user_code"], "csrfmiddlewaretoken": token})
    signed = hidden_fields(page)["signed_request"]
    assert browser.post(PAGE, {"signed_request": signed, "allow": "x"}).status_code == 403


@pytest.mark.rfc("8628", "3.3")
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_not_allowed(device, method):
    assert getattr(device.http, method)(PAGE).status_code == 405


@pytest.mark.rfc("8628", "5.1")
def test_guessing_codes_is_slowed_down(settings, device):
    settings.FAILED_USER_CODES_PER_USER = 3
    begun = start(device)
    for _ in range(3):
        shown(enter(device, "BBBB-BBBB"), status=400)
    response = enter(device, begun["user_code"])
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0


@pytest.mark.rfc("8628", "3.3")
def test_two_devices_of_one_client_are_told_apart(device):
    one, other = start(device), start(device)
    decide(device, one, allow="x")
    refused(poll(device, other), "authorization_pending")
    issued(poll(device, one))
