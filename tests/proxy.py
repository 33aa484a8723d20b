"""A proxy in front of PostgreSQL that a test can cut, at any time or at a statement of its choice."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from psycopg2.extensions import parse_dsn


class Proxy:
    """Passes bytes between any number of clients on a port of this machine and the server at ``database_url``."""

    def __init__(self, database_url: str) -> None:
        self._target = parse_dsn(database_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._is_cut = False
        self._trap = b""
        self.sprung = threading.Event()
        parts = urlsplit(database_url)
        user, password = (quote(unquote(part or ""), safe="") for part in (parts.username, parts.password))
        login = f"{user}:{password}" if password else user
        port = self._listener.getsockname()[1]
        kept = {name: values[0] for name, values in parse_qs(parts.query).items() if name not in {"host", "port"}}
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())
        self.url = parts._replace(netloc=f"{login}@127.0.0.1:{port}", query=query).geturl()

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Break every connection, and every one that is opened from now on."""
        with self._lock:
            self._is_cut = True
            for end in self._pairs:
                # Not closed here: the selector still holds it, and wakes up for a socket that was shut down
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def cut_at(self, statement: str) -> None:
        """Cut as soon as a client sends ``statement``, which the server does not get."""
        self.sprung.clear()
        self._trap = statement.encode()

    def restore(self) -> None:
        """Let new connections through again."""
        self._trap = b""
        self._is_cut = False

    def _serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._listener, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select(timeout=0.5):
                if key.fileobj is self._listener:
                    try:
                        client, _address = self._listener.accept()
                    except OSError:
                        return
                    self._open(client, selector)
                elif isinstance(key.fileobj, socket.socket):
                    self._pass_on(key.fileobj, selector)
            if self._listener.fileno() < 0:
                return

    def _open(self, client: socket.socket, selector: selectors.BaseSelector) -> None:
        if self._is_cut:
            client.close()
            return
        server = self._connect()
        with self._lock:
            self._pairs |= {client: server, server: client}
        for end in (client, server):
            selector.register(end, selectors.EVENT_READ, data=end is client)

    def _connect(self) -> socket.socket:
        host, port = self._target.get("host", "127.0.0.1"), int(self._target.get("port") or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pass_on(self, end: socket.socket, selector: selectors.BaseSelector) -> None:
        if end not in self._pairs:
            return
        try:
            data = end.recv(65536)
            if self._trap and self._trap in data and selector.get_key(end).data:
                self._trap = b""
                self.cut()
                self.sprung.set()
                data = b""
            if data:
                self._pairs[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            with self._lock:
                other = self._pairs.pop(end)
                self._pairs.pop(other, None)
            for each in (end, other):
                selector.unregister(each)
                each.close()
