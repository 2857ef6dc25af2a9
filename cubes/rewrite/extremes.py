"""The least and the greatest of a cell, and whether a condition is true in some row or in all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cubes.rewrite.canonical import truths
from cubes.rewrite.measures import Conditions
from cubes.rewrite.node import NULL, ZERO, Node, case, cmp, is_not_null, value_if

if TYPE_CHECKING:
    from cubes.rewrite.parts import Parts

TWINS = {"max": "bool_or", "bool_or": "max", "min": "bool_and", "bool_and": "min"}


def extreme(parts: Parts, name: str, node: Node, where: Conditions) -> Node | None:
    """The smallest or largest of a cell; NULL where no row has one."""
    decided, rest = parts.parted(where)
    for each in (name, TWINS.get(name, name)) if parts.type_of(node) == "BOOLEAN" else (name,):
        found = parts.lookup(each, (node,), rest, decided)
        if found is not None:
            return parts.only(decided, found)
    if parts.cells.can(node):
        some = parts.some(where)
        return None if some is None else value_if(some, parts.cells.value(node))
    if node.op == "case" and all(parts.cells.can(when) for when in node.args[:-1:2]):
        values = [
            NULL if branch == NULL else extreme(parts, name, branch, where)
            for branch in (*node.args[1::2], node.args[-1])
        ]
        if any(value is None for value in values):
            return None
        whens = [parts.cells.value(when) for when in node.args[:-1:2]]
        kept = [value for value in values if value is not None]
        return case(*zip(whens, kept[:-1], strict=True), otherwise=kept[-1])
    return _truth(parts, name, node, where)


def _truth(parts: Parts, name: str, node: Node, where: Conditions) -> Node | None:
    """bool_or and bool_and from how often it is true, and how often it is known."""
    if parts.type_of(node) != "BOOLEAN":
        return None
    present = where if parts.never_null(node) else where | {is_not_null(node)}
    true, all_rows = parts.count(where | frozenset(truths(node))), parts.count(present)
    if true is None or all_rows is None:
        return None
    some_true = name in ("bool_or", "max")
    answer = cmp(">", true, ZERO) if some_true else cmp("=", true, all_rows)
    return case((cmp(">", all_rows, ZERO), answer))
