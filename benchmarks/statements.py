"""Counts the SQL statements of a subject: a proxy in front of PostgreSQL that reads what passes.

It needs nothing of the server, and sees neither foreign-key checks nor triggers, which run inside it.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote, urlencode

from psycopg2.extensions import parse_dsn

_CHUNK = 65536
_DEFAULT_PORT = "5432"
# Transactions, sessions, and Django's question whether a connection still works
_UPKEEP = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|SELECT 1$|SELECT set_config)", re.IGNORECASE
)


class Counter:
    """The statements that have passed since the last :meth:`reset`, upkeep left out."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Begin anew."""
        with self._lock:
            self.seen = []

    def note(self, statement: str) -> None:
        """Count a statement."""
        if not _UPKEEP.match(statement):
            with self._lock:
                self.seen.append(" ".join(statement.split()))


class _Reader:
    """Reads the messages of one client (PostgreSQL's documentation, "Message Formats")."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.buffer = bytearray()
        self.prepared: dict[bytes, str] = {}
        self.started = False

    def feed(self, data: bytes) -> None:
        self.buffer += data
        header = 5 if self.started else 4  # a start-up message has no type
        while len(self.buffer) >= header:
            length = int.from_bytes(self.buffer[header - 4 : header], "big") + header - 4
            if len(self.buffer) < length:
                return
            kind, content = bytes(self.buffer[: header - 4]), bytes(self.buffer[header:length])
            del self.buffer[:length]
            self.started, header = True, 5
            self._read(kind, content)

    def _read(self, kind: bytes, content: bytes) -> None:
        if kind == b"Q":
            self.counter.note(content.rstrip(b"\0").decode(errors="replace"))
        elif kind == b"P":  # prepare
            name, text, _types = content.split(b"\0", 2)
            self.prepared[name] = text.decode(errors="replace")
        elif kind == b"B":  # bind, which an execution follows
            _portal, name, _values = content.split(b"\0", 2)
            self.counter.note(self.prepared.get(name, ""))


@contextmanager
def counting(database_url: str) -> Iterator[tuple[str, Counter]]:
    """Another URL for the same database, and the counter of what goes over it."""
    parts = parse_dsn(database_url)
    counter = Counter()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, parts, counter), daemon=True).start()
        # Encrypted, nothing could be read
        query = urlencode({"sslmode": "disable", "gssencmode": "disable"})
        password = f":{quote(parts['password'], safe='')}" if "password" in parts else ""
        account = quote(parts["user"], safe="") + password
        yield f"postgres://{account}@127.0.0.1:{listener.getsockname()[1]}/{parts['dbname']}?{query}", counter


def _accept(listener: socket.socket, parts: dict[str, Any], counter: Counter) -> None:
    with suppress(OSError):  # the listener was closed
        while True:
            client, _address = listener.accept()
            server = _connect(parts)
            reader = _Reader(counter)
            threading.Thread(target=_pump, args=(client, server, reader), daemon=True).start()
            threading.Thread(target=_pump, args=(server, client, None), daemon=True).start()


def _connect(parts: dict[str, Any]) -> socket.socket:
    host, port = parts.get("host", "127.0.0.1"), parts.get("port", _DEFAULT_PORT)
    if not host.startswith("/"):
        return socket.create_connection((host, int(port)))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(f"{host}/.s.PGSQL.{port}")
    return connection


def _pump(source: socket.socket, target: socket.socket, reader: _Reader | None) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            if reader is not None:
                reader.feed(data)
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
