"""Runs a statement that is run again and again, as cheaply as the database allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection

Rows = list[tuple[Any, ...]]


def run(sql: str, parameters: Sequence[Any]) -> Rows:
    """The rows that ``sql``, whose text is always the same, gives for ``parameters``."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cast("Any", connection).execute_prepared(cursor, sql, parameters)
        else:
            cursor.execute(sql, parameters)
        return cast("Rows", cursor.fetchall())
