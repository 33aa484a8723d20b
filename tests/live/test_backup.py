"""The commands of docs/operations.md bring the service back from a backup that was made while it ran."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import postgres
from tests.cast import CLIENT_CREDENTIALS, PASSWORD, PASSWORD_GRANT, Cast
from tests.servers import ROOT, connect, environment_for, manage, running
from tests.wire import Load, Wire

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@dataclass
class Database:
    """A database that can be lost."""

    url: str
    name: str
    variables: dict[str, str]
    lose: Callable[[], None]


@contextmanager
def of_postgresql(_directory: Path) -> Iterator[Database]:
    with postgres.server() as url, closing(connect(url)) as connection, closing(connection.cursor()) as cursor:

        def start_empty() -> None:
            cursor.execute("DROP DATABASE IF EXISTS tokens WITH (FORCE)")
            cursor.execute("CREATE DATABASE tokens")

        start_empty()
        programs = postgres.client_programs()
        yield Database(
            url.replace("/postgres?", "/tokens?"),
            "postgresql",
            {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            start_empty,
        )


@contextmanager
def of_sqlite(directory: Path) -> Iterator[Database]:
    path = directory / "db.sqlite3"

    def lose() -> None:
        path.write_bytes(b"not a database any more")

    yield Database(f"sqlite://{path}", "sqlite", {"DATABASE": str(path)}, lose)


@pytest.fixture
def database(tmp_path):
    kind = of_postgresql if os.environ.get("DATABASE_URL", "").startswith("postgres") else of_sqlite
    with kind(tmp_path) as found:
        found.variables["BACKUP"] = str(tmp_path / "backup")
        yield found


def run_documented(name, database):
    """Paste a block of the document into a shell."""
    [command] = re.findall(rf"^```sh {name}-{database.name}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    script = f'python() {{ "{sys.executable}" "$@"; }}\n{command}'
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT, env={**environment_for(database.url), **database.variables},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_restored_service_accepts_the_tokens_it_had_given_and_refuses_those_it_had_revoked(database):
    manage(environment_for(database.url), "bootstrap")
    with running(database.url) as server, Wire(server) as wire:
        cast = Cast(server)
        person, client, busy = cast.user(), cast.client(**PASSWORD_GRANT), cast.client(**CLIENT_CREDENTIALS)
        form = {"grant_type": "password", "username": person.username, "password": PASSWORD}
        live, revoked = (wire.token(client, **form).json() for _ in range(2))
        assert wire.revoke(client, revoked["refresh_token"]).status == 200
        load = Load(server, lambda connection: [connection.token(busy, grant_type="client_credentials")])
        with load.running():
            run_documented("backup", database)
        assert load.outcomes == {(200, None)}
    database.lose()
    run_documented("restore", database)
    with running(database.url) as server, Wire(server) as wire:
        assert wire.me(live["access_token"]).status == 200
        assert wire.refresh(client, live["refresh_token"]).outcome == (200, None)
        assert wire.me(revoked["access_token"]).status == 401
        assert wire.refresh(client, revoked["refresh_token"]).outcome == (400, "invalid_grant")
        assert wire.token(client, **form).outcome == (200, None)
        assert wire.token(busy, grant_type="client_credentials").outcome == (200, None)
