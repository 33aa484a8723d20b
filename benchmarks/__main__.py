"""The command line: ``python -m benchmarks``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from argon2 import PasswordHasher

from awx_oauth.accounts.hashers import Argon2idHasher
from benchmarks import budgets, databases, machine, report
from benchmarks.load import WrongAnswerError
from benchmarks.measurement import Plan, Say, measure
from benchmarks.results import Results
from benchmarks.servers import SubjectError
from benchmarks.steps import STEPS
from benchmarks.subjects import PEERS, ROOT, Subject, install_node_peer, service

_OUTPUT = ROOT / "benchmarks" / "results" / "latest.json"
_HASHES = 10


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the service beside its peers.")
    parser.add_argument("--seconds", type=float, default=6, help="to measure each step of each server (6)")
    parser.add_argument("--rounds", type=int, default=3, help="turns that this time is divided into (3)")
    parser.add_argument("--clients", type=int, default=16, help="connections at once (16)")
    parser.add_argument("--steps", type=_names(STEPS), default=list(STEPS), help=f"of {','.join(STEPS)} (all)")
    parser.add_argument("--peers", type=_names(PEERS), default=list(PEERS), help=f"of {','.join(PEERS)} (all)")
    parser.add_argument("--tokens", type=int, default=0, help="measure also with so many live tokens, such as 1000000")
    parser.add_argument("--applications", type=int, default=0, help="and with so many applications, such as 100000")
    parser.add_argument(
        "--output", type=Path, default=_OUTPUT, help="the results as JSON (benchmarks/results/latest.json)"
    )
    parser.add_argument(
        "--report", type=Path, help="a Markdown file to put the tables into, such as docs/performance.md"
    )
    return parser.parse_args()


def _names(known: Iterable[str]) -> Callable[[str], list[str]]:
    def parse(value: str) -> list[str]:
        names = [name for name in value.split(",") if name]
        unknown = set(names) - set(known)
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
        return names

    return parse


def main() -> int:
    """Measure, write down, hold against the budgets. 1 when one is missed, 2 when nothing can be said."""
    arguments = _arguments()
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - began:5.0f} s] {text}\n")
        sys.stderr.flush()

    left_out = {}
    if "node" in arguments.peers and (reason := install_node_peer()):
        left_out["node-oidc-provider"] = reason
        arguments.peers.remove("node")
        say(f"Left out: node-oidc-provider, because {reason}")
    subjects = [service(), *(PEERS[name]() for name in arguments.peers)]
    if arguments.tokens or arguments.applications:
        subjects.append(service(tokens=arguments.tokens, applications=arguments.applications))
    try:
        results = _measure(arguments, subjects, left_out, say)
    except (WrongAnswerError, SubjectError) as error:
        sys.stderr.write("\n".join([str(error), *getattr(error, "__notes__", [])]) + "\n")
        return 2
    report.write_json(results, arguments.output)
    if arguments.report:
        report.insert(results, arguments.report)
    sys.stdout.write(f"{report.markdown(results)}\n\nResults: {arguments.output}\n")
    missed = [verdict for verdict in budgets.verdicts(results) if not verdict.is_kept]
    for verdict in missed:
        sys.stderr.write(f"{verdict}\n")
    return 1 if missed else 0


def _measure(arguments: argparse.Namespace, subjects: list[Subject], left_out: dict[str, str], say: Say) -> Results:
    plan = Plan(arguments.clients, arguments.seconds, arguments.rounds, [STEPS[name] for name in arguments.steps])
    with TemporaryDirectory(prefix="awx-oauth-bench-") as directory, databases.server() as postgresql:
        found = measure(plan, subjects, postgresql, Path(directory), say)
        return Results(
            date=datetime.now(UTC).date().isoformat(),
            clients=plan.clients,
            seconds=plan.seconds,
            rounds=plan.rounds,
            versions=machine.versions(),
            hardware=machine.hardware(),
            database={"version": postgresql.version, "durability": postgresql.durability},
            argon2_ms=_argon2_ms(),
            left_out=left_out,
            subjects=found,
        )


def _argon2_ms() -> float:
    """CPU time of one hash with the service's parameters."""
    chosen = Argon2idHasher
    hasher = PasswordHasher(chosen.time_cost, chosen.memory_cost, chosen.parallelism)
    began = time.process_time()
    for _ in range(_HASHES):
        hasher.hash("correct horse battery staple")
    return (time.process_time() - began) / _HASHES * 1000


if __name__ == "__main__":
    sys.exit(main())
