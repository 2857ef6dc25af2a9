"""What *the same answer* means: names, types, multiset of rows, sequence where it is total."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

RATIO = 1e-12  # ratios of exact parts
DOUBLES = 1e-9  # sums of DOUBLE, which no order of adding leaves alone


@dataclass(frozen=True)
class Answer:
    """What a query gave."""

    names: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def answer(con: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    relation = con.sql(sql)
    names, types = tuple(relation.columns), tuple(str(kind) for kind in relation.types)
    return Answer(names, types, relation.fetchall())


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(sorted((str(k), _plain(v)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value)
    return value


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Where a row stands among others: first by what is exact, then by rounded doubles."""
    exact = tuple("" if v is None else repr(v) for v in row if not isinstance(v, float))
    near = tuple(f"{v:.6g}" if isinstance(v, float) else "" for v in row)
    return exact, near


def same_value(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(
            same_value(a, b, tolerance) for a, b in zip(one, other, strict=True)
        )
    return type(one) is type(other) and bool(one == other)


def difference(
    one: Answer, other: Answer, *, ordered: bool = False, tolerance: float = RATIO
) -> str | None:
    """A sentence on how two answers differ; None where they are the same."""
    if one.names != other.names:
        return f"names: {one.names} became {other.names}"
    if one.types != other.types:
        return f"types: {one.types} became {other.types}"
    if len(one.rows) != len(other.rows):
        return f"rows: {len(one.rows)} became {len(other.rows)}:\n{one.rows}\n{other.rows}"
    left = [tuple(map(_plain, row)) for row in one.rows]
    right = [tuple(map(_plain, row)) for row in other.rows]
    if not ordered:
        left, right = sorted(left, key=_place), sorted(right, key=_place)
    for before, after in zip(left, right, strict=True):
        if not same_value(before, after, tolerance):
            return f"a row: {before} became {after}"
    return None


def total_order(sql: str, rows: list[tuple[Any, ...]], names: tuple[str, ...]) -> bool:
    """Whether the outermost ORDER BY, as far as it names outputs, tells any two rows apart."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        return False
    order = tree.args.get("order")
    if not order:
        return False
    places: list[int] = []
    lowered = [name.casefold() for name in names]
    for item in order.expressions:
        key = item.this
        if isinstance(key, exp.Literal) and key.is_int:
            places.append(int(key.name) - 1)
        elif isinstance(key, exp.Column) and key.name.casefold() == "all" and not key.table:
            places += range(len(names))
        elif isinstance(key, exp.Column) and lowered.count(key.name.casefold()) == 1:
            places.append(lowered.index(key.name.casefold()))
    keys = [tuple(_plain(row[place]) for place in places) for row in rows]
    return bool(places) and len(set(map(repr, keys))) == len(rows)
