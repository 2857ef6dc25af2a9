"""A question answered twice at one load: as it is served, and from the facts alone.

Both answers are planned by the planner that serves people; for the second one it is offered no
cuboid. What is compared is what law 1 calls the same: names, types and rows, where the ratios of
exact parts may differ by rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any

import duckdb

from cubes.catalogue import Catalogue, Snapshot
from cubes.definitions import CUBES
from cubes.judge import judge
from cubes.plan import Plan, Surroundings, plan
from cubes.policy import ANALYST, offer
from models.errors import HappycallError

#: Rows of one answer that are compared; screens ask for far fewer.
MOST_ROWS = 50_000

#: Relative difference of two ratios of the same parts that is rounding alone.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its parameters; its name is what findings call it."""

    name: str
    text: str
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one comparison: the cuboids that were read, and the difference in a sentence."""

    cuboids: tuple[str, ...]
    why: str  # empty where the answers are the same


def recompute(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    asked: Asked,
    refused: Mapping[str, str],
    seconds: float,
) -> Compared | None:
    """Answer a question both ways; None where no cuboid answers it, or it takes too long."""
    try:
        served = _planned(snapshot, cursor, catalogue, asked.text, refused)
    except HappycallError:  # this release has not what it asks for
        return None
    cuboids = served.cuboids
    if not cuboids or any(block.grids for block in served.blocks):
        return None
    every = {cuboid.name: "to be recomputed" for cuboid in catalogue.cuboids}
    plain = _planned(snapshot, cursor, catalogue, asked.text, every)
    cursor.execute(f"set max_execution_time = {max(int(seconds * 500), 1)}")
    try:
        right = _answer(cursor, plain, asked.given)
        found = _answer(cursor, served, asked.given)
    except duckdb.Error as error:
        if "maximum execution time" in str(error) or "Out of Memory" in str(error):
            return None
        raise
    finally:
        cursor.execute("set max_execution_time = 0")
    if right is None or found is None:
        return None
    why = difference(found, right)
    return Compared(cuboids, f"'{asked.name}' {why}" if why else "")


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer as DuckDB gives it."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[tuple[Any, ...]]


def difference(found: Rows, right: Rows) -> str:
    """In what one answer differs from another, in words; empty where they are the same."""
    if found.columns != right.columns:
        return f"has the columns {found.columns} instead of {right.columns}"
    if len(found.rows) != len(right.rows):
        return f"has {len(found.rows):,} rows instead of {len(right.rows):,}"
    names = [name for name, _ in right.columns]
    pairs = zip(sorted(found.rows, key=_order), sorted(right.rows, key=_order), strict=True)
    for mine, other in pairs:
        for name, one, two in zip(names, mine, other, strict=True):
            if not _same(one, two):
                return f"says {name} {one} instead of {two}"
    return ""


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return one == two or isclose(one, two, rel_tol=ROUNDING) or (one != one and two != two)
    return type(one) is type(two) and bool(one == two)


def _order(row: tuple[Any, ...]) -> tuple[str, ...]:
    """Exact values before ratios, so that rounding cannot change which rows are compared."""
    exact = (f"{value}" for value in row if not isinstance(value, float))
    return (*exact, *(f"{value:.9e}" for value in row if isinstance(value, float)))


def _planned(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    text: str,
    refused: Mapping[str, str],
) -> Plan:
    offered = offer(ANALYST, frozenset(cube.name for cube in CUBES), catalogue.tables)
    around = Surroundings(
        cuboids=catalogue.cuboids,
        sizes=catalogue.sizes,
        as_of=snapshot.as_of,
        aggregates=catalogue.functions.aggregates,
        refused=refused,
    )
    return plan(text, judge(text, cursor, offered.tables, catalogue.functions), around)


def _answer(
    cursor: duckdb.DuckDBPyConnection, planned: Plan, given: Mapping[str, Any]
) -> Rows | None:
    """The rows of an answer, None where there are more than are compared."""
    used = {name: given[name] for name in planned.parameters}
    done = cursor.execute(planned.sql, used) if used else cursor.execute(planned.sql)
    columns = tuple((str(c[0]), str(c[1])) for c in done.description or ())
    rows = done.fetchmany(MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        return None
    return Rows(columns, rows)
