"""A cuboid on the side of an outer join that may be missing: sites without sales are rows too.

Each row of what is kept meets cells instead of rows. Where it meets none, every column of the
other side is NULL and the row counts once: each expression is worked out twice, for cells met and
for none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import duckdb

from cubes.rewrite.block import Left
from cubes.rewrite.canonical import substituted
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.cells import Cells
from cubes.rewrite.cuboid import Cuboid
from cubes.rewrite.equalities import column_type, equalities, given_not_null
from cubes.rewrite.matching import Match, matches
from cubes.rewrite.measures import Conditions
from cubes.rewrite.node import (
    FALSE,
    NULL,
    ONE,
    TRUE,
    ZERO,
    Node,
    both,
    case,
    cast,
    instances_of,
    is_null,
    rebuild,
    value_if,
)
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parts import Parts
from cubes.rewrite.strictness import surely_null


@dataclass(slots=True)
class Missing:
    """Measures where a row may meet no cell."""

    match: Match
    left: Left
    marker: Node  # a column of the cell that is never NULL
    done: dict[Node, Node | None] = field(default_factory=dict)

    @property
    def values(self) -> Missing:
        """Itself."""
        return self

    @property
    def cells(self) -> Cells:
        """The levels of cells that are met."""
        return self.match.cells

    @property
    def parts(self) -> Parts:
        """The parts of cells that are met."""
        return self.match.parts

    def type_of(self, node: Node) -> str:
        """The type of an expression over the base tables."""
        return self.parts.type_of(node)

    def none(self, node: Node) -> Node:
        """The expression where nothing is met."""
        own = set(self.left.instances)
        tables = self.cells.known.reasoner.tables

        def change(part: Node) -> Node | None:
            if part.op == "col" and part.data[0] in own:
                return cast(NULL, column_type(tables, part))
            return None

        return rebuild(node, change)

    def reads_cells(self, node: Node) -> bool:
        """Whether it reads the side that may be missing."""
        return bool(instances_of(node) & set(self.left.instances))

    def can(self, node: Node) -> bool:
        """Whether it can be worked out both ways."""
        return self._value(node) is not None

    def value(self, node: Node) -> Node:
        """It, worked out both ways."""
        found = self._value(node)
        return self.cells.value(node) if found is None else found

    def _value(self, node: Node) -> Node | None:
        if node not in self.done:
            self.done[node] = self._both_ways(node)
        return self.done[node]

    def _both_ways(self, node: Node) -> Node | None:
        if not self.reads_cells(node):
            return node
        if node.op in ("isnull", "notnull") and self._sure(node.args[0]):
            return Node(node.op, (), (self.marker,))
        if not self.cells.can(node):
            return None
        met = self.cells.value(node)
        own = set(self.left.instances)
        null = surely_null(node, lambda part: part.data[0] in own)
        if null and met.op == "col" and met.data[0] == self.marker.data[0]:
            return met
        return self._either(self.none(node), met)

    def _sure(self, node: Node) -> bool:
        """A column that is NULL only where nothing is met."""
        given = given_not_null(self.cells.known.reasoner.tables, self.left.instances)
        return node in set(given)

    def _either(self, none: Node, met: Node) -> Node:
        return case((is_null(self.marker), none), otherwise=met)

    def _meets(self, where: Conditions) -> Node:
        parts = sorted((self.none(part) for part in where), key=lambda node: node.number)
        return both(*parts) if parts else TRUE

    def count(self, where: Conditions) -> Node | None:
        """The cell's count; 1 for a row that meets none, if it meets the conditions."""
        found = self.parts.count(where)
        if found is None:
            return None
        alone = self._meets(where)
        return self._either(ONE if alone == TRUE else case((alone, ONE), otherwise=ZERO), found)

    def some(self, where: Conditions) -> Node | None:
        """Whether there is such a row."""
        found = self.parts.some(where)
        alone = self._meets(where)
        if found is None or (found == TRUE and alone == TRUE):
            return found
        return self._either(case((alone, TRUE), otherwise=FALSE), found)

    def total(self, node: Node, where: Conditions) -> Node | None:
        """The cell's sum; the value itself for a row that meets none."""
        found = self.parts.total(node, where)
        return None if found is None else self._either(self._alone(node, where), found)

    def extreme(self, name: str, node: Node, where: Conditions) -> Node | None:
        """The cell's extreme; the value itself for a row that meets none."""
        found = self.parts.extreme(name, node, where)
        return None if found is None else self._either(self._alone(node, where), found)

    def _alone(self, node: Node, where: Conditions) -> Node:
        value = self.none(node)
        return value_if(self._meets(where), value)


def met_or_not(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, question: Normal, cuboid: Cuboid
) -> Missing:
    """Lay a cuboid over the missing side of an outer join; raises `Unanswered`."""
    block = question.block
    names = {table.name for table in cuboid.normal.block.tables.values()}
    for left in block.lefts:
        others = tuple(each for each in block.lefts if each is not left)
        inside = {block.tables[i].name for i in left.instances}
        read_by_others = any(
            instances_of(part) & set(left.instances) for each in others for part in each.condition
        )
        if not inside <= names or read_by_others or not block.grouped or cuboid.rows:
            continue
        inner = _as_if_inner(question, left, others)
        match = matches(catalogue, cursor, inner, cuboid)
        outside = set(match.mapping.values()) & set(block.core)
        inside_too = set(left.instances) & match.cells.back
        if outside or inside_too or match.undecided or cuboid.scalar:
            raise Unanswered("tables", "It does not hold the side that may be missing")
        match.question = question
        marker = _marker(match)
        if marker is None:
            raise Unanswered("aggregate", "It stores no count of its rows", "store count(*)")
        return Missing(match, left, marker)
    raise Unanswered("tables", "It does not hold a side of an outer join")


def _as_if_inner(question: Normal, left: Left, others: tuple[Left, ...]) -> Normal:
    """The question as if every row met some: only what is joined, and on what."""
    block = question.block
    where = tuple(part for part in block.where if not instances_of(part) & set(left.instances))
    where = (*where, *left.condition)
    inner = replace(block, core=(*block.core, *left.instances), lefts=others, where=where)
    equal = equalities(inner)
    change = equal.representative
    links = {
        part
        for part in where
        if part.op == "cmp"
        and part.data[0] == "="
        and part.args[1] in equal.same(part.args[0])
        and part.args[0].op == "col"
    }
    conditions = tuple(substituted(part, change) for part in where if part not in links)
    known_columns = set(given_not_null(block.tables, inner.core)) | {
        node for each in equal.classes for node in each
    }
    return Normal(inner, equal, conditions, frozenset(known_columns))


def _marker(match: Match) -> Node | None:
    """A column that no cell has NULL in: a count, or a level that is never NULL."""
    for request, column in match.parts.stored.items():
        if request.name == "count_star":
            return column
    for level, column in match.cells.exact.items():
        if level.op == "col" and level in match.cells.known.not_null:
            return column
    return None
