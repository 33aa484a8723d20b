"""A disk that fills up under the SQLite file, and has room again."""

from __future__ import annotations

import errno
import resource
import subprocess
import time
from contextlib import contextmanager

import pytest

from benchmarks import meters
from tests.faults import audit
from tests.faults.conftest import NODE
from tests.faults.traffic import Traffic
from tests.servers import serving_on

pytestmark = pytest.mark.faults

_SIZE = "64m"
_BLOCK = bytes(4096)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, which only root can make."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", tmp_path]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("a real full disk needs root, who can mount one; files that may not grow stand in for it")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(file):
    """Until the disk is full."""
    try:
        with file.open("wb", buffering=0) as opened:
            while True:
                opened.write(_BLOCK)
    except OSError as error:
        assert error.errno == errno.ENOSPC  # noqa: PT017 - it comes at some time, not at one statement


def under_load_without_room(server, full):
    traffic = Traffic(server)
    with traffic.running():
        for _ in range(2):
            with full():
                time.sleep(1.5)
            back = audit.recovery(server, traffic.machine, within=5)
            time.sleep(0.5)
    audit.check_outage(traffic, back)


def test_a_full_disk(small_disk):
    ballast = small_disk / "ballast"

    @contextmanager
    def full():
        fill(ballast)
        yield
        ballast.unlink()

    with serving_on(f"sqlite://{small_disk / 'db.sqlite3'}", **NODE) as server:
        under_load_without_room(server, full)


def test_files_that_may_not_grow(tmp_path):
    with serving_on(f"sqlite://{tmp_path / 'db.sqlite3'}", **NODE) as server:

        @contextmanager
        def full():
            limit(len(_BLOCK))
            yield
            limit(resource.RLIM_INFINITY)

        def limit(size):
            for pid in meters.family(server.pid)[1:]:
                _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

        under_load_without_room(server, full)
