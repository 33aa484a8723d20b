"""Starts the subjects: fills the database, serves, and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import meters, steps
from benchmarks.load import Address, WrongAnswerError
from benchmarks.subjects import Subject

_START_SECONDS = 60
_STOP_SECONDS = 40
_SEED_SECONDS = 1200
_PROBE = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


class SubjectError(Exception):
    """A subject could not be prepared or started."""


@dataclass
class Running:
    """A subject that serves."""

    subject: Subject
    address: Address
    database_url: str
    process: subprocess.Popen[bytes] = field(repr=False)
    seconds_to_first_answer: float

    @property
    def workers(self) -> list[int]:
        """The processes that answer: all but the one that only started them."""
        return meters.family(self.process.pid)[1:]


def seed(subject: Subject, database_url: str, wanted: Mapping[str, Any]) -> steps.Supplies:
    """Fill the database; what was made serves the steps."""
    argument = {
        **wanted,
        "username": steps.USERNAME,
        "password": steps.PASSWORD,
        "code_challenge": steps.CHALLENGE,
        "live_tokens": subject.live_tokens,
        "live_applications": subject.live_applications,
    }
    done = subprocess.run(
        [*subject.seed, json.dumps(argument)],
        env=_environment(subject, database_url) | dict(subject.seed_env),
        cwd=subject.directory, capture_output=True, text=True, check=False, timeout=_SEED_SECONDS,
    )  # fmt: skip
    if done.returncode != 0:
        raise SubjectError(f"{subject.title}: its database could not be filled: {done.stderr[-2000:]}")
    return steps.Supplies(json.loads(done.stdout))


@contextmanager
def serving(subject: Subject, database_url: str, log_path: Path, **env: str) -> Iterator[Running]:
    """Serve on a free port while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = _environment(subject, database_url) | {"HOST": "127.0.0.1", "PORT": str(port)} | env
    command = [part.format(port=port) for part in subject.command]
    with log_path.open("ab") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, env=environment, cwd=subject.directory, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait(process, ("127.0.0.1", port), log_path)
        yield Running(subject, ("127.0.0.1", port), database_url, process, time.perf_counter() - began)
    except WrongAnswerError as error:
        if error.port == port:
            error.add_note(f"{subject.title} wrote: {_end_of(log_path)}")
        raise
    finally:
        _stop(process)


def _environment(subject: Subject, database_url: str) -> dict[str, str]:
    """The caller's, less what would turn the shipped defaults into something else."""
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR", "WEB_CONCURRENCY", "WEB_THREADS")
    inherited = {name: os.environ[name] for name in kept if name in os.environ}
    return {**inherited, **subject.env, "DATABASE_URL": database_url}


def _wait(process: subprocess.Popen[bytes], address: Address, log_path: Path) -> None:
    """Until it answers anything."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with socket.create_connection(address, timeout=_START_SECONDS) as connection:
                connection.sendall(_PROBE)
                if connection.recv(1):
                    return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise SubjectError(f"The server did not start: {_end_of(log_path)}")
        time.sleep(0.01)


def _end_of(log_path: Path) -> str:
    return log_path.read_text(errors="replace")[-3000:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
