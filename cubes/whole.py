"""Whether the cells of a cuboid are, one and all, what the facts add up to.

The other side is a SELECT a person wrote from the glossary, one for each cube in `plain/`: no
expression of it comes from the cube, so that a wrong definition shows as a wrong cell does. Cells
and facts meet with opposite signs, and whatever does not cancel out is a difference: all integers,
so that it is one exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from cubes.cube import Cube, Cuboid

#: More facts than these are compared month by month, so that no comparison outgrows its memory.
AT_ONCE = 2_000_000


@cache
def plain_sql(cube: Cube) -> str:
    """What every fact of a cube adds to its cells, with all keys."""
    return (Path(__file__).with_name("plain") / f"{cube.name}.sql").read_text(encoding="utf-8")


def differences(cursor: duckdb.DuckDBPyConnection, cuboid: Cuboid) -> str:
    """One sentence about the cells that are not what the facts add up to; empty where all are."""
    count, first = 0, ""
    for part in _parts(cursor, cuboid):
        found, example = _differing(cursor, cuboid, part)
        count, first = count + found, first or example
    if not count:
        return ""
    cells = f"{count:,} cells are" if count > 1 else "one cell is"
    return f"{cells} not what {cuboid.cube.fact} adds up to ({first})"


def difference_sql(cuboid: Cuboid, part: str = "true") -> str:
    """The cells in which a cuboid and its facts differ, with cells less facts; `part` of both."""
    keys, names = ", ".join(cuboid.keys), [a.name for a in cuboid.cube.aggregates]
    some = f"{keys}, " if keys else ""
    lines = [
        f"select {some}{', '.join(f'sum({name}) as {name}' for name in names)}",
        "from (",
        f"select {some}{', '.join(f'{n}::hugeint as {n}' for n in names)} from {cuboid.name}",
        f"where {part}",
        "union all",
        f"select {some}{', '.join(f'-{name}::hugeint' for name in names)}",
        f"from ({plain_sql(cuboid.cube)}) where {part}",
        ")",
        *((f"group by {keys}",) if keys else ()),
        "having " + " or ".join(f"sum({name}) <> 0" for name in names),
    ]
    return "\n".join(lines)


def _differing(cursor: duckdb.DuckDBPyConnection, cuboid: Cuboid, part: str) -> tuple[int, str]:
    """How many cells differ, and the first of them in words."""
    found = cursor.execute(
        f"select count(*) over () as _cells, * from ({difference_sql(cuboid, part)})"
        f" order by all limit 1"
    )
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    if not rows:
        return 0, ""
    (count, *_), cell = rows[0], dict(zip(names, rows[0], strict=True))
    return int(count), _in_words(cuboid, cell)


def _in_words(cuboid: Cuboid, cell: dict[str, Any]) -> str:
    place = ", ".join(f"{key} {cell[key]}" for key in cuboid.keys) or "in all"
    aggregate = next(a.name for a in cuboid.cube.aggregates if cell[a.name])
    return f"{place}: {aggregate} is off by {cell[aggregate]:+,}"


def _parts(cursor: duckdb.DuckDBPyConnection, cuboid: Cuboid) -> Iterator[str]:
    """Conditions on keys that cut cells and facts into the same parts."""
    time = next((key for key in ("day", "month") if key in cuboid.keys), None)
    counted = cursor.execute(f"select count(*) from {cuboid.cube.fact}").fetchone()
    if time is None or counted is None or counted[0] <= AT_ONCE:
        yield "true"
        return
    month = f"date_trunc('month', {time})::date"
    months = cursor.execute(
        f"select distinct {month} from {cuboid.name}"
        f" union select distinct date_trunc('month', local_date)::date from {cuboid.cube.fact}"
        " order by all"
    ).fetchall()
    for (first,) in months:
        if first is None:
            yield f"{time} is null"
        else:
            until = f"date '{first}' + interval 1 month"
            yield f"{time} >= date '{first}' and {time} < {until}"
