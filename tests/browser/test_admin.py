"""Django admin on a phone and on a desktop, light and dark: axe-core finds nothing, and the fields have names."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser import client_app
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_pages import check
from tests.cast import DEVICE, PASSWORD_GRANT
from tests.oauth import basic
from tests.servers import ADMIN, ADMIN_PASSWORD
from tests.shell import run

LISTS = [
    "accounts/membership/",
    "accounts/organization/",
    "accounts/user/",
    "activity/activity/",
    "applications/application/",
    "tokens/accesstoken/",
    "tokens/refreshtoken/",
    "tokens/refusal/",
]
FORMS = [
    "accounts/membership/add/",
    "accounts/organization/add/",
    "accounts/user/add/",
    "applications/application/add/",
]


@pytest.fixture(params=[(PHONE, "dark"), (DESKTOP, "light")], ids=["phone-dark", "desktop-light"])
def page(request, new_page):
    size, scheme = request.param
    return new_page(**size, color_scheme=scheme)


@pytest.fixture
def everything(server, cast, app, person):
    """Something for each list to show."""
    device = cast.client(**{**DEVICE, "name": f"Television of {person.username}, with a rather long name"})
    form = {"grant_type": "nonsense", "client_id": device.client_id}
    assert client_app.fetch(f"{server.base_url}/api/o/token/", form)["error"] == "unsupported_grant_type"
    [organization] = cast.rest("GET", "organizations/?name=Default")["results"]
    cast.rest("POST", f"organizations/{organization['id']}/users/", id=person.pk)
    client = cast.client(**PASSWORD_GRANT)
    login = {"grant_type": "password", "username": person.username, "password": person.password}
    headers = {"Authorization": basic(client.client_id, client.secret)}
    assert "refresh_token" in client_app.fetch(f"{server.base_url}/api/o/token/", login, **headers)
    return person


def open_admin(page, username=ADMIN, password=ADMIN_PASSWORD):
    page.goto("/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()


def press(page, name):
    """Press a button that leads to another page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=isinstance(name, str)).click()


def test_lists_forms_and_pages_of_objects(page, everything):
    open_admin(page)
    check(page)
    for path in (*LISTS, *FORMS):
        page.goto(f"/admin/{path}")
        check(page)
    for path in LISTS:
        page.goto(f"/admin/{path}?q={everything.username}")
        check(page)
        page.goto(f"/admin/{path}")
        with page.expect_navigation():
            page.locator("#result_list tbody th a").first.click()
        check(page)
    for path in FORMS:
        page.goto(f"/admin/{path}")
        press(page, "Save")
        expect(page.locator(".errornote")).to_be_visible()
        check(page)


def test_a_system_auditor_sees_the_same_without_the_buttons(page, cast, everything):
    cast.rest("PATCH", f"users/{everything.pk}/", is_system_auditor=True)
    open_admin(page, everything.username, everything.password)
    check(page)
    for path in (*LISTS, f"accounts/user/{everything.pk}/change/", "accounts/organization/1/change/"):
        page.goto(f"/admin/{path}")
        expect(page.get_by_role("button", name="Save")).to_have_count(0)
        check(page)


def test_whoever_is_neither_is_told_so(page, person):
    page.goto("/admin/")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    press(page, "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    check(page)


def test_an_application_is_registered_tried_rotated_and_deleted(page, server, person):
    open_admin(page)
    page.goto("/admin/applications/application/add/")
    page.get_by_label("Name:").fill(f"Report of {person.username}")
    page.get_by_role("combobox", name="Organization").click()
    check(page)  # with the choices unfolded
    page.get_by_role("searchbox", name="Organization").fill("Def")
    page.get_by_role("option", name="Default").click()
    expect(page.get_by_role("combobox", name="Organization: Default")).to_be_visible()
    page.get_by_label("Client type").select_option("confidential")
    page.get_by_label("Grant type").select_option("client-credentials")
    press(page, "Save")
    secret = page.locator("dd code").nth(1).inner_text()
    check(page)
    command = page.locator("pre.example").inner_text()
    assert secret in command
    assert "access_token" in run(server, command)
    page.get_by_role("link", name="Continue").click()
    check(page)
    assert secret not in page.content()
    press(page, "Rotate secret")
    check(page)
    press(page, "Rotate secret")
    assert page.locator("dd code").nth(1).inner_text() != secret
    page.get_by_role("link", name="Continue").click()
    press(page, "Revoke all tokens")
    check(page)
    press(page, "Revoke all tokens")
    expect(page.get_by_text("1 token revoked.")).to_be_visible()
    page.get_by_role("link", name=f"Report of {person.username}").click()
    page.get_by_role("link", name="Delete").click()
    check(page)
    press(page, re.compile("Yes"))
    check(page)


def test_a_membership_is_added_with_fields_that_have_names(page, person):
    open_admin(page)
    page.goto(f"/admin/accounts/user/{person.pk}/change/")
    page.get_by_role("button", name=re.compile("Add another")).click()
    expect(page.get_by_role("combobox", name="Organization")).to_be_visible()
    check(page)
