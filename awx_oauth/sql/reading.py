"""The ORM's own queries, built once: one row by text values, and two such queries in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState

from awx_oauth.sql.running import run

Row = TypeVar("Row", bound=Model)
Other = TypeVar("Other", bound=Model)

_MARKER = "\ue000"  # of Unicode's private use: no value that a query itself contains


@dataclass(frozen=True)
class _Shape:
    """Which columns make an instance of which model, and what hangs on it."""

    model: type[Model]
    columns: slice
    key: int
    attributes: Sequence[str]
    related: Sequence[tuple[_Shape, Callable[[Model, Model | None], None]]]

    def instance(self, row: Sequence[Any]) -> Model | None:
        """``None`` when an outer join found none."""
        if row[self.key] is None:
            return None
        # What from_db does, less the signals of Model.__init__, which are half the cost of a row
        instance = self.model.__new__(self.model)
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        instance.__dict__ = {"_state": state, **dict(zip(self.attributes, row[self.columns], strict=True))}
        for shape, remember in self.related:
            remember(instance, shape.instance(row))
        return instance


@dataclass(frozen=True)
class _Compiled(Generic[Row]):
    shape: _Shape
    sql: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, list[Callable[..., Any]], Any], ...]
    width: int

    def filled(self, values: Sequence[str]) -> list[Any]:
        """The parameters with ``values`` in their places."""
        return [values[ord(each[1])] if _is_marker(each) else each for each in self.parameters]

    def row(self, found: Sequence[Any]) -> Row | None:
        """The model instance that ``found``, the columns of one row, make; ``None`` when an outer join found none."""
        if self.converters and found[self.shape.key] is not None:
            found = list(found)
            for index, converters, expression in self.converters:
                for convert in converters:
                    found[index] = convert(found[index], expression, connection)
        return cast("Row | None", self.shape.instance(found))


class Select(Generic[Row]):
    """A query for one row by text values: ``Select(lambda name: User.objects.filter(username=name))``.

    The lambda is called once, with stand-ins for the values; it may say ``select_related`` and ``only``.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        self._build = build
        self._compiled: _Compiled[Row] | None = None

    def first(self, *values: str) -> Row | None:
        """The row for these values, in the lambda's order; ``None`` without one."""
        compiled = self.compiled(len(values))
        found = run(compiled.sql, compiled.filled(values))
        return compiled.row(found[0]) if found else None

    def compiled(self, number: int) -> _Compiled[Row]:
        """The statement, made at the first call, for ``number`` values."""
        self._compiled = self._compiled or _compile(self._build(*(_MARKER + chr(index) for index in range(number))))
        return self._compiled


class Pair(Generic[Row, Other]):
    """Two queries in one statement, the second for nothing where the first finds nothing."""

    def __init__(self, first: Select[Row], second: Select[Other]) -> None:
        self._first, self._second = first, second
        self._sql = ""

    def first(self, value: str, *values: str) -> tuple[Row | None, Other | None]:
        """What the first query has for ``value``, and the second for ``values``."""
        one, other = self._first.compiled(1), self._second.compiled(len(values))
        self._sql = self._sql or f"SELECT * FROM ({one.sql}) AS one LEFT JOIN ({other.sql}) AS other ON 1 = 1"  # noqa: S608
        found = run(self._sql, one.filled([value]) + other.filled(values))
        if not found:
            return None, None
        return one.row(found[0][: one.width]), other.row(found[0][one.width :])


def _compile(rows: QuerySet[Row]) -> _Compiled[Row]:
    query = rows.order_by().query
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column[0] for column in compiler.select])
    return _Compiled(
        shape=_shape(compiler.klass_info, compiler.select),
        sql=sql,
        parameters=tuple(parameters),
        converters=tuple((index, found, expression) for index, (found, expression) in converters.items()),
        width=len(compiler.select),
    )


def _shape(info: Any, selected: Sequence[Any]) -> _Shape:
    """From what Django's compiler says of a model and those that ``select_related`` adds."""
    own = info["select_fields"]
    targets = [column[0].target for column in selected[own[0] : own[-1] + 1]]
    return _Shape(
        model=info["model"],
        columns=slice(own[0], own[-1] + 1),
        key=own[0] + next(index for index, target in enumerate(targets) if target.primary_key),
        attributes=[target.attname for target in targets],
        related=[(_shape(each, selected), each["local_setter"]) for each in info.get("related_klass_infos", ())],
    )


def _is_marker(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_MARKER)
