"""``/metrics`` adds up what all workers counted, and forgets nothing when one is replaced."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.cast import CLIENT_CREDENTIALS, Cast
from tests.servers import serving
from tests.wire import Wire, at_once

_SECONDS = 20


def issued(server):
    with Wire(server) as wire:
        text = wire.send("GET", "/metrics").body.decode()
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == "awx_oauth_token_responses_total")


def workers_of(server):
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return {int(pid) for pid in children.read_text().split()}


def workers_after(server, before):
    """The workers, as soon as all are there and none is of ``before``: gunicorn forks them a moment apart."""
    deadline = time.monotonic() + _SECONDS
    while len(workers := workers_of(server) - before) < int(server.env["WEB_CONCURRENCY"]):
        assert time.monotonic() < deadline, "The workers did not come."
        time.sleep(0.1)
    return workers


def directories_of(server):
    pattern = f"awx-oauth-metrics-{server.address[1]}-*"
    return [found for parent in ("/dev/shm", "/tmp") for found in Path(parent).glob(pattern)]


def test_every_workers_count_is_in_every_answer_also_after_a_worker_was_killed():
    with serving() as server:
        client = Cast(server).client(**CLIENT_CREDENTIALS)

        def ask(wire):
            return wire.token(client, grant_type="client_credentials").status

        assert at_once(server, [ask] * 24) == [200] * 24
        assert [issued(server) for _ in range(8)] == [24] * 8  # whichever worker answers
        [directory] = directories_of(server)
        before = workers_after(server, set())
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        workers_after(server, before)
        assert at_once(server, [ask] * 12) == [200] * 12
        assert [issued(server) for _ in range(4)] == [36] * 4
        # The new workers count on in the files of the old, which are named by their slots
        slots = {path.stem.rpartition("_")[2] for path in directory.glob("*.db")}
        assert slots <= {"master", *(f"{slot}" for slot in range(1, len(before) + 1))}
    assert directories_of(server) == []
