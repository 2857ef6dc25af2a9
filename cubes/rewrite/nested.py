"""Aggregates of aggregates as aggregates of rows: a sum of counts is a count.

A cuboid may be made from another cuboid, and a question may ask an aggregated view. Where the outer
aggregate adds up what the inner one counted, both are one aggregate over the base tables.
"""

from __future__ import annotations

from dataclasses import replace

from cubes.rewrite import functions, guards
from cubes.rewrite.block import Block
from cubes.rewrite.node import (
    NULL,
    ONE,
    ZERO,
    Node,
    agg,
    both,
    case,
    has_aggregate,
    is_not_null,
    rebuild,
)
from cubes.rewrite.outcome import Unanswered

UNKNOWN = Node("unknown")


def flattened(block: Block, cells: Block, lenient: bool) -> Block:
    """The block over the base tables below an aggregated source."""
    if not block.grouped:
        return _selected(block, cells)
    if any(has_aggregate(node) for node in (*block.where, *block.groups)):
        raise Unanswered("shape", "A condition or group by an inner aggregate is left to the star")
    items = []
    for name, node in block.items:
        try:
            items.append((name, merged(node)))
        except Unanswered:
            if not lenient:
                raise
            items.append((name, UNKNOWN))
    orders = tuple(replace(order, node=merged(order.node)) for order in block.orders)
    having = tuple(merged(node) for node in block.having)
    qualify = merged(block.qualify) if block.qualify else None
    return replace(
        block, items=tuple(items), having=having, qualify=qualify, orders=orders, reads_cells=True
    )


def _selected(block: Block, cells: Block) -> Block:
    """Rows of an aggregated source are its groups: conditions on aggregates become HAVING."""
    if set(block.core) != set(cells.core) or block.lefts != cells.lefts:
        raise Unanswered("shape", "An aggregated source joined to others is a block of its own")
    if block.qualify or block.distinct:
        raise Unanswered("shape", "Windows over an aggregated source are a block of their own")
    where = tuple(node for node in block.where if not has_aggregate(node))
    having = tuple(node for node in block.where if has_aggregate(node))
    return replace(
        block, where=where, having=having, grouped=True, groups=cells.groups, sets=cells.sets
    )


def merged(node: Node) -> Node:
    """Every outer aggregate over inner ones as one aggregate over rows."""

    def change(part: Node) -> Node | None:
        if part.op == "agg":
            return _merge(part)
        if part.op in ("win", "grouping") and has_aggregate(part):
            return part.over(tuple(merged(arg) for arg in part.args))
        return None

    return rebuild(node, change)


def _merge(outer: Node) -> Node:
    name, distinct, orders, filtered = outer.data
    only = outer.args[-1] if filtered else None
    args = outer.args[:-1] if filtered else outer.args
    if only is not None and has_aggregate(only):
        raise Unanswered("shape", "A filter by an inner aggregate is left to the star")
    if not any(has_aggregate(arg) for arg in args):
        if guards.counts_rows(bool(distinct or name in functions.SAME_WHEN_REPEATED)):
            return outer
        raise Unanswered("shape", "What counts cells is not what counts rows")
    if distinct or orders or len(args) != 1:
        raise Unanswered("shape", "An aggregate of an aggregate is not reasoned about")
    if name == "sum":
        return agg("sum", _per_row(args[0]), only=only)
    inner = args[0]
    same = inner.op == "agg" and inner.data[0] == name and not inner.data[1] and not inner.data[2]
    if same and name in functions.SAME_WHEN_REPEATED:
        inner_only = inner.args[-1] if inner.data[3] else None
        conditions = [each for each in (inner_only, only) if each is not None]
        return agg(str(name), inner.args[0], only=both(*conditions) if conditions else None)
    raise Unanswered("shape", "An aggregate of an aggregate is not reasoned about")


def _per_row(node: Node) -> Node:
    """What each row adds to a cell's value, so that the sum over rows is the sum over cells."""
    if node.op == "agg":
        name, distinct, _, filtered = node.data
        only = node.args[-1] if filtered else None
        args = node.args[:-1] if filtered else node.args
        if distinct:
            raise Unanswered("shape", "Distinct values do not add up")
        if name == "sum":
            return args[0] if only is None else case((only, args[0]))
        conditions = {
            "count_star": (),
            "count": (is_not_null(args[0]),) if args else (),
            "count_if": tuple(args),
        }.get(str(name))
        if conditions is None:
            raise Unanswered("shape", f"A sum of {name} does not add up")
        everything = both(*conditions, *((only,) if only is not None else ()))
        return case((everything, ONE), otherwise=ZERO) if conditions or filtered else ONE
    if node.op == "case" and not any(has_aggregate(when) for when in node.args[:-1:2]):
        pairs = [(node.args[i], _branch(node.args[i + 1])) for i in range(0, len(node.args) - 1, 2)]
        return case(*pairs, otherwise=_branch(node.args[-1]))
    raise Unanswered("shape", "An expression of an inner aggregate is not reasoned about")


def _branch(node: Node) -> Node:
    return node if node in (NULL, ZERO) else _per_row(node)
