"""Quantiles of a level, from how often each of its values occurs.

The values of a group are put in order with their counts; a place among the rows is found by
adding the counts up. Places are computed as DuckDB computes them, so that ties and halves fall
the same way.
"""

from __future__ import annotations

from cubes.rewrite.constants import INTEGERS
from cubes.rewrite.measures import Conditions, Measures
from cubes.rewrite.node import (
    ONE,
    ZERO,
    Node,
    agg,
    both,
    case,
    cast,
    cmp,
    fn,
    is_not_null,
    number,
)
from cubes.rewrite.polynomial import scale

QUANTILES = frozenset(("median", "quantile_cont", "quantile_disc"))
ROW, NEXT = Node("var", ("a",)), Node("var", ("b",))
SHARE = "DECIMAL(38,18)"


def quantile(
    name: str, parts: Measures, args: tuple[Node, ...], where: Conditions, kind: str
) -> Node | None:
    """The quantile over a group; None where the level or its counts are not there."""
    value_kind = parts.type_of(args[0])
    exact = value_kind in INTEGERS or value_kind.startswith("DECIMAL")
    share = _share(name, args)
    if share is None or not exact or not parts.values.can(args[0]):
        return None
    count = parts.count(where | {is_not_null(args[0])})
    if count is None:
        return None
    value, count = parts.values.value(args[0]), cast(count, "BIGINT")
    some = both(is_not_null(value), cmp(">", count, ZERO))
    listed = Node(
        "agg", ("list", False, (("ORDER_DEFAULT", "ORDER_DEFAULT"),), True),
        (fn("row", value, count), value, some),
    )  # fmt: skip
    rows = agg("sum", count, only=some)
    if name == "quantile_disc":
        return _at(listed, _discrete(rows, share))
    return _between(listed, rows, share, value_kind, kind)


def _share(name: str, args: tuple[Node, ...]) -> Node | None:
    """The share of rows below: a constant from 0 to 1."""
    if name == "median":
        return Node("lit", ("NUMERIC", "0.5")) if len(args) == 1 else None
    if len(args) != 2 or args[1].op != "lit" or args[1].data[0] not in ("INTEGER", "NUMERIC"):
        return None
    text = str(args[1].data[1])
    plain = text.replace(".", "", 1).isdigit() and len(text) < 18
    return args[1] if plain and 0 <= float(text) <= 1 else None


def _discrete(rows: Node, share: Node) -> Node:
    """max(1, n - floor(n - q n)) - 1, in exact numbers."""
    below = fn("floor", fn("-", rows, fn("*", cast(share, SHARE), rows)))
    place = fn("-", rows, cast(below, "HUGEINT"))
    return fn("-", fn("greatest", ONE, place), ONE)


def _at(listed: Node, place: Node) -> Node:
    """The value at a place that counts from 0."""
    added = fn("row", _field(NEXT, 1), fn("+", _field(ROW, 2), _field(NEXT, 2)))
    step = case((cmp(">", _field(ROW, 2), place), ROW), otherwise=added)
    reduced = fn("list_reduce", listed, Node("lambda", ("a", "b"), (step,)))
    return _field(reduced, 1)


def _field(row: Node, index: int) -> Node:
    return fn("struct_extract", row, number(index))


def _between(listed: Node, rows: Node, share: Node, value_kind: str, kind: str) -> Node:
    """Between the two values around (n - 1) q, as DuckDB interpolates."""
    place = fn("*", cast(fn("-", rows, ONE), "DOUBLE"), cast(share, "DOUBLE"))
    low, high = fn("floor", place), fn("ceil", place)
    digits = scale(value_kind)

    def whole(at: Node) -> Node:
        value = _at(listed, cast(at, "BIGINT"))
        scaled = fn("*", value, number(10**digits)) if digits else value
        return cast(scaled, "DOUBLE")

    start = whole(low)
    value = fn("+", start, fn("*", fn("-", whole(high), start), fn("-", place, low)))
    if not value_kind.startswith("DECIMAL"):
        return value
    return cast(fn("/", fn("trunc", value), cast(number(10**digits), "DOUBLE")), kind)
