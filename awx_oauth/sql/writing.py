"""Writes what belongs together: rows, on a condition. One statement on PostgreSQL, a transaction elsewhere."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Field, GenericIPAddressField, JSONField, Model
from django.utils import timezone

from awx_oauth import transactions
from awx_oauth.sql.running import run

# Stands for the primary key that the first row of a write is about to get, in any field of the others, also within
# text and JSON. By chance, so that nothing that a caller sends can be taken for it
KEY = -secrets.randbits(62)
_KEY_TEXT = str(KEY)
_KEY_SQL = '(SELECT "id" FROM "first")'
_IN_TEXT_SQL = f"replace(%s, %s, {_KEY_SQL}::text)"
_APPLIES = 'EXISTS (SELECT 1 FROM "condition")'

_PLAIN = frozenset({str, int, bool, type(None)})
# psycopg2 knows these itself; SQLite has no such types
_PLAIN_ON_POSTGRESQL = _PLAIN | {datetime, UUID}

_Statement = tuple[str, list[Any]]
_Shape = tuple[type[Model], tuple[tuple[int, str], ...]]  # a model, and the columns that the key goes into, and how


@dataclass(frozen=True)
class Spent:
    """A condition: a row with ``value`` in ``field`` has nothing in ``stamp`` yet, where it gets the present time.

    And the rows ``under`` it are still there, and stay until the end: they are locked before it, where there are such
    locks. Whoever deletes one of those locks it first, too, and so the two wait for each other in one order.
    """

    model: type[Model]
    stamp: str
    field: str
    value: Any
    also: tuple[str, ...] = ()  # gets the time, too
    under: tuple[Model, ...] = ()

    def statement(self) -> _Statement:
        """An update of at most one row, when at most one is not stamped."""
        now = _prepared(_field(self.model, self.stamp), timezone.now())
        value = _prepared(_field(self.model, self.field), self.value)
        kept = self.under if _is_postgresql() else ()
        sql = _spending(self.model, self.stamp, self.field, self.also, tuple(row._meta.model for row in kept))
        return sql, [now] * (1 + len(self.also)) + [value] + [row.pk for row in kept]


@dataclass(frozen=True)
class Same:
    """A condition: ``row`` still has the values in ``names`` that it was loaded with."""

    row: Model
    names: tuple[str, ...]
    lock: ClassVar[str] = ""

    def statement(self) -> _Statement:
        """A query for the row by its key and those values."""
        model, names = self.row._meta.model, (self.row._meta.pk.attname, *self.names)  # the type may be a lazy one
        values = [_prepared(_field(model, name), getattr(self.row, name)) for name in names]
        return _finding(model, names) + (self.lock if _is_postgresql() else ""), values


@dataclass(frozen=True)
class Held(Same):
    """The same, and ``row`` keeps those values until the end: it is locked, where there are such locks."""

    lock: ClassVar[str] = " FOR NO KEY UPDATE"


@dataclass(frozen=True)
class Removed:
    """Deletes the rows with ``value`` in ``field``, to which nothing refers; a condition: that there are some."""

    model: type[Model]
    field: str
    value: Any

    def statement(self, only: str = "") -> _Statement:
        """A deletion, if the SQL in ``only`` applies."""
        return _removing(self.model, self.field, only), [_prepared(_field(self.model, self.field), self.value)]


Condition = Spent | Same | Removed


def write(*rows: Model, when: Condition | None = None, without: Removed | None = None) -> bool:
    """Insert ``rows`` and remove ``without``, all or nothing, if ``when`` applies. Returns whether it did.

    Sets the primary key of the first row; where the others hold :data:`KEY`, that is what they get.
    """
    if when is None and without is None and len(rows) == 1:
        _insert(rows[0])
        return True
    if _is_postgresql():
        return _write_at_once(rows, when, without)
    with transactions.join():
        if when is not None and not run(*when.statement()):
            return False
        if without is not None:
            run(*without.statement())
        _insert(rows[0])
        for row in rows[1:]:
            _insert(row, key=rows[0].pk)
    return True


def _insert(row: Model, *, key: Any = None) -> None:
    """What ``row.save(force_insert=True)`` does; sets the primary key. ``key`` takes the place of :data:`KEY`."""
    values = _values(row)
    if key is not None:
        values = [_with_key(value, key) for value in values]
    sql = f"{_insertion(type(row))} VALUES ({_placeholders(type(row))}) RETURNING {_name(type(row), 'pk')}"
    _stored(row, run(sql, values)[0][0])


def _write_at_once(rows: Sequence[Model], when: Condition | None, without: Removed | None) -> bool:
    """One statement, and so one transaction and one turn to the server and back.

    Its parts see the same state of the tables and none of each other's changes; ``when`` comes before all of them,
    because they ask for its row.
    """
    condition, parameters = when.statement() if when is not None else ("", [])
    removal, more = without.statement(_APPLIES if when is not None else "") if without is not None else ("", [])
    parameters = parameters + more
    shapes = []
    for row in rows:
        shape, more = _taken(row)
        shapes.append(shape)
        parameters += more
    (key,) = run(_together(condition, removal, tuple(shapes)), parameters)[0]
    if key is None:
        return False
    _stored(rows[0], key)
    return True


def _taken(row: Model) -> tuple[_Shape, list[Any]]:
    """Where the key goes among the row's columns, and the parameters that give them."""
    keyed, parameters = [], []
    for index, value in enumerate(_values(row)):
        if _is_key(value):
            keyed.append((index, _KEY_SQL))
            continue
        parameters.append(value)
        if type(value) is str and _KEY_TEXT in value:
            keyed.append((index, _IN_TEXT_SQL))
            parameters.append(_KEY_TEXT)
    return (type(row), tuple(keyed)), parameters


