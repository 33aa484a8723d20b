"""gunicorn's threaded worker, whose threads wait for requests themselves, and which leaves its port when it stops."""

from __future__ import annotations

import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from socket import socket
from threading import Thread

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.message import Request
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from awx_oauth.receiving import Parser, Rest
from awx_oauth.sending import Connection

_STOPS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
_MOST_UNSENT = 64 * 1024 * 1024  # bytes that wait in a worker for clients that do not read


class Worker(ThreadWorker):
    """Accepts and stops as gunicorn's own does; between the two, a request concerns one thread only.

    gunicorn's main thread waits for all connections and hands each request to another thread and each connection back:
    two more threads to wake, and a fifth of what an introspection costs. Here Linux wakes one of the threads that wait,
    for one connection, which it then leaves alone until it is told to go on (``EPOLLONESHOT``). A request that has come
    in part gives its thread back, and so does an answer that is not read: a few clients that stall would hold up all
    others.

    A worker that stops takes the connections that wait, then closes the socket that it listens on. gunicorn's own keeps
    it open while it finishes its work: the kernel goes on to accept connections, which nobody serves and which are
    reset at the end. A proxy has sent its request by then, and must not repeat a POST.
    """

    alive: bool
    sockets: list[socket]
    nr_conns: int  # changed by the main thread only
    early_signals: SimpleQueue[int] = SimpleQueue()

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:
        """End the process with one line when more than plain HTTP/1.1 is asked for."""
        super().check_config(cfg, log)
        if cfg.is_ssl or cfg.protocol != "http" or cfg.http2_cleartext != "off":
            sys.exit("Configuration error: this worker speaks HTTP/1.1 to a proxy that speaks TLS. See --worker-class.")

    def init_process(self) -> None:
        """Run the worker, in a process of its own."""
        self._ready = select.epoll()
        # The connections that nobody serves at the moment, by descriptor. Who takes one out may use it, or close it
        self._waiting: dict[int, TConn] = {}
        self._looked = 0.0  # for connections whose time is over, on the monotonic clock
        super().init_process()

    def run(self) -> None:
        """Start the threads, and accept connections until it is time to stop."""
        for _ in range(self.cfg.threads):
            Thread(target=self._serve, daemon=True).start()
        # A worker that is told to stop as it begins to exist still has the master's handlers, which put it aside
        while not self.early_signals.empty():
            if self.early_signals.get() in _STOPS:
                self.alive = False
        super().run()

    def enqueue_req(self, conn: TConn) -> None:
        """Let the threads wait for the first request of a connection that was accepted."""
        conn.sock = Connection(conn.sock)
        conn.parser, conn.initialized = Parser(self.cfg, conn.sock, conn.client), True
        conn.set_timeout()
        self._wait(conn, self._ready.register, select.EPOLLIN)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """Answer; say that the connection ends when too many are kept open already, or a body has not come whole."""
        if len(self._waiting) >= self.max_keepalived or not conn.parser.is_whole:
            req.force_close()
        is_kept: bool = super().handle_request(req, conn)
        return is_kept

    def murder_keepalived(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - gunicorn's signature
        """Close the connections whose time is over, which it looks for once a second."""
        now = time.monotonic()
        if now < self._looked + 1 and not force:
            return  # it is called at each connection that comes or ends
        self._looked = now
        for descriptor, conn in list(self._waiting.items()):
            if (force or conn.timeout <= now) and self._waiting.pop(descriptor, None) is conn:
                self.nr_conns -= 1
                conn.close()

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
            for conn in list(self._waiting.values()):
                self._end_soon(conn)

    def _serve(self) -> None:
        while True:
            for descriptor, _events in self._ready.poll(maxevents=1):
                conn = self._waiting.pop(descriptor, None)
                if conn is not None:
                    self._take(conn)

    def _take(self, conn: TConn) -> None:
        """Do what there is to do on a connection for one request at most, so that all have their turn."""
        awaited = 0
        try:
            awaited = self._go_on(conn)
        except OSError as error:
            self.log.debug("A client has gone: %s", error)
        except BaseException:  # whatever it is, a thread that ended would be missing
            self.log.exception("A request failed outside of the application.")
        if awaited and conn.timeout > time.monotonic():
            self._wait(conn, self._ready.modify, awaited)
        else:
            conn.close()
            self.method_queue.defer(self._has_ended)

    def _go_on(self, conn: TConn) -> int:
        """Send, receive, answer. Returns the event to wait for, 0 when the connection is over."""
        parser: Parser | Rest | None = conn.parser
        if conn.sock.flush() and isinstance(parser, Parser):
            if not parser.has_begun:
                conn.set_timeout()  # for all of the request that now begins
            if not parser.has_come():
                return select.EPOLLIN
            if not self.handle(conn):
                conn.parser = None
            conn.set_timeout()  # for all of the answer
            if conn.sock.flush() and conn.parser is not None:
                # What has come already makes no event; that more can be sent is one, after those that came before
                return select.EPOLLOUT if parser.has_begun else select.EPOLLIN
            if conn.sock.unsent and sum(other.sock.unsent for other in list(self._waiting.values())) > _MOST_UNSENT:
                return 0
        if conn.sock.unsent:
            return select.EPOLLOUT
        if conn.parser is None:
            conn.parser, conn.timeout = Rest(conn.sock), time.monotonic() + Rest.seconds
        return 0 if conn.parser.is_over() else select.EPOLLIN

    def _wait(self, conn: TConn, watch: Callable[[int, int], None], event: int) -> None:
        descriptor = conn.sock.fileno()
        self._waiting[descriptor] = conn  # first: the next moment another thread may look for it
        if not self.alive:
            self._end_soon(conn)
        with suppress(OSError):  # its time is over already
            watch(descriptor, event | select.EPOLLONESHOT)

    def _end_soon(self, conn: TConn) -> None:
        """Leave it the moment in which a client may be sending on it already; what has begun may come to its end."""
        if not conn.sock.unsent and isinstance(conn.parser, Parser) and not conn.parser.has_begun:
            conn.timeout = min(conn.timeout, time.monotonic() + STOP_KEEPALIVE_LINGER)

    def _has_ended(self) -> None:
        self.nr_conns -= 1
