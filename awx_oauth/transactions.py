"""Transactions that join the one under way, and work that is begun again when it lost a race."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import Model

Result = TypeVar("Result")

_ATTEMPTS = 5
# PostgreSQL's SQLSTATEs: foreign_key_violation, serialization_failure, deadlock_detected
_RETRIED_STATES = frozenset({"23503", "40001", "40P01"})


def join() -> AbstractContextManager[None]:
    """A transaction, or the one under way: no savepoint, which would cost two statements and save nothing."""
    return transaction.atomic(savepoint=False)


@contextmanager
def storing(row: Model) -> Iterator[None]:
    """A transaction that stores ``row``, which is valid unless another request has just stored its like.

    Raises :class:`~django.core.exceptions.ValidationError` then, in the words that it would have had a moment later.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        row.full_clean()
        raise


def hold(row: Model, *, to_delete: bool = False) -> None:
    """Read ``row`` again and lock it until the transaction ends: it may have been changed, or deleted, since.

    ``to_delete`` also keeps others from storing what refers to it meanwhile. Raises the model's ``DoesNotExist``.
    """
    row.refresh_from_db(from_queryset=row._meta.base_manager.select_for_update(no_key=not to_delete))


class LostRaceError(Exception):
    """What the work rests on was gone when it was to be written down: begin again, and see what is there now."""


def run(work: Callable[[], Result]) -> Result:
    """Call ``work`` in a transaction, and again when it lost a race: see :func:`again`."""

    def once(_attempt: int) -> Result:
        with transaction.atomic():
            return work()

    return again(once)


def again(work: Callable[[int], Result]) -> Result:
    """Call ``work`` with the number of the attempt, and again when it lost a race, up to five times in all.

    A race is lost when ``work`` says so with :class:`LostRaceError`, when a row that it refers to was deleted meanwhile
    (the foreign key fails at commit) or when PostgreSQL chose it as a deadlock's victim. From the second attempt on
    ``work`` must read what it decides on itself, so that it decides anew. The last failure is raised.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return work(attempt)
        except (IntegrityError, OperationalError, LostRaceError) as error:
            if attempt == _ATTEMPTS or not _lost_a_race(error):
                raise
    raise AssertionError  # the loop returns or raises


def _lost_a_race(error: DatabaseError | LostRaceError) -> bool:
    if isinstance(error, LostRaceError):
        return True
    cause = error.__cause__
    state = getattr(cause, "pgcode", None)
    return state in _RETRIED_STATES or "FOREIGN KEY constraint failed" in str(cause)
