"""Sends requests from many clients at once, one thread for all of them, so that little of the machine goes to it."""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

# Gives a request's bytes, gets the answer's body
Script = Generator[bytes, bytes, None]
Address = tuple[str, int]

_TIMEOUT_SECONDS = 60
_CHUNK = 65536


class WrongAnswerError(Exception):
    """The server on ``port`` answered something else than it should: what is measured then means nothing."""

    def __init__(self, port: int, text: str) -> None:
        super().__init__(text)
        self.port = port


@dataclass
class Burst:
    """What some clients did for some time."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


class _Client:
    """A connection that is kept for as long as the server keeps it, and the script that goes over it."""

    def __init__(self, address: Address, script: Script, expected: re.Pattern[bytes]) -> None:
        self.address, self.script, self.expected = address, script, expected
        self.connection: socket.socket | None = None
        self.received = bytearray()
        self.started = 0.0

    def send(self, request: bytes) -> None:
        self.started = time.perf_counter()
        if self.connection is None:
            self.connection = socket.create_connection(self.address, _TIMEOUT_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall(request)

    def receive(self) -> bytes | None:
        """The body of the answer once it is complete, checked."""
        if self.connection is None:
            raise AssertionError
        chunk = self.connection.recv(_CHUNK)
        self.received += chunk
        head, separator, body = bytes(self.received).partition(b"\r\n\r\n")
        headers = head.lower()
        length = _number_after(b"\r\ncontent-length:", headers)
        if chunk and (not separator or length is None or len(body) < length):
            return None
        if not head.startswith(b"HTTP/1.1 200 ") or not self.expected.search(body) or len(body) != length:
            answer = bytes(self.received[:2000]).decode(errors="replace")
            raise WrongAnswerError(self.address[1], answer or "The connection was closed.")
        if b"\r\nconnection: close" in headers:
            self.close()
        self.received.clear()
        return body

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def run(
    address: Address, scripts: Sequence[Script], expected: re.Pattern[bytes], seconds: float, *, limit: int = 0
) -> Burst:
    """Let each script talk for ``seconds``, or for ``limit`` answers in all, or until it ends.

    Every answer must be a 200 whose body matches ``expected``. Raises :class:`WrongAnswerError`.
    """
    burst = Burst()
    clients = [_Client(address, script, expected) for script in scripts]
    with selectors.DefaultSelector() as selector:
        began = time.perf_counter()
        left = limit or -1

        def go_on(client: _Client, body: bytes | None) -> None:
            nonlocal left
            try:
                request = next(client.script) if body is None else client.script.send(body)
            except StopIteration:
                return
            if left == 0 or (time.perf_counter() - began >= seconds and not limit):
                return
            left -= 1
            client.send(request)
            selector.register(client.connection, selectors.EVENT_READ, client)  # type: ignore[arg-type]  # send opened it

        try:
            for client in clients:
                go_on(client, None)
            while selector.get_map():
                ready = selector.select(_TIMEOUT_SECONDS)
                if not ready:
                    raise WrongAnswerError(address[1], f"No answer within {_TIMEOUT_SECONDS} seconds.")
                for key, _events in ready:
                    client = key.data
                    body = client.receive()
                    if body is not None:
                        burst.latencies.append(time.perf_counter() - client.started)
                        selector.unregister(key.fileobj)
                        go_on(client, body)
        finally:
            burst.seconds = time.perf_counter() - began
            for client in clients:
                client.close()
                client.script.close()
    return burst


def _number_after(name: bytes, headers: bytes) -> int | None:
    _before, found, after = headers.partition(name)
    return int(after.partition(b"\r\n")[0]) if found else None
