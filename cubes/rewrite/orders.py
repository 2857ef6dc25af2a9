"""Whether an answer hangs on an order the question does not fix."""

from __future__ import annotations

from cubes.rewrite import guards
from cubes.rewrite.determined import closure, determined
from cubes.rewrite.equalities import Equalities
from cubes.rewrite.implication import Known
from cubes.rewrite.node import Node, col
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered

TIES_MATTER = frozenset(
    ("row_number", "ntile", "lag", "lead", "first_value", "last_value", "nth_value", "first",
     "last", "any_value", "arbitrary", "list", "array_agg", "string_agg", "group_concat",
     "listagg", "arg_min", "arg_max", "mode", "product", "histogram", "approx_quantile",
     "reservoir_quantile", "approx_top_k", "arg_min_null", "arg_max_null", "lttb",
     "arg_min_nulls_last", "arg_max_nulls_last")
)  # fmt: skip


def refuse_open_order(question: Normal, holds: Known, equal: Equalities) -> None:
    """Raise where ties would decide which rows come out, or what a window says of them."""
    block = question.block
    expressions = [node for _, node in block.items] + [order.node for order in block.orders]
    if block.qualify:
        expressions.append(block.qualify)
    for node in expressions:
        for part in node.walk():
            if part.op == "win" and not _window_fixed(part, question, holds, equal):
                raise Unanswered(
                    "order", f"{part.data[0]} hangs on the order of rows that tie",
                    "order by all groups",
                )  # fmt: skip
    if block.limit is not None or block.offset is not None:
        shown = {order.position for order in block.orders}
        everything = shown >= set(range(len(block.items)))
        single = block.grouped and not block.groups and len(block.sets) == 1
        nodes = [order.node for order in block.orders]
        if not (everything or single or _total(nodes, question, holds, equal)):
            raise Unanswered(
                "order", "LIMIT without a total order takes any rows", "order by all groups"
            )


def _total(nodes: list[Node], question: Normal, holds: Known, equal: Equalities) -> bool:
    return guards.is_ordered_fully(_no_ties(nodes, question, holds, equal))


def _no_ties(nodes: list[Node], question: Normal, holds: Known, equal: Equalities) -> bool:
    block = question.block
    if len(block.sets) != 1 or block.distinct:
        return False
    by = closure(question, holds, equal, nodes)
    if not block.grouped:
        return all(
            any(all(col(instance, name) in by for name in key) for key in table.keys)
            for instance, table in block.tables.items()
        )
    return all(determined(group, by, holds) for group in block.groups)


def _window_fixed(node: Node, question: Normal, holds: Known, equal: Equalities) -> bool:
    name, _, keys, frame = node.data
    if name not in TIES_MATTER and frame != "ROWS":
        return True
    assert isinstance(keys, tuple)
    return _total([node.args[key] for key in keys], question, holds, equal)
