"""Errors speak the language of who is asking, and tell nothing of the inside."""

from __future__ import annotations

from http import HTTPStatus

import psycopg2
import psycopg2.errorcodes
import pytest
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import DatabaseError, DataError, InterfaceError, InternalError, OperationalError
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

INSIDE = "password=hunter2 in table tokens_accesstoken"

RAISED = {
    "bad-request": BadRequest(INSIDE),
    "suspicious": SuspiciousOperation(INSIDE),
    "fields": TooManyFieldsSent(INSIDE),
    "body": RequestDataTooBig(INSIDE),
    "forbidden": PermissionDenied(INSIDE),
    "fault": ValueError(INSIDE),
    "data": DataError(INSIDE),
    "internal": InternalError(INSIDE),
    "corrupt": DatabaseError(INSIDE),
    "database": OperationalError(INSIDE),
    "connection": InterfaceError(INSIDE),
}


class ReadOnlySqlTransaction(psycopg2.InternalError):
    """What psycopg2 raises when a primary has become a standby; the real one cannot be given its code."""

    pgcode = psycopg2.errorcodes.READ_ONLY_SQL_TRANSACTION


@csrf_exempt
def fail(request, name):
    if name == "lost-connection":
        raise DatabaseError(INSIDE) from psycopg2.DatabaseError(INSIDE)
    if name == "read-only":
        raise InternalError(INSIDE) from ReadOnlySqlTransaction(INSIDE)
    raise RAISED[name]


def form(request):
    raise AssertionError("unreachable: the CSRF check comes first")


urlpatterns = [
    path("page/<name>/", fail),
    path("api/o/authorize/<name>/", fail),
    path("api/o/token/<name>/", fail),
    path("api/v2/<name>/", fail),
    path("api/login/", form),
    path("api/o/form/", form),
    path("api/v2/form", form),
]
handler400 = "awx_oauth.errors.bad_request"
handler403 = "awx_oauth.errors.permission_denied"
handler404 = "awx_oauth.errors.not_found"
handler500 = "awx_oauth.errors.server_error"

pytestmark = pytest.mark.urls(__name__)

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PROGRAM = {"accept": "application/json"}


@pytest.fixture
def client():
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


STATUSES = [
    ("bad-request", 400, "invalid_request"),
    ("suspicious", 400, "invalid_request"),
    ("fields", 400, "invalid_request"),
    ("body", 400, "invalid_request"),
    ("forbidden", 403, "access_denied"),
    ("fault", 500, "server_error"),
    ("data", 500, "server_error"),
    ("internal", 500, "server_error"),
    ("corrupt", 500, "server_error"),
    ("database", 503, "temporarily_unavailable"),
    ("connection", 503, "temporarily_unavailable"),
    ("read-only", 503, "temporarily_unavailable"),
    ("lost-connection", 503, "temporarily_unavailable"),
]


@pytest.mark.parametrize(("name", "status", "error"), STATUSES)
def test_the_protocol_answers_with_an_oauth_error(client, name, status, error):
    response = client.post(f"/api/o/token/{name}/", headers=BROWSER)
    assert response.status_code == status
    assert response.json()["error"] == error
    assert set(response.json()) == {"error", "error_description"}
    assert response.headers["Cache-Control"] == "no-store"
    assert INSIDE not in response.text


@pytest.mark.parametrize(("name", "status", "error"), STATUSES)
def test_rest_answers_with_a_detail(client, name, status, error):
    response = client.get(f"/api/v2/{name}/", headers=BROWSER)
    assert response.status_code == status
    assert set(response.json()) == {"detail"}
    assert INSIDE not in response.text


@pytest.mark.parametrize("address", ["/page/{}/", "/api/o/authorize/{}/"])
@pytest.mark.parametrize(("name", "status", "error"), STATUSES)
def test_a_person_gets_a_page(client, address, name, status, error):
    # without the django_db mark a query would fail the test
    response = client.get(address.format(name), headers={**BROWSER, "X-Request-ID": "quote-me"})
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "quote-me" in response.text
    assert "What you can do" in response.text
    assert INSIDE not in response.text


def test_a_program_gets_json_where_a_person_would_get_a_page(client):
    assert client.get("/page/forbidden/", headers=PROGRAM).json() == {
        "detail": "You do not have permission to perform this action."
    }
    assert client.get("/api/o/authorize/forbidden/", headers=PROGRAM).json()["error"] == "access_denied"


@pytest.mark.parametrize("name", ["database", "connection", "read-only", "lost-connection"])
@pytest.mark.parametrize("address", ["/page/{}/", "/api/o/token/{}/", "/api/v2/{}/"])
def test_a_database_that_is_away_asks_to_come_back(client, address, name):
    response = client.get(address.format(name))
    assert response.headers["Retry-After"] == "5"


def test_a_fault_does_not_ask_to_come_back(client):
    assert "Retry-After" not in client.get("/api/v2/fault/").headers


def test_a_database_that_is_away_in_a_middleware_is_covered_too(client, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.middleware_without_database"]
    response = client.get("/api/o/token/any/")
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response.json()["error"] == "temporarily_unavailable"


def middleware_without_database(get_response):
    def middleware(request):
        raise OperationalError(INSIDE)

    return middleware


def test_an_unknown_path_is_not_found_in_each_language(client):
    assert client.get("/api/v2/none/at/all", headers=BROWSER).json() == {"detail": "Not found."}
    assert client.get("/api/o/none/at/all", headers=BROWSER).json() == {
        "error": "invalid_request",
        "error_description": "Not found.",
    }
    page = client.get("/none", headers=BROWSER)
    assert page.status_code == HTTPStatus.NOT_FOUND
    assert page.headers["Content-Type"].startswith("text/html")


def test_a_form_without_its_csrf_token_is_refused_in_each_language(client):
    assert client.post("/api/v2/form").json() == {"detail": "CSRF verification failed."}
    assert client.post("/api/o/form/").json()["error"] == "invalid_request"
    page = client.post("/api/login/", headers=BROWSER)
    assert page.status_code == HTTPStatus.FORBIDDEN
    assert page.headers["Content-Type"].startswith("text/html")


def test_a_host_that_is_not_ours_is_refused(client):
    response = client.get("/api/v2/fault/", headers={"host": "evil.example"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json() == {"detail": "The request is malformed."}
