"""A matched block as SQL over the cuboid: what is joined back, kept, grouped and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cubes.rewrite import guards
from cubes.rewrite.answers import Group, answered, or_zero
from cubes.rewrite.block import Block
from cubes.rewrite.canonical import substituted
from cubes.rewrite.catalogue import Table
from cubes.rewrite.cells import CELL
from cubes.rewrite.determined import closure, determined
from cubes.rewrite.matching import Match
from cubes.rewrite.measures import Measures, Values
from cubes.rewrite.node import (
    ONE,
    ZERO,
    Node,
    agg,
    both,
    cast,
    cmp,
    col,
    instances_of,
    negated,
)
from cubes.rewrite.nullable import Missing
from cubes.rewrite.orders import refuse_open_order
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import order_text, printed, quoted
from cubes.rewrite.ragged import UNION, Together, split
from cubes.rewrite.requests import request_of
from cubes.rewrite.sources import renumbered


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


def shown(match: Match, missing: Missing | None = None) -> Shown:
    """Every clause over cells; raises `Unanswered` for the first that cannot be had."""
    block = match.question.block
    refuse_open_order(match.question, match.cells.known, match.equal)
    _refuse_kind(match, block)
    whole: tuple[Node, ...] = ()
    if match.undecided and not _only_where_some(match, block):
        whole = split(match)
    together = Together(match.cells, match.parts) if whole else None
    writer = _Writer(match, missing or together)
    groups = tuple(writer.group(node) for node in block.groups)
    if len(block.sets) > 1 and len(set(groups)) < len(groups):
        raise Unanswered("shape", "Grouping sets over equal groups are left to the star")
    items = tuple(writer.over(node) for _, node in block.items)
    having = tuple(writer.over(node) for node in block.having)
    qualify = writer.over(block.qualify) if block.qualify else None
    orders = tuple(
        (order.position if order.position is not None else writer.over(order.node), order.spec)
        for order in block.orders
    )
    if block.distinct and any(not isinstance(term, int) for term, _ in orders):
        raise Unanswered("order", "DISTINCT ordered by what it does not show is left to the star")
    where = tuple(missing.value(part) for part in block.where) if missing else ()
    return Shown(items, groups, having, qualify, orders, together, whole, missing, where)


def _only_where_some(match: Match, block: Block) -> bool:
    """Conditions no level decides become conditions of every aggregate, where those are stored.

    A group without such a row is none, so its cells are kept only where one is counted.
    """
    if not (block.grouped or block.distinct) or match.cuboid.rows:
        match.cells.condition(match.undecided[0])
        raise Unanswered("predicate", "A condition cannot be decided by its levels")
    holds, parts = match.cells.known, match.parts
    match.without_undecided()
    some = parts.count(frozenset(match.undecided))
    if some is None:
        match.knowing(holds)
        return False
    match.residual = (*match.residual, cmp(">", some, ZERO))
    return True


def _refuse_kind(match: Match, block: Block) -> None:
    """Rows, groups and the one row of a scalar question are different things."""
    cuboid = match.cuboid
    if cuboid.scalar:
        single = block.grouped and not block.groups and block.sets == ((),)
        bare = single and not match.residual and not match.cells.back
        if not guards.is_a_group_only_with_rows(bare):
            raise Unanswered(
                "empty", "It has one row even where there is nothing", "give it a level"
            )
    if not block.grouped and not block.distinct and not cuboid.rows:
        raise Unanswered("aggregate", "It holds groups, and the question lists rows")


class _Writer:
    """Expressions of the question over cells."""

    def __init__(self, match: Match, other: Together | Missing | None) -> None:
        self.match = match
        self.measures: Measures = other or match.parts
        self.values: Values = other or match.cells
        self.block = match.question.block
        self.by_group: dict[Node, Node] = {}
        self.one_cell = other is None and guards.is_one_cell(_one_cell(match))
        self.cells_of_group = Group(self.one_cell, self._fixed, self._one_row)
        self.formulas: dict[Node, Node] = {}
        if self.one_cell and (self.block.groups or match.cuboid.scalar):
            change = match.equal.representative
            self.formulas = {
                substituted(renumbered(node, match.mapping), change): column
                for node, column in match.cuboid.formulas
            }

    def _fixed(self, nodes: tuple[Node, ...]) -> bool:
        """Whether expressions have one value all through a group."""
        if len(self.block.sets) != 1:
            return False
        holds = self.match.cells.known
        by = closure(self.match.question, holds, self.match.equal, self.block.groups)
        return all(determined(node, by, holds) for node in nodes)

    def _one_row(self, nodes: tuple[Node, ...]) -> bool:
        """Whether expressions tell each row of the join from any other."""
        holds = self.match.cells.known
        by = closure(self.match.question, holds, self.match.equal, nodes)
        return guards.is_one_row(
            all(
                any(all(col(instance, name) in by for name in key) for key in table.keys)
                for instance, table in self.block.tables.items()
            )
        )

    def _or_zero(self, node: Node) -> Node | None:
        inner = node.args[0]
        if inner.op != "agg" or self.measures is not self.match.parts or self.match.undecided:
            return None
        request = request_of(inner, self.match.question)
        return or_zero(self.match.parts, request, self.match.parts.type_of(node))

    def group(self, node: Node) -> Node:
        """A group expression; a constant must not look like a position."""
        value = self.values.value(node)
        if value.op in ("lit", "named", "sub"):
            value = cast(value, self.match.parts.type_of(node))
        self.by_group[node] = value
        return value

    def over(self, node: Node) -> Node:
        """An output, or a part of one."""
        if not self.block.grouped:
            if node.op == "win":
                return node.over(tuple(self.over(arg) for arg in node.args))
            windowed = any(part.op == "win" for part in node.walk())
            if windowed:
                return node.over(tuple(self.over(arg) for arg in node.args))
            return self.values.value(node)
        if node in self.by_group:
            return self.by_group[node]
        whole = self.one_cell and not self.match.undecided
        if whole and node in self.formulas and node.op != "agg":
            return agg("any_value", self.formulas[node])
        if node.op == "fn" and node.data[0] == "coalesce" and node.args[1:] == (ZERO,):
            found = self._or_zero(node)
            if found is not None:
                return found
        if node.op == "agg":
            request = request_of(node, self.match.question)
            extra = frozenset(self.match.undecided)
            request = replace(request, where=request.where | extra)
            kind = self.match.parts.type_of(node)
            return answered(self.match.parts, self.measures, request, kind, self.cells_of_group)
        if node.op == "col":
            raise Unanswered("shape", f"{node.data[1]} is neither grouped nor aggregated")
        return node.over(tuple(self.over(arg) for arg in node.args)) if node.args else node


def _one_cell(match: Match) -> bool:
    """Whether each group is made of one cell, joined to at most one row of each table."""
    block = match.question.block
    if len(block.sets) != 1 or match.cuboid.rows or not block.grouped:
        return False
    holds = match.cells.known
    change = match.equal.representative
    own = match.cuboid.normal.block
    grain = own.groups if own.grouped else tuple(node for _, node in own.items)
    laid = [substituted(renumbered(node, match.mapping), change) for node in grain]
    by = closure(match.question, holds, match.equal, block.groups)
    if not all(determined(level, by, holds) for level in laid):
        return False
    levels = closure(match.question, holds, match.equal, (*by, *laid))
    tables = block.tables
    return all(
        any(all(col(i, name) in levels for name in key) for key in tables[i].keys)
        for i in match.cells.back
    )


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
