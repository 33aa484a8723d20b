"""Servers of the tests' own, to be killed: none of these faults ever touches one that was there before."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from itertools import count

import pytest

from settings import limits
from tests import postgres
from tests.servers import free_port, serving_on

# To the service, all clients of these tests are one address that fails a lot
NODE = {
    **dict.fromkeys(limits.__all__, "0"),
    "FAILURE_WINDOW_SECONDS": "",
    "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
}


_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql():
    """PostgreSQL's programs, and a directory for clusters."""
    with postgres.programs() as found:
        yield found


@pytest.fixture
def cluster(postgresql):
    """A cluster that is running, and writes to disk as a real one does."""
    programs, home = postgresql
    started = postgres.Cluster(programs, home / f"cluster{next(_numbers)}")
    started.create()
    started.start()
    yield started
    started.stop()


@pytest.fixture
def server(cluster):
    with serving_on(cluster.url, **NODE) as started:
        yield started


class Redis:
    """A Redis server of the test's own, which keeps nothing on disk."""

    def __init__(self, program, directory):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", directory]

    def start(self):
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                assert self.process.poll() is None, "Redis did not start."
                time.sleep(0.02)
            else:
                return

    def kill(self):
        """Take it away, with all it held."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path):
    """A Redis server, where there is a program for one."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("a cache that goes away needs redis-server, which is not installed")
    started = Redis(program, tmp_path)
    started.start()
    yield started
    started.kill()
