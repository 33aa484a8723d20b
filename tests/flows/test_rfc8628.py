"""RFC 8628: the device's side of the device flow."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.services import change_application, delete_application
from tests.conftest import PASSWORD
from tests.flows.answers import inactive, issued, refused
from tests.flows.conftest import DEVICE
from tests.oauth import hidden_fields

pytestmark = pytest.mark.django_db


def start(driver, auth="none", **fields):
    response = driver.post("/api/o/device-authorization/", {"ignored": "x", **fields}, auth=auth)
    assert response.status_code == 200, response.content
    return response.json()


def poll(driver, begun, auth="none"):
    return driver.token({"grant_type": DEVICE, "device_code": begun["device_code"]}, auth=auth)


def decide(driver, begun, **decision):
    page = driver.post("/api/o/device/", {"user_code": begun["user_code"]}, auth=None)
    assert page.status_code == 200, page.content
    return driver.post("/api/o/device/", {**hidden_fields(page), **decision}, auth=None)


def after(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


@pytest.mark.rfc("8628", "3.2")
def test_a_device_gets_its_codes(device):
    response = device.post("/api/o/device-authorization/", {}, auth="none")
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    begun = response.json()
    assert len(begun.pop("device_code")) == 40
    user_code = begun.pop("user_code")
    assert begun == {
        "verification_uri": "http://testserver/api/o/device/",
        "verification_uri_complete": f"http://testserver/api/o/device/?user_code={user_code}",
        "expires_in": 1800,
        "interval": 5,
    }


@pytest.mark.rfc("8628", "6.1")
def test_user_codes_are_eight_easy_letters_and_differ(device):
    codes = {start(device)["user_code"] for _ in range(5)}
    assert len(codes) == 5
    for code in codes:
        assert len(code) == 9
        assert set(code) <= set("BCDFGHJKLMNPQRSTVWXZ-")


@pytest.mark.rfc("8628", "3.1")
@pytest.mark.parametrize("auth", ["basic", "post"])
def test_a_confidential_client_authenticates(driver_for, auth):
    client = driver_for(authorization_grant_type=DEVICE)
    refused(client.post("/api/o/device-authorization/", {}, auth="none"), "invalid_client", status=401)
    begun = start(client, auth=auth)
    refused(poll(client, begun, auth=auth), "authorization_pending")
    refused(poll(client, begun, auth="none"), "invalid_client", status=401)


@pytest.mark.rfc("8628", "3.1")
def test_an_unknown_client_is_invalid_client(device):
    response = device.post("/api/o/device-authorization/", {"client_id": "unknown"}, auth=None)
    refused(response, "invalid_client", status=401)


@pytest.mark.rfc("8628", "3.1")
@pytest.mark.parametrize("grant", ["authorization-code", "password", "client-credentials"])
def test_a_client_of_another_grant_is_unauthorized(driver_for, grant):
    client = driver_for(authorization_grant_type=grant)
    refused(client.post("/api/o/device-authorization/", {"scope": "read"}), "unauthorized_client")


@pytest.mark.rfc("8628", "3.1")
@pytest.mark.parametrize("scope", ["unknown", "read unknown", "read  write", " "])
def test_an_unknown_scope_is_invalid_scope(device, scope):
    refused(device.post("/api/o/device-authorization/", {"scope": scope}, auth="none"), "invalid_scope")


@pytest.mark.rfc("8628", "3.5")
def test_a_device_waits_then_gets_its_tokens_once(device, alice):
    begun = start(device, scope="read")
    refused(poll(device, begun), "authorization_pending")
    assert decide(device, begun, allow="x").status_code == 200
    with after(6):
        tokens = issued(poll(device, begun))
        assert tokens["scope"] == "read"
        assert tokens.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
        device.http.logout()
        assert device.me(tokens["access_token"]).status_code == 200


@pytest.mark.rfc("8628", "3.4")
def test_a_replayed_device_code_is_refused_and_ends_what_came_from_it(device, resource_server):
    begun = start(device)
    decide(device, begun, allow="x")
    tokens = issued(poll(device, begun))
    with after(6):
        refused(poll(device, begun), "invalid_grant")
    assert inactive(resource_server.introspect(tokens["access_token"]))
    assert inactive(resource_server.introspect(tokens["refresh_token"]))


@pytest.mark.rfc("8628", "3.5")
def test_denial_is_access_denied(device):
    begun = start(device)
    decide(device, begun, deny="1")
    refused(poll(device, begun), "access_denied")
    with after(6):
        refused(poll(device, begun), "access_denied")


@pytest.mark.rfc("8628", "3.5")
def test_polling_too_fast_slows_down_by_five_seconds_for_good(device):
    begun, now = start(device), timezone.now()

    def at(seconds):
        with time_machine.travel(now + timedelta(seconds=seconds), tick=False):
            return poll(device, begun)

    refused(at(0), "authorization_pending")
    refused(at(5), "authorization_pending")
    refused(at(9), "slow_down")
    refused(at(18), "slow_down")
    refused(at(33), "authorization_pending")
    refused(at(48), "authorization_pending")
    refused(at(62), "slow_down")


@pytest.mark.rfc("8628", "3.5")
def test_a_clock_that_is_put_back_slows_no_device_down(device):
    with after(-60):
        begun = start(device)
        refused(poll(device, begun), "authorization_pending")
    with after(-120):
        refused(poll(device, begun), "authorization_pending")
        refused(poll(device, begun), "slow_down")


@pytest.mark.rfc("8628", "3.5")
def test_a_device_that_polled_too_fast_still_gets_its_tokens(device):
    begun = start(device)
    poll(device, begun)
    refused(poll(device, begun), "slow_down")
    decide(device, begun, allow="x")
    issued(poll(device, begun))


@pytest.mark.rfc("8628", "3.5")
@pytest.mark.parametrize("decision", [None, {"allow": "x"}, {"deny": "1"}])
def test_an_expired_device_code_is_expired_token(device, decision):
    begun = start(device)
    if decision:
        decide(device, begun, **decision)
    with after(1801):
        refused(poll(device, begun), "expired_token")
        refused(poll(device, begun), "expired_token")


@pytest.mark.rfc("8628", "3.4")
@pytest.mark.parametrize("code", ["unknown", "ü", "x" * 5000])
def test_an_unknown_device_code_is_invalid_grant(device, code):
    refused(poll(device, {"device_code": code}), "invalid_grant")


@pytest.mark.rfc("8628", "3.4")
@pytest.mark.parametrize("state", ["waiting", "allowed", "denied", "expired"])
def test_the_device_code_of_another_client_is_unknown_whatever_became_of_it(device, driver_for, state):
    begun = start(device)
    if state in {"allowed", "denied"}:
        decide(device, begun, **({"allow": "x"} if state == "allowed" else {}))
    stranger = driver_for(authorization_grant_type=DEVICE, client_type="public")
    with after(1801 if state == "expired" else 0):
        refused(poll(stranger, begun), "invalid_grant")
    if state == "allowed":
        issued(poll(device, begun))


@pytest.mark.rfc("8628", "3.4")
def test_a_user_code_is_no_device_code(device):
    begun = start(device)
    decide(device, begun, allow="x")
    refused(poll(device, {"device_code": begun["user_code"]}), "invalid_grant")


@pytest.mark.rfc("8628", "3.4")
def test_the_device_code_of_an_inactive_user_is_refused(device, alice):
    begun = start(device)
    decide(device, begun, allow="x")
    alice.is_active = False
    alice.save()
    refused(poll(device, begun), "invalid_grant")


@pytest.mark.rfc("8628", "3.4")
def test_the_device_code_of_a_client_that_changed_or_is_gone_is_refused(device):
    begun = start(device)
    decide(device, begun, allow="x")
    change_application(device.application, authorization_grant_type="password")
    refused(poll(device, begun), "unauthorized_client")
    delete_application(device.application)
    refused(poll(device, begun), "invalid_client", status=401)


@pytest.mark.rfc("8628", "3.4")
def test_the_scope_cannot_be_widened_while_polling(device):
    begun = start(device, scope="read")
    decide(device, begun, allow="x", scope="write")
    form = {"grant_type": DEVICE, "device_code": begun["device_code"], "scope": "write"}
    assert issued(device.token(form, auth="none"))["scope"] == "read"


@pytest.mark.rfc("8628", "3.5")
def test_a_device_refreshes_its_tokens(device):
    begun = start(device)
    decide(device, begun, allow="x")
    first = issued(poll(device, begun))
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    issued(device.token(form, auth="none"))
    refused(device.token(form, auth="none"), "invalid_grant")


@pytest.mark.rfc("8628", "3.5")
def test_the_password_of_the_person_is_not_needed_by_the_device(device, alice):
    form = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    refused(device.token(form, auth="none"), "unauthorized_client")
