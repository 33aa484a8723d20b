"""gunicorn's configuration: a port that cannot be had is one clear line."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import gettempdir

import pytest


def start(port, **changes):
    return subprocess.run(
        [sys.executable, "-m", "gunicorn", "--config", "python:awx_oauth.gunicorn"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings.test", "PORT": str(port), **changes},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_port_in_use_ends_the_start_at_once_with_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        began = time.monotonic()
        done = start(port)
    assert done.returncode == 1
    [line] = [line for line in done.stderr.splitlines() if "Starting gunicorn" not in line]
    assert line == f"Port {port} on 127.0.0.1 is already in use. Stop what listens there, or set PORT to another."
    assert time.monotonic() - began < 5


def test_an_address_that_is_not_ours_ends_the_start_with_one_line():
    done = start(8013, HOST="192.0.2.1")
    assert done.returncode == 1
    assert "Cannot listen on 192.0.2.1:8013: " in done.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("PORT", "65536"), ("WEB_CONCURRENCY", "0"), ("WEB_THREADS", "-1")]
)
def test_a_bad_number_is_named(name, value):
    done = start(8013, **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"Configuration error: {name} must be ")
    assert done.stderr.count("\n") == 1


def test_what_a_killed_master_left_of_its_metrics_is_removed_and_nothing_else():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        parent = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else gettempdir())
        dead, living = (parent / f"awx-oauth-metrics-{port}-{name}" for name in ("dead", "living"))
        for directory in (dead, living):
            directory.mkdir()
        in_use = os.open(living, os.O_RDONLY)
        fcntl.flock(in_use, fcntl.LOCK_SH)
        try:
            start(port)
            assert not dead.exists()
            assert list(parent.glob(f"awx-oauth-metrics-{port}-*")) == [living]  # nor anything of its own
        finally:
            os.close(in_use)
            living.rmdir()


def test_a_missing_setting_ends_the_start_with_one_line():
    done = start(8013, DJANGO_SETTINGS_MODULE="settings.production", SECRET_KEY="")
    assert done.returncode == 1
    assert done.stderr.startswith("Configuration error: Set SECRET_KEY ")
    assert done.stderr.count("\n") == 1