@cache
def _together(condition: str, removal: str, shapes: tuple[_Shape, ...]) -> str:
    """The statement that does all of it. There are as many as there are kinds of writes."""
    parts = [f'"condition" AS ({condition})'] if condition else []
    parts += [f'"removed" AS ({removal})'] if removal else []
    where = f" WHERE {_APPLIES}" if condition else ""
    for number, (model, keyed) in enumerate(shapes):
        expressions = list(_expressions(model))
        for index, taken in keyed:
            expressions[index] = expressions[index].replace("%s", taken)
        name = f'"row {number}"' if number else '"first"'
        returning = f" RETURNING {_name(model, 'pk')} AS id" if number == 0 else ""
        parts.append(f"{name} AS ({_insertion(model)} SELECT {', '.join(expressions)}{where}{returning})")
    return f"WITH {', '.join(parts)} SELECT {_KEY_SQL}"


def _with_key(value: Any, key: Any) -> Any:
    if type(value) is str:
        return value.replace(_KEY_TEXT, str(key))
    return key if _is_key(value) else value


def _is_key(value: Any) -> bool:
    return type(value) is int and value == KEY


def _values(row: Model) -> list[Any]:
    """The row's columns as the database's driver takes them: Django's own preparation where that does anything."""
    plain = _PLAIN_ON_POSTGRESQL if _is_postgresql() else _PLAIN
    values, attributes = [], row.__dict__
    for field, name, is_automatic, is_special in _columns(type(row)):
        value = field.pre_save(row, add=True) if is_automatic else attributes[name]
        values.append(value if type(value) in plain and not is_special else _prepared(field, value))
    return values


def _prepared(field: Field[Any, Any], value: Any) -> Any:
    if isinstance(field, JSONField):
        return json.dumps(value, cls=field.encoder)
    if type(value) in _PLAIN_ON_POSTGRESQL and _is_postgresql():
        return field.get_prep_value(value) if isinstance(field, GenericIPAddressField) else value
    return field.get_db_prep_save(value, connection)


def _stored(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding = False  # noqa: SLF001  # as Model.save does
    row._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001


@cache
def _is_postgresql() -> bool:
    """Asked of the connection once: each time is a lookup by thread."""
    return connection.vendor == "postgresql"


@cache
def _spending(model: type[Model], stamp: str, field: str, also: tuple[str, ...], kept: tuple[type[Model], ...]) -> str:
    stamps = ", ".join(f"{_name(model, name)} = %s" for name in (stamp, *also))
    conditions = [f"{_name(model, field)} = %s", f"{_name(model, stamp)} IS NULL"]
    # What a foreign key's check would lock when the transaction ends, before the update locks its row
    conditions += [
        f"EXISTS (SELECT 1 FROM {_table(owner)} WHERE {_name(owner, 'pk')} = %s FOR KEY SHARE)"  # noqa: S608
        for owner in kept
    ]
    return f"UPDATE {_table(model)} SET {stamps} WHERE {' AND '.join(conditions)} RETURNING 1"  # noqa: S608


@cache
def _finding(model: type[Model], names: tuple[str, ...]) -> str:
    same = " AND ".join(f"{_name(model, name)} = %s" for name in names)
    return f"SELECT 1 FROM {_table(model)} WHERE {same}"  # noqa: S608


@cache
def _removing(model: type[Model], field: str, only: str) -> str:
    also = f" AND {only}" if only else ""
    return f"DELETE FROM {_table(model)} WHERE {_name(model, field)} = %s{also} RETURNING 1"  # noqa: S608


@cache
def _insertion(model: type[Model]) -> str:
    columns = ", ".join(_quoted(field.column) for field in _fields(model))
    return f"INSERT INTO {_table(model)} ({columns})"


@cache
def _placeholders(model: type[Model]) -> str:
    return ", ".join(["%s"] * len(_fields(model)))


@cache
def _expressions(model: type[Model]) -> list[str]:
    """What takes the value of each column, in PostgreSQL."""
    casts = {"JSONField": "::jsonb", "GenericIPAddressField": "::inet"}
    return [f"%s{casts.get(field.get_internal_type(), '')}" for field in _fields(model)]


@cache
def _columns(model: type[Model]) -> list[tuple[Field[Any, Any], str, bool, bool]]:
    """Each field with its attribute, whether it fills itself when a row is saved, and whether a plain value is not."""
    return [
        (
            field,
            field.attname,
            type(field).pre_save is not Field.pre_save,
            isinstance(field, JSONField | GenericIPAddressField),
        )
        for field in _fields(model)
    ]


@cache
def _fields(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


@cache
def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.pk if name == "pk" else model._meta.get_field(name))


@cache
def _name(model: type[Model], name: str) -> str:
    return _quoted(_field(model, name).column)


@cache
def _table(model: type[Model]) -> str:
    return _quoted(model._meta.db_table)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
