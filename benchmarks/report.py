"""Writes a run down: everything as JSON, the tables as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks import budgets
from benchmarks.results import Results
from benchmarks.steps import STEPS
from benchmarks.subjects import SERVICE

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"


def write_json(results: Results, path: Path) -> None:
    """Every figure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(results), indent=2) + "\n", encoding="utf-8")


def insert(results: Results, path: Path) -> None:
    """Put the tables between the two markers of a Markdown file, in place of those that are there."""
    before, _begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"{path} must have the lines {BEGIN} and {END}.")
    path.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}", encoding="utf-8")


def markdown(results: Results) -> str:
    """The tables."""
    return "\n".join([*_conditions(results), "", *_processes(results), "", *_steps(results), "", *_budgets(results)])


def _conditions(results: Results) -> Iterator[str]:
    hardware, database = results.hardware, results.database
    yield (
        f"{results.date}: {hardware['processor']}, {hardware['cores']} cores, {hardware['memory']}, "
        f"Linux {hardware['kernel']}; PostgreSQL {database['version']} ({database['durability']}); "
        f"{', '.join(f'{name} {number}' for name, number in results.versions.items())}. "
        f"{results.clients} clients, {results.seconds:g} seconds a step and server in {results.rounds} rounds. "
        f"One Argon2id hash: {results.argon2_ms:.1f} ms."
    )
    for name, reason in results.left_out.items():
        yield f"\nLeft out: {name}, because {reason}."


def _processes(results: Results) -> Iterator[str]:
    yield "| server | workers | MiB a worker (RSS) | shared ones divided (PSS) | RSS after passwords | first answer s |"
    yield "|---|---|---|---|---|---|"
    for subject in results.subjects.values():
        yield (
            f"| {subject.title} | {subject.workers} | {subject.worker_rss_mib:.0f} | {subject.worker_pss_mib:.0f} "
            f"| {subject.worker_rss_after_passwords_mib:.0f} | {subject.seconds_to_first_answer:.1f} |"
        )


def _steps(results: Results) -> Iterator[str]:
    yield "| step | server | requests/s | p50 ms | p99 ms | CPU ms | of it PostgreSQL | SQL | CPU of awx-oauth to it |"
    yield "|---|---|---|---|---|---|---|---|---|"
    own = results.subjects[SERVICE].steps
    for step in own:
        for name, subject in results.subjects.items():
            each = subject.steps[step]
            ratio = "" if name == SERVICE else f"{own[step].cpu_ms / each.cpu_ms:.2f}"
            sql = "" if each.statements is None else f"{each.statements:g}"
            yield (
                f"| {STEPS[step].title} | {subject.title} | {each.per_second:.0f} | {each.p50_ms:.1f} "
                f"| {each.p99_ms:.1f} | {each.cpu_ms:.2f} | {each.database_cpu_ms:.2f} | {sql} | {ratio} |"
            )


def _budgets(results: Results) -> Iterator[str]:
    yield "| budget | measured | at most | |"
    yield "|---|---|---|---|"
    for verdict in budgets.verdicts(results):
        kept = "kept" if verdict.is_kept else "**missed**"
        yield f"| {verdict.name} | {verdict.figure:.2f} | {verdict.limit:.2f} | {kept} |"
