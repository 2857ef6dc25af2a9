"""The text of a matched block: cells, what is joined to them, what is asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cubes.rewrite.block import Block
from cubes.rewrite.catalogue import Table
from cubes.rewrite.cells import CELL
from cubes.rewrite.matching import Match
from cubes.rewrite.node import (
    ONE,
    Node,
    both,
    col,
    instances_of,
    negated,
)
from cubes.rewrite.nullable import Missing
from cubes.rewrite.printing import order_text, printed, quoted
from cubes.rewrite.ragged import UNION, Together


@dataclass(frozen=True, slots=True)
class Shown:
    """The clauses of a rewritten block, as expressions over cells."""

    items: tuple[Node, ...]
    groups: tuple[Node, ...]
    having: tuple[Node, ...]
    qualify: Node | None
    orders: tuple[tuple[int | Node, tuple[str, str]], ...]
    together: Together | None = None
    whole: tuple[Node, ...] = ()  # conditions of the whole buckets
    missing: Missing | None = None
    where: tuple[Node, ...] = ()  # conditions where cells may be missing


def sql_of(match: Match, clauses: Shown, names: tuple[str, ...]) -> str:
    """The rewritten block."""
    block = match.question.block
    items = ", ".join(
        f"{printed(node)} as {quoted(name)}"
        for node, name in zip(clauses.items, names, strict=True)
    )
    source, conditions = _source(match, clauses)
    if clauses.together is not None:
        source, conditions = _united(match, clauses, source, conditions)
    if clauses.missing is not None:
        source, conditions = _kept(match, clauses, source, conditions)
    text = f"select {'distinct ' if block.distinct else ''}{items} from {source}"
    if conditions:
        text += " where " + " and ".join(printed(part) for part in conditions)
    text += _grouping(block, clauses)
    if clauses.having:
        text += " having " + " and ".join(printed(part) for part in clauses.having)
    if clauses.qualify:
        text += " qualify " + printed(clauses.qualify)
    return text + _ending(block, clauses)


def _grouping(block: Block, clauses: Shown) -> str:
    if not clauses.groups:
        plain = block.sets in ((), ((),))
        return (
            "" if plain else " group by grouping sets (" + ", ".join("()" for _ in block.sets) + ")"
        )
    parts = [printed(node) for node in clauses.groups]
    if block.sets == (tuple(range(len(parts))),):
        return " group by " + ", ".join(parts)
    sets = ("(" + ", ".join(parts[i] for i in each) + ")" for each in block.sets)
    return f" group by grouping sets ({', '.join(sets)})"


def _ending(block: Block, clauses: Shown) -> str:
    text = ""
    if clauses.orders:
        terms = (
            order_text(str(term + 1) if isinstance(term, int) else printed(term), spec)
            for term, spec in clauses.orders
        )
        text += " order by " + ", ".join(terms)
    if block.limit is not None:
        text += " limit " + printed(block.limit)
    if block.offset is not None:
        text += " offset " + printed(block.offset)
    return text


def _source(match: Match, clauses: Shown) -> tuple[str, list[Node]]:
    """FROM and WHERE: cells, tables joined back, tables of the cuboid joined again."""
    block = match.question.block
    cells = match.cells
    conditions = list(match.residual)
    tables = cells.known.reasoner.tables
    every = [*clauses.items, *clauses.groups, *clauses.having, *conditions,
             *([clauses.qualify] if clauses.qualify else []),
             *(term for term, _ in clauses.orders if not isinstance(term, int)),
             *(part for left in match.outer for part in left.condition),
             *clauses.where]  # fmt: skip
    if clauses.together is not None:
        every += [over_cells for over_cells, _ in clauses.together.columns]
    used = {i for node in every for i in instances_of(node)}
    text = f"{match.cuboid.table.sql} as {quoted(CELL)}"
    for instance in block.core if clauses.missing is None else ():
        if instance in cells.back:
            text += f" cross join {tables[instance].sql} as {quoted(instance)}"
    again = [each for each in cells.rejoined.values() if each.instance in used]
    for each in sorted(again, key=lambda r: r.outer):
        table = f"{tables[each.instance].sql} as {quoted(each.instance)}"
        if each.outer:
            condition = " and ".join(printed(part) for part in each.condition)
            text += f" left join {table} on {condition}"
        else:
            text += f" cross join {table}"
            conditions += each.condition
    for left in match.outer if clauses.missing is None else ():
        text = _left_joined(text, left.instances, left.condition, tables)
    return text, conditions


def _left_joined(
    text: str,
    instances: tuple[str, ...],
    condition: tuple[Node, ...],
    tables: Mapping[str, Table],
) -> str:
    first, *others = instances
    joined = f"{tables[first].sql} as {quoted(first)}"
    for other in others:
        joined += f" cross join {tables[other].sql} as {quoted(other)}"
    joined = f"({joined})" if others else joined
    return f"{text} left join {joined} on {' and '.join(map(printed, condition)) or 'true'}"


def _united(
    match: Match, clauses: Shown, source: str, conditions: list[Node]
) -> tuple[str, list[Node]]:
    """Cells of whole buckets and rows of the ragged ends, under the same columns."""
    assert clauses.together is not None
    columns = clauses.together.columns or {(ONE, ONE): col(UNION, "c0")}
    over_cells = ", ".join(
        f"{printed(cell)} as {quoted(str(c.data[1]))}" for (cell, _), c in columns.items()
    )
    over_rows = ", ".join(
        f"{printed(row)} as {quoted(str(c.data[1]))}" for (_, row), c in columns.items()
    )
    block = match.question.block
    tables = " cross join ".join(f"{block.tables[i].sql} as {quoted(i)}" for i in block.core)
    for left in block.lefts:
        tables = _left_joined(tables, left.instances, left.condition, block.tables)
    rows = [*block.where, negated(both(*clauses.whole))]
    text = f"select {over_cells} from {source}"
    if conditions:
        text += " where " + " and ".join(printed(part) for part in conditions)
    text += f" union all select {over_rows} from {tables}"
    text += " where " + " and ".join(printed(part) for part in rows)
    return f"({text}) as {quoted(UNION)}", []


def _kept(
    match: Match, clauses: Shown, source: str, conditions: list[Node]
) -> tuple[str, list[Node]]:
    """What is kept, joined outwards to the cells."""
    assert clauses.missing is not None
    block = match.question.block
    text = " cross join ".join(f"{block.tables[i].sql} as {quoted(i)}" for i in block.core)
    for left in block.lefts:
        if left is not clauses.missing.left:
            text = _left_joined(text, left.instances, left.condition, block.tables)
    on = " and ".join(printed(part) for part in conditions) or "true"
    joined = f"({source})" if " cross join " in source else source
    return f"{text} left join {joined} on {on}", list(clauses.where)
