"""The database wrapper that ``DATABASES`` names by this package."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_IDLE


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the socket before it asks the server.

    ``CONN_HEALTH_CHECKS`` sends a statement before the first one of each request, which for most of ours is a third of
    all. Between two requests a server says nothing unless it ends the connection: as long as there is nothing to read,
    there is nothing to ask.
    """

    def is_usable(self) -> bool:
        """Whether the connection can be used, as far as can be known without using it."""
        connection = self.connection
        # Only between two transactions: one that failed may stand and still be of no use
        if (
            connection is not None
            and not connection.closed
            and _is_idle(connection)
            and _is_silent(connection.fileno())
        ):
            return True
        return super().is_usable()


def _is_idle(connection: Any) -> bool:
    return bool(not connection.closed and connection.get_transaction_status() == TRANSACTION_STATUS_IDLE)


def _is_silent(socket: int) -> bool:
    poller = select.poll()
    poller.register(socket, select.POLLIN | select.POLLHUP | select.POLLERR)
    return not poller.poll(0)
