"""Runs a statement that is run again and again, as cheaply as the database allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections

Rows = list[tuple[Any, ...]]


def run(sql: str, parameters: Sequence[Any]) -> Rows:
    """The rows that ``sql``, whose text is always the same, gives for ``parameters``."""
    connection: Any = connections[DEFAULT_DB_ALIAS]  # asked once: the proxy looks for it at each attribute
    if connection.vendor == "postgresql":
        return cast("Rows", connection.fetch_prepared(sql, parameters))
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cast("Rows", cursor.fetchall())
