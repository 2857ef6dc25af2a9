"""Outer joins and semi-joins of a FROM as what the rules know: instances, conditions, members."""

from __future__ import annotations

from dataclasses import dataclass

from cubes.rewrite.block import Block, Left
from cubes.rewrite.catalogue import Table
from cubes.rewrite.names import Scope
from cubes.rewrite.node import Node, columns_of, instances_of
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
    tables: dict[str, Table], left: Relation, right: Relation, condition: tuple[Node, ...]
) -> Relation:
    """A semi-join as membership: the one column both sides share is among the other's values."""
    others = set(right.core)
    links = [
        part
        for part in condition
        if part.op == "cmp" and part.data[0] == "=" and len(instances_of(part) & others) == 1
        and len(instances_of(part)) == 2
    ]  # fmt: skip
    rest = [part for part in (*condition, *right.where) if part not in links]
    inside = all(instances_of(part) <= others for part in rest)
    if len(links) != 1 or not inside or right.lefts or right.cells:
        raise Unanswered("shape", "A semi-join on more than one column is left to the star")
    theirs, mine = sorted(links[0].args, key=lambda node: not instances_of(node) <= others)
    source = " cross join ".join(f"{tables[i].sql} as {quoted(i)}" for i in right.core)
    text = f"select {printed(theirs)} from {source}"
    if rest:
        text += " where " + " and ".join(printed(part) for part in rest)
    for instance in right.core:
        del tables[instance]
    member = Node("insub", ("=", text), (mine,))
    return Relation(left.scope, left.core, left.lefts, (*left.where, member), left.cells)


def _strict_on(left: Left, own: set[str]) -> bool:
    """Whether some equality needs a value of the side it is joined to."""
    return any(
        part.op == "cmp"
        and part.data[0] == "="
        and any(arg.op == "col" and arg.data[0] in own for arg in part.args)
        for part in left.condition
    )
