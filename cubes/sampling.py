"""Questions as people ask them, drawn by chance: of the screens, and of the access log.

What is given is a member or a stretch of days that the release has, so that an answer has rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import duckdb

from cubes.access_log import files
from cubes.cube import Cube
from cubes.definitions import CUBES, cube_named, level_of
from cubes.questions import Question, questions
from cubes.recompute import Asked
from models.home import Home

#: How long the stretches of days are that screens show.
SPANS = (1, 7, 28, 90, 365)

#: Of the access log, what is looked at; and of the drawn questions, the share that comes from it.
RECENT_BYTES, FROM_LOG = 131_072, 0.5

_SITE = """
select site, site_type, size_band, province, district from dim_site
where is_current and site_key > 0 order by site_key limit 1 offset {}
"""
_FIGURES = ("low", "high", "n")


@dataclass(frozen=True, slots=True)
class Logged:
    """A block of a question that somebody asked: what the access log keeps of it."""

    cube: Cube
    levels: tuple[str, ...]
    measures: tuple[str, ...]

    @property
    def name(self) -> str:
        """What findings call it."""
        return f"{', '.join(self.measures)} by {', '.join(self.levels) or 'nothing'}, as was asked"


@dataclass(frozen=True, slots=True)
class World:
    """What a release has to ask for: the days of each cube, how many sites, and the processes."""

    days: Mapping[str, tuple[date, date]]
    sites: int
    processes: tuple[str, ...]


def look_around(cursor: duckdb.DuckDBPyConnection) -> World:
    """What can be asked for in the release a cursor reads."""
    days = {}
    for cube in CUBES:
        row = cursor.execute(f"select min(local_date), max(local_date) from {cube.fact}").fetchone()
        if row and row[0] is not None:
            days[cube.name] = (row[0], row[1])
    counted = cursor.execute(
        "select count(*) from dim_site where is_current and site_key > 0"
    ).fetchone()
    found = cursor.execute("select distinct process from dim_process order by process").fetchall()
    return World(days, int(counted[0]) if counted else 0, tuple(row[0] for row in found if row[0]))


def draw(
    chance: Random,
    cursor: duckdb.DuckDBPyConnection,
    world: World,
    logged: Sequence[Logged] = (),
) -> Asked | None:
    """One question with what it needs; None where the release has nothing to ask for."""
    if logged and chance.random() < FROM_LOG:
        return of_log(chance, world, chance.choice(logged))
    names = [name for name, question in questions().items() if _cube_in(question.text)]
    return _of_screen(chance, cursor, world, questions()[chance.choice(names)])


def every_screen(
    chance: Random, cursor: duckdb.DuckDBPyConnection, world: World
) -> Iterator[Asked]:
    """Each question of the screens over a cube, for members drawn anew each time."""
    for question in questions().values():
        asked = _of_screen(chance, cursor, world, question)
        if asked is not None:
            yield asked


def _of_screen(
    chance: Random, cursor: duckdb.DuckDBPyConnection, world: World, question: Question
) -> Asked | None:
    cube = _cube_in(question.text)
    if cube is None or cube.name not in world.days or not world.sites:
        return None
    given = {**_place(chance, cursor, world), **_times(chance, world.days[cube.name])}
    return Asked(question.name, question.text, {p: given[p] for p in question.parameters})


def _cube_in(text: str) -> Cube | None:
    return next((cube for cube in CUBES if f"from {cube.name}" in text), None)


def _place(chance: Random, cursor: duckdb.DuckDBPyConnection, world: World) -> dict[str, Any]:
    """A site with its league and province, a few sites, and a process."""
    rows = [
        cursor.execute(_SITE.format(chance.randrange(world.sites))).fetchone() for _ in range(3)
    ]
    found = [row for row in rows if row]
    names = ("site", "site_type", "size_band", "province", "district")
    process = chance.choice(world.processes) if world.processes else ""
    return {
        **dict(zip(names, found[0], strict=True)),
        "sites": sorted({row[0] for row in found}),
        "process": process,
    }


def _times(chance: Random, days: tuple[date, date]) -> dict[str, date]:
    """A whole month, or as many days as a screen shows, with those before and a year ago."""
    first, last = days
    start = first + timedelta(days=chance.randint(0, (last - first).days))
    if chance.random() < 0.5:
        start, until = start.replace(day=1), _next_month(start)
    else:
        until = start + timedelta(days=chance.choice(SPANS))
    span, year = until - start, timedelta(days=364)
    return {
        "first": start,
        "until": until,
        "before": start - span,
        "year_first": start - year,
        "year_until": until - year,
    }


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def of_log(chance: Random, world: World, logged: Logged) -> Asked | None:
    """A block of the log as a question: its levels and measures, in one month or in all."""
    calls = [call for name in logged.measures if (call := _call(logged.cube, name))]
    if not calls or logged.cube.name not in world.days:
        return None
    outputs = [f"{call} as _{place}" for place, call in enumerate(calls)]
    text, given = f"select {', '.join((*logged.levels, *outputs))} from {logged.cube.name}", {}
    if chance.random() < 0.8:  # else in all months, as far as its rows can be compared
        text += " where month = $month"
        first, last = world.days[logged.cube.name]
        day = first + timedelta(days=chance.randint(0, (last - first).days))
        given = {"month": day.replace(day=1)}
    by = f" group by {', '.join(logged.levels)}" if logged.levels else ""
    return Asked(logged.name, text + by, given)


def _call(cube: Cube, name: str) -> str | None:
    """The call that an output of the log stands for, None for a published figure."""
    if name in ("n", "count_star()"):
        return "n()" if name == "n" else "count(*)"
    if cube.measure(name):
        return f"measure({name})"
    measure, _, figure = name.rpartition("_")
    return f"{figure}({measure})" if figure in _FIGURES and cube.measure(measure) else None


def recent(home: Home, most: int = RECENT_BYTES) -> tuple[Logged, ...]:
    """The different blocks that the newest part of the access log tells of."""
    found = files(home.log)
    if not found:
        return ()
    with found[-1].open("rb") as file:
        file.seek(max(0, found[-1].stat().st_size - most))
        lines = file.read().splitlines()
    return tuple(dict.fromkeys(block for line in lines for block in _blocks(line)))


def _blocks(line: bytes) -> Iterable[Logged]:
    try:
        entry = json.loads(line)
        blocks = entry["blocks"] if entry["act"] in ("ask", "stream") else ()
    except (ValueError, KeyError, TypeError):
        return
    for name, levels, measures, *_ in blocks:
        cube = cube_named(str(name))
        if cube and measures and all(level_of(cube, level) for level in levels):
            yield Logged(cube, tuple(levels), tuple(measures))
