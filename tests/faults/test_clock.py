"""The clock of a node moved under load: what was answered holds, and what depends on time goes by the clock it has."""

from __future__ import annotations

import time

import pytest

from tests.cast import CODE, DEVICE, PASSWORD, PASSWORD_GRANT, Cast
from tests.faults import audit
from tests.faults.clock import Clock
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import serving_on
from tests.wire import Wire

pytestmark = pytest.mark.faults

HOUR = 3600
ACCESS_TOKEN_SECONDS = 36000


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path / "offset")


@pytest.fixture
def server(cluster, clock):
    # One thread, so that a worker's clock never moves in the middle of another thread's request
    with serving_on(cluster.url, **NODE, CLOCK_FILE=str(clock.file), WEB_THREADS="1") as started:
        yield started


def test_steps_of_hours_forward_and_back_fail_no_request(server, clock):
    traffic = Traffic(server, codes=False)  # a person's session and a code do end in an hour
    with traffic.running():
        for offset in (HOUR, -HOUR, 5 * HOUR, -4 * HOUR, 0):  # never further apart than an access token lives
            clock.move(offset)
            time.sleep(0.5)
    assert traffic.troubles == []
    audit.check(traffic)


def test_tokens_end_by_the_clock_and_refresh_tokens_outlive_it(server, clock):
    cast = Cast(server)
    user, client = cast.user(), cast.client(**PASSWORD_GRANT)
    with Wire(server) as wire:
        given = wire.token(client, grant_type="password", username=user.username, password=PASSWORD).json()
        clock.move(ACCESS_TOKEN_SECONDS + 60)
        assert wire.me(given["access_token"]).status == 401
        given = wire.refresh(client, given["refresh_token"]).json()
        assert given["expires_in"] == ACCESS_TOKEN_SECONDS
        clock.move(-HOUR)
        assert wire.me(given["access_token"]).status == 200
        given = wire.refresh(client, given["refresh_token"]).json()
        assert given["expires_in"] == ACCESS_TOKEN_SECONDS
        clock.move(0)
        assert wire.me(given["access_token"]).status == 200
        assert wire.refresh(client, given["refresh_token"]).status == 200


def test_a_code_from_before_a_step_back_is_redeemed_and_one_from_before_a_step_forward_has_ended(server, clock):
    cast = Cast(server)
    user, client = cast.user(), cast.client(**CODE)
    codes = [user.code(client.client_id) for _ in range(2)]
    with Wire(server) as wire:
        clock.move(-HOUR)
        assert wire.token(client, grant_type="authorization_code", code=codes[0]).status == 200
        clock.move(120)
        answer = wire.token(client, grant_type="authorization_code", code=codes[1])
        assert answer.outcome == (400, "invalid_grant")


def test_a_device_is_not_told_to_slow_down_by_a_step_back(server, clock):
    client = Cast(server).client(**DEVICE)
    with Wire(server) as wire:
        started = wire.post("/api/o/device-authorization/", client).json()
        form = {"grant_type": DEVICE["authorization_grant_type"], "device_code": started["device_code"]}
        assert wire.token(client, **form).outcome == (400, "authorization_pending")
        clock.move(-HOUR)
        assert wire.token(client, **form).outcome == (400, "authorization_pending")
        assert wire.token(client, **form).outcome == (400, "slow_down")
