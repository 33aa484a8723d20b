"""What this service may cost at most. A run that finds it costs more fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Results
from benchmarks.subjects import GROWN, SERVICE


@dataclass(frozen=True)
class Budget:
    """For one step: CPU time as a ratio to a peer's (``None``: no limit), and SQL statements."""

    to_tuned: float | None
    to_node: float | None
    statements: int


BUDGETS = {
    "client_credentials": Budget(0.40, 2.0, 2),
    "refresh": Budget(0.30, 1.5, 6),
    "introspect": Budget(0.40, 1.2, 2),
    "bearer": Budget(0.80, None, 2),
    "revoke": Budget(0.35, 1.5, 5),
    "code": Budget(0.35, 1.5, 6),
    "password": Budget(None, 0.2, 3),
}
P99_TO_P50 = 3.0
WORKER_MIB = 70.0
SECONDS_TO_FIRST_ANSWER = 2.0
GROWTH = 1.2
# A password is hashed once, and the rest is what client credentials cost and one statement; 20 % is noise
_PASSWORD_NOISE, _STATEMENT_MS = 1.2, 0.6


@dataclass(frozen=True)
class Verdict:
    """One budget held against one figure."""

    name: str
    figure: float
    limit: float

    @property
    def is_kept(self) -> bool:
        """Whether the figure is within the budget."""
        return self.figure <= self.limit

    def __str__(self) -> str:
        return f"{'kept  ' if self.is_kept else 'MISSED'}  {self.name}: {self.figure:.2f}, at most {self.limit:.2f}"


def verdicts(results: Results) -> Iterator[Verdict]:
    """Each budget that the run has figures for."""
    own = results.subjects[SERVICE]
    yield Verdict("MiB of a worker", own.worker_rss_mib, WORKER_MIB)
    yield Verdict("seconds to the first answer", own.seconds_to_first_answer, SECONDS_TO_FIRST_ANSWER)
    for step, budget in BUDGETS.items():
        if step in own.steps:
            yield from _of_step(results, step, budget)
    if "password" in own.steps and "client_credentials" in own.steps:
        limit = (results.argon2_ms + own.steps["client_credentials"].cpu_ms + _STATEMENT_MS) * _PASSWORD_NOISE
        yield Verdict("password: CPU ms", own.steps["password"].cpu_ms, limit)


def _of_step(results: Results, step: str, budget: Budget) -> Iterator[Verdict]:
    own = results.subjects[SERVICE].steps[step]
    for peer, limit in (("dot-tuned", budget.to_tuned), ("node", budget.to_node)):
        if limit is not None and peer in results.subjects:
            ratio = own.cpu_ms / results.subjects[peer].steps[step].cpu_ms
            yield Verdict(f"{step}: CPU to {results.subjects[peer].title}", ratio, limit)
    if own.statements is not None:
        yield Verdict(f"{step}: SQL statements", own.statements, budget.statements)
    yield Verdict(f"{step}: p99 to p50", own.p99_ms / own.p50_ms, P99_TO_P50)
    if GROWN in results.subjects:
        ratio = results.subjects[GROWN].steps[step].cpu_ms / own.cpu_ms
        yield Verdict(f"{step}: CPU to that on an empty table", ratio, GROWTH)
