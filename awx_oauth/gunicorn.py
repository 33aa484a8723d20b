"""gunicorn's configuration: ``gunicorn -c python:awx_oauth.gunicorn``.

``python -m awx_oauth.gunicorn`` only checks that its address is free.
"""

from __future__ import annotations

import atexit
import ctypes
import errno
import fcntl
import gc
import os
import select
import shutil
import socket
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from settings import env

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

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
worker_class = "awx_oauth.worker.Worker" if hasattr(select, "epoll") else "gthread"  # away from Linux
preload_app = True  # a fault in the configuration ends the start, and a new worker is ready at once
# Worker heartbeats and what /metrics counts: in memory, where a busy disk cannot stop them
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
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


def new_metrics_directory() -> str:
    """Where the workers of this master count for ``/metrics``. Removes what killed masters left there, once unused.

    The master and its workers share a lock on it, which ends with the last of them: workers outlive a master that was
    killed by a moment, in which they still answer and count.
    """
    parent = Path(worker_tmp_dir or gettempdir())
    prefix = f"awx-oauth-metrics-{_PORT}-"
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            os.close(_locked(left, fcntl.LOCK_EX))
            shutil.rmtree(left)
    directory = mkdtemp(prefix=prefix, dir=parent)
    _locked(Path(directory), fcntl.LOCK_SH)
    atexit.register(_remove, directory, os.getpid())
    return directory


def _locked(directory: Path, how: int) -> int:
    """A descriptor that holds the lock until it is closed in every process that has it. Raises OSError if it cannot."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove(directory: str, master: int) -> None:
    if os.getpid() == master:  # workers leave by the same door
        shutil.rmtree(directory, ignore_errors=True)


if __name__ != "__main__":
    # An environment of its own, because prometheus-client must find it before the application is loaded
    raw_env = [f"PROMETHEUS_MULTIPROC_DIR={new_metrics_directory()}"]


def when_ready(server: Arbiter) -> None:  # noqa: ARG001 - gunicorn's signature
    """Before the first worker is forked, put aside what all will share: looking through it would copy it."""
    gc.collect()
    gc.freeze()


def pre_fork(server: Arbiter, worker: Worker) -> None:
    """Give the worker the lowest slot that is free, under which it counts on where the last one there ended."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in count(1) if slot not in taken)


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Tell the metrics which slot it is, and let the worker look after what has ended."""
    from django.utils.module_loading import import_string

    from awx_oauth import metrics

    worker.early_signals = server.SIG_QUEUE
    metrics.become(worker.slot)
    import_string("tokens.schedule.start")()  # by its name, as it stands above this floor


_M_ARENA_MAX = -8  # mallopt(3)


def share_one_heap() -> None:
    """Let the threads of a worker share one heap.

    glibc gives each thread its own and keeps what was freed there: with the 19 MiB that hashing a password takes, a
    worker of four threads grew from 65 to 143 MiB. Sharing, it stays at 104, and takes no longer.
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
