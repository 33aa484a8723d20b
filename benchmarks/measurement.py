"""Measures the subjects side by side: short turns, one after the other, so that a noisy moment hits all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import load, meters, servers, statements
from benchmarks.databases import PostgreSQL
from benchmarks.results import Figures, SubjectFigures, Tally, figures
from benchmarks.servers import Running
from benchmarks.steps import Step, Supplies
from benchmarks.subjects import Subject

# What one second may use up of codes and revocable tokens, of which each is good once
_SUPPLIES_PER_SECOND, _SLOW_SUPPLIES_PER_SECOND = 3000, 40
_SPARE_SUPPLIES_PER_CLIENT = 40
_LIVE_TOKENS = 64
_SLOW_WARM_UP_REQUESTS = 16
_COUNTED_REQUESTS = 4
# Before: what happens only now and then, such as noting that a token was used, has then happened
_UNCOUNTED_REQUESTS = {"bearer": _LIVE_TOKENS}
# PostgreSQL's processes of the last connections end a moment after the last answers
_LAST_BACKEND_SECONDS = 0.05

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    clients: int
    seconds: float
    rounds: int
    steps: Sequence[Step]


@dataclass
class _Contestant:
    subject: Subject
    database_url: str
    supplies: Supplies
    running: Running | None = None
    memory: meters.Memory | None = None  # before any password was hashed

    def scripts(self, step: Step, clients: int) -> list[load.Script]:
        return [step.script(self.subject.paths, self.supplies) for _ in range(clients)]


def measure(
    plan: Plan, subjects: Sequence[Subject], postgresql: PostgreSQL, directory: Path, say: Say
) -> dict[str, SubjectFigures]:
    """The figures of each subject by name. ``directory`` gets the servers' logs; ``say`` is told how far it is."""
    with ExitStack() as databases:
        contestants = []
        for subject in subjects:
            say(f"Filling the database of {subject.title}")
            url = databases.enter_context(postgresql.database())
            contestants.append(_Contestant(subject, url, servers.seed(subject, url, _wanted(plan, subject))))
        counted = {}
        for contestant in contestants:
            say(f"Counting the statements of {contestant.subject.title}")
            counted[contestant.subject.name] = _count(contestant, plan, directory)
        with ExitStack() as started:
            for contestant in contestants:
                log_path = _log_path(directory, contestant.subject)
                running = servers.serving(contestant.subject, contestant.database_url, log_path)
                contestant.running = started.enter_context(running)
                postgresql.settle(contestant.database_url)
            tallies = _take_turns(plan, contestants, postgresql, say)
            return {each.subject.name: _summarize(each, tallies, counted[each.subject.name]) for each in contestants}


def _wanted(plan: Plan, subject: Subject) -> dict[str, int]:
    rate = _SLOW_SUPPLIES_PER_SECOND if subject.slow else _SUPPLIES_PER_SECOND
    used_up = int(plan.seconds * rate * (plan.rounds + 1) / plan.rounds) + _SPARE_SUPPLIES_PER_CLIENT * plan.clients
    names = {step.name for step in plan.steps}
    return {
        "access_tokens": _LIVE_TOKENS,
        "refresh_tokens": plan.clients,
        "revocable_tokens": used_up if "revoke" in names else 0,
        "codes": used_up if "code" in names else 0,
    }


def _count(contestant: _Contestant, plan: Plan, directory: Path) -> dict[str, list[str]]:
    """The statements of some requests of each step, from one worker behind a proxy that reads along."""
    seen = {}
    subject = contestant.subject
    with statements.counting(contestant.database_url) as (url, counter):
        one_worker = {"WEB_CONCURRENCY": "1", "WEB_THREADS": "1"}
        with servers.serving(subject, url, _log_path(directory, subject), **one_worker) as running:
            for step in plan.steps:
                for limit in (_UNCOUNTED_REQUESTS.get(step.name, 2), _COUNTED_REQUESTS):
                    counter.reset()
                    load.run(running.address, contestant.scripts(step, 1), step.expected, 0, limit=limit)
                seen[step.name] = counter.seen
    return seen


