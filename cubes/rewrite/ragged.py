"""Ranges that cut buckets: whole buckets from the cuboid, the ragged ends from the facts.

Cells and rows come together in one UNION ALL of the same columns: a row is a cell of one row. Time
is parted half-open at the buckets' starts, so no row counts twice and none is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from cubes.rewrite import guards
from cubes.rewrite.buckets import Bucket, Source, starts_bucket
from cubes.rewrite.cells import Cells
from cubes.rewrite.constants import evaluated, step_of
from cubes.rewrite.matching import Match
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
    col,
    fn,
    number,
    text,
)
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parts import Parts
from cubes.rewrite.periods import next_start, start_of
from cubes.rewrite.ranges import Domain
from cubes.rewrite.reasoner import as_node

UNION = "_u"
STEPS = {
    "second": ("to_seconds", 1), "minute": ("to_minutes", 1), "hour": ("to_hours", 1),
    "day": ("to_days", 1), "week": ("to_days", 7), "month": ("to_months", 1),
    "quarter": ("to_months", 3), "year": ("to_months", 12),
}  # fmt: skip


@dataclass(slots=True)
class Together:
    """Columns of the UNION ALL: each over cells, and over rows."""

    cells: Cells
    parts: Parts
    columns: dict[tuple[Node, Node], Node] = field(default_factory=dict)

    @property
    def values(self) -> Together:
        """Itself: what a level decides a row decides too."""
        return self

    def type_of(self, node: Node) -> str:
        """The type of an expression over the base tables."""
        return self.parts.type_of(node)

    def column(self, over_cells: Node, over_rows: Node) -> Node:
        """The column that holds the one for cells and the other for rows."""
        key = (over_cells, over_rows)
        if key not in self.columns:
            self.columns[key] = col(UNION, f"c{len(self.columns)}")
        return self.columns[key]

    def can(self, node: Node) -> bool:
        """Whether the levels decide it."""
        return self.cells.can(node)

    def value(self, node: Node) -> Node:
        """It, as a column."""
        return self.column(self.cells.value(node), node)

    def count(self, where: Conditions) -> Node | None:
        """A cell's count; 1 or 0 for a row."""
        found = self.parts.count(where)
        return None if found is None else self.column(found, _only(where, ONE, ZERO))

    def some(self, where: Conditions) -> Node | None:
        """Whether a cell has such a row; whether a row is one."""
        found = self.parts.some(where)
        if found is None or (found == TRUE and not where):
            return found
        return self.column(found, _only(where, TRUE, Node("lit", ("BOOLEAN", "false"))))

    def total(self, node: Node, where: Conditions) -> Node | None:
        """A cell's sum; a row's value."""
        found = self.parts.total(node, where)
        return None if found is None else self.column(found, _only(where, node, NULL))

    def extreme(self, name: str, node: Node, where: Conditions) -> Node | None:
        """A cell's extreme; a row's value."""
        found = self.parts.extreme(name, node, where)
        return None if found is None else self.column(found, _only(where, node, NULL))


def _only(where: Conditions, value: Node, otherwise: Node) -> Node:
    if not where:
        return value
    return case((both(*sorted(where, key=lambda n: n.number)), value), otherwise=otherwise)


def split(match: Match) -> tuple[Node, ...]:
    """Keep the whole buckets of a match; gives the conditions of the rows that are left.

    Raises `Unanswered` where the undecided conditions are no range of one bucketed time, or where
    no whole bucket lies within.
    """
    base, asked = _range(match)
    whole_range = match.cells.known.domains.get(base, asked)
    best: tuple[Fraction, tuple[Node, ...]] | None = None
    for source in match.cells.sources:
        if source.base == base and not source.finite:
            found = _inner(match, source, asked, whole_range)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
    if best is None:
        raise Unanswered(
            "bucket", "No whole bucket of it lies within the range", "ask for a longer range"
        )
    match.residual = (*match.residual, *(match.cells.condition(part) for part in best[1]))
    match.undecided = ()
    return best[1]


def _range(match: Match) -> tuple[Node, Domain]:
    """The time that is cut, and the range the undecided conditions leave it."""
    base: Node | None = None
    domain = Domain()
    for part in match.undecided:
        atom = match.cells.known.reasoner.atom(part)
        bound = atom and not (atom[1].only or atom[1].never)
        if atom is None or not bound or (base is not None and atom[0] != base):
            match.cells.condition(part)
            raise Unanswered("predicate", "A condition cannot be decided by its levels")
        base, domain = atom[0], domain.meet(atom[1])
    if base is None or not any(source.base == base for source in match.cells.sources):
        match.cells.condition(match.undecided[0])
        raise Unanswered("predicate", "A condition cannot be decided by its levels")
    return base, domain


def _inner(
    match: Match, source: Source, asked: Domain, whole_range: Domain
) -> tuple[Fraction, tuple[Node, ...]] | None:
    """The whole buckets within the range: how far they reach, and the conditions that keep them."""
    kind = match.cells.known.reasoner.type_of(source.base)
    step = step_of(kind)
    if step is None:
        return None

    def first_start(domain: Domain) -> Fraction | None:
        low = domain.low[0] if domain.low else None
        return _start(match, low, source.bucket, kind, up=True)

    def last_end(domain: Domain) -> Fraction | None:
        high = domain.high[0] if domain.high else None
        after = high + step if isinstance(high, Fraction) else None
        return _start(match, after, source.bucket, kind, up=False)

    low, high = first_start(asked), last_end(asked)
    if (asked.low and low is None) or (asked.high and high is None):
        return None
    least, most = first_start(whole_range), last_end(whole_range)
    if not guards.has_a_whole_bucket(least, most):
        return None
    conditions = []
    if low is not None:
        conditions.append(cmp(">=", source.base, as_node(low, kind)))
    if high is not None:
        conditions.append(cmp("<", source.base, as_node(high, kind)))
    reach = (most - least) if least is not None and most is not None else Fraction(0)
    return reach, tuple(conditions)


def _start(match: Match, value: object, bucket: Bucket, kind: str, *, up: bool) -> Fraction | None:
    """The bucket's start at a value, or the next one up."""
    reasoner = match.cells.known.reasoner
    if not isinstance(value, Fraction):
        return None
    if starts_bucket(reasoner, value, bucket, kind):
        return value
    if kind != "TIMESTAMP WITH TIME ZONE":
        found = next_start(int(value), bucket) if up else start_of(int(value), bucket)
        return None if found is None else Fraction(found)
    if bucket.unit not in STEPS:
        return None
    name, count = STEPS[bucket.unit]
    for steps in (1, 2, 3) if up else (0, 1, 2):  # an hour that comes twice starts none
        by = fn(name, number(count * steps))
        moved = fn("+" if up else "-", as_node(value, kind), by)
        named = fn("date_trunc", text(bucket.unit), moved)
        found_at = evaluated(reasoner.catalogue, reasoner.cursor, fn("epoch_us", named))
        start = Fraction(found_at[1]) if found_at and isinstance(found_at[1], int) else None
        if start is None:
            return None
        if (start > value) == up and starts_bucket(reasoner, start, bucket, kind):
            return start
    return None
