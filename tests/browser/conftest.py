"""A browser, people in front of it, and an application that sends them to the service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.browser import chromium, client_app
from tests.browser.client_app import REDIRECT_URI, ClientApp
from tests.cast import ASKING, Cast
from tests.servers import Server
from tests.wire import Person

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
_SECONDS = 15

_LEFT_OUT = pytest.StashKey[int]()

find_chromium = cache(chromium.find)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of this directory, and leave them out where there is no Chromium."""
    own = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.browser)
    if own and find_chromium() is None:
        items[:] = [item for item in items if item not in own]
        config.hook.pytest_deselected(items=own)
        config.stash[_LEFT_OUT] = len(own)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say so in one line."""
    if number := config.stash.get(_LEFT_OUT, 0):
        terminalreporter.write_line(f"{number} browser tests left out: {chromium.MISSING}")


# For a module, not for the run: playwright's event loop must not be there while other tests use Django's database
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    executable = find_chromium()
    assert executable is not None, chromium.MISSING
    with chromium.running(executable) as started:
        yield started


@pytest.fixture
def new_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own, told how as playwright's contexts are.

    The test fails if any page of the service breaks its own Content-Security-Policy or has a fault in a script.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # The browser also reports each answer that is an error; ours are looked at, so only what a page loads counts
        is_answer = message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        if message.type in {"error", "warning"} and not is_answer:
            faults.append(message.text)

    def open_page(**options: object) -> Page:
        context = browser.new_context(base_url=server.base_url, **{"locale": "en", **DESKTOP, **options})
        context.set_default_timeout(_SECONDS * 1000)
        contexts.append(context)
        page = context.new_page()
        context.on("console", hear)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def person(cast: Cast) -> Person:
    """Somebody new."""
    return cast.user()


@pytest.fixture(scope="session")
def app(server: Server, cast: Cast) -> Iterator[ClientApp]:
    """An application that people sign in to with the service."""
    client = cast.client(**{**ASKING, "name": "Demo application", "redirect_uris": REDIRECT_URI})
    with client_app.running(server.base_url, client) as started:
        yield started


def sign_in(page: Page, person: Person) -> None:
    """Fill in the login page."""
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
