"""What is asked of cubes and how often: the screens' questions, and what the access log counts.

Without a log the screens' questions stand for what people will ask, each once a day for every
member it can be asked for: a site's screen by every site, a province's by every province. What
people pivot and query freely is stood for by every level, alone and by month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import sqlglot

from cubes.blocks import Block, Condition, Spot
from cubes.choice import facts_source, fit
from cubes.cube import Cube, Cuboid
from cubes.definitions import cube_named, level_of
from cubes.formula import formula_of, names_in
from cubes.judge import read_functions
from cubes.questions import questions
from cubes.reading import read_blocks
from cubes.splice import read_text

#: Days of the access log that count.
DAYS = 28

#: How often a day each level is looked at in some stretch of days, and month by month.
PIVOTED, QUERIED = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class Demand:
    """Questions of one shape: what is grouped by, what is fixed, and how often in a day.

    Each of `filters` is one condition, as the levels it speaks of; it may be applied to cells
    before they are merged.
    """

    cube: Cube
    levels: frozenset[str]
    filters: frozenset[frozenset[str]] = frozenset()
    weight: float = 1.0

    @property
    def shape(self) -> tuple[str, frozenset[str], frozenset[frozenset[str]]]:
        """What makes two demands the same."""
        return self.cube.name, self.levels, self.filters

    @property
    def words(self) -> str:
        """The shape as people read it: what is grouped by, then what is given."""
        given = sorted({level for levels in self.filters for level in levels})
        return f"{', '.join(sorted(self.levels)) or 'total'}{' | ' if given else ''}" + ", ".join(
            given
        )

    def block(self) -> Block:
        """The demand as the planner sees a question."""
        conditions = tuple(
            Condition(0, 0, tuple(Spot(level, 0, 0) for level in sorted(levels)))
            for levels in sorted(self.filters, key=sorted)
        )
        return Block(self.cube, "c", True, 0, 0, self.levels, (), (), conditions)

    def source(self, cuboid: Cuboid) -> Any:
        """How a cuboid answers it: a Source, or the reason why it does not."""
        return fit(self.block(), self.levels, cuboid)

    def facts(self) -> Any:
        """How the facts answer it."""
        return facts_source(self.block(), self.levels, as_is=False)


def demands_of(text: str, aggregates: frozenset[str]) -> tuple[Demand, ...]:
    """What one question asks of cubes, block by block.

    >>> [demand.words for demand in demands_of(questions()["week | site"].text, frozenset({"sum"}))]
    ['week | day, site']
    """
    tree = sqlglot.parse_one(text, dialect="duckdb")
    blocks = read_blocks(tree, read_text(text), aggregates)
    return tuple(
        _demand(block, cube)
        for block in blocks
        if not block.published_only
        for cube in block.cube.sides or (block.cube,)
    )


def _demand(block: Block, cube: Cube) -> Demand:
    calls = (call for call in block.calls if call.kind != "benchmark")
    spoken = (names_in(formula_of(call, block), block.cube)[1] for call in calls)
    levels = {_name(block.cube, level) for level in block.levels.union(*spoken)}
    filters = frozenset(
        frozenset(_name(block.cube, level) for level in condition.levels)
        for condition in block.conditions
    )
    return Demand(cube, frozenset(levels), filters)


def _name(cube: Cube, level: str) -> str:
    """The level's own name, where a synonym was written."""
    found = level_of(cube, level)
    assert found is not None
    return found.name


def members(cursor: duckdb.DuckDBPyConnection, cubes: Iterable[Cube]) -> Mapping[str, int]:
    """How many members each level of a dimension table has."""
    found: dict[str, int] = {}
    for cube in cubes:
        for level in cube.levels.values():
            way = next((way for way in level.ways if way.table), None)
            if way and level.type != "DATE" and level.name not in found:
                row = cursor.execute(
                    f"select count(distinct {way.sql}) from {way.table}"
                ).fetchone()
                found[level.name] = int(row[0]) if row else 0
    return found


def screen_demand(
    cursor: duckdb.DuckDBPyConnection, counts: Mapping[str, int]
) -> tuple[Demand, ...]:
    """The screens' questions, each once a day for every member it can be asked for."""
    aggregates = read_functions(cursor).aggregates
    found = [
        replace(demand, weight=float(_times(demand, counts)))
        for question in questions().values()
        for demand in demands_of(question.text, aggregates)
    ]
    return merged(found)


def free_demand(cubes: Iterable[Cube]) -> tuple[Demand, ...]:
    """Every level as it is explored: in a stretch of days, and month by month."""
    stretch = frozenset({frozenset({"day"})})
    found: list[Demand] = []
    for cube in cubes:
        for level in cube.levels.values():
            if level.type != "DATE":
                one, monthly = frozenset({level.name}), frozenset({level.name, "month"})
                found.append(Demand(cube, one, stretch, PIVOTED))
                found.append(Demand(cube, monthly, stretch, PIVOTED))
                found.append(Demand(cube, monthly, weight=QUERIED))
    return merged(found)


def _times(demand: Demand, counts: Mapping[str, int]) -> int:
    fixed = (counts.get(level, 1) for levels in demand.filters for level in levels)
    return max((*fixed, 1))


def log_demand(
    entries: Iterable[Mapping[str, Any]], aggregates: frozenset[str], now: datetime
) -> tuple[Demand, ...]:
    """What the access log counts, as questions a day.

    A text of the screens is known by its hash, and so is what it fixes; of any other question the
    log keeps levels alone, and it counts as if it grouped by all of them.
    """
    known = {
        hashlib.sha256(question.text.encode()).hexdigest(): question.text
        for question in questions().values()
    }
    first = now - timedelta(days=DAYS)
    found: list[Demand] = []
    began = now
    for entry in entries:
        at = datetime.fromisoformat(str(entry["at"]))
        if at < first or entry.get("act") not in ("ask", "stream") or not entry.get("blocks"):
            continue
        began = min(began, at)
        text = known.get(str(entry.get("statement")))
        found += demands_of(text, aggregates) if text else _of_blocks(entry["blocks"])
    days = max((now - began) / timedelta(days=1), 1.0)
    return tuple(replace(each, weight=each.weight / days) for each in merged(found))


def _of_blocks(blocks: Iterable[Any]) -> Iterable[Demand]:
    for name, levels, _, read in blocks:
        cube = cube_named(str(name))
        if str(read).startswith("published_"):
            continue
        if cube is not None and all(level_of(cube, str(level)) for level in levels):
            yield Demand(cube, frozenset(_name(cube, str(level)) for level in levels))


def merged(demands: Iterable[Demand]) -> tuple[Demand, ...]:
    """One demand of each shape, with the weights added up, in a fixed order."""
    found: dict[Any, Demand] = {}
    for demand in demands:
        before = found.get(demand.shape)
        weight = demand.weight + (before.weight if before else 0.0)
        found[demand.shape] = replace(demand, weight=weight)
    return tuple(sorted(found.values(), key=lambda d: (d.cube.name, d.words)))
