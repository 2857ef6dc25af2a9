"""What a candidate would read to answer a block, in rows: one measure for planner and advisor.

Both must agree, or the advisor would have cuboids built that the planner then leaves alone. So the
measure knows no data but row counts: shares and members are round figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cubes.blocks import Condition
from cubes.cube import Cube, Way

#: A row of facts costs about this many cells: it is wider and has yet to find its dimensions.
FACT_COST = 2

#: DuckDB leaves out whole groups of so many rows, by the smallest and largest value in each.
ROW_GROUP = 122_880

#: Of a key's members, what a condition leaves: a stretch of time, or one of its members.
STRETCH, ONE, MEMBERS = 0.25, 0.01, 100

#: Facts lie month by month.
FACT_ORDER = ("month",)

Early = Iterable[tuple[Condition, tuple[Way, ...]]]


def read_cost(cube: Cube, rows: float, order: Iterable[str], early: Early) -> float:
    """The rows that are scanned, and those that are left to be merged.

    `order` is how the rows lie and `early` what is asked of them: a condition on the first keys of
    the order lets whole row groups be left out.
    """
    conditions = tuple(early)
    return scanned(rows, order, pins(cube, conditions)) + left_of(cube, rows, conditions)


def left_of(cube: Cube, rows: float, early: Early) -> float:
    """The rows that conditions leave to be merged."""
    for _, ways in early:
        rows *= _share(cube, ways)
    return rows


def pins(cube: Cube, early: Early) -> Mapping[str, float]:
    """The share of a key's members that conditions leave, where row groups show it.

    A condition must speak of the key as it is stored, or of members that are no coarser.
    """
    found: dict[str, float] = {}
    for condition, ways in early:
        way = ways[0]
        finest = way.sql == "{key}" if not way.table else _is_finest(cube, condition, way)
        if finest and len({each.key for each in ways}) == 1:
            found[way.key] = min(_share(cube, ways), found.get(way.key, 1.0))
    if "day" in found:  # a stretch of days is one of months
        found.setdefault("month", found["day"])
    return found


def scanned(rows: float, order: Iterable[str], pinned: Mapping[str, float]) -> float:
    """The rows in those row groups that may hold what is asked for.

    >>> scanned(1_000_000, ("site_version", "day"), {"site_version": 0.01})
    122880.0
    >>> scanned(1_000_000, ("day", "site_version"), {"site_version": 0.01})
    1000000
    """
    read, left, runs = rows, rows, 1.0
    for key in order:
        share = pinned.get(key, 1.0)
        if key in pinned:
            left *= share
            read = min(read, max(left, runs * ROW_GROUP))
        runs *= max(1.0, share * MEMBERS)
    return read


def _share(cube: Cube, ways: tuple[Way, ...]) -> float:
    dates = {key.name for key in cube.keys if key.type == "DATE"}
    return STRETCH if any(way.key in dates for way in ways) else ONE


def _is_finest(cube: Cube, condition: Condition, way: Way) -> bool:
    """Whether the levels of a condition are as fine as the key they are read from."""
    dimension = next((d for d in cube.dimensions if (d.table, d.key) == (way.table, way.key)), None)
    if dimension is None:
        return False
    ends = {hierarchy.levels[-1] for hierarchy in dimension.hierarchies}
    return condition.levels <= (ends or {level.name for level in dimension.levels})
