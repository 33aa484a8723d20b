"""What cleaning does to the requests that run meanwhile: ``python -m benchmarks.cleaning``."""

from __future__ import annotations

import argparse
import re
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg2

from benchmarks import databases, load, servers
from benchmarks.results import percentile
from benchmarks.servers import Running
from benchmarks.steps import STEPS, Supplies
from benchmarks.subjects import Subject, service

_ANSWER = re.compile(rb'"active": ?true|"refresh_token"')
_DEAD = "FROM tokens_{table} WHERE expires < now()"
_INTERVAL_SECONDS = 20  # each worker looks about ten times in it whether cleaning is due
_LOOK_SECONDS = 0.5
_GIVE_UP_SECONDS = 900


def main() -> None:
    """Print what a client feels before and during the cleaning, and how fast the rows go."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cleaning", description="Clean under load.")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="expired pairs of tokens (1000000)")
    parser.add_argument("--clients", type=int, default=16, help="connections at once (16)")
    parser.add_argument("--seconds", type=float, default=20, help="of load before the cleaning (20)")
    arguments = parser.parse_args()
    subject = service(tokens=arguments.tokens)
    wanted = {"access_tokens": 64, "refresh_tokens": arguments.clients, "revocable_tokens": 0, "codes": 0}
    with TemporaryDirectory(prefix="awx-oauth-cleaning-") as name, databases.server() as postgresql:
        log_path = Path(name) / "server.log"
        with postgresql.database() as url:
            _say(f"Filling a database with {arguments.tokens} expired pairs of tokens")
            supplies = servers.seed(subject, url, wanted)
            _expire(url)
            postgresql.settle(url)
            with servers.serving(subject, url, log_path, CLEANUP_INTERVAL_SECONDS="0") as running:
                _print("before", _burst(running, subject, supplies, arguments.clients, arguments.seconds))
            # Alive from the first batch to the last, with nothing else to do than before
            often = {"CLEANUP_INTERVAL_SECONDS": f"{_INTERVAL_SECONDS}"}
            with servers.serving(replace(subject, name="cleaning"), url, log_path, **often) as running:
                before = _dead(url)
                while _dead(url) == before:
                    _burst(running, subject, supplies, arguments.clients, _LOOK_SECONDS)
                began, latencies = time.monotonic(), []
                while (left := _dead(url)) and time.monotonic() - began < _GIVE_UP_SECONDS:
                    latencies += _burst(running, subject, supplies, arguments.clients, 5 * _LOOK_SECONDS)
                    _say(f"{left} expired rows are left")
                seconds = time.monotonic() - began
                _print("during", latencies)
            sys.stdout.write(f"{before} rows went in {seconds:.0f} seconds: {before / seconds:.0f} a second\n")


def _expire(url: str) -> None:
    """What the seed made for other users than the one whose tokens serve the load."""
    with closing(psycopg2.connect(url)) as connection, connection, closing(connection.cursor()) as cursor:
        for table in ("accesstoken", "refreshtoken"):
            cursor.execute(
                f"UPDATE tokens_{table} SET expires = now() - interval '1 day' "
                "WHERE user_id <> (SELECT user_id FROM tokens_accesstoken ORDER BY id LIMIT 1)"
            )


def _dead(url: str) -> int:
    with closing(psycopg2.connect(url)) as connection, closing(connection.cursor()) as cursor:
        counts = (f"(SELECT count(*) {_DEAD.format(table=table)})" for table in ("accesstoken", "refreshtoken"))
        cursor.execute(f"SELECT {' + '.join(counts)}")
        (number,) = cursor.fetchone() or (0,)
        return int(number)


def _burst(running: Running, subject: Subject, supplies: Supplies, clients: int, seconds: float) -> list[float]:
    """Half of the clients introspect, half refresh. Returns the latencies in seconds."""
    steps = [STEPS["introspect"], STEPS["refresh"]]
    scripts = [steps[number % 2].script(subject.paths, supplies) for number in range(clients)]
    return load.run(running.address, scripts, _ANSWER, seconds).latencies


def _print(when: str, latencies: list[float]) -> None:
    p50, p99 = (percentile(latencies, share) * 1000 for share in (0.5, 0.99))
    sys.stdout.write(f"{when}: {len(latencies)} requests, p50 {p50:.1f} ms, p99 {p99:.1f} ms\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
