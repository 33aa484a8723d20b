"""gunicorn's configuration: ``gunicorn -c python:awx_oauth.gunicorn``.

``python -m awx_oauth.gunicorn`` only checks that its address is free.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from settings import env

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter

_CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

try:
    _HOST = env.string("HOST", "127.0.0.1")
    _PORT = env.integer("PORT", 8013, minimum=1, maximum=65535)
    # Two processes at least, so that one slow request or a restart never stops the service; more than the processors
    # do not answer faster (docs/performance.md)
    workers = env.integer("WEB_CONCURRENCY", max(2, min(_CPUS, 4)), minimum=1)
    threads = env.integer("WEB_THREADS", 4, minimum=1)
    forwarded_allow_ips = ",".join(env.networks("TRUSTED_PROXIES"))
except ImproperlyConfigured as error:
    sys.exit(f"Configuration error: {error}")

wsgi_app = "awx_oauth.wsgi:application"
proc_name = "awx-oauth"
bind = f"[{_HOST}]:{_PORT}" if ":" in _HOST else f"{_HOST}:{_PORT}"
worker_class = "gthread"
preload_app = True  # a fault in the configuration ends the start, and a new worker is ready at once
# Worker heartbeats: in memory, where a busy disk cannot stop them
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True  # signals do; and a read-only root has no place for it

# Seconds. Longer than a load balancer's usual idle time of 60, so that it closes first and never meets a closed socket
keepalive = 75
timeout = 30
graceful_timeout = 30
# Requests until a worker is replaced, which bounds what a slow leak can take; jitter keeps them from going together
max_requests = 50_000
max_requests_jitter = 5_000

# An authorization request carries its parameters in the request line
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# awx_oauth.middleware writes one line a request, with the request id and without the query
accesslog = None
errorlog = "-"


_M_ARENA_MAX = -8  # mallopt(3)


def share_one_heap() -> None:
    """Let the threads of a worker share one heap.

    glibc gives each thread its own and keeps what was freed there: with the 19 MiB that hashing a password takes, a
    worker of four threads grew from 65 to 143 MiB. Shared, it is handed back, and costs no time.
    """
    with suppress(OSError, AttributeError):  # another C library, which has no such heaps
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


share_one_heap()


def on_starting(server: Arbiter) -> None:  # noqa: ARG001 - gunicorn's signature
    """Check the address before gunicorn would try it five times, unless the sockets are inherited."""
    if "GUNICORN_PID" not in os.environ and "LISTEN_FDS" not in os.environ:  # its own upgrade, systemd
        check_address()


def check_address() -> None:
    """End the process with one line when HOST and PORT cannot be had."""
    family = socket.AF_INET6 if ":" in _HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, _PORT))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit(f"Port {_PORT} on {_HOST} is already in use. Stop what listens there, or set PORT to another.")
            sys.exit(f"Cannot listen on {bind}: {error.strerror}. Check HOST and PORT.")


if __name__ == "__main__":
    check_address()
