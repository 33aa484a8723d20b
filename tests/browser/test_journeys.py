"""A person at a browser, an application that wants access, and what each of them gets."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser import client_app
from tests.browser.conftest import PHONE, sign_in
from tests.cast import ASKING, DEVICE, Cast
from tests.servers import serving
from tests.wire import Client, Person


def allow(page):
    page.get_by_role("button", name="Allow access").click()


def heading(page):
    return page.get_by_role("heading", level=1)


def ask(page, app, person):
    """Go from the application to the consent page."""
    page.goto(app.base_url)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, person)
    expect(heading(page)).to_have_text("Allow Demo application to access your account?")


def test_person_signs_in_allows_and_arrives_at_the_application(page, app, person):
    page.goto(app.base_url)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_text("to continue to Demo application")).to_be_visible()
    sign_in(page, person)
    expect(page.get_by_text("See everything that you can see.")).to_be_visible()
    expect(page.get_by_text("127.0.0.1")).to_be_visible()
    allow(page)
    expect(heading(page)).to_have_text(f"Welcome, {person.username}")


def test_person_who_denies_arrives_without_access(page, app, person):
    ask(page, app, person)
    page.get_by_role("button", name="Deny").click()
    expect(heading(page)).to_have_text("No access: access_denied")


def test_wrong_password_is_told_and_corrected(page, app, person):
    page.goto(app.base_url)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Please enter a correct username and password")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Username")).to_have_value(person.username)
    page.get_by_label("Password").fill(person.password)
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("Allow Demo application to access your account?")


def test_an_application_that_asks_nothing_is_reached_straight_from_signing_in(page, server, cast, person):
    quiet = {**ASKING, "name": "Quiet", "redirect_uris": client_app.REDIRECT_URI, "skip_authorization": True}
    with client_app.running(server.base_url, cast.client(**quiet)) as application:
        page.goto(application.base_url)
        page.get_by_role("link", name="Sign in").click()
        sign_in(page, person)
        expect(heading(page)).to_have_text(f"Welcome, {person.username}")


def test_consent_that_took_too_long_begins_again(new_page, app):
    with serving(AUTHORIZATION_REQUEST_SECONDS="4", WEB_CONCURRENCY="1") as hasty:
        cast = Cast(hasty)
        client = cast.client(**{**ASKING, "name": "Demo application", "redirect_uris": client_app.REDIRECT_URI})
        person = cast.user()
        with client_app.running(hasty.base_url, client) as hasty_app:
            page = new_page()
            ask(page, hasty_app, person)
            time.sleep(5.1)  # signatures count whole seconds
            allow(page)
            expect(heading(page)).to_have_text("This page has expired")
            page.get_by_role("link", name="Start again").click()
            expect(heading(page)).to_have_text("Allow Demo application to access your account?")
            allow(page)
            expect(heading(page)).to_have_text(f"Welcome, {person.username}")


def test_back_button_leads_to_a_question_that_can_be_answered_again(page, app, person):
    ask(page, app, person)
    allow(page)
    expect(heading(page)).to_have_text(f"Welcome, {person.username}")
    page.go_back()
    expect(heading(page)).to_have_text("Allow Demo application to access your account?")
    allow(page)
    # The application has had its answer to that state; the service does not fail
    expect(heading(page)).to_have_text("This answer is not one that was asked for.")
    page.goto(app.base_url)
    page.get_by_role("link", name="Sign in").click()
    allow(page)
    expect(heading(page)).to_have_text(f"Welcome, {person.username}")


def test_double_click_gives_access_once(page, app, person):
    ask(page, app, person)
    page.get_by_role("button", name="Allow access").dblclick(no_wait_after=True)
    expect(heading(page)).to_have_text(f"Welcome, {person.username}")


def test_two_tabs_each_get_their_own_answer(page, app, person):
    ask(page, app, person)
    other = page.context.new_page()
    other.goto(f"{app.base_url}/login")
    expect(heading(other)).to_have_text("Allow Demo application to access your account?")
    page.get_by_role("button", name="Deny").click()
    expect(heading(page)).to_have_text("No access: access_denied")
    allow(other)
    expect(heading(other)).to_have_text(f"Welcome, {person.username}")


def test_question_to_one_person_is_not_answered_by_another(page, app, person, cast):
    ask(page, app, person)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sign out").click()
    expect(heading(other)).to_have_text("You are signed out")
    other.get_by_role("link", name="Sign in again").click()
    somebody = cast.user()
    sign_in(other, somebody)
    expect(other.get_by_text(f"Signed in as {somebody.username}")).to_be_visible()
    allow(page)
    expect(heading(page)).to_have_text("This form has expired")
    page.go_back()
    expect(page.get_by_text(f"Signed in as {somebody.username}")).to_be_visible()


def test_person_switches_accounts_on_the_consent_page(page, app, person, cast):
    ask(page, app, person)
    page.get_by_role("link", name="Use another account").click()
    somebody = cast.user()
    sign_in(page, somebody)
    allow(page)
    expect(heading(page)).to_have_text(f"Welcome, {somebody.username}")


@pytest.fixture(scope="module")
def device(cast) -> Client:
    return cast.client(**{**DEVICE, "name": "Television"})


def start_device(server, device):
    form = {"client_id": device.client_id, "scope": "read"}
    return client_app.fetch(f"{server.base_url}/api/o/device-authorization/", form)


def poll(server, device, started):
    grant_type = "urn:ietf:params:oauth:grant-type:device_code"
    form = {"grant_type": grant_type, "client_id": device.client_id, "device_code": started["device_code"]}
    return client_app.fetch(f"{server.base_url}/api/o/token/", form)


def connect(page, person: Person, code: str):
    page.goto("/api/o/device/")
    sign_in(page, person)
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()


def test_device_is_connected_on_a_phone(new_page, server, device, person):
    started = start_device(server, device)
    assert poll(server, device, started)["error"] == "authorization_pending"
    page = new_page(**PHONE)
    connect(page, person, started["user_code"].lower().replace("-", " "))
    expect(page.get_by_text(started["user_code"])).to_be_visible()
    allow(page)
    expect(heading(page)).to_have_text("Your device is connected")
    assert poll(server, device, started)["token_type"] == "Bearer"
    page.get_by_role("link", name="See and end what you allowed").click()
    expect(page.get_by_role("heading", name="Television")).to_be_visible()


def test_device_that_is_denied_gets_nothing(new_page, server, device, person):
    started = start_device(server, device)
    page = new_page(**PHONE)
    connect(page, person, started["user_code"])
    page.get_by_role("button", name="Deny").click()
    expect(heading(page)).to_have_text("Access denied")
    assert poll(server, device, started)["error"] == "access_denied"


def test_link_with_a_code_only_fills_in_the_form(new_page, server, device, person):
    started = start_device(server, device)
    page = new_page(**PHONE)
    page.goto(started["verification_uri_complete"])
    sign_in(page, person)
    expect(page.get_by_label("Code")).to_have_value(started["user_code"])


def test_wrong_code_is_told(new_page, person):
    page = new_page(**PHONE)
    connect(page, person, "BBBB-BBBB")
    expect(page.get_by_role("alert")).to_contain_text("No device waits under this code")
    expect(page).to_have_title(re.compile("^Error:"))
