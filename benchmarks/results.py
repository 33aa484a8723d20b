"""What a run found out, as it goes into the results file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass
class Tally:
    """One step of one subject, added up over the rounds."""

    requests: int = 0
    seconds: float = 0.0
    server_seconds: float = 0.0
    database_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Figures:
    """One step of one subject."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float
    statements: float | None = None
    statement_list: list[str] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """CPU time of a request, wherever it was spent."""
        return self.server_cpu_ms + self.database_cpu_ms


def figures(tally: Tally, statements: Sequence[str] | None, counted_requests: int) -> Figures:
    """What the rounds come to."""
    milliseconds = 1000 / max(tally.requests, 1)
    latencies = tally.latencies or [0.0]
    return Figures(
        requests=tally.requests,
        per_second=tally.requests / tally.seconds,
        p50_ms=percentile(latencies, 0.50) * 1000,
        p99_ms=percentile(latencies, 0.99) * 1000,
        server_cpu_ms=tally.server_seconds * milliseconds,
        database_cpu_ms=tally.database_seconds * milliseconds,
        statements=len(statements) / counted_requests if statements is not None else None,
        statement_list=list(statements or [])[: len(statements or []) // max(counted_requests, 1)],
    )


@dataclass(frozen=True)
class SubjectFigures:
    """What a subject costs apart from requests, and its steps by name."""

    title: str
    workers: int
    worker_rss_mib: float
    worker_pss_mib: float
    worker_rss_after_passwords_mib: float
    seconds_to_first_answer: float
    steps: dict[str, Figures]


@dataclass(frozen=True)
class Results:
    """A whole run; ``subjects`` by name."""

    date: str
    clients: int
    seconds: float
    rounds: int
    versions: dict[str, str]
    hardware: dict[str, str]
    database: dict[str, str]
    argon2_ms: float
    left_out: dict[str, str]
    subjects: dict[str, SubjectFigures]
