"""Removing what has ended: what goes, what stays while a replay could do harm, and that tables stop growing."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone
from oauth2_provider.settings import oauth2_settings

from awx_oauth.activity.models import Activity
from tests.conftest import PASSWORD
from tests.oauth import CHALLENGE, VERIFIER
from tokens import cleanup, devices, services
from tokens.models import AccessToken, DeviceGrant, Grant, RefreshToken, Refusal

YEARS = timedelta(days=3 * 365)


def test_cleaning_keeps_what_lives(oauth, alice):
    oauth.http.force_login(alice)
    tokens = oauth.tokens_for_code()
    cleanup.clean()
    assert oauth.introspect(tokens["access_token"]).json()["active"] is True
    assert oauth.introspect(tokens["refresh_token"]).json()["active"] is True


def test_cleaning_keeps_a_spent_code_while_its_family_lives(oauth, alice):
    oauth.http.force_login(alice)
    code = oauth.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    tokens = oauth.token(**form).json()
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        cleanup.clean()
        assert oauth.token(**form).status_code == 400
        assert oauth.introspect(tokens["refresh_token"]).json() == {"active": False}


def test_cleaning_keeps_a_spent_refresh_token_so_that_its_replay_is_seen(driver_for, alice):
    client = driver_for(authorization_grant_type="password")
    first = client.token(grant_type="password", username="alice", password=PASSWORD).json()
    second = client.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    cleanup.clean()
    client.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert client.introspect(second["refresh_token"]).json() == {"active": False}


def test_cleaning_removes_an_unused_code_once_it_has_expired(oauth, alice):
    oauth.http.force_login(alice)
    oauth.code()
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        cleanup.clean()
    assert not Grant.objects.exists()


def test_cleaning_goes_in_batches(alice, monkeypatch):
    monkeypatch.setattr(cleanup, "BATCH", 2)
    for _ in range(5):
        services.issue_personal_token(user=alice, scope="read")
    batches = []
    with time_machine.travel(timezone.now() + YEARS):
        deleted = cleanup.clean(lambda model, number: batches.append(number) if model is AccessToken else None)
    assert batches == [2, 2, 1]
    assert deleted[AccessToken] == 5


def test_old_activity_goes_unless_it_is_kept_for_ever(alice, settings):
    services.issue_personal_token(user=alice, scope="read")
    settings.ACTIVITY_RETENTION_DAYS = 0
    with time_machine.travel(timezone.now() + YEARS):
        cleanup.clean()
        assert Activity.objects.exists()
        settings.ACTIVITY_RETENTION_DAYS = 365
        cleanup.clean()
        assert not Activity.objects.exists()


def test_the_tables_stop_growing_under_constant_load(oauth, driver_for, alice, settings, monkeypatch):
    monkeypatch.setattr(oauth2_settings, "REFRESH_TOKEN_EXPIRE_SECONDS", 3 * 24 * 3600)
    settings.ACTIVITY_RETENTION_DAYS = settings.REFUSAL_RETENTION_DAYS = 3
    settings.SESSION_COOKIE_AGE = 24 * 3600
    settings.PERSONAL_ACCESS_TOKEN_EXPIRE_SECONDS = 24 * 3600
    device = driver_for(authorization_grant_type="urn:ietf:params:oauth:grant-type:device_code")
    tables = (AccessToken, RefreshToken, Grant, DeviceGrant, Session, Refusal, Activity)
    began, seen = timezone.now(), []
    for day in range(12):
        with time_machine.travel(began + timedelta(days=day)):
            oauth.http.force_login(alice)
            tokens = oauth.tokens_for_code()
            oauth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
            oauth.token(grant_type="refresh_token", refresh_token="unknown")
            oauth.code()
            devices.start(application=device.application, scope="read")
            services.issue_personal_token(user=alice, scope="read")
        with time_machine.travel(began + timedelta(days=day, hours=12)):  # not at a moment when something just ends
            cleanup.clean()
            seen.append([table.objects.count() for table in tables])
    assert seen[1] != seen[0]
    assert seen[6:] == seen[5:-1]
