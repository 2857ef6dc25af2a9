"""Constants as values that compare the way DuckDB compares them in the type of the other side."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import duckdb

from cubes.rewrite.canonical import constant
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.node import Node, cast
from cubes.rewrite.printing import printed

Value = Fraction | float | str | bool
INTEGERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
     "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
)  # fmt: skip
DAY = 86_400_000_000  # a date is so many microseconds
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 — DuckDB's TIMESTAMP has no zone


def exact(kind: str) -> bool:
    """Whether numbers of this type add up exactly."""
    return kind in INTEGERS or kind.startswith("DECIMAL")


def step_of(kind: str) -> Fraction | int | None:
    """The distance between neighbouring values, where the type has one."""
    if kind in INTEGERS:
        return 1
    if kind.startswith("DECIMAL") and "[" not in kind:
        return Fraction(1, 10 ** int(kind.rstrip(")").split(",")[1]))
    return {"DATE": DAY, "TIMESTAMP": 1, "TIMESTAMP WITH TIME ZONE": 1}.get(kind)


def evaluated(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, node: Node
) -> tuple[str, object] | None:
    """Type and value of a constant as DuckDB works it out; None where it fails."""
    text = printed(node)
    if text not in catalogue.constants:
        quick = _quick(node)
        if quick is None:
            try:
                row = cursor.execute(f"select typeof({text}), {text}").fetchone()
                quick = (str(row[0]), row[1]) if row else ("", None)
            except (duckdb.Error, OverflowError, ValueError):
                quick = ("", None)
        if len(catalogue.constants) > 20_000:
            catalogue.constants.clear()
        catalogue.constants[text] = quick
    found = catalogue.constants[text]
    return found if found[0] else None


def _quick(node: Node) -> tuple[str, object] | None:
    """What needs no asking: whole numbers, and ISO dates."""
    if node.op == "lit" and node.data[0] == "INTEGER" and len(str(node.data[1])) < 10:
        return ("INTEGER", int(str(node.data[1])))
    if node.op == "lit" and node.data[0] == "STRING":
        return ("VARCHAR", node.data[1])
    if node.op == "cast" and node.data[0] == "DATE" and node.args[0].op == "lit":
        value = str(node.args[0].data[1])
        if node.args[0].data[0] == "STRING" and len(value) == 10 and value[:4].isdigit():
            try:
                return ("DATE", dt.date.fromisoformat(value))
            except ValueError:
                return None
    return None


def value_in(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, node: Node, kind: str
) -> Value | None:
    """The value of a constant that is compared with something of the type `kind`.

    None where DuckDB would compare in a way not reasoned about.
    """
    if not constant(node):
        return None
    literal = node.op == "lit" and node.data[0] == "STRING"
    if literal and kind != "VARCHAR":
        if kind == "TIMESTAMP WITH TIME ZONE" and catalogue.timezone is None:
            return None
        if kind not in COMPARED and not exact(kind):
            return None
        node = cast(node, kind)
    found = evaluated(catalogue, cursor, node)
    if found is None or found[1] is None:
        return None
    own, value = found
    if kind == "VARCHAR":
        return value if own == "VARCHAR" and isinstance(value, str) else None
    if kind == "BOOLEAN":
        return value if own == "BOOLEAN" and isinstance(value, bool) else None
    if kind == "DOUBLE" and (exact(own) or own == "DOUBLE"):
        return _double(evaluated(catalogue, cursor, cast(node, "DOUBLE")))
    if exact(kind) and exact(own):
        return Fraction(value) if isinstance(value, (int, Decimal)) else None
    if kind in ("DATE", "TIMESTAMP") and own in ("DATE", "TIMESTAMP"):
        return _micros(value)
    if kind == own == "TIMESTAMP WITH TIME ZONE" and catalogue.timezone is not None:
        return _micros(value)
    return None


def _double(found: tuple[str, object] | None) -> float | None:
    """A DOUBLE; all NaN are the one that equals itself as DuckDB's does."""
    if found is None or not isinstance(found[1], float):
        return None
    return math.nan if math.isnan(found[1]) else found[1]


COMPARED = frozenset(("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "BOOLEAN", "DOUBLE"))


def _micros(value: object) -> Fraction | None:
    """Microseconds since 1970; None for what Python cannot hold."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        delta = value - EPOCH
    elif isinstance(value, dt.date):
        delta = dt.datetime(value.year, value.month, value.day) - EPOCH  # noqa: DTZ001
    else:
        return None
    if delta.days in ENDLESS:
        return None
    return Fraction(delta.days * DAY + delta.seconds * 1_000_000 + delta.microseconds)


ENDLESS = ((dt.date.min - EPOCH.date()).days, (dt.date.max - EPOCH.date()).days)


def values_in(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, nodes: Iterable[Node], kind: str
) -> frozenset[Value] | None:
    """The values of several constants; None where one is not reasoned about."""
    found = [value_in(catalogue, cursor, node, kind) for node in nodes]
    if any(value is None for value in found):
        return None
    return frozenset(value for value in found if value is not None)
