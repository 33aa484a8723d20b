"""A person looks after what acts in their name: with a mouse, with a keyboard, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import client_app
from tests.browser.conftest import DESKTOP, PHONE, sign_in

_TABS = 40  # more than any page has stops


def me(server, token):
    """Whose token it is, as far as it works."""
    answer = client_app.fetch(f"{server.base_url}/api/v2/me/", Authorization=f"Bearer {token}")
    return answer["results"][0]["username"] if "results" in answer else None


def open_my_access(page, person):
    page.goto("/my-access/")
    sign_in(page, person)
    expect(page.get_by_role("heading", level=1)).to_have_text("My access")


def create_token(page):
    page.get_by_role("link", name="Create a token").click()
    page.get_by_label("What is it for?").fill("Nightly backup")
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new token")
    return page.get_by_label("Token", exact=True).input_value()


def test_token_is_created_copied_and_revoked(page, server, person):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_my_access(page, person)
    value = create_token(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == value
    assert me(server, value) == person.username

    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text(value)).to_have_count(0)
    page.get_by_role("link", name="Revoke token Nightly backup").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_have_text("The token no longer works.")
    assert me(server, value) is None


def test_token_can_be_copied_by_hand_where_the_clipboard_is_closed(page, person):
    open_my_access(page, person)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    create_token(page)
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Select the token and copy it yourself.")).to_be_visible()
    assert page.evaluate("getSelection().toString().length || document.activeElement.selectionEnd") > 0


def test_double_click_creates_one_token(page, person):
    open_my_access(page, person)
    page.get_by_role("link", name="Create a token").click()
    page.get_by_label("What is it for?").fill("Nightly backup")
    page.get_by_role("button", name="Create the token").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your new token")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("heading", name="Nightly backup")).to_have_count(1)


def test_access_of_an_application_is_revoked(page, app, person):
    page.goto(f"{app.base_url}/login")
    sign_in(page, person)
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, {person.username}")
    page.goto("/my-access/")
    page.get_by_role("link", name="Revoke access of Demo application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke access of Demo application?")
    page.get_by_role("button", name="Revoke access").click()
    expect(page.get_by_role("status")).to_have_text("Demo application no longer has access.")
    expect(page.get_by_text("No application has access.")).to_be_visible()
    expect(page.get_by_text("Access of Demo application was revoked")).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_works_without_scripts(new_page, server, app, person, device):
    page = new_page(**device, java_script_enabled=False)
    page.goto(f"{app.base_url}/login")
    sign_in(page, person)
    page.get_by_role("button", name="Allow access").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, {person.username}")
    page.goto("/my-access/")
    value = create_token(page)
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    assert me(server, value) == person.username
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Revoke token Nightly backup").click()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("link", name="Revoke access of Demo application").click()
    page.get_by_role("button", name="Revoke access").click()
    expect(page.get_by_text("No application has access.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


class Keyboard:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, role: str, name: str) -> None:
        """Press Tab until the focus is there, and see that it can be seen."""
        target = self.page.get_by_role(role, name=name)
        expect(target).to_be_visible()
        for _press in range(_TABS):
            if target.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        expect(target).to_be_focused()
        assert target.evaluate("element => getComputedStyle(element).outlineStyle") != "none"

    def press(self, role: str, name: str) -> None:
        self.go_to(role, name)
        self.page.keyboard.press("Enter")

    def type(self, name: str, text: str) -> None:
        self.go_to("textbox", name)
        self.page.keyboard.type(text)


def test_keyboard_alone_leads_through_login_consent_and_a_token(page, server, app, person):
    keyboard = Keyboard(page)
    page.goto(f"{app.base_url}/login")
    expect(page.get_by_label("Username")).to_be_focused()
    keyboard.type("Username", person.username)
    keyboard.type("Password", person.password)
    page.keyboard.press("Enter")
    keyboard.press("button", "Allow access")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Welcome, {person.username}")

    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    keyboard.press("link", "My access What you allowed applications to do, and your own tokens")
    keyboard.press("link", "Create a token")
    expect(page.get_by_label("What is it for?")).to_be_focused()
    keyboard.type("What is it for?", "Nightly backup")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="See everything that you can see.")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="See, create, change and delete everything that you can.")).to_be_checked()
    keyboard.press("button", "Create the token")
    expect(page.get_by_label("Token", exact=True)).to_be_focused()
    value = page.get_by_label("Token", exact=True).input_value()
    assert me(server, value) == person.username
    keyboard.press("link", "Done")
    keyboard.press("link", "Revoke token Nightly backup")
    keyboard.press("button", "Revoke")
    expect(page.get_by_text("The token no longer works.")).to_be_visible()
    assert me(server, value) is None
