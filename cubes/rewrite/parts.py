"""Aggregates from a cuboid's stored parts, cell by cell and then over the cells of a group.

A cell's value is NULL exactly where the aggregate over the cell's rows would be; then the sum, the
smallest, the largest over cells is that over rows. What is not shown to add up is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from cubes.rewrite import guards
from cubes.rewrite.canonical import constant, truths
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
    cast,
    cmp,
    fn,
    is_not_null,
)
from cubes.rewrite.polynomial import factors, polynomial
from cubes.rewrite.reasoner import as_node
from cubes.rewrite.requests import Request
from cubes.rewrite.strictness import never_null

TWINS = {"max": "bool_or", "bool_or": "max", "min": "bool_and", "bool_and": "min"}
NONE: Conditions = frozenset()


@dataclass(slots=True)
class Parts:
    """What a cuboid stores, in the question's terms."""

    cells: Cells
    make_stored: Callable[[], Mapping[Request, Node]]
    rows: bool  # a cell is a row: its count is 1
    known: Known  # what holds in every row of the cells kept
    made: Mapping[Request, Node] | None = None
    split: dict[Conditions, tuple[Conditions, Conditions]] = field(default_factory=dict)

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
        found = self._count_of(rest)
        if found is None and decided:
            found = self.lookup("count_star", (), rest, decided)
        return None if found is None else self.only(decided, found, ZERO)

    def _count_of(self, rest: Conditions) -> Node | None:
        if self.rows:
            return ONE if not rest else None
        found = self.lookup("count_star", (), rest)
        if found is not None:
            return found
        found = self._count_from_sum(rest)
        return found if found is not None else self._count_of_others(rest)

    def _count_of_others(self, rest: Conditions) -> Node | None:
        """Rows that do not meet a condition: all but those that do."""
        for part in sorted(rest, key=lambda node: node.number):
            opposite = self._opposite(part)
            if opposite is None:
                continue
            all_rows = self._count_of(self.parted(rest - {part})[1])
            present = self.count((rest - {part}) | set(opposite))
            if all_rows is not None and present is not None:
                return fn("-", all_rows, present)
        return None

    def _opposite(self, part: Node) -> tuple[Node, ...] | None:
        """Conditions that are true exactly where this one is not."""
        if part.op == "isnull":
            return (is_not_null(part.args[0]),)
        if part.op == "cmp" and part.data[0] == "is distinct from" and TRUE in part.args:
            inner = next(arg for arg in part.args if arg != TRUE)
            return truths(inner.args[0] if inner.op == "cast" else inner)
        if part.op == "not" and self.never_null(part.args[0]):
            return truths(part.args[0])
        return None

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
        decided, rest = self.parted(where)
        found = self.lookup("sum", (node,), rest, decided)
        if found is not None:
            return self.only(decided, found)
        if node.op == "lit" and self._zero(node):
            some = self.some(where)
            return None if some is None else self._if(some, ZERO)
        if node.op == "fn" and node.data[0] == "coalesce" and len(node.args) == 2:
            node = case((is_not_null(node.args[0]), node.args[0]), otherwise=node.args[1])
        for way in (self._total_of_level, self._total_of_case, self._total_of_flag):
            found = way(node, where)
            if found is not None:
                return found
        found = self._total_of_polynomial(node, where)
        return found if found is not None else self._total_stored_with_zero(node, where)

    def total_or_zero(self, node: Node, where: Conditions) -> Node | None:
        """The sum over a cell's rows, 0 where there is none."""
        found = self.total(node, where)
        if found is not None:
            return fn("coalesce", found, ZERO)
        decided, rest = self.parted(where)
        found = self.lookup("sum_or_zero", (node,), rest, decided)
        return None if found is None else self.only(decided, found, ZERO)

    def _total_of_level(self, node: Node, where: Conditions) -> Node | None:
        """A value that is one in a cell counts as often as the cell has rows."""
        kind = self.type_of(node)
        if not guards.adds_exactly(exact(kind) or (self.rows and kind in ("DOUBLE", "FLOAT"))):
            return None
        if not self.cells.can(node):
            return None
        decided, rest = self.parted(where)
        count, some = self._count_of(rest), bool(rest)
        if count is None:
            count, some = self.count(where | {is_not_null(node)}), True
        if count is None:
            return None
        value = self.cells.value(node)
        if count == ONE:
            return self.only(decided, value)
        if not kind.startswith("DECIMAL"):
            value = cast(value, "HUGEINT")
        times = fn("nullif", count, ZERO) if some else count
        return self.only(decided, fn("*", value, times))

    def _total_of_case(self, node: Node, where: Conditions) -> Node | None:
        """CASE: by the levels where they decide, else by rows that meet the condition."""
        if node.op != "case":
            return None
        if all(self.cells.can(when) for when in node.args[:-1:2]):
            pairs = []
            for index in range(0, len(node.args) - 1, 2):
                value = self._branch(node.args[index + 1], where)
                if value is None:
                    return None
                pairs.append((self.cells.value(node.args[index]), value))
            last = self._branch(node.args[-1], where)
            return None if last is None else case(*pairs, otherwise=last)
        return self._total_of_two(node, where) if len(node.args) == 3 else None

    def _total_of_two(self, node: Node, where: Conditions) -> Node | None:
        """One value where a condition is true, a constant elsewhere."""
        when, then, otherwise = node.args
        chosen = where | frozenset(truths(when))
        value = self._branch(then, chosen)
        if value is None or otherwise == NULL:
            return value
        if otherwise.op != "lit" or otherwise.data[0] not in ("INTEGER", "NUMERIC"):
            return None
        filled = frozenset(p.args[0] for p in chosen if p.op == "notnull")
        some = self.some(where)
        sure = self.never_null(then) or never_null(then, filled.__contains__)
        if self._zero(otherwise) and some is not None and sure:
            return self._if(some, fn("coalesce", value, ZERO))
        all_rows, met = self.count(where), self.count(chosen)
        if all_rows is None or met is None:
            return None
        others = fn("coalesce", value, ZERO)
        if not self._zero(otherwise):
            if polynomial(otherwise, self.type_of) is None or not exact(self.type_of(then)):
                return None
            others = fn("+", others, fn("*", otherwise, fn("-", all_rows, met)))
        return case((cmp(">", all_rows, met), others), otherwise=value)

    def _branch(self, node: Node, where: Conditions) -> Node | None:
        return NULL if node == NULL else self.total(node, where)

    @staticmethod
    def _zero(node: Node) -> bool:
        return node.data[0] in ("INTEGER", "NUMERIC") and Fraction(str(node.data[1])) == 0

    @staticmethod
    def _if(condition: Node, value: Node) -> Node:
        return value if condition == TRUE else case((condition, value))

    def _total_of_flag(self, node: Node, where: Conditions) -> Node | None:
        """A sum of a boolean as a number is a count of where it is true."""
        if node.op != "cast" or not exact(str(node.data[0])):
            return None
        inner = node.args[0]
        if self.type_of(inner) != "BOOLEAN":
            return None
        true = self.count(where | frozenset(truths(inner)))
        known_rows = where if self.never_null(inner) else where | {is_not_null(inner)}
        some = self.some(known_rows)
        if true is None or some is None:
            return None
        return self._if(some, true)

    def _total_of_polynomial(self, node: Node, where: Conditions) -> Node | None:
        """A sum of products, product by product, over rows where all of it has a value."""
        terms = polynomial(node, self.type_of)
        if terms is None or list(terms) == [(node,)]:
            return None
        if not terms:
            return None
        atoms = factors(node, self.type_of)
        filled = where | {is_not_null(a) for a in atoms if not self.never_null(a)}
        one = len(terms) == 1 and set(next(iter(terms))) == atoms
        total: Node | None = None
        for monomial, factor in sorted(terms.items(), key=lambda t: [n.number for n in t[0]]):
            value = self._product(monomial, where if one else filled)
            if value is None:
                return None
            if factor != 1:
                value = fn("*", value, _number(factor))
            total = value if total is None else fn("+", total, value)
        return total

    def _product(self, monomial: tuple[Node, ...], where: Conditions) -> Node | None:
        outside = [atom for atom in monomial if self.cells.can(atom)]
        inside = [atom for atom in monomial if atom not in outside]
        if not inside:
            count = self.count(where)
            if count is None:
                return None
            base: Node = cast(fn("nullif", count, ZERO), "HUGEINT")
        else:
            found = self._stored_product(tuple(inside), where)
            if found is None:
                return None
            base = found
        for atom in outside:
            value = self.cells.value(atom)
            if not self.type_of(atom).startswith("DECIMAL"):
                value = cast(value, "HUGEINT")
            base = fn("*", value, base)
        return base

    def _stored_product(self, inside: tuple[Node, ...], where: Conditions) -> Node | None:
        """A stored sum whose product is these very factors."""
        decided, rest = self.parted(where)
        for request, column in self.stored.items():
            if request.name != "sum" or request.distinct or len(request.args) != 1:
                continue
            terms = polynomial(request.args[0], self.type_of)
            if terms != {inside: Fraction(1)}:
                continue
            needed = {is_not_null(a) for a in factors(request.args[0], self.type_of)}
            mine = {is_not_null(a) for a in inside}
            if request.where == rest or self.same_rows(request.where | needed, rest | mine):
                return self.only(decided, column)
        if len(inside) == 1 and inside[0].op in ("case", "cast"):
            return self._total_of_case(inside[0], where) or self._total_of_flag(inside[0], where)
        return None

    def _total_stored_with_zero(self, node: Node, where: Conditions) -> Node | None:
        """A stored `case … else 0` is the sum wanted, but for cells where no row counts."""
        decided, rest = self.parted(where)
        zeroed = self.lookup("sum_or_zero", (node,), rest, decided)
        some = self.some(where | {is_not_null(node)}) if zeroed is not None else None
        if zeroed is not None and some is not None:
            return self._if(some, zeroed)
        for request, column in self.stored.items():
            if request.name != "sum" or request.distinct or len(request.args) != 1:
                continue
            stored = request.args[0]
            if stored.op != "case" or len(stored.args) != 3 or stored.args[1] != node:
                continue
            if stored.args[2].op != "lit" or not self._zero(stored.args[2]):
                continue
            chosen = request.where | frozenset(truths(stored.args[0]))
            if not self.same_rows(chosen, rest):
                continue
            counted = rest if self.never_null(node) else rest | {is_not_null(node)}
            some = self.some(counted)
            if some is not None:
                return self.only(decided, self._if(some, column))
        return None

    def extreme(self, name: str, node: Node, where: Conditions) -> Node | None:
        """The smallest or largest of a cell; NULL where no row has one."""
        decided, rest = self.parted(where)
        for each in (name, TWINS.get(name, name)) if self.type_of(node) == "BOOLEAN" else (name,):
            found = self.lookup(each, (node,), rest, decided)
            if found is not None:
                return self.only(decided, found)
        if self.cells.can(node):
            some = self.some(where)
            return None if some is None else self._if(some, self.cells.value(node))
        if node.op == "case" and all(self.cells.can(when) for when in node.args[:-1:2]):
            values = [
                NULL if branch == NULL else self.extreme(name, branch, where)
                for branch in (*node.args[1::2], node.args[-1])
            ]
            if any(value is None for value in values):
                return None
            whens = [self.cells.value(when) for when in node.args[:-1:2]]
            kept = [value for value in values if value is not None]
            return case(*zip(whens, kept[:-1], strict=True), otherwise=kept[-1])
        return self._truth(name, node, where)

    def _truth(self, name: str, node: Node, where: Conditions) -> Node | None:
        """bool_or and bool_and from how often it is true, and how often it is known."""
        if self.type_of(node) != "BOOLEAN":
            return None
        present = where if self.never_null(node) else where | {is_not_null(node)}
        true, all_rows = self.count(where | frozenset(truths(node))), self.count(present)
        if true is None or all_rows is None:
            return None
        some_true = name in ("bool_or", "max")
        answer = cmp(">", true, ZERO) if some_true else cmp("=", true, all_rows)
        return case((cmp(">", all_rows, ZERO), answer))


def _flag(node: Node, type_of: object) -> Node | None:
    """The condition that a sum of zeros and ones counts."""
    if node.op == "case" and len(node.args) == 3 and node.args[1] == ONE:
        return node.args[0] if node.args[2] in (ZERO, NULL) else None
    if node.op == "cast" and callable(type_of) and exact(str(node.data[0])):
        return node.args[0] if type_of(node.args[0]) == "BOOLEAN" else None
    return None


def _number(value: Fraction) -> Node:
    digits = value.denominator
    places = 0
    while digits % 10 and places < 40 and Fraction(10) ** places % value.denominator:
        places += 1
    if value.denominator == 1:
        return Node("lit", ("INTEGER", str(value.numerator)))
    kind = f"DECIMAL(38,{max(places, 1)})"
    node = as_node(value, kind)
    return Node("lit", ("NUMERIC", str(node.args[0].data[1])))
