"""Subqueries that read the block around them, as functions of the columns they read there.

`exists (select 1 from k where k.q = t.q)` is true or not by t.q alone: where t.q is a level, it
stands over a cell as it stands over a row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cubes.rewrite import guards
from cubes.rewrite.block import Block
from cubes.rewrite.catalogue import Table
from cubes.rewrite.node import Node, instances_of, rebuild
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import printed, quoted

Pieces = tuple[str | int, ...]  # text, and places of arguments within it
MARK = "\0"


def exists(tables: Mapping[str, Table], conditions: Iterable[Node]) -> Node:
    """Whether the tables have a row for which all conditions are true."""
    pieces, args = _selected("1", tables, conditions)
    return Node("insub", ("(exists (", *pieces, "))"), args)


def pieces_of(
    block: Block, kind: str, around: Collection[Table]
) -> tuple[Pieces, tuple[Node, ...]]:
    """The text of a block that only selects, and what of the block around it stands in it."""
    if kind not in ("EXISTS", "ANY") or not guards.only_selects(block):
        raise Unanswered("correlated", "A subquery that reads the block around it is left alone")
    if {table.name for table in block.tables.values()} & {table.name for table in around}:
        raise Unanswered("correlated", "A subquery reads the facts for each row around it")
    item = "1"
    if kind == "ANY":
        if len(block.items) != 1 or instances_of(block.items[0][1]) - set(block.core):
            raise Unanswered("correlated", "A list that hangs on the row around it is left alone")
        item = printed(block.items[0][1])
    return _selected(item, block.tables, block.where)


def _selected(
    item: str, tables: Mapping[str, Table], conditions: Iterable[Node]
) -> tuple[Pieces, tuple[Node, ...]]:
    """A SELECT from tables; each outermost expression over others is an argument of its text."""
    args: dict[Node, int] = {}

    def marked(part: Node) -> Node | None:
        if part.op in ("agg", "win", "grouping", "unknown"):
            raise Unanswered("correlated", "An aggregate in such a subquery is left alone")
        reads = instances_of(part)
        if not reads or reads & set(tables):
            return None
        return Node("named", (f"{MARK}{args.setdefault(part, len(args))}{MARK}",))

    source = " cross join ".join(f"{table.sql} as {quoted(i)}" for i, table in tables.items())
    text = f"select {item} from {source}"
    where = [printed(rebuild(part, marked)) for part in conditions]
    if where:
        text += " where " + " and ".join(where)
    parts = text.split(MARK)
    pieces = tuple(int(each) if n % 2 else each for n, each in enumerate(parts))
    return pieces, tuple(args)
