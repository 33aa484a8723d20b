"""Compares numbers of workers and threads side by side: ``python -m benchmarks.sweep``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import databases
from benchmarks.measurement import Plan, measure
from benchmarks.results import SubjectFigures
from benchmarks.steps import STEPS
from benchmarks.subjects import Subject, service

_STEPS = [STEPS["introspect"], STEPS["refresh"]]  # one that reads, one that writes
_SHAPES = (
    *(
        ("awx_oauth.worker.Worker", workers, threads)
        for workers, threads in ((1, 4), (2, 1), (2, 2), (2, 4), (2, 8), (3, 2), (4, 4))
    ),
    ("gthread", 2, 4),
    *(("sync", workers, 1) for workers in (2, 5)),
)


def main() -> None:
    """Print a table for each number of clients."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description="Compare gunicorn's shapes.")
    parser.add_argument(
        "--seconds", type=float, default=4, help="to measure each shape, step and number of clients (4)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns that this time is divided into (5)")
    parser.add_argument("--clients", type=int, nargs="+", default=[16, 64], help="connections at once (16 64)")
    arguments = parser.parse_args()
    subjects = [_shaped(*shape) for shape in _SHAPES]
    sys.stdout.write("| workers x threads | clients | step | requests/s | p50 ms | p99 ms | CPU ms | MiB a worker |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    with TemporaryDirectory(prefix="awx-oauth-sweep-") as directory, databases.server() as postgresql:
        for clients in arguments.clients:
            plan = Plan(clients, arguments.seconds, arguments.rounds, _STEPS)
            found = measure(plan, subjects, postgresql, Path(directory), _say)
            for line in _lines(found, clients):
                sys.stdout.write(f"{line}\n")


def _shaped(kind: str, workers: int, threads: int) -> Subject:
    name = f"{kind}, {workers} x {threads}"
    # gunicorn's own options count for more than its configuration
    options = ("--worker-class", kind, "--workers", f"{workers}", "--threads", f"{threads}")
    return replace(service(), name=name, title=name, command=(*service().command, *options))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _lines(found: dict[str, SubjectFigures], clients: int) -> Iterator[str]:
    for step in _STEPS:
        for subject in found.values():
            each = subject.steps[step.name]
            yield (
                f"| {subject.title} | {clients} | {step.title} | {each.per_second:.0f} | {each.p50_ms:.1f} "
                f"| {each.p99_ms:.1f} | {each.cpu_ms:.2f} | {subject.worker_rss_mib:.0f} |"
            )


if __name__ == "__main__":
    main()
