"""Takes the README's pictures of the pages.

``python manage.py shell --settings settings.test -c "from tests.browser.screenshots import main; main()"``
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page

from tests.browser import chromium, client_app
from tests.browser.client_app import ClientApp
from tests.cast import ASKING, Cast
from tests.servers import ROOT, serving

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1000, "height": 760}
TALL = {"width": 1000, "height": 920}


def main() -> None:
    """Start a service with something in it, and look at it as alice."""
    executable = chromium.find()
    if executable is None:
        sys.exit("No Chromium was found. Install it (Debian: apt install chromium).")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with serving() as server, chromium.running(executable) as browser:
        cast = Cast(server)
        cast.rest("POST", "users/", username="alice", password="correct horse")
        kind = {**ASKING, "redirect_uris": client_app.REDIRECT_URI}
        page = browser.new_context(
            base_url=server.base_url, viewport=SIZE, locale="en", color_scheme="light"
        ).new_page()
        for name, description in {
            "Inventory report": "A weekly summary of every inventory.",
            "Deploy dashboard": "Shows what runs where, and starts deployments.",
        }.items():
            client = cast.client(**{**kind, "name": name, "description": description})
            with client_app.running(server.base_url, client) as app:
                visit(page, app)
        create_tokens(page)
        page.set_viewport_size(TALL)
        page.goto("/my-access/")
        take(page, "my-access", whole=False)
        page.set_viewport_size(SIZE)
        page.goto("/api/o/#authorization-code")
        take(page, "guide", whole=False)


def visit(page: Page, app: ClientApp) -> None:
    """Sign in to an application; the pictures of the last one stay."""
    page.goto(f"{app.base_url}/login")
    if page.get_by_label("Password").is_visible():
        take(page, "login")
        page.get_by_label("Username").fill("alice")
        page.get_by_label("Password").fill("correct horse")
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow access").wait_for()
    take(page, "consent")
    page.get_by_role("button", name="Allow access").click()
    page.get_by_role("heading", name="Welcome").wait_for()


def create_tokens(page: Page) -> None:
    """Two personal access tokens."""
    for description in ("Nightly backup", "Laptop"):
        page.goto("/my-access/tokens/new/")
        page.get_by_label("What is it for?").fill(description)
        page.get_by_role("button", name="Create the token").click()
        page.get_by_role("heading", name="Your new token").wait_for()


def take(page: Page, name: str, *, whole: bool = True) -> None:
    """One picture, of the whole page or of what the window shows."""
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole, animations="disabled", caret="hide")
