"""What a cube is made of, as frozen dataclasses with SQL inside.

A *key* is what a cell is stored by; a *level* is what people group by and is read from a key. An
*aggregate* adds up and is stored; a *measure* is a formula over merged aggregates and never is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Combine = Literal["sum"]
Unit = Literal["points", "percent", "count", "ratio", "score", "seconds", "hours"]
Direction = Literal[-1, 0, 1]

_ALIAS = re.compile(r"\b([a-z_]+)\.([a-z_]+)\b")


@dataclass(frozen=True, slots=True)
class Way:
    """How a level is read from a key: by an expression, or from a row of a dimension table.

    Without `table`, `sql` is an expression over `{key}`. With it, `sql` is a column of the table,
    whose row is found where its column `match` equals the key.
    """

    key: str
    sql: str = "{key}"
    table: str = ""
    match: str = ""
    as_was: bool = False  # the key already stores the level as it was on that day


@dataclass(frozen=True, slots=True)
class Level:
    """One thing to group and filter by, with the keys it can be read from, the nearest first."""

    name: str
    type: str
    description: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Levels from coarse to fine: the order in which people drill."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """Conformed levels that belong together; `table` holds one row per `key`.

    `durable` names the column that stays while versions change: today's row of a durable member is
    what a question as-is reads instead of the version of that day.
    """

    name: str
    levels: tuple[Level, ...]
    hierarchies: tuple[Hierarchy, ...] = ()
    table: str = ""
    key: str = ""
    durable: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """How a fact row `f` finds its row of a dimension table; at most one row may match."""

    alias: str
    table: str
    condition: str


@dataclass(frozen=True, slots=True)
class Key:
    """A column that cells are stored by, as an expression over the fact `f` and the joins."""

    name: str
    type: str
    sql: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An integer that adds up: `sql` is what one fact row adds, null adding nothing.

    All aggregates combine by sum, so that a retraction can be subtracted; minimum and maximum of a
    bounded score are read from its histogram instead.
    """

    name: str
    sql: str
    description: str
    type: str = "INTEGER"
    combine: Combine = "sum"

    @property
    def merged_type(self) -> str:
        """The type after merging cells: wide enough for any number of them."""
        return "BIGINT" if self.type == "INTEGER" else self.type


@dataclass(frozen=True, slots=True)
class Spread:
    """An interval from a variance: t with `freedom` degrees of freedom, normal without it.

    `variance` is that of the measure itself, as a formula; `low` and `high` bound its scale.
    """

    variance: str
    freedom: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """An interval for a part of a whole, both formulas that count: Wilson's, in percent."""

    part: str
    whole: str


Interval = Spread | Share


@dataclass(frozen=True, slots=True)
class Measure:
    """A formula over sums of aggregates, evaluated when asked.

    `base` is the formula of n, what the measure rests on. `interval_by` gives another interval
    where one of the named levels is in play. `needs` names levels of which one must be in play:
    without it the number has no meaning, and a question is refused instead of answered wrongly.
    """

    name: str
    formula: str
    unit: Unit
    description: str
    direction: Direction
    base: str = ""
    interval: Interval | None = None
    interval_by: tuple[tuple[str, Interval], ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of some measures that are published to whoever may not read the cube: see publication.

    They rest on `contributor`s, an expression over the fact, of which a cell needs `least`; a fact
    counts where the aggregate `base` is not 0. Cells about employees need several sites as well.
    """

    name: str
    base: str
    contributor: str
    measures: tuple[str, ...]
    least: int = 5
    employees: bool = False


@dataclass(frozen=True, slots=True)
class Cube:
    """A fact table with all that can be asked of it; `base` is the formula of n()."""

    name: str
    title: str
    fact: str
    base: str
    joins: tuple[Join, ...]
    keys: tuple[Key, ...]
    dimensions: tuple[Dimension, ...]
    aggregates: tuple[Aggregate, ...]
    measures: tuple[Measure, ...]
    grids: tuple[Grid, ...] = ()
    sides: tuple[Cube, ...] = ()  # of several cubes asked together: these

    @property
    def levels(self) -> Mapping[str, Level]:
        """Every level by its name."""
        return {level.name: level for d in self.dimensions for level in d.levels}

    def key(self, name: str) -> Key:
        """The key of that name."""
        return next(key for key in self.keys if key.name == name)

    def aggregate(self, name: str) -> Aggregate:
        """The aggregate of that name."""
        return next(aggregate for aggregate in self.aggregates if aggregate.name == name)

    def measure(self, name: str) -> Measure | None:
        """The measure of that name, if there is one."""
        return next((measure for measure in self.measures if measure.name == name), None)

    def grid(self, measure: str) -> Grid | None:
        """The grid on which a measure is published, if it is."""
        return next((grid for grid in self.grids if measure in grid.measures), None)

    def joins_for(self, *expressions: str) -> tuple[Join, ...]:
        """The joins that these expressions speak of, in the order they are declared."""
        spoken = {alias for text in expressions for alias, _ in columns_of(text)}
        return tuple(join for join in self.joins if join.alias in spoken)


@dataclass(frozen=True, slots=True)
class Cuboid:
    """The cells of a cube by some of its keys; `sort` is the order in which they are read."""

    cube: Cube
    keys: tuple[str, ...]
    sort: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its table: the cube and its keys."""
        short = (key.removesuffix("_key").removesuffix("_version") for key in self.keys)
        return "_".join((self.cube.name, *short))


def columns_of(expression: str) -> tuple[tuple[str, str], ...]:
    """The `alias.column` pairs an expression speaks of.

    >>> columns_of("site.site_key = f.site_key")
    (('site', 'site_key'), ('f', 'site_key'))
    """
    return tuple(_ALIAS.findall(expression))
