"""gunicorn's threaded worker, which leaves its port as soon as it stops, and loses no connection by it."""

from __future__ import annotations

import select
from socket import socket

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    """Takes the connections that wait when it stops, then closes the socket that it listens on.

    gunicorn's own keeps that socket open while it finishes its work. The kernel goes on to accept connections, which
    nobody serves and which are reset at the end: a proxy has sent its request by then, and must not repeat a POST.
    """

    alive: bool
    sockets: list[socket]

    def is_parent_alive(self) -> bool:
        """Whether the master lives. Without one it is a stop like any other: kept-alive connections end soon too."""
        is_alive: bool = super().is_parent_alive()
        self.alive = self.alive and is_alive
        return is_alive

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Go on or pause; the last pause is for good."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.setblocking(False)  # noqa: FBT003 - the socket's interface
                while select.select([listener], [], [], 0)[0]:
                    self.accept(listener)  # another worker may be faster, which is as well
                listener.close()
            self.sockets = []
