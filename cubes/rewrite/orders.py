"""Whether an answer hangs on an order the question does not fix."""

from __future__ import annotations

from cubes.rewrite import functions, guards
from cubes.rewrite.determined import closure, determined
from cubes.rewrite.equalities import Equalities
from cubes.rewrite.implication import Known
from cubes.rewrite.node import Node, col
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered


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
    if not functions.minds_order(str(name)) and frame != "ROWS":
        return True
    assert isinstance(keys, tuple)
    return _total([node.args[key] for key in keys], question, holds, equal)
