"""The cache in a table of the database, made fit for counting failures."""

from __future__ import annotations

import base64
import pickle
from datetime import datetime
from typing import Any

from django.core.cache.backends import db
from django.db import connections, router, transaction

_MOST = 100_000  # rows; each is one name or address that failed in the present window


class DatabaseCache(db.DatabaseCache):
    """Django's, but that counters are right when several count at once, and stay until they expire.

    Beyond 300 rows Django's drops a third in the order of their keys: who failed under many names, say of clients that
    do not exist, would be counted under none.
    """

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add ``delta`` under a lock on the row, whose expiry stays. Raises ValueError when there is none."""
        alias = router.db_for_write(self.cache_model_class)
        connection = connections[alias]
        lock = " FOR UPDATE" if connection.features.has_select_for_update else ""  # SQLite writes one at a time anyway
        table = self._quoted_table(alias)
        row = [self.make_and_validate_key(key, version=version)]
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {table} WHERE cache_key = %s{lock}", row)  # noqa: S608 - the name is quoted
            counted = self.get(key, version=version)
            if counted is None:
                message = f"Key {key!r} not found"
                raise ValueError(message)
            value = base64.b64encode(
                pickle.dumps(counted + delta, self.pickle_protocol)
            ).decode()  # as Django stores it
            cursor.execute(f"UPDATE {table} SET value = %s WHERE cache_key = %s", [value, *row])  # noqa: S608
        return int(counted + delta)

    def _cull(self, db: str, cursor: Any, now: datetime, num: int) -> None:
        """Forget what has expired, and what has not only when there is far too much of it."""
        if num > _MOST:
            super()._cull(db, cursor, now, num)  # type: ignore[misc] # not in the stubs
            return
        expired = connections[db].ops.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {self._quoted_table(db)} WHERE expires < %s", [expired])  # noqa: S608

    def _quoted_table(self, alias: str) -> str:
        return connections[alias].ops.quote_name(self._table)  # type: ignore[attr-defined] # not in the stubs
