"""Cells that can answer a block, and what reading them costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cubes.blocks import Condition
from cubes.cost import FACT_COST, FACT_ORDER, pins, read_cost, scanned
from cubes.cube import Cuboid, Way
from cubes.lattice import order_of


@dataclass(frozen=True, slots=True)
class Source:
    """Cells that can answer a block: a cuboid as stored, or the facts grouped by its keys."""

    cuboid: Cuboid
    stored: bool
    levels: tuple[tuple[str, Way], ...]  # what the block sees, by its spelling
    early: tuple[tuple[Condition, tuple[Way, ...]], ...]  # conditions applied to the cells
    own: Way | None = None  # the way to the site, where only the principal's own sites are read
    moved: str = ""  # the interval by which every fact is taken to have happened later
    same_day: bool = False  # only facts of days that are the same day of the month after it
    ends: Cuboid | None = None  # what gives the days before and after the whole months
    stretch: tuple[Condition, ...] = ()  # the days asked for, where `ends` is given

    @property
    def name(self) -> str:
        """The table that is read."""
        return self.cuboid.name if self.stored else self.cuboid.cube.fact

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables whose cells are read."""
        return (self.name, *((self.ends.name,) if self.ends else ()))

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are grouped by or asked about, in the cuboid's order."""
        asked = {way.key for _, ways in self.early for way in ways}
        used = {way.key for _, way in self.levels} | asked | ({self.own.key} if self.own else set())
        return tuple(key for key in self.cuboid.keys if key in used)

    @property
    def applied(self) -> tuple[Condition, ...]:
        """The conditions that the cells meet already."""
        return (*(condition for condition, _ in self.early), *self.stretch)


@dataclass(frozen=True, slots=True)
class Considered:
    """What was thought of one candidate."""

    name: str
    used: bool
    reason: str
    rows: int | None = None
    read: int | None = None  # of the rows, those that are scanned, about


def considered(source: Source, rows: int | None, reason: str, *, used: bool) -> Considered:
    """What was thought of a source with so many rows."""
    read = None if rows is None else round(scanned(rows, _order(source), _pinned(source)))
    return Considered(source.name, used=used, reason=reason, rows=rows, read=read)


def _order(source: Source) -> tuple[str, ...]:
    return order_of(source.cuboid) if source.stored else FACT_ORDER


def _pinned(source: Source) -> Mapping[str, float]:
    return pins(source.cuboid.cube, source.early)


def cost_of(source: Source, rows: int | None) -> float:
    """What reading a source costs, in rows; the planner and the advisor compare by it."""
    if rows is None:
        return float("inf")
    cost = read_cost(source.cuboid.cube, rows, _order(source), source.early)
    return cost if source.stored else FACT_COST * cost
