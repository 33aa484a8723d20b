"""Answers on their way out: each in one piece, and no thread waits for a client that does not read its own."""

from __future__ import annotations

from socket import MSG_DONTWAIT, socket
from typing import Any


class Connection(socket):
    """A connection on which what is sent waits for :meth:`flush`.

    gunicorn sends the head and the body of an answer one after the other, which costs a system call, a packet and
    twice a turn of all threads. Both are in memory as a whole before; so is the largest file that we serve, half a MiB.
    """

    def __init__(self, accepted: socket) -> None:
        super().__init__(accepted.family, accepted.type, accepted.proto, accepted.detach())
        self._unsent = bytearray()
        super().setblocking(True)  # noqa: FBT003 - the socket's interface

    @property
    def unsent(self) -> int:
        """How many bytes wait for the client."""
        return len(self._unsent)

    def flush(self) -> bool:
        """Send what the client takes now. Returns whether that was all; raises OSError when the client has gone."""
        while self._unsent:
            try:
                sent = self.send(self._unsent, MSG_DONTWAIT)
            except BlockingIOError:
                return False
            del self._unsent[:sent]
        return True

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Take ``data`` for the next :meth:`flush`."""
        self._unsent += data

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Take ``count`` bytes of ``file``, or all of them."""
        file.seek(offset)
        data = file.read(-1 if count is None else count)
        self.sendall(data)
        return len(data)

    def shutdown(self, how: int) -> None:
        """Send what the client takes now, and then no more."""
        self.flush()
        super().shutdown(how)

    def setblocking(self, flag: Any) -> None:
        """Set what is not so already: gunicorn asks for it with each request, and each costs a system call."""
        if bool(flag) != self.getblocking():
            super().setblocking(flag)
