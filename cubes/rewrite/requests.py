"""Aggregates in one form: what is taken, of which rows.

`count(x)`, `count(*) filter (where x is not null)` and `sum(case when x is not null then 1 end)`
ask for one thing; said once, a cuboid that stores one of them answers all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cubes.rewrite.canonical import truths
from cubes.rewrite.node import NULL, Node, is_not_null
from cubes.rewrite.normal import Normal
from cubes.rewrite.strictness import never_null

SKIPS_NULLS = frozenset(
    ("count", "sum", "avg", "min", "max", "bool_and", "bool_or", "bit_and", "bit_or", "bit_xor",
     "var_pop", "var_samp", "stddev_pop", "stddev_samp", "median", "quantile_cont", "mode", "mad",
     "quantile_disc", "approx_count_distinct", "product", "skewness", "kurtosis", "sem", "favg",
     "fsum", "kahan_sum", "sumkahan", "entropy", "approx_quantile")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """An aggregate of the rows for which all conditions are true."""

    name: str
    args: tuple[Node, ...]
    where: frozenset[Node]
    distinct: bool = False
    orders: tuple[tuple[str, str], ...] = ()


def request_of(aggregate: Node, normal: Normal) -> Request:
    """The one form of an aggregate in a block."""
    name, distinct, orders, filtered = aggregate.data
    only = truths(aggregate.args[-1]) if filtered else ()
    args = aggregate.args[: len(aggregate.args) - bool(filtered)]
    where = set(only)
    if name in SKIPS_NULLS and args and not orders:
        first = args[0]
        while first.op == "case" and len(first.args) == 3 and first.args[2] == NULL:
            where.update(truths(first.args[0]))
            first = first.args[1]
        args = (first, *args[1:])
    if name == "count" and not distinct and len(args) == 1 and not orders:
        name = "count_star"
        where.add(is_not_null(args[0]))
        args = ()
    kept = frozenset(part for part in where if not _given(part, normal))
    assert isinstance(orders, tuple)
    return Request(str(name), args, kept, bool(distinct), orders)


def narrowed(normal: Normal) -> Normal | None:
    """A question without groups, with the conditions all its aggregates share as its own.

    Over no row a count is 0 and a sum NULL, whichever way the rows were left out.
    """
    block = normal.block
    if not block.grouped or block.groups or block.sets != ((),):
        return None
    nodes = [*(node for _, node in block.items), *block.having]
    shared: frozenset[Node] | None = None
    for node in (part for each in nodes for part in each.walk() if part.op == "agg"):
        request = request_of(node, normal)
        where = request.where
        if request.name in SKIPS_NULLS and request.args and not request.orders:
            where |= frozenset(truths(is_not_null(request.args[0])))
        shared = where if shared is None else shared & where
    if not shared:
        return None
    rest = (*normal.conditions, *sorted(shared, key=lambda part: part.number))
    return replace(normal, conditions=rest)


def _given(condition: Node, normal: Normal) -> bool:
    """Whether a condition holds in every row of the block anyway."""
    if condition in normal.conditions:
        return True
    if condition.op == "notnull":
        return never_null(condition.args[0], normal.not_null.__contains__)
    return False
