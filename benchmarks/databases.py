"""The one PostgreSQL server that all subjects use, each in a database of its own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from benchmarks import meters
from tests import postgres


class PostgreSQL:
    """A server, its databases and its processes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        ((own_pid,),) = self.rows("SELECT pg_backend_pid()")
        own = meters.usage(own_pid)
        # Its processes can be read only when it runs here
        self.postmaster = own.parent if own is not None else 0

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the server."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def execute(self, sql: str) -> None:
        """Tell the server."""
        with closing(self.connection.cursor()) as cursor:
            cursor.execute(sql)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database, while the block runs."""
        name = f"awx_oauth_bench_{os.getpid()}_{secrets.token_hex(4)}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(self.url)._replace(path=f"/{name}").geturl()
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def settle(self, database_url: str) -> None:
        """Do now what would come in the middle of a measurement: statistics, clean-up, writing to disk."""
        with closing(psycopg2.connect(database_url)) as connection:
            connection.autocommit = True
            with closing(connection.cursor()) as cursor:
                cursor.execute("VACUUM ANALYZE")
        self.execute("CHECKPOINT")

    def backends(self, database_url: str) -> dict[int, float]:
        """CPU seconds of each process that serves a connection to the database."""
        name = urlsplit(database_url).path.removeprefix("/")
        found = self.rows("SELECT pid FROM pg_stat_activity WHERE datname = %s", name)
        return meters.seconds_of_each([pid for (pid,) in found])

    def ended_backends(self) -> float:
        """CPU seconds of every process of the server that has ended."""
        found = meters.usage(self.postmaster)
        return found.ended_children if found is not None else 0.0

    @property
    def version(self) -> str:
        """Such as "18.0"."""
        ((version,),) = self.rows("SHOW server_version")
        return str(version)

    @property
    def durability(self) -> str:
        """Whether a commit waits for the disk."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return ", ".join(f"{name} {self.rows(f'SHOW {name}')[0][0]}" for name in names)


@contextmanager
def server() -> Iterator[PostgreSQL]:
    """DATABASE_URL's server, or else one of our own that writes to disk as a real one does."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        with closing(psycopg2.connect(url)):
            yield PostgreSQL(url)
        return
    with postgres.server(durable=True) as own_url:
        yield PostgreSQL(own_url)
