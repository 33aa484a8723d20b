"""Every page on a phone and on a desktop, light and dark: nothing spills over, and axe-core finds nothing."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import client_app
from tests.browser.conftest import DESKTOP, PHONE, sign_in
from tests.cast import ASKING, DEVICE

ANYBODY = [
    "/",
    "/api/login/",
    "/api/login/?next=/api/o/device/",
    "/api/o/",
    "/api/",
    "/api/docs/",
    "/signed-out/",
    "/nothing-here/",
    "/api/o/authorize/?client_id=nobody",
]
SIGNED_IN = [
    "/",
    "/my-access/",
    "/my-access/activity/",
    "/my-access/tokens/new/",
    "/my-access/password/",
    "/api/o/device/",
    "/api/o/device/?user_code=BCDF-GHJK",
    "/api/v2/me/",
    "/api/v2/tokens/",
    "/api/v2/users/?page_size=1",
]


# Colours do not depend on the size, nor the layout on the colours
@pytest.fixture(params=[(PHONE, "dark"), (DESKTOP, "light")], ids=["phone-dark", "desktop-light"])
def page(request, new_page):
    size, scheme = request.param
    return new_page(**size, color_scheme=scheme)


def check(page, language="en"):
    """Look at the page that is open."""
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} pixels too wide"
    assert page.evaluate("document.documentElement.lang") == language
    # Else axe copies style sheets into the page, where the page's own policy stops them
    results = Axe().run(page, options={"preload": False})
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"


def test_pages_for_anybody(page):
    for path in ANYBODY:
        page.goto(path)
        check(page)


def test_reference_with_everything_unfolded(page):
    page.goto("/api/docs/")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    check(page)


def test_pages_for_people_who_are_signed_in(page, app, person):
    page.goto(f"{app.base_url}/login")
    check(page)
    sign_in(page, person)
    expect(page.get_by_role("button", name="Allow access")).to_be_visible()
    check(page)  # consent
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, {person.username}")
    for path in SIGNED_IN:
        page.goto(path)
        check(page)
    page.goto("/my-access/")
    page.get_by_role("link", name="Revoke access of Demo application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke access of Demo application?")
    check(page)
    page.get_by_role("button", name="Revoke access").click()
    expect(page.get_by_role("status")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    check(page)


@pytest.mark.parametrize("language", ["de", "fr", "es", "ja"])
def test_other_languages_fit_a_phone(new_page, server, cast, person, language):
    name = "Datenverarbeitungsangelegenheitenverwaltungswerkzeug データセンター運用管理ダッシュボード"
    client = cast.client(**{**ASKING, "name": f"{name} {person.username}", "redirect_uris": client_app.REDIRECT_URI})
    page = new_page(**PHONE, locale=language)
    with client_app.running(server.base_url, client) as app:
        page.goto(f"{app.base_url}/login")
        check(page, language)
        page.locator("#id_username").fill(person.username)
        page.locator("#id_password").fill(person.password)
        page.keyboard.press("Enter")
        page.locator("[name=allow]").wait_for()
        check(page, language)  # consent
        page.locator("[name=allow]").click()
        page.get_by_role("heading", name="Welcome").wait_for()
    for path in (*ANYBODY, *SIGNED_IN):
        page.goto(path)
        check(page, language)


def test_nothing_moves_for_those_who_do_not_want_it(new_page):
    for wanted, duration in (("no-preference", "0.12s"), ("reduce", "0s")):
        page = new_page(reduced_motion=wanted)
        page.goto("/api/login/")
        button = page.get_by_role("button", name="Sign in")
        assert button.evaluate("element => getComputedStyle(element).transitionDuration").startswith(duration)


def test_form_that_has_expired(page, person):
    page.goto("/my-access/tokens/new/")
    sign_in(page, person)
    page.get_by_label("What is it for?").fill("Backup")
    page.context.clear_cookies()
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This form has expired")
    check(page)


def test_steps_of_a_token(page, person):
    page.goto("/my-access/tokens/new/")
    sign_in(page, person)
    page.get_by_label("What is it for?").fill(" ")
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.get_by_label("What is it for?").fill("Backup " * 20)
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new token")
    check(page)
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Revoke token").wait_for()
    check(page)
    page.get_by_role("link", name="Revoke token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke this token?")
    check(page)


def test_errors_of_a_form(page, person):
    page.goto("/my-access/password/")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    sign_in(page, person)
    for label in ("Old password", "New password", "New password confirmation"):
        page.get_by_label(label, exact=True).fill("x")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    check(page)


def test_steps_of_a_device(page, server, cast, person):
    device = cast.client(**{**DEVICE, "name": f"Television of {person.username}, with a rather long name"})
    form = {"client_id": device.client_id}
    started = client_app.fetch(f"{server.base_url}/api/o/device-authorization/", form)
    page.goto("/api/o/device/")
    sign_in(page, person)
    page.get_by_label("Code").fill("BBBB-BBBB")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.get_by_label("Code").fill(started["user_code"])
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Allow access")).to_be_visible()
    check(page)  # consent for a public application
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Access denied")
    check(page)
    started = client_app.fetch(f"{server.base_url}/api/o/device-authorization/", form)
    page.goto(started["verification_uri_complete"])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your device is connected")
    check(page)
