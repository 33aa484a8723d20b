"""Transactions that join the one under way, and one that is begun again when it lost a race."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, transaction

Result = TypeVar("Result")

_ATTEMPTS = 5
# PostgreSQL's SQLSTATEs: foreign_key_violation, serialization_failure, deadlock_detected
_RETRIED_STATES = frozenset({"23503", "40001", "40P01"})


def join() -> AbstractContextManager[None]:
    """A transaction, or the one under way: no savepoint, which would cost two statements and save nothing."""
    return transaction.atomic(savepoint=False)


def run(work: Callable[[], Result]) -> Result:
    """Call ``work`` in a transaction, and again when it lost a race, up to five times in all.

    A race is lost when a row that ``work`` refers to was deleted meanwhile (the foreign key fails at commit) or when
    PostgreSQL chose it as a deadlock's victim. ``work`` must read what it decides on itself, so that a second call
    decides anew. The last failure is raised.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except (IntegrityError, OperationalError) as error:
            if attempt == _ATTEMPTS or not _lost_a_race(error):
                raise
    raise AssertionError  # the loop returns or raises


def _lost_a_race(error: DatabaseError) -> bool:
    cause = error.__cause__
    state = getattr(cause, "pgcode", None)
    return state in _RETRIED_STATES or "FOREIGN KEY constraint failed" in str(cause)
