"""The service as it runs, for tests that want real HTTP: gunicorn with several workers, and a database of its own.

The database is an SQLite file, or a new one on the PostgreSQL server that DATABASE_URL names, or one that the test has.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from tests import secrets_in_logs

ROOT = Path(__file__).resolve().parent.parent
ADMIN, ADMIN_PASSWORD = "admin", "correct horse battery"
_START_SECONDS = 60
_STOP_SECONDS = 40
_COMMAND_SECONDS = 120


@dataclass
class Server:
    """A service: where it answers, the environment that its commands need, and gunicorn's master once it is started."""

    base_url: str
    env: dict[str, str] = field(repr=False)
    database_url: str
    log_path: Path
    own_database_url: str = ""  # gunicorn's, where that is another than ours
    checkout: Path = ROOT  # the source tree that runs
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for raw sockets."""
        parts = urlsplit(self.base_url)
        return parts.hostname or "", parts.port or 0

    @property
    def is_postgresql(self) -> bool:
        return self.database_url.startswith("postgres")

    @property
    def pid(self) -> int:
        """Of gunicorn's master."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start gunicorn, and wait until it answers."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "python:awx_oauth.gunicorn"],
                cwd=self.checkout, env={**self.env, "DATABASE_URL": self.own_database_url or self.database_url},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_until_it_answers(self)

    def stop(self) -> None:
        """Stop gunicorn as an operator does, and look through its log."""
        assert self.process is not None
        _stop(self.process)
        assert secrets_in_logs.secrets_in(self.log()) == set(), "A secret is in the server's log."

    def manage(self, *arguments: str) -> str:
        """Run a management command on the server's database; give what it printed."""
        return manage(self.env, *arguments)

    def python(self, code: str) -> Any:
        """Run ``code`` as :func:`python` does."""
        return python(self.env, code)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database itself, past the service."""
        with closing(connect(self.database_url)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def log(self, since: int = 0) -> str:
        """What the server has written to its log, from a byte offset on."""
        return self.log_path.read_bytes()[since:].decode(errors="replace")


@contextmanager
def serving(*, database_through: str = "", **env: str) -> Iterator[Server]:
    """Migrate, create the admin and "Default", serve on a free port of this machine, and stop at the end.

    ``env`` adds to the server's environment. ``database_through`` is another address of the database's server, such as
    a proxy's, that gunicorn shall use.
    """
    with TemporaryDirectory(prefix="awx-oauth-") as name, new_database(Path(name)) as database_url:
        own_url = _at(database_through, urlsplit(database_url).path) if database_through else ""
        with serving_on(database_url, own_database_url=own_url, **env) as server:
            yield server


@contextmanager
def serving_on(database_url: str, *, own_database_url: str = "", **env: str) -> Iterator[Server]:
    """The same with a database that is there, empty or already migrated, by a node of several too."""
    manage(environment_for(database_url, **env), "bootstrap")
    with running(database_url, own_database_url=own_database_url, **env) as server:
        yield server


@contextmanager
def running(database_url: str, *, own_database_url: str = "", checkout: Path = ROOT, **env: str) -> Iterator[Server]:
    """Serve a database as it is, on a free port, and stop at the end."""
    secrets_in_logs.learn_password(ADMIN_PASSWORD)
    with TemporaryDirectory(prefix="awx-oauth-") as name:
        variables = environment_for(database_url, **env)
        base_url = f"http://127.0.0.1:{variables['PORT']}"
        server = Server(base_url, variables, database_url, Path(name) / "server.log", own_database_url, checkout)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def environment_for(database_url: str, **env: str) -> dict[str, str]:
    """What the service and its commands need in the environment, to run on a database."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "settings.test",  # as in development, but no static files need to be built
        "DATABASE_URL": database_url,
        "DJANGO_SUPERUSER_USERNAME": ADMIN,
        "DJANGO_SUPERUSER_PASSWORD": ADMIN_PASSWORD,
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "3",
        **env,
    }


@contextmanager
def new_database(directory: Path) -> Iterator[str]:
    """The URL of a new, empty database: a file in ``directory``, or one on DATABASE_URL's server that goes again."""
    server_url = os.environ.get("DATABASE_URL", "")
    if not server_url.startswith("postgres"):
        yield f"sqlite://{directory / 'db.sqlite3'}"
        return
    name = f"awx_oauth_live_{os.getpid()}_{secrets.token_hex(4)}"
    with closing(connect(server_url)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield _at(server_url, f"/{name}")
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def connect(database_url: str) -> Any:
    """A driver's own connection to a database; each statement commits."""
    if database_url.startswith("postgres"):
        import psycopg2

        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        return connection
    return sqlite3.connect(urlsplit(database_url).path, timeout=20, isolation_level=None)


def manage(environment: Mapping[str, str], *arguments: str, checkout: Path = ROOT) -> str:
    """Run a management command; give what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=checkout, env=dict(environment), capture_output=True, text=True, check=False, timeout=_COMMAND_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def python(environment: Mapping[str, str], code: str) -> Any:
    """Run ``code`` in ``manage.py shell``; give what it leaves in ``result``, by way of JSON."""
    printed = manage(environment, "shell", "--no-imports", "-c", f"{code}\nimport json; print(json.dumps(result))")
    return json.loads(printed.splitlines()[-1])


def _at(server_url: str, path: str) -> str:
    return urlsplit(server_url)._replace(path=path).geturl()


def free_port() -> int:
    """A port of this machine that nothing listens on at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_until_it_answers(server: Server) -> None:
    """Return once ``/livez`` is answered; fail when the process ends before."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urlopen(f"{server.base_url}/livez", timeout=5):
                return
        except (URLError, OSError):
            assert server.process is not None
            running = server.process.poll() is None and time.monotonic() < deadline
            assert running, f"The server did not start: {server.log()}"
            time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise AssertionError("The server did not stop when it was asked to.") from None