def _take_turns(
    plan: Plan, contestants: Sequence[_Contestant], postgresql: PostgreSQL, say: Say
) -> dict[tuple[str, str], Tally]:
    tallies = {(each.subject.name, step.name): Tally() for each in contestants for step in plan.steps}
    for step in plan.steps:
        for contestant in contestants:
            _warm_up(contestant, step, plan)
        for number in range(1, plan.rounds + 1):
            rates = []
            for contestant in contestants:
                tally = tallies[contestant.subject.name, step.name]
                _turn(contestant, step, plan, postgresql, tally)
                rates.append(f"{contestant.subject.name} {tally.requests / tally.seconds:.0f}/s")
                if not step.slow:
                    contestant.memory = _memory(_running(contestant))
            say(f"{step.title}, round {number} of {plan.rounds}: {', '.join(rates)}")
    return tallies


def _warm_up(contestant: _Contestant, step: Step, plan: Plan) -> None:
    """One more turn that is not counted: connections are opened, caches fill, node compiles what it runs often."""
    limit = _SLOW_WARM_UP_REQUESTS if contestant.subject.slow or step.slow else 0
    seconds = plan.seconds / plan.rounds
    load.run(_address(contestant), contestant.scripts(step, plan.clients), step.expected, seconds, limit=limit)


def _turn(contestant: _Contestant, step: Step, plan: Plan, postgresql: PostgreSQL, tally: Tally) -> None:
    pid = _running(contestant).process.pid
    reconnects = contestant.subject.reconnects
    scripts = contestant.scripts(step, plan.clients)
    ended = postgresql.ended_backends() if reconnects else 0.0
    backends = postgresql.backends(contestant.database_url)
    server = meters.family_seconds(pid)
    burst = load.run(_address(contestant), scripts, step.expected, plan.seconds / plan.rounds)
    tally.server_seconds += meters.family_seconds(pid) - server
    after = postgresql.backends(contestant.database_url)
    tally.database_seconds += sum(seconds - backends.get(backend, 0.0) for backend, seconds in after.items())
    if reconnects:
        time.sleep(_LAST_BACKEND_SECONDS)
        tally.database_seconds += postgresql.ended_backends() - ended
    if not burst.latencies:
        raise load.WrongAnswerError(_address(contestant)[1], f"Nothing is left for the step {step.name}.")
    tally.requests += len(burst.latencies)
    tally.seconds += burst.seconds
    tally.latencies += burst.latencies


def _summarize(
    contestant: _Contestant, tallies: dict[tuple[str, str], Tally], counted: dict[str, list[str]]
) -> SubjectFigures:
    running = _running(contestant)
    after = _memory(running)
    before = contestant.memory or after
    steps: dict[str, Figures] = {}
    for (name, step), tally in tallies.items():
        if name == contestant.subject.name:
            steps[step] = figures(tally, counted[step], _COUNTED_REQUESTS)
    return SubjectFigures(
        title=contestant.subject.title,
        workers=len(running.workers),
        worker_rss_mib=before.rss,
        worker_pss_mib=before.pss,
        worker_rss_after_passwords_mib=after.rss,
        seconds_to_first_answer=running.seconds_to_first_answer,
        steps=steps,
    )


def _memory(running: Running) -> meters.Memory:
    """The mean of the workers."""
    sizes = [meters.memory(pid) for pid in running.workers]
    return meters.Memory(statistics.mean(size.rss for size in sizes), statistics.mean(size.pss for size in sizes))


def _running(contestant: _Contestant) -> Running:
    if contestant.running is None:
        raise AssertionError
    return contestant.running


def _address(contestant: _Contestant) -> load.Address:
    return _running(contestant).address


def _log_path(directory: Path, subject: Subject) -> Path:
    return directory / f"{subject.name.replace(', ', '-')}.log"
