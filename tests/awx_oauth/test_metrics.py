"""What ``/metrics`` says, and to whom. tests/live/test_metrics.py asks a service with several workers."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import PASSWORD
from tokens import metrics, services


def scrape(client):
    """Every sample by its name and labels, looked up in the database anew."""
    metrics.stock.looked = -1000.0
    response = client.get("/metrics")
    assert response.status_code == HTTPStatus.OK
    families = text_string_to_metric_families(response.content.decode())
    return {(each.name, *sorted(each.labels.items())): each.value for family in families for each in family.samples}


def rise(client, call, name, **labels):
    """By how much a sample rises during ``call``."""
    key = (name, *sorted(labels.items()))
    before = scrape(client).get(key, 0)
    call()
    return scrape(client).get(key, 0) - before


@pytest.fixture
def password_client(driver_for, alice):
    return driver_for(authorization_grant_type="password")


def log_in(password_client):
    return password_client.token(grant_type="password", username="alice", password=PASSWORD).json()


def test_a_request_counts_under_its_route_and_class_of_status(client, password_client):
    requests = "awx_oauth_request_duration_seconds_count"
    route = "oauth2_provider:token"
    assert rise(client, lambda: log_in(password_client), requests, route=route, status="2xx") == 1
    assert rise(client, lambda: client.post("/api/o/token/"), requests, route=route, status="4xx") == 1
    assert rise(client, lambda: client.get("/nowhere/12/"), requests, route="none", status="4xx") == 1
    assert rise(client, lambda: client.get("/admin/tokens/"), requests, route="admin", status="3xx") == 1


def test_probes_and_scrapes_do_not_count(client, db):
    before = {key: value for key, value in scrape(client).items() if "request_duration" in key[0]}
    client.get("/livez")
    assert {key: value for key, value in scrape(client).items() if "request_duration" in key[0]} == before


def test_tokens_count_by_grant_type(client, password_client):
    name = "awx_oauth_token_responses_total"
    assert rise(client, lambda: log_in(password_client), name, grant_type="password") == 1
    token = log_in(password_client)["refresh_token"]
    refresh = {"grant_type": "refresh_token", "refresh_token": token}
    assert rise(client, lambda: password_client.token(refresh), name, grant_type="refresh_token") == 1


def test_refusals_count_by_endpoint_and_error(client, password_client):
    def refuse():
        password_client.token(grant_type="password", username="alice", password="wrong")

    name = "awx_oauth_refusals_total"
    assert rise(client, refuse, name, endpoint="token", error="invalid_grant") == 1


def test_replays_count(client, password_client):
    token = log_in(password_client)["refresh_token"]

    def present():
        password_client.token(grant_type="refresh_token", refresh_token=token)

    present()
    assert rise(client, present, "awx_oauth_events_total", event="token:replayed") == 1


def test_counters_of_rare_events_are_there_from_the_start(client, db):
    assert ("awx_oauth_events_total", ("event", "code:replayed")) in scrape(client)


def test_lockouts_count(client, password_client, settings):
    settings.FAILED_SECRETS_PER_CLIENT_AND_ADDRESS = 1
    password_client.secret = "wrong"
    log_in(password_client)
    limit = "FAILED_SECRETS_PER_CLIENT_AND_ADDRESS"
    assert rise(client, lambda: log_in(password_client), "awx_oauth_lockouts_total", limit=limit) == 1


def test_live_tokens_and_what_waits_for_cleaning_are_counted_in_the_database(client, alice):
    services.issue_personal_token(user=alice, scope="read")
    backlog = ("awx_oauth_cleanup_backlog_rows", ("table", "access_token"))
    now = scrape(client)
    assert (now[("awx_oauth_live_access_tokens",)], now[backlog]) == (1, 0)
    with time_machine.travel(timezone.now() + timedelta(days=800)):
        later = scrape(client)
    assert (later[("awx_oauth_live_access_tokens",)], later[backlog]) == (0, 1)


def test_the_database_is_asked_at_most_every_30_seconds(client, db, django_assert_num_queries):
    scrape(client)
    with django_assert_num_queries(0):
        client.get("/metrics")


def test_without_a_database_the_counters_are_still_there(client, db):
    def absent(*args):
        raise OperationalError("connection refused")

    with connection.execute_wrapper(absent):
        found = scrape(client)
    assert ("awx_oauth_live_access_tokens",) not in found
    assert ("awx_oauth_events_total", ("event", "code:replayed")) in found


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, HTTPStatus.OK),
        ("::1", {}, HTTPStatus.OK),
        ("10.2.0.1", {}, HTTPStatus.OK),
        ("::ffff:10.2.0.1", {}, HTTPStatus.OK),
        ("10.3.0.1", {}, HTTPStatus.FORBIDDEN),
        ("", {}, HTTPStatus.FORBIDDEN),
        # A proxy on this machine: the request may come from anywhere
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, HTTPStatus.FORBIDDEN),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, HTTPStatus.FORBIDDEN),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, HTTPStatus.FORBIDDEN),
        ("127.0.0.1", {"X-Forwarded-Host": "auth.example.org"}, HTTPStatus.FORBIDDEN),
        ("10.3.0.1", {"Authorization": "Bearer open sesame"}, HTTPStatus.OK),
        ("127.0.0.1", {"Authorization": "Bearer open sesame", "X-Forwarded-For": "192.0.2.1"}, HTTPStatus.OK),
        ("10.3.0.1", {"Authorization": "Bearer open barley"}, HTTPStatus.FORBIDDEN),
        ("10.3.0.1", {"Authorization": "Bearer ä"}, HTTPStatus.FORBIDDEN),
    ],
)
def test_metrics_are_for_listed_addresses_and_for_who_has_the_token(settings, db, peer, headers, status):
    settings.METRICS_ALLOWED = ["127.0.0.0/8", "::1", "10.2.0.0/16"]
    settings.METRICS_TOKEN = "open sesame"
    assert Client(REMOTE_ADDR=peer).get("/metrics", headers=headers).status_code == status


def test_without_a_configured_token_none_opens(settings, db):
    settings.METRICS_TOKEN = ""
    response = Client(REMOTE_ADDR="192.0.2.1").get("/metrics", headers={"Authorization": "Bearer "})
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_metrics_answer_reading_methods_only_and_by_any_host_name(client, db, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.post("/metrics").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert client.get("/metrics", headers={"host": "10.1.2.3:8013"}).status_code == HTTPStatus.OK
