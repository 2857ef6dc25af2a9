"""Quantiles of a level, from how often each of its values occurs.

The values of a group are put in order with their counts; a place among the rows is found by
adding the counts up. Places are computed as DuckDB computes them, so that ties and halves fall
the same way.
"""

from __future__ import annotations

from cubes.rewrite.canonical import constant
from cubes.rewrite.constants import INTEGERS
from cubes.rewrite.measures import Measures
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
from cubes.rewrite.requests import Request

QUANTILES = frozenset(("median", "quantile_cont", "quantile_disc"))
SHORT = INTEGERS - {"BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT"}
ROW, NEXT = Node("var", ("a",)), Node("var", ("b",))
SHARE = "DECIMAL(38,18)"


def quantile(parts: Measures, request: Request, kind: str) -> Node | None:
    """The quantile over a group, or several; None where the level or its counts are not there."""
    name, args, down = request.name, request.args, False
    if request.orders:  # within group (order by x desc)
        if len(request.orders) > 1 or len(args) != 2 or not constant(args[0]):
            return None
        args, down = args[::-1], str(request.orders[0][0]) == "DESCENDING"
    node = _short(parts, args[0])
    value_kind = parts.type_of(node)
    exact = value_kind in INTEGERS or value_kind.startswith("DECIMAL")
    shares = _shares(name, args)
    if not shares or not exact or not parts.values.can(node):
        return None
    count = parts.count(request.where | {is_not_null(node)})
    if count is None:
        return None
    value, count = parts.values.value(node), cast(count, "BIGINT")
    some = both(is_not_null(value), cmp(">", count, ZERO))
    order = "DESCENDING" if down else "ORDER_DEFAULT"
    listed = Node(
        "agg", ("list", False, ((order, "ORDER_DEFAULT"),), True),
        (fn("row", value, count), value, some),
    )  # fmt: skip
    rows = agg("sum", count, only=some)
    many = kind.endswith("[]")
    single = kind.removesuffix("[]")
    found = [
        cast(_at(listed, _discrete(rows, share)), single)
        if name == "quantile_disc"
        else _between(listed, rows, share, value_kind, single)
        for share in shares
    ]
    return case((cmp(">", rows, ZERO), fn("list_value", *found))) if many else found[0]


def _short(parts: Measures, node: Node) -> Node:
    """A whole number instead of it as DOUBLE, which has room for all its digits."""
    if node.op != "cast" or node.data != ("DOUBLE", False) or node.args[0].op == "lit":
        return node
    return node.args[0] if parts.type_of(node.args[0]) in SHORT else node


def _shares(name: str, args: tuple[Node, ...]) -> tuple[Node, ...]:
    """The shares of rows below: constants from 0 to 1."""
    if name == "median":
        return (Node("lit", ("NUMERIC", "0.5")),) if len(args) == 1 else ()
    if len(args) != 2:
        return ()
    several = args[1].op == "fn" and args[1].data[0] == "list_value"
    shares = args[1].args if several else args[1:]
    return shares if all(map(_is_share, shares)) else ()


def _is_share(node: Node) -> bool:
    if node.op != "lit" or node.data[0] not in ("INTEGER", "NUMERIC"):
        return False
    text = str(node.data[1])
    return text.replace(".", "", 1).isdigit() and len(text) < 18 and 0 <= float(text) <= 1


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
