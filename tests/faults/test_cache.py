"""Redis gone under load: nothing fails for want of it, and failures are counted again once it is back."""

from __future__ import annotations

import time

import pytest

from tests.cast import CLIENT_CREDENTIALS, Cast
from tests.faults import audit
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import serving_on
from tests.wire import Wire

pytestmark = pytest.mark.faults

LIMIT = 4


@pytest.fixture
def server(cluster, redis):
    limits = {"FAILED_SECRETS_PER_CLIENT_AND_ADDRESS": str(LIMIT), "FAILED_PASSWORDS_PER_USER_AND_ADDRESS": "20"}
    with serving_on(cluster.url, **NODE | limits, CACHE_URL=redis.url) as started:
        yield started


def guesses_until_refused(server, client):
    """How many wrong secrets are looked at before one is answered 429."""
    with Wire(server) as wire:
        for number in range(10 * LIMIT):
            answer = wire.token(client._replace(secret="wrong"), grant_type="client_credentials")
            if answer.status == 429:
                return number
            assert answer.outcome == (401, "invalid_client")
    return None


def test_a_cache_that_goes_and_comes_back_fails_no_request(redis, server):
    cast = Cast(server)
    assert guesses_until_refused(server, cast.client(**CLIENT_CREDENTIALS)) == LIMIT
    traffic = Traffic(server)
    with traffic.running():
        redis.kill()
        assert guesses_until_refused(server, cast.client(**CLIENT_CREDENTIALS)) is None
        with Wire(server) as wire:
            assert wire.send("GET", "/readyz").json()["status"] == "degraded"
        redis.start()
        deadline = time.monotonic() + 15  # each worker leaves a cache that failed alone for ten seconds
        while guesses_until_refused(server, cast.client(**CLIENT_CREDENTIALS)) != LIMIT:
            assert time.monotonic() < deadline, "Failures are not counted again."
            time.sleep(0.5)
    assert traffic.troubles == []
    audit.check(traffic)
