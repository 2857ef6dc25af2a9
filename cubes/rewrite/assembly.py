"""A matched block as SQL over the cuboid: what is joined back, kept, grouped and shown."""

from __future__ import annotations

from dataclasses import replace

from cubes.rewrite import guards
from cubes.rewrite.answers import Group, answered, or_zero
from cubes.rewrite.block import Block
from cubes.rewrite.canonical import substituted
from cubes.rewrite.collected import SORTS
from cubes.rewrite.determined import closure, determined
from cubes.rewrite.matching import Match
from cubes.rewrite.measures import Measures, Values
from cubes.rewrite.node import (
    ZERO,
    Node,
    agg,
    cast,
    cmp,
    col,
)
from cubes.rewrite.nullable import Missing
from cubes.rewrite.orders import refuse_open_order
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.ragged import Together, split
from cubes.rewrite.requests import request_of
from cubes.rewrite.sources import renumbered
from cubes.rewrite.writing import Shown


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
        sorts = node.op == "fn" and node.data[0] in SORTS and len(node.args) == 1
        if sorts and node.args[0].op == "agg":
            return node.over((self._aggregate(node.args[0], sorted_after=True),))
        if node.op == "agg":
            return self._aggregate(node)
        if node.op == "col":
            raise Unanswered("shape", f"{node.data[1]} is neither grouped nor aggregated")
        return node.over(tuple(self.over(arg) for arg in node.args)) if node.args else node

    def _aggregate(self, node: Node, *, sorted_after: bool = False) -> Node:
        request = request_of(node, self.match.question)
        request = replace(request, where=request.where | frozenset(self.match.undecided))
        return answered(
            self.match.parts,
            self.measures,
            request,
            self.match.parts.type_of(node),
            self.cells_of_group,
            sorted_after=sorted_after,
        )


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
