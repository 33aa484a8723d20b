"""The service's gunicorn configuration, with a first worker that is told to stop before it listens to that."""

from __future__ import annotations

import os
import signal
from typing import Any

from awx_oauth import gunicorn
from awx_oauth.gunicorn import *  # noqa: F403 - what gunicorn reads


def post_fork(server: Any, worker: Any) -> None:  # type: ignore[no-redef]
    """Instead of the service's own."""
    if worker.age == 1:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGCHLD)  # another worker has ended, which the master was told after it
    gunicorn.post_fork(server, worker)
