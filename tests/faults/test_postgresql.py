"""PostgreSQL stopped, crashed and failed over under load: 503 meanwhile, then all that was answered still holds."""

from __future__ import annotations

import signal
import time
from contextlib import closing

import pytest

from tests import postgres
from tests.faults import audit
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import connect, free_port, serving_on

pytestmark = pytest.mark.faults


@pytest.mark.parametrize(
    "go",
    [
        pytest.param(postgres.Cluster.stop, id="fast"),
        pytest.param(lambda cluster: cluster.stop(signal.SIGQUIT), id="immediate"),
        pytest.param(postgres.Cluster.kill, id="killed"),
    ],
)
def test_a_database_that_goes_and_comes_back(cluster, server, go):
    traffic = Traffic(server)
    with traffic.running():
        for _ in range(2):
            go(cluster)
            time.sleep(1)
            cluster.start()
            back = audit.recovery(server, traffic.machine, within=5)
            time.sleep(0.5)
    audit.check_outage(traffic, back)


@pytest.fixture
def pair(postgresql):
    """A primary, and a standby without which it answers no commit."""
    programs, home = postgresql
    primary = postgres.Cluster(programs, home / "primary", "synchronous_standby_names=standby", port=free_port())
    standby = postgres.Cluster(programs, home / "standby", port=free_port())
    primary.create()
    primary.start()
    standby.create_standby_of(primary, name="standby")
    standby.start()
    yield primary, standby
    for cluster in (primary, standby):
        cluster.stop()


def test_a_synchronous_standby_takes_over_with_every_answer_that_was_given(pair):
    primary, standby = pair
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgres://postgres@{hosts}/postgres?target_session_attrs=read-write"
    with serving_on(url, **NODE) as server:
        with closing(connect(primary.url)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("SELECT sync_state FROM pg_stat_replication")
            assert cursor.fetchall() == [("sync",)]
        traffic = Traffic(server)
        with traffic.running():
            primary.kill()
            time.sleep(1)
            standby.promote()
            back = audit.recovery(server, traffic.machine, within=5)
        audit.check_outage(traffic, back)
