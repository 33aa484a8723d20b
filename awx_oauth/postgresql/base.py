"""The database wrapper that ``DATABASES`` names by this package."""

from __future__ import annotations

import hashlib
import logging
import select
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any, ClassVar, cast

from django.db import DatabaseError
from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

logger = logging.getLogger(__name__)

# A plan is made for the size that the tables have; made anew this often, it keeps up with tables that grow quickly
_USES_OF_A_PLAN = 500
# What PostgreSQL says of a prepared statement when a pooler gives each transaction another connection, or when the
# tables have changed: invalid_sql_statement_name, duplicate_prepared_statement, feature_not_supported
_UNPREPARED_STATES = frozenset({"26000", "42P05", "0A000"})


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the socket before it asks the server, and lets the server plan a statement once for many uses.

    ``CONN_HEALTH_CHECKS`` sends a statement before the first one of each request, which for most of ours is a third of
    all. Between two requests a server says nothing unless it ends the connection: as long as there is nothing to read,
    there is nothing to ask.
    """

    prepares: ClassVar[bool] = True

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection, on which nothing is prepared yet."""
        self._uses_left: dict[str, int] = {}
        connection = super().get_new_connection(conn_params)
        self._poller = select.poll()
        self._poller.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return connection

    def fetch_prepared(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of ``sql``, with its plan of the last time: planning takes four fifths of what a short one costs.

        Planned only outside a transaction, which could not go on after the error that tells us of a pooler: this
        process then prepares nothing more.
        """
        self.validate_no_broken_transaction()
        if self.prepares and not self.in_atomic_block:
            name, prepare, execute = _prepared_form(sql, len(parameters))
            try:
                with self.wrap_database_errors, self._light_cursor() as cursor:
                    self._prepare(cursor, name, prepare)
                    cursor.execute(execute, parameters)
                    return cast("list[tuple[Any, ...]]", cursor.fetchall())
            except DatabaseError as error:
                if getattr(error.__cause__, "pgcode", None) not in _UNPREPARED_STATES:
                    raise
                type(self).prepares = False
                logger.info("Statements are not prepared any more: %s", str(error).strip())
        with self.wrap_database_errors, self._light_cursor() as cursor:
            cursor.execute(sql, parameters)
            return cast("list[tuple[Any, ...]]", cursor.fetchall())

    def _light_cursor(self) -> Any:
        """psycopg2's own cursor, less Django's wrapper: a third of what a short statement costs here.

        Where somebody watches the statements it is Django's, which tells them.
        """
        if self.queries_logged or self.execute_wrappers:
            return self.cursor()
        self.close_if_health_check_failed()
        self.ensure_connection()
        return self.create_cursor()

    def _prepare(self, cursor: Any, name: str, prepare: str) -> None:
        left = self._uses_left.get(name)
        if left == 0:
            cursor.execute(f"DEALLOCATE {name}")
            del self._uses_left[name]  # now: what follows may fail
        if not left:
            cursor.execute(prepare)
            left = _USES_OF_A_PLAN
        self._uses_left[name] = left - 1

    def is_usable(self) -> bool:
        """Whether the connection can be used, as far as can be known without using it."""
        connection = self.connection
        # Only between two transactions: one that failed may stand and still be of no use
        if connection is not None and not connection.closed and _is_idle(connection) and not self._poller.poll(0):
            return True
        return super().is_usable()


def _is_idle(connection: Any) -> bool:
    return bool(not connection.closed and connection.get_transaction_status() == TRANSACTION_STATUS_IDLE)


@cache
def _prepared_form(sql: str, number: int) -> tuple[str, str, str]:
    """The name of a statement, and what prepares and executes it."""
    name = f"awx_oauth_{hashlib.sha256(sql.encode()).hexdigest()[:24]}"
    numbers = count(1)
    parts = sql.split("%s")
    numbered = parts[0] + "".join(f"${next(numbers)}{part}" for part in parts[1:])
    return name, f"PREPARE {name} AS {numbered}", f"EXECUTE {name} ({', '.join(['%s'] * number)})"
