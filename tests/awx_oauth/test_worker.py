"""How workers leave their port: at once, while they finish what they have begun."""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import ExitStack

import pytest

from benchmarks import meters
from tests.servers import serving
from tests.wire import Wire


@pytest.fixture
def server():
    with serving() as started:
        yield started


def seconds_until_the_port_is_free(server):
    began = time.monotonic()
    while time.monotonic() - began < 20:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(server.address)
            except OSError:
                time.sleep(0.02)
            else:
                break
    return time.monotonic() - began


def test_workers_whose_master_was_killed_leave_the_port_to_the_next_one(server):
    with Wire(server) as wire:
        assert wire.send("GET", "/livez").status == 200  # and the connection stays open
        server.process.kill()
        server.process.wait()
        assert seconds_until_the_port_is_free(server) < 3


def test_a_stop_frees_the_port_before_kept_connections_end_and_answers_on_them(server):
    with Wire(server) as wire:
        assert wire.send("GET", "/livez").status == 200
        server.process.terminate()
        assert seconds_until_the_port_is_free(server) < 1
        answer = wire.send("GET", "/livez")
        assert (answer.status, answer.headers["Connection"]) == (200, "close")


def test_connections_that_wait_when_the_workers_stop_are_served(server):
    workers = meters.family(server.pid)[1:]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    with ExitStack() as stack:
        waiting = [stack.enter_context(Wire(server)) for _ in range(20)]  # the kernel has taken them, no worker yet
        for wire in waiting:
            wire.http.request("GET", "/livez")
        server.process.terminate()
        time.sleep(0.5)
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        assert {wire.http.getresponse().status for wire in waiting} == {200}
