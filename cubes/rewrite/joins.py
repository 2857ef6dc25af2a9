"""Outer joins and semi-joins of a FROM as what the rules know: instances, conditions, members."""

from __future__ import annotations

from dataclasses import dataclass

from cubes.rewrite.block import Block, Left
from cubes.rewrite.catalogue import Table
from cubes.rewrite.correlated import exists
from cubes.rewrite.names import Scope
from cubes.rewrite.node import Node, columns_of, instances_of, negated
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import printed, quoted


@dataclass(frozen=True, slots=True)
class Relation:
    """A FROM or a part of it."""

    scope: Scope
    core: tuple[str, ...] = ()
    lefts: tuple[Left, ...] = ()
    where: tuple[Node, ...] = ()
    cells: Block | None = None  # the aggregated source it flattens


def is_cells(block: Block) -> bool:
    """Whether an aggregated source is cells: groups by plain grouping, and nothing on top."""
    return bool(
        block.grouped
        and block.groups
        and len(block.sets) == 1
        and not (block.having or block.qualify or block.limit or block.offset or block.distinct)
        and not any(part.op == "win" for _, node in block.items for part in node.walk())
    )


def outer(scope: Scope, kept: Relation, joined: Relation, condition: tuple[Node, ...]) -> Relation:
    """A left join; it joins columns only, since an expression over NULLs may not be NULL."""
    if kept.cells or joined.cells:
        raise Unanswered("shape", "An aggregated source in an outer join is a block of its own")
    outputs = [node for visible in joined.scope.visible for _, node in visible.columns]
    if any(node.op != "col" for node in outputs):
        raise Unanswered("shape", "An expression on the joined side of an outer join stays there")
    own = set(joined.core)
    lefts = [Left(joined.core, (*condition, *joined.where))]
    if joined.lefts:
        # a left (b left c on q) on p = (a left b on p) left c on q, where q is false without b
        plain = {instance for left in joined.lefts for instance in left.instances}
        reads = {str(c.data[0]) for part in (*condition, *joined.where) for c in columns_of(part)}
        if reads & plain or not all(_strict_on(left, own) for left in joined.lefts):
            raise Unanswered("shape", "Outer joins nested this way are left to the star")
        lefts += joined.lefts
    return Relation(scope, kept.core, (*kept.lefts, *lefts), kept.where)


def semi(
    tables: dict[str, Table],
    left: Relation,
    right: Relation,
    condition: tuple[Node, ...],
    *,
    without: bool,
) -> Relation:
    """A semi- or anti-join as a condition: that the other side has such a row, or has none."""
    if right.lefts or right.cells:
        raise Unanswered("shape", "A semi-join with an outer join is left to the star")
    inside = {instance: tables.pop(instance) for instance in right.core}
    conditions = (*condition, *right.where)
    member = None if without else _member(inside, conditions)
    if member is None:
        member = exists(inside, conditions)
    where = (*left.where, negated(member) if without else member)
    return Relation(left.scope, left.core, left.lefts, where, left.cells)


def _member(tables: dict[str, Table], conditions: tuple[Node, ...]) -> Node | None:
    """Membership, where one value of each side is compared and all else is the other side's."""
    others = set(tables)
    links = [part for part in conditions if not instances_of(part) <= others]
    if len(links) != 1 or links[0].op != "cmp" or links[0].data[0] != "=":
        return None
    theirs, mine = sorted(links[0].args, key=lambda node: not instances_of(node) & others)
    if not instances_of(theirs) <= others or instances_of(mine) & others:
        return None
    source = " cross join ".join(f"{table.sql} as {quoted(i)}" for i, table in tables.items())
    text = f"select {printed(theirs)} from {source}"
    rest = [part for part in conditions if part not in links]
    if rest:
        text += " where " + " and ".join(printed(part) for part in rest)
    return Node("insub", ("(", 0, f" = any ({text}))"), (mine,))


def _strict_on(left: Left, own: set[str]) -> bool:
    """Whether some equality needs a value of the side it is joined to."""
    return any(
        part.op == "cmp"
        and part.data[0] == "="
        and any(arg.op == "col" and arg.data[0] in own for arg in part.args)
        for part in left.condition
    )
