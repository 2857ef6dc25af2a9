"""Aggregates from a cuboid's stored parts, cell by cell and then over the cells of a group.

A cell's value is NULL exactly where the aggregate over the cell's rows would be; then the sum, the
smallest, the largest over cells is that over rows. What is not shown to add up is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cubes.rewrite import extremes, guards, sums
from cubes.rewrite.canonical import constant, opposite, truths
from cubes.rewrite.cells import Cells
from cubes.rewrite.constants import exact
from cubes.rewrite.implication import Known, known
from cubes.rewrite.measures import Conditions
from cubes.rewrite.node import (
    NULL,
    ONE,
    TRUE,
    ZERO,
    Node,
    both,
    case,
    cmp,
    fn,
    is_not_null,
)
from cubes.rewrite.requests import Request
from cubes.rewrite.strictness import never_null, null_where

NONE: Conditions = frozenset()
TURNS = 3  # how often a count may be made of others that are made of others


@dataclass(slots=True)
class Parts:
    """What a cuboid stores, in the question's terms."""

    cells: Cells
    make_stored: Callable[[], Mapping[Request, Node]]
    rows: bool  # a cell is a row: its count is 1
    known: Known  # what holds in every row of the cells kept
    made: Mapping[Request, Node] | None = None
    split: dict[Conditions, tuple[Conditions, Conditions]] = field(default_factory=dict)
    counted: dict[Conditions, Node | None] = field(default_factory=dict)  # those stored as they are
    open: set[Conditions] = field(default_factory=set)  # counts being made, against circles

    @property
    def stored(self) -> Mapping[Request, Node]:
        """The stored aggregates, laid over the question when first asked for."""
        if self.made is None:
            self.made = self.make_stored()
        return self.made

    @property
    def values(self) -> Cells:
        """The levels."""
        return self.cells

    def type_of(self, node: Node) -> str:
        """The type of an expression over the base tables."""
        return self.cells.known.reasoner.type_of(node)

    def never_null(self, node: Node) -> bool:
        """Whether it cannot be NULL in the rows of the question."""
        return never_null(node, self.cells.known.not_null.__contains__) or node in (
            self.cells.known.domains
        )

    def parted(self, where: Conditions) -> tuple[Conditions, Conditions]:
        """Conditions the levels decide, and those they do not; what holds anyway is gone."""
        if where not in self.split:
            kept = frozenset(part for part in where if not self.known.implies(part))
            decided = frozenset(part for part in kept if self.cells.can(part))
            self.split[where] = (decided, kept - decided)
        return self.split[where]

    def lookup(
        self,
        name: str,
        args: tuple[Node, ...],
        where: Conditions,
        besides: Conditions = NONE,
    ) -> Node | None:
        """A stored additive part of these very rows, among those that meet what is decided besides.

        Rows without a value do not count.
        """
        if name != "count_star":
            besides = besides | {is_not_null(arg) for arg in args}
        for request, column in self.stored.items():
            if request.name != name or request.args != args or request.distinct:
                continue
            if request.where == where or self.same_rows(request.where | besides, where | besides):
                return column
        return None

    def same_rows(self, a: Conditions, b: Conditions) -> bool:
        """Whether two conditions are true in the same rows of the question."""
        return guards.is_in_same_rows(self._same(a, b))

    def _same(self, a: Conditions, b: Conditions) -> bool:
        known_all = self.known
        base = known_all.conditions
        if not (a or b):
            return True
        first = known(known_all.reasoner, base | a, known_all.not_null)
        if not all(first.implies(part) for part in b):
            return False
        second = known(known_all.reasoner, base | b, known_all.not_null)
        return all(second.implies(part) for part in a)

    def only(self, decided: Conditions, value: Node, otherwise: Node = NULL) -> Node:
        """The value where the levels meet the conditions."""
        if not decided:
            return value
        parts = [self.cells.value(part) for part in sorted(decided, key=lambda n: n.number)]
        return case((both(*parts), value), otherwise=otherwise)

    def count(self, where: Conditions) -> Node | None:
        """How many rows of a cell meet the conditions; 0 where none does."""
        decided, rest = self.parted(where)
        found = self.count_of(rest)
        if found is None and decided:
            found = self.lookup("count_star", (), rest, decided)
        return None if found is None else self.only(decided, found, ZERO)

    def count_of(self, rest: Conditions) -> Node | None:
        """How many rows meet conditions of which the levels decide none; 0 where none does."""
        if self.rows:
            return ONE if not rest else None
        if rest not in self.counted:
            found = self.lookup("count_star", (), rest)
            self.counted[rest] = found if found is not None else self._count_from_sum(rest)
        found = self.counted[rest]
        return found if found is not None else self._count_of_others(rest)

    def _count_of_others(self, rest: Conditions) -> Node | None:
        """Rows that do not meet a condition: all for which it is known but those that do."""
        if rest in self.open or len(self.open) >= TURNS:
            return None
        for part in sorted(rest, key=lambda node: node.number):
            met, known_where = self._opposite(part)
            if met is None:
                continue
            self.open.add(rest)
            all_rows = self.count((rest - {part}) | known_where)
            present = None
            if all_rows is not None:
                present = self.count((rest - {part}) | known_where | set(met))
            self.open.discard(rest)
            if all_rows is not None and present is not None:
                return fn("-", all_rows, present)
        return None

    def _opposite(self, part: Node) -> tuple[tuple[Node, ...] | None, Conditions]:
        """Conditions that are true where this one is not, among rows where it is not NULL."""
        if part.op == "isnull":
            return (is_not_null(part.args[0]),), NONE
        if part.op == "cmp" and part.data[0] == "is distinct from" and TRUE in part.args:
            inner = next(arg for arg in part.args if arg != TRUE)
            return truths(inner.args[0] if inner.op == "cast" else inner), NONE
        other = part.args[0] if part.op == "not" else opposite(part)
        if other is None:
            return None, NONE
        nulls = null_where(other)
        if self.never_null(other):
            return truths(other), NONE
        if not guards.is_null_alike(nulls is not None):
            return None, NONE
        return truths(other), frozenset(is_not_null(each) for each in nulls or ())

    def _count_from_sum(self, rest: Conditions) -> Node | None:
        """A stored sum of ones, or of zeros and ones, is a count."""
        ones = self.lookup("sum", (ONE,), rest)
        if ones is not None:
            return fn("coalesce", ones, ZERO)
        for request, column in self.stored.items():
            if request.name != "sum" or request.distinct or len(request.args) != 1:
                continue
            node = request.args[0]
            flag = _flag(node, self.type_of) if not constant(node) else None
            if flag is not None and self.same_rows(request.where | set(truths(flag)), rest):
                return fn("coalesce", column, ZERO)
        return None

    def some(self, where: Conditions) -> Node | None:
        """Whether any row of a cell meets the conditions; TRUE itself where every cell has one."""
        decided, rest = self.parted(where)
        if not rest:
            conditions = [self.cells.value(p) for p in sorted(decided, key=lambda n: n.number)]
            return both(*conditions) if conditions else TRUE
        found = self.count(where)
        if found is not None:
            return cmp(">", found, ZERO)
        return self._seen(decided, rest)

    def _seen(self, decided: Conditions, rest: Conditions) -> Node | None:
        """Whether a cell has a value at all, from its least or greatest, which is NULL else."""
        for part in sorted(rest, key=lambda node: node.number):
            if part.op != "notnull":
                continue
            for name in ("min", "max", "bool_or", "bool_and", "sum", "avg"):
                found = self.lookup(name, part.args, rest - {part})
                if found is not None:
                    values = [self.cells.value(p) for p in sorted(decided, key=lambda n: n.number)]
                    return both(*values, is_not_null(found))
        return None

    def total(self, node: Node, where: Conditions) -> Node | None:
        """The sum over a cell's rows; NULL where no row that meets the conditions has a value."""
        return sums.total(self, node, where)

    def extreme(self, name: str, node: Node, where: Conditions) -> Node | None:
        """The smallest or largest of a cell; NULL where no row has one."""
        return extremes.extreme(self, name, node, where)


def _flag(node: Node, type_of: Callable[[Node], str]) -> Node | None:
    """The condition that a sum of zeros and ones counts."""
    if node.op == "case" and len(node.args) == 3 and node.args[1] == ONE:
        return node.args[0] if node.args[2] in (ZERO, NULL) else None
    if node.op == "cast" and exact(str(node.data[0])):
        return node.args[0] if type_of(node.args[0]) == "BOOLEAN" else None
    return None
