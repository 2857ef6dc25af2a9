"""A stretch of days as whole months and the days before and after them, from two cuboids.

A year of all sites has 365 cells a site by day and 13 by month; read as eleven whole months and the
days that are left over at both ends, it is some thirty. Months and days add up to the same, because
a cell of a month is the sum of its days' cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cubes.blocks import Block, Condition
from cubes.cost import STRETCH, left_of, pins, scanned
from cubes.cube import Cuboid
from cubes.lattice import order_of, over_own
from cubes.lookups import Moment
from cubes.source import Considered, Source
from cubes.splice import Edit, spliced

#: The days before and after the whole months of a stretch, of all days there are.
ENDS = 0.02

#: What binding three pieces instead of one costs, in rows.
SEAM = 40_000

_LOWER = (">=", ">")


def stretch_of(block: Block) -> tuple[Condition, ...]:
    """The conditions that ask for a stretch of days: at most one for each end."""
    found: dict[bool, Condition] = {}
    for condition in block.conditions:
        if condition.bound and condition.spots[0].name == "day":
            found.setdefault(condition.bound.sign in _LOWER, condition)
    return tuple(found.values())


def pieced(
    block: Block,
    fits: Iterable[Source],
    cuboids: Iterable[Cuboid],
    fit: Callable[[Block, Cuboid], Source | str],
) -> Iterator[Source]:
    """Sources whose cuboid gives whole months, and one of those that fit the days left over.

    `fit` says how a cuboid gives all levels of a block.
    """
    stretch = stretch_of(block)
    if not stretch:
        return
    rest = replace(block, conditions=tuple(c for c in block.conditions if c not in stretch))
    days = [source.cuboid for source in fits if "day" in source.cuboid.keys]
    for cuboid in cuboids:
        whole = fit(rest, cuboid) if "month" in cuboid.keys else ""
        if not isinstance(whole, Source):
            continue
        for ends in days:
            if all(over_own(ends, key) for key in whole.keys):
                yield replace(whole, ends=ends, stretch=stretch)


def pieces_cost(source: Source, sizes: Mapping[str, int]) -> float:
    """What reading the pieces costs, in rows."""
    return SEAM + sum(read + left for _, _, read, left in _pieces(source, sizes))


def pieces_considered(source: Source, sizes: Mapping[str, int]) -> tuple[Considered, ...]:
    """Why two cuboids answer together."""
    reasons = (
        "whole months are the least to read",
        f"the days that {source.name} has no whole month of",
    )
    return tuple(
        Considered(cuboid.name, used=True, reason=reason, rows=rows, read=round(read))
        for (cuboid, rows, read, _), reason in zip(_pieces(source, sizes), reasons, strict=True)
    )


def _pieces(
    source: Source, sizes: Mapping[str, int]
) -> tuple[tuple[Cuboid, int, float, float], ...]:
    """For both cuboids their rows, those scanned and those left to be merged."""
    assert source.ends is not None
    parts = ((source.cuboid, STRETCH), (source.ends, ENDS))
    return tuple(_piece(source, cuboid, part, sizes) for cuboid, part in parts)


def _piece(
    source: Source, cuboid: Cuboid, part: float, sizes: Mapping[str, int]
) -> tuple[Cuboid, int, float, float]:
    rows = sizes.get(cuboid.name, 0)
    left = left_of(cuboid.cube, rows * part, source.early)
    pinned = {**pins(cuboid.cube, source.early), "day": part, "month": part}
    return cuboid, rows, scanned(rows, order_of(cuboid), pinned), left


@dataclass(frozen=True, slots=True)
class Edges:
    """The first month that is whole, and the first that is not again, where they are asked for."""

    first: Moment | None
    until: Moment | None

    @property
    def moments(self) -> tuple[Moment, ...]:
        """Those that are there."""
        return tuple(moment for moment in (self.first, self.until) if moment)

    def months(self) -> Iterator[str]:
        """The conditions that leave whole months."""
        if self.first:
            yield f"c.month >= {self.first.sql}"
        if self.until:
            yield f"c.month < {self.until.sql}"

    def days(self) -> Iterator[tuple[str, ...]]:
        """The conditions that leave the days before, and those that leave the days after."""
        if self.first:
            yield (f"c.day < {self.first.sql}",)
        if self.until:
            after = (f"c.day >= {self.first.sql}",) if self.first else ()
            yield (*after, f"c.day >= {self.until.sql}")


def edges_of(source: Source, sql: str, edits: tuple[Edit, ...]) -> Edges:
    """The edges of a stretch, as expressions over what the question compares its days with.

    The question's own sign decides whether a month that an operand lies in is whole, so that an
    operand of any type that a day is compared with means here what it means there.
    """
    first = until = None
    for condition in source.stretch:
        assert condition.bound is not None
        operand = f"({spliced(sql, edits, condition.bound.start, condition.bound.end)})"
        sign, day = condition.bound.sign, f"{operand}::date"
        month = f"date_trunc('month', {day})::date"
        after = f"({month} + interval 1 month)::date"
        if sign in _LOWER:
            first = Moment(f"(case when {month} {sign} {operand} then {month} else {after} end)")
        else:
            until = Moment(
                f"(case when last_day({day}) {sign} {operand} then {after} else {month} end)"
            )
    return Edges(first, until)


def pieces_sql(
    source: Source, columns: Iterable[str], sql: str, edits: tuple[Edit, ...], days: Iterable[str]
) -> str:
    """The cells of whole months and of the days left over, under the whole's keys.

    `columns` are those of the aggregates, `days` the conditions on days as the question words them.
    """
    assert source.ends is not None
    cells, edges = tuple(columns), edges_of(source, sql, edits)
    made = (f"{over_own(source.ends, key, 'c')} as {key}" for key in source.keys)
    own = ", ".join((*(f"c.{key}" for key in source.keys), *cells))
    other = ", ".join((*made, *cells))
    parts = [f"select {own} from {source.name} as c where {' and '.join(edges.months())}"]
    for left in edges.days():
        kept = " and ".join((*days, *left))
        parts.append(f"select {other} from {source.ends.name} as c where {kept}")
    return "\nunion all\n".join(parts)
