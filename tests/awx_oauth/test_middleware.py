"""Every request has an id and a sender, and every response its security headers."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from awx_oauth import context, csp
from awx_oauth.logs import JsonFormatter, RefusedRequestFilter, RequestIdFilter
from tests.conftest import PASSWORD

STRICT = csp.policy()


def who(request):
    current = context.current()
    assert current is not None
    return JsonResponse({"id": current.request_id, "address": current.remote_address, "secure": request.is_secure()})


def page(request, **_):
    return HttpResponse("<!doctype html>")


def own_policy(request):
    policy = csp.policy(form_action="'self' https://client.example")
    return HttpResponse("<!doctype html>", headers={"Content-Security-Policy": policy})


@csrf_exempt
def body(request):
    return JsonResponse({"bytes": len(request.body)})


urlpatterns = [
    path("who/", who),
    path("own-policy/", own_policy),
    path("body/", body),
    path("page/", page),
    path("admin/page/", page),
    path("api/v2/page/", page),
    path("api/o/authorize/", page),
    path("lines/<path:rest>", page),
]
handler400 = "awx_oauth.errors.bad_request"

pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("sent", ["a", "x" * 64, "trace-1.2_3"])
def test_a_well_formed_request_id_is_kept_and_returned(client, sent):
    response = client.get("/who/", headers={"X-Request-ID": sent})
    assert response.headers["X-Request-ID"] == sent
    assert response.json()["id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\nb", "<script>", "ä"])
def test_any_other_request_id_is_replaced(client, sent):
    response = client.get("/who/", headers={"X-Request-ID": sent})
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["X-Request-ID"])
    assert response.json()["id"] == response.headers["X-Request-ID"]


def test_there_is_no_context_outside_a_request(client):
    client.get("/who/")
    assert context.current() is None


PROXIES = ["10.0.0.0/8", "fd00::1"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.7", "192.0.2.1"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", None),
    ],
)
def test_the_sender_is_the_rightmost_address_that_is_no_trusted_proxy(settings, peer, forwarded, address):
    settings.TRUSTED_PROXIES = PROXIES
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert Client(REMOTE_ADDR=peer).get("/who/", headers=headers).json()["address"] == address


@pytest.mark.parametrize(("peer", "secure"), [("10.0.0.1", True), ("192.0.2.1", False)])
def test_only_a_trusted_proxy_can_say_that_the_request_was_https(settings, peer, secure):
    settings.TRUSTED_PROXIES = PROXIES
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    response = Client(REMOTE_ADDR=peer).get("/who/", headers={"X-Forwarded-Proto": "https"})
    assert response.json()["secure"] is secure


def test_a_page_gets_the_strict_policy(client):
    response = client.get("/page/")
    assert response.headers["Content-Security-Policy"] == STRICT
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert "geolocation=()" in response.headers["Permissions-Policy"]
    assert client.get("/api/o/authorize/").headers["Content-Security-Policy"] == STRICT


def test_django_admin_may_fetch_from_itself(client):
    assert "connect-src 'self'" in client.get("/admin/page/").headers["Content-Security-Policy"]


def test_the_browsable_api_may_style_its_own_markup(client):
    policy = client.get("/api/v2/page/").headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy


def test_a_policy_that_a_view_has_set_stays(client):
    response = client.get("/own-policy/")
    assert "form-action 'self' https://client.example;" in response.headers["Content-Security-Policy"]


def test_json_needs_no_policy(client):
    assert "Content-Security-Policy" not in client.get("/who/").headers


def test_a_body_over_the_limit_is_refused_before_it_is_read(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    accepted = client.post("/body/", b"x" * 100, content_type="application/json")
    assert accepted.json() == {"bytes": 100}
    refused = client.post("/body/", b"x" * 101, content_type="application/json", headers={"accept": "application/json"})
    assert refused.status_code == HTTPStatus.BAD_REQUEST
    assert refused.json() == {"detail": "The request body is too large."}


def test_a_request_is_one_log_line_without_its_query(client, caplog):
    with caplog.at_level(logging.INFO, logger="awx_oauth.request"):
        client.get("/who/?code=hunter2")
    [record] = caplog.records
    assert re.fullmatch(r"GET /who/ 200 [0-9.]+ ms", record.getMessage())
    said = {"method": "GET", "path": "/who/", "status": 200, "remote_address": "127.0.0.1"}
    assert record.facts.items() >= said.items()


def log_line_of(caplog, call):
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="awx_oauth.request"):
        call()
    [record] = [record for record in caplog.records if record.name == "awx_oauth.request"]
    names = ("client_id", "user_id", "outcome", "reason")
    return {name: record.facts[name] for name in names if record.facts[name] is not None}


@pytest.mark.urls("awx_oauth.urls")
def test_a_log_line_has_the_client_the_user_and_the_outcome(driver_for, alice, caplog):
    client = driver_for(authorization_grant_type="password")
    client_id = client.application.client_id
    form = {"grant_type": "password", "username": "alice"}
    known = {"client_id": client_id, "user_id": alice.pk}
    assert log_line_of(caplog, lambda: client.token(**form, password=PASSWORD)) == {**known, "outcome": "ok"}
    assert log_line_of(caplog, lambda: client.token(**form, password="wrong")) == {
        **known,
        "outcome": "invalid_grant",
        "reason": "The password is wrong.",
    }
    token = client.token(**form, password=PASSWORD).json()["access_token"]
    assert log_line_of(caplog, lambda: client.me(token)) == {"user_id": alice.pk, "outcome": "ok"}


@pytest.mark.urls("awx_oauth.urls")
def test_a_log_line_has_the_user_of_a_session_where_one_was_asked_for(client, alice, caplog):
    client.force_login(alice)
    assert log_line_of(caplog, lambda: client.get("/my-access/")) == {"user_id": alice.pk, "outcome": "ok"}
    assert log_line_of(caplog, lambda: client.get("/nowhere/")) == {"outcome": "refused"}


def test_a_line_break_in_a_path_does_not_begin_a_log_line(client, caplog):
    with caplog.at_level(logging.INFO, logger="awx_oauth.request"):
        client.get("/lines/a%0AERROR%20forged")
    assert "\n" not in caplog.records[0].getMessage()


def test_probes_are_not_logged_at_the_usual_level(client, caplog):
    with caplog.at_level(logging.INFO, logger="awx_oauth.request"):
        client.get("/livez")
    assert caplog.records == []


def json_line(record):
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_a_json_log_line_says_when_who_and_what():
    record = logging.LogRecord("awx_oauth", logging.INFO, __file__, 1, "said %s", ("so",), None)
    record.created = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC).timestamp()
    record.facts = {"status": 200, "client_id": None}
    with context.serving(context.RequestContext("the-id", None)):
        RequestIdFilter().filter(record)
    assert json_line(record) == {
        "time": "2026-01-02T03:04:05.678901+00:00",
        "level": "INFO",
        "logger": "awx_oauth",
        "request_id": "the-id",
        "message": "said so",
        "status": 200,
    }


def test_a_json_log_line_has_the_traceback_in_itself(caplog):
    try:
        json.loads("not\nJSON")
    except ValueError:
        logging.getLogger("elsewhere").warning("It failed.", exc_info=True)
    line = json_line(caplog.records[-1])
    assert line["request_id"] == "-"
    assert line["exc_info"].startswith("Traceback")


def test_a_host_that_is_not_ours_is_one_warning_without_a_traceback(client, settings, caplog):
    settings.ALLOWED_HOSTS = ["testserver"]
    with caplog.filtering(RefusedRequestFilter()):
        assert client.get("/page/", headers={"host": "evil.example"}).status_code == HTTPStatus.BAD_REQUEST
    [record] = [record for record in caplog.records if record.name.startswith("django.security.")]
    assert (record.levelname, record.exc_info) == ("WARNING", None)
    assert record.getMessage().startswith("Invalid HTTP_HOST header: 'evil.example'.")
