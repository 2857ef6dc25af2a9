"""What can be worked out from a cuboid's levels, and from tables joined back to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cubes.rewrite import guards
from cubes.rewrite.block import Left
from cubes.rewrite.buckets import Source
from cubes.rewrite.catalogue import Table
from cubes.rewrite.constants import exact
from cubes.rewrite.equalities import Equalities
from cubes.rewrite.implication import Known
from cubes.rewrite.node import Node, cmp, col, rebuild
from cubes.rewrite.opposites import told_otherwise
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import printed
from cubes.rewrite.reasoner import as_node
from cubes.rewrite.steady import constant_on

CELL = "_c"
COMPUTED = frozenset(
    ("fn", "cmp", "and", "or", "not", "isnull", "notnull", "in", "case", "cast", "try", "insub",
     "lambda")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rejoined:
    """A table the cuboid read, joined again on its key to reach its other columns."""

    instance: str
    condition: tuple[Node, ...]
    outer: bool


@dataclass(slots=True)
class Cells:
    """A cuboid's levels in the question's terms.

    `exact` takes the equalities of the cuboid only: for conditions that make columns equal.
    `levels` takes the question's, which hold once those conditions are applied.
    """

    levels: Mapping[Node, Node]
    exact: Mapping[Node, Node]
    equal: Equalities  # of the question
    own: Equalities  # of the cuboid
    back: frozenset[str]  # instances of the question joined to the cells
    covered: Mapping[str, Table]  # instances the cuboid read
    lefts: tuple[Left, ...]
    sources: tuple[Source, ...]
    known: Known  # of the question
    rows: bool  # a cell is a row
    grain: Callable[[str], bool]  # whether an instance's key tells a row of the join: the facts
    rejoined: dict[str, Rejoined] = field(default_factory=dict)
    found: dict[tuple[Node, bool], Node | None] = field(default_factory=dict)

    def value(self, node: Node) -> Node:
        """An expression over cells, in rows that meet the question's conditions."""
        return self._must(node, pins=True)

    def condition(self, node: Node) -> Node:
        """A condition over cells that is yet to be applied."""
        return self._must(node, pins=False)

    def column(self, node: Node) -> Node | None:
        """A column by the cuboid's own equalities alone, to compare it with an equal one."""
        for each in sorted(self.own.same(node), key=lambda n: n.data):
            if each in self.exact:
                return self.exact[each]
            if each.data[0] in self.back:
                return each
        return None

    def can(self, node: Node) -> bool:
        """Whether an expression can be worked out."""
        return self._compute(node, pins=True) is not None

    def _must(self, node: Node, *, pins: bool) -> Node:
        found = self._compute(node, pins=pins)
        if found is None:
            missing = self._missing(node, pins=pins)
            raise Unanswered(
                "level" if pins else "predicate",
                f"{_shown(node)} cannot be had from its levels",
                f"give it the level {_shown(missing)}",
            )
        return found

    def _missing(self, node: Node, *, pins: bool) -> Node:
        """The first part that cannot be had, to be named."""
        for arg in node.args:
            if self._compute(arg, pins=pins) is None:
                return self._missing(arg, pins=pins)
        return node

    def _compute(self, node: Node, *, pins: bool) -> Node | None:
        key = (node, pins)
        if key not in self.found:
            self.found[key] = None  # against circles
            self.found[key] = self._work_out(node, pins=pins)
        return self.found[key]

    def _work_out(self, node: Node, *, pins: bool) -> Node | None:
        if node in self.levels:
            return self.levels[node]
        if node.op in ("lit", "named", "sub", "var"):
            return node
        if node.op == "col":
            return self._column(node, pins=pins)
        for source in self.sources:
            bounded = self._finite(source.base) or _null_at_ends(node, source)
            if not guards.keeps_endless_dates(source.finite, bounded):
                continue
            constant = constant_on(self.known.reasoner, node, source.base, source.bucket)
            if guards.is_constant_in_bucket(constant):
                found = self._with_element(node, source, pins=pins)
                if found is not None:
                    return found
        found = told_otherwise(self, node)
        if found is not None:
            return found
        if node.op not in COMPUTED or not guards.cannot_tell_apart(self._unlike_rows(node)):
            return None
        args = [self._compute(arg, pins=pins) for arg in node.args]
        if any(arg is None for arg in args):
            return None
        return node.over(tuple(arg for arg in args if arg is not None))

    def _unlike_rows(self, node: Node) -> bool:
        """Whether an operation could tell apart what a level holds as one: 0.0 and -0.0."""
        if self.rows or node.op not in ("fn", "cast", "case", "try", "insub"):
            return False
        for arg in node.args:
            stored = arg in self.levels or any(same in self.levels for same in self.equal.same(arg))
            kind = self.known.reasoner.type_of(arg) if stored else ""
            if kind.startswith("STRUCT("):
                kind = kind.translate(str.maketrans("", "", "()"))
            loose = any(each in kind for each in ("DOUBLE", "FLOAT", "INTERVAL", "[", "(", "MAP"))
            if loose and not kind.startswith(("DECIMAL", "ENUM")) and not _minds_no_sign(node):
                return True
        return False

    def _with_element(self, node: Node, source: Source, *, pins: bool) -> Node | None:
        if not any(part == source.base for part in node.walk()):
            return None
        replaced = rebuild(node, lambda part: source.element if part == source.base else None)
        return self._rest(replaced, pins=pins)

    def _rest(self, node: Node, *, pins: bool) -> Node | None:
        """Work out what is left of an expression that already reads cells."""
        if node.op == "col" and node.data[0] == CELL:
            return node
        if any(part.op == "col" and part.data[0] == CELL for part in node.walk()):
            args = [self._rest(arg, pins=pins) for arg in node.args]
            if any(arg is None for arg in args):
                return None
            return node.over(tuple(arg for arg in args if arg is not None))
        return self._compute(node, pins=pins)

    def _column(self, node: Node, *, pins: bool) -> Node | None:
        if node.data[0] == CELL:
            return node
        same = sorted(self.equal.same(node), key=lambda n: n.data)
        for each in same:
            if each in self.levels:
                return self.levels[each]
        for each in same:
            if each.data[0] in self.back:
                return each
        pinned = self._pinned(node) if pins else None
        if pinned is not None:
            return pinned
        for each in same:
            if self._rejoin(str(each.data[0])):
                return each
        for source in self.sources:
            whole = source.base == node and (not source.finite or self._finite(node))
            if whole and constant_on(self.known.reasoner, node, source.base, source.bucket):
                return source.element
        return None

    def _pinned(self, node: Node) -> Node | None:
        """The one value a column can have in the question's rows."""
        domain = self.known.domains.get(node)
        if domain is None or domain.only is None or len(domain.only) != 1:
            return None
        kind = self.known.reasoner.type_of(node)
        return None if kind == "DOUBLE" else as_node(next(iter(domain.only)), kind)

    def _finite(self, base: Node) -> bool:
        """Whether the question keeps only dates between two others."""
        domain = self.known.domains.get(base)
        return bool(domain and (domain.only or (domain.low and domain.high)))

    def _rejoin(self, instance: str) -> bool:
        """Whether a table the cuboid read can be joined again: a whole key of it is known."""
        if instance in self.rejoined:
            return True
        table = self.covered.get(instance)
        if table is None or table.kind != "table" or self.grain(instance):
            return False
        outer = any(instance in left.instances for left in self.lefts)
        for key in table.keys:
            pairs = [(col(instance, name), self.column(col(instance, name))) for name in key]
            if all(value is not None for _, value in pairs):
                condition = tuple(cmp("=", mine, value) for mine, value in pairs if value)
                self.rejoined[instance] = Rejoined(instance, condition, outer)
                return True
        return False


def _minds_no_sign(node: Node) -> bool:
    """Whether it gives the same for 0.0 and -0.0: a cast to a whole number, a test for NaN."""
    if node.op == "cast":
        return node.args[0].op == "col" and exact(str(node.data[0]))
    return node.op == "fn" and node.data[0] in ("isnan", "isinf", "isfinite")


def _null_at_ends(node: Node, source: Source) -> bool:
    """Whether it is NULL for an infinite date as for none: a part of a date."""
    plain = node.op == "fn" and node.data[0] in ("date_part", "monthname", "dayname")
    return plain and node.args[-1] == source.base


def _shown(node: Node) -> str:
    """An expression for a sentence: without the names of instances."""

    def short(part: Node) -> Node | None:
        return Node("var", (part.data[1],)) if part.op == "col" else None

    return printed(rebuild(node, short)).replace('"', "")
