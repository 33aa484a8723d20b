"""The database wrapper that ``DATABASES`` names by this package."""

from __future__ import annotations

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Closes the cursor of a transaction that could not begin because another writer was too slow.

    Django leaves it to the garbage collector, which may run in any thread, also in one that holds the lock that all
    wait for; and putting the cursor's statement away waits for the thread whose it is, which waits for the lock again.
    Nobody wrote for as long as that waits: 20 seconds.
    """

    transaction_mode: str  # from OPTIONS

    def _start_transaction_under_autocommit(self) -> None:
        with self.cursor() as cursor:
            cursor.execute(f"BEGIN {self.transaction_mode}")
