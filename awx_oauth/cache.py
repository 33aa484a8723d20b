"""The cache in a table of the database, with counters that are right when several count at once."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends import db
from django.db import connections, router, transaction


class DatabaseCache(db.DatabaseCache):
    """Django's, whose ``incr`` is a ``get`` and a ``set``, between which others count to the same number."""

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Add ``delta`` under a lock on the row. Raises ValueError when there is none."""
        alias = router.db_for_write(self.cache_model_class)
        connection = connections[alias]
        with transaction.atomic(using=alias):
            if connection.features.has_select_for_update:  # SQLite lets only one write at a time anyway
                table = connection.ops.quote_name(self._table)  # type: ignore[attr-defined] # not in the stubs
                with connection.cursor() as cursor:
                    cursor.execute(
                        f"SELECT 1 FROM {table} WHERE cache_key = %s FOR UPDATE",  # noqa: S608 - the name is quoted
                        [self.make_and_validate_key(key, version=version)],
                    )
            return super().incr(key, delta, version)
