"""Workers and the master killed outright under load: what was answered counts, and the service is back at once."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import pytest

from benchmarks import meters
from tests.faults import audit
from tests.faults.traffic import Traffic

pytestmark = pytest.mark.faults


def workers(server):
    return meters.family(server.pid)[1:]


def test_workers_that_are_killed_take_no_answered_token_with_them(server):
    traffic = Traffic(server)
    with traffic.running():
        for _ in range(6):
            os.kill(random.choice(workers(server)), signal.SIGKILL)
            time.sleep(0.5)
        back = audit.recovery(server, traffic.machine, within=5)
    assert traffic.troubles_after(back) == []
    audit.check(traffic)


def test_all_workers_killed_at_once_are_replaced(server):
    traffic = Traffic(server)
    with traffic.running():
        for _ in range(3):
            for pid in workers(server):
                os.kill(pid, signal.SIGKILL)
            back = audit.recovery(server, traffic.machine, within=5)
            time.sleep(0.5)
    assert traffic.troubles_after(back) == []
    audit.check(traffic)


def test_a_master_that_is_killed_can_be_started_again_at_once(server):
    traffic = Traffic(server)
    with traffic.running():
        for _ in range(2):
            server.process.kill()
            server.process.wait()
            start_as_a_supervisor_does(server)
            back = audit.recovery(server, traffic.machine, within=5)
            time.sleep(0.5)
    assert traffic.troubles_after(back) == []
    audit.check(traffic)


def start_as_a_supervisor_does(server):
    """Until the orphaned workers have left the port, as systemd does with Restart=always."""
    deadline = time.monotonic() + 5
    while True:
        with suppress(AssertionError):
            server.start()
        while server.process.poll() is None:
            if f"Listening at: {server.base_url} ({server.pid})" in server.log():  # no orphan answered
                return
            time.sleep(0.05)
        assert time.monotonic() < deadline, "The port is not free."
        time.sleep(0.2)
