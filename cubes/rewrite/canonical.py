"""One spelling for expressions that mean the same, value for value and type for type.

Nothing here may change a type or a NULL: the text that is returned is printed from these nodes.
"""

from __future__ import annotations

from collections.abc import Mapping

from cubes.rewrite.functions import CLOCKS
from cubes.rewrite.node import (
    FALSE,
    NULL,
    TRUE,
    Node,
    conjuncts,
    is_not_null,
    is_null,
    rebuild,
)
from cubes.rewrite.printing import printed

INVERSE = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "is distinct from": "is not distinct from", "is not distinct from": "is distinct from",
}  # fmt: skip
FLIPPED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<=",
           "is distinct from": "is distinct from",
           "is not distinct from": "is not distinct from"}  # fmt: skip
LIKES = {"~~": "!~~", "!~~": "~~", "~~*": "!~~*", "!~~*": "~~*"}
BOOLEAN = frozenset(("cmp", "and", "or", "not", "isnull", "notnull", "in", "insub"))


def constant(node: Node) -> bool:
    """Whether it is one value, the same in every row and at every time."""
    return not any(
        part.op in ("col", "agg", "win", "sub", "insub", "named", "grouping", "unknown")
        or tells_time(part)
        for part in node.walk()
    )


def tells_time(part: Node) -> bool:
    """Whether it calls a clock; what is inside it is not looked at."""
    return part.op == "fn" and part.data[0] in CLOCKS


def fixed(node: Node) -> bool:
    """Whether it is one value for the whole statement: a constant, today, a scalar subquery."""
    return not any(part.op in ("col", "agg", "win", "grouping", "unknown") for part in node.walk())


def canonical(node: Node) -> Node:
    """The one spelling, inside out."""
    if node.args:
        node = node.over(tuple(canonical(arg) for arg in node.args))
    match node.op:
        case "and" | "or":
            return _connected(node)
        case "not":
            return _negation(node)
        case "cmp":
            return _comparison(node)
        case "in":
            rest = sorted(set(node.args[1:]), key=printed)
            return Node("in", (), (node.args[0], *rest))
        case "fn" if node.data[0] in ("+", "*") and len(node.args) == 2:
            left, right = node.args
            if (left.op == "lit", printed(left)) > (right.op == "lit", printed(right)):
                return node.over((right, left))
            return node
        case "agg":
            return _aggregate(node)
        case _:
            return node


def _connected(node: Node) -> Node:
    flat: dict[Node, None] = {}
    for arg in node.args:
        for part in arg.args if arg.op == node.op else (arg,):
            flat[part] = None
    parts = tuple(sorted(flat, key=printed))
    if len(parts) == 1 and parts[0].op in BOOLEAN:
        return parts[0]
    return Node(
        node.op, (), parts if len(parts) > 1 else (*parts, TRUE if node.op == "and" else FALSE)
    )


def _negation(node: Node) -> Node:
    inner = node.args[0]
    match inner.op:
        case "not" if inner.args[0].op in BOOLEAN:
            return inner.args[0]
        case "cmp":
            return _comparison(Node("cmp", (INVERSE[str(inner.data[0])],), inner.args))
        case "isnull":
            return is_not_null(inner.args[0])
        case "notnull":
            return is_null(inner.args[0])
        case "and" | "or":
            op = "or" if inner.op == "and" else "and"
            return _connected(
                Node(op, (), tuple(_negation(Node("not", (), (a,))) for a in inner.args))
            )
        case _:
            return node


def opposite(node: Node) -> Node | None:
    """The condition that is true where this one is false, false where true, NULL where NULL."""
    if node.op == "fn" and node.data[0] in LIKES and len(node.args) == 2:
        return Node("fn", (LIKES[str(node.data[0])],), node.args)
    if node.op == "not":
        inner = node.args[0]
        return inner if inner.op in BOOLEAN or opposite(inner) else None
    return _negation(Node("not", (), (node,))) if node.op in BOOLEAN else None


def _comparison(node: Node) -> Node:
    left, right = node.args
    swap = fixed(left) and not fixed(right)
    if fixed(left) == fixed(right):
        swap = printed(left) > printed(right)
    if swap:
        return Node("cmp", (FLIPPED[str(node.data[0])],), (right, left))
    return node


def _aggregate(node: Node) -> Node:
    """Orders that cannot matter go; count(1) is count(*)."""
    name, distinct, orders, filtered = node.data
    only = node.args[-1:] if filtered else ()
    args = node.args[: len(node.args) - len(only)]
    assert isinstance(orders, tuple)
    if name in UNORDERED and orders and len(args) == len(orders) + 1:
        args, orders = args[: len(args) - len(orders)], ()
    if name in ("min", "max", "bool_and", "bool_or", "bit_and", "bit_or"):
        distinct = False
    literal = bool(args) and args[0].op == "lit" and args[0] != NULL
    if name == "count" and not distinct and literal:
        name, args = "count_star", ()
    if name == "count_if" and not distinct and len(args) == 1:
        name, args = "sum", (Node("cast", ("INTEGER", False), args),)
    within = name in ("quantile_cont", "quantile_disc") and len(orders) == 1 and len(args) == 2
    if within and str(orders[0][0]) != "DESCENDING" and constant(args[0]):
        args, orders = (args[1], args[0]), ()
    if only == (TRUE,):
        only = ()
    return Node("agg", (name, distinct, orders, bool(only)), (*args, *only))


UNORDERED = frozenset(
    ("count", "sum", "min", "max", "avg", "bool_and", "bool_or", "var_pop", "var_samp",
     "stddev_pop", "stddev_samp", "median")
)  # fmt: skip


def truths(node: Node) -> tuple[Node, ...]:
    """What must be true for a condition to be true, each in its one spelling."""
    found: list[Node] = []
    for part in conjuncts(canonical(node)):
        stripped = _as_condition(part)
        if stripped is part:
            found.append(part)
        else:
            found += truths(stripped)
    return tuple(dict.fromkeys(found))


def _as_condition(node: Node) -> Node:
    """Where only truth counts, `p is true` and `coalesce(p, false)` are p."""
    if node.op == "cmp" and node.data[0] == "is not distinct from" and TRUE in node.args:
        inner = next(arg for arg in node.args if arg != TRUE)
        if inner.op == "cast" and inner.data[0] == "BOOLEAN" and inner.args[0].op in BOOLEAN:
            return inner.args[0]
    if node.op == "fn" and node.data[0] == "coalesce" and node.args[1:] == (FALSE,):
        return node.args[0]
    if node.op == "cmp" and node.data[0] in ("=", "<=", ">=") and node.args[0] == node.args[1]:
        return is_not_null(node.args[0])
    return node


def substituted(node: Node, change: Mapping[Node, Node]) -> Node:
    """The expression with columns replaced, in its one spelling again."""
    if not change:
        return node
    other = rebuild(node, change.get)
    return node if other is node else canonical(other)
