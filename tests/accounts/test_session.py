"""Logging in and out at the pages that AWX's clients use too."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import PASSWORD
from tests.oauth import Driver


@pytest.fixture
def browser(client, alice):
    client.force_login(alice)
    return client


def is_logged_in(browser):
    return "_auth_user_id" in browser.session


def test_logout_goes_to_the_root_of_the_api(browser):
    answer = browser.post("/api/logout/")
    assert answer["Location"] == "/api/"
    assert not is_logged_in(browser)
    assert answer.cookies["userLoggedIn"].value == "false"


def test_logout_follows_next_on_this_host(browser):
    answer = browser.post("/api/logout/", {"next": "/signed-out/"}, follow=True)
    assert answer.redirect_chain == [("/signed-out/", 302)]
    assert "You are signed out" in answer.content.decode()


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_logout_does_not_send_people_elsewhere(browser, elsewhere):
    assert browser.post("/api/logout/", {"next": elsewhere})["Location"] == "/api/"


@pytest.mark.parametrize("site", [None, "same-origin", "same-site", "none"])
def test_logout_by_get_logs_out_as_in_awx(browser, site):
    answer = browser.get("/api/logout/", headers={"Sec-Fetch-Site": site} if site else {})
    assert answer.status_code == 302
    assert answer["Location"] == "/api/"
    assert not is_logged_in(browser)


def test_logout_by_get_from_another_site_changes_nothing(browser):
    answer = browser.get("/api/logout/", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 302
    assert answer["Location"] == "/api/"
    assert is_logged_in(browser)


def test_logout_by_post_needs_the_csrf_token(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post("/api/logout/").status_code == 403
    assert is_logged_in(browser)


def test_login_page_names_the_application_that_asks(client, make_application):
    oauth = Driver(client, *make_application(name="Dashboard"))
    page = client.get(oauth.authorize()["Location"])
    assert "Dashboard" in page.content.decode()


@pytest.mark.parametrize(
    "next_page",
    [
        "",
        "/",
        "/api/v2/?client_id={id}",
        "/api/o/authorize/",
        "/api/o/authorize/?client_id=nobody",
        "//[",
        "/api/o/authorize/?client_id={id}&client_id={id}",
    ],
)
def test_login_page_names_no_application_without_an_authorization_request(client, make_application, next_page):
    application, _secret = make_application(name="Dashboard")
    page = client.get("/api/login/", {"next": next_page.format(id=application.client_id)})
    assert page.status_code == 200
    assert "Dashboard" not in page.content.decode()


def test_wrong_password_is_answered_with_the_form(client, alice):
    answer = client.post("/api/login/", {"username": "alice", "password": "wrong"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.content.decode()


def test_login_goes_to_the_start_page_which_says_who_is_there(client, alice):
    answer = client.post("/api/login/", {"username": "alice", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "alice" in answer.content.decode()


def test_guide_says_who_is_signed_in(browser):
    page = browser.get("/api/o/", headers={"Accept": "text/html"}).content.decode()
    assert "alice" in page
