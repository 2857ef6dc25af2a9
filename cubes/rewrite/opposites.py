"""Conditions a level tells by their opposite, and NULLs it tells because it is NULL with them.

`not (q < 25)` is true, false and NULL just where `q >= 25` is; and `date_trunc('month', d)` has no
value exactly where d has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cubes.rewrite import guards
from cubes.rewrite.block import Left
from cubes.rewrite.canonical import opposite
from cubes.rewrite.equalities import given_not_null
from cubes.rewrite.node import Node, cmp, col, columns_of, negated
from cubes.rewrite.strictness import null_where, plain_type

if TYPE_CHECKING:
    from cubes.rewrite.cells import Cells


def told_otherwise(cells: Cells, node: Node) -> Node | None:
    """A condition from a level that says the opposite, or that is NULL with the same column."""
    other = opposite(node)
    if other is not None and other in cells.levels:
        return negated(cells.levels[other])
    if node.op not in ("isnull", "notnull") or node.args[0].op != "col":
        return None
    same = cells.equal.same(node.args[0])
    found = _of_column(cells, same) if _plain(cells, node.args[0]) else None
    for left in () if found is not None else cells.lefts:
        found = found if found is not None else _of_parent(cells, left, same)
    return None if found is None else node.over((found,))


def _plain(cells: Cells, column: Node) -> bool:
    return plain_type(cells.known.reasoner.type_of(column))


def _of_column(cells: Cells, same: frozenset[Node]) -> Node | None:
    """A level that is NULL exactly where a column is."""
    for level, column in cells.levels.items():
        if columns_of(level) & same:
            nulls = null_where(level)
            if guards.is_null_alike(nulls is not None and nulls <= same):
                return column
    return None


def _of_parent(cells: Cells, left: Left, child: frozenset[Node]) -> Node | None:
    """A column of an outer join's table that is NULL exactly where the foreign key to it is."""
    reasoner, instance = cells.known.reasoner, left.instances[0]
    name = reasoner.tables[instance].name
    linked = any(
        (link.child, link.parent) == (reasoner.tables[str(each.data[0])].name, name)
        and (each.data[1],) == link.columns
        and left.condition in _either_way(each, col(instance, link.referred[0]))
        for link in reasoner.catalogue.foreign_keys
        for each in child
    )
    never = set(given_not_null(reasoner.tables, (instance,)))
    for level, column in cells.levels.items():
        own = level.op == "col" and level.data[0] == instance
        if own and guards.is_null_alike(linked and level in never):
            return column
    return None


def _either_way(one: Node, other: Node) -> tuple[tuple[Node, ...], ...]:
    return (cmp("=", one, other),), (cmp("=", other, one),)
