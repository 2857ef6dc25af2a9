"""Questions about facts in plain SQL, answered from cuboids where that is provably the same.

The general rewriter is told the star of a release and, for each cuboid, a SELECT over the facts
that gives what its cells hold by levels anybody can name. Cells keep the version of a site, and its
durable key is a part of that; a fact with a date has exactly one version, since the first reaches
back to the beginning. What the rewriter cannot prove stays as it was asked.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import duckdb

from cubes.cube import Aggregate, Cuboid, columns_of
from cubes.plan import BlockPlan
from cubes.plan import Plan as Planned
from cubes.rewrite import Plan, rewrite
from cubes.source import Considered
from models.schema import shipped_schema
from models.table import TableSpec

log = logging.getLogger(__name__)

_NAMED = "cells_"  # how a cuboid that stands for facts is called
VERSIONS = 1024  # a version of a site is its key times so many, and its number
_CONDITION = re.compile(r"\((.*)\)::integer", re.DOTALL)  # what an aggregate counts
BY_KEY = ("question",)  # joins by a whole key of the dimension: at most one row for each fact
VERSION, DATED = "site_version", "f.local_date is not null"


@dataclass(frozen=True, slots=True)
class Stand:
    """A cuboid as the rewriter sees it: what it is made of, and how to read it from the cells."""

    cuboid: Cuboid
    definition: str
    cells: str


@dataclass(frozen=True, slots=True)
class Star:
    """Everything about a release's tables that a proof may rest on."""

    tables: Mapping[str, Mapping[str, str]]
    keys: Mapping[str, tuple[str, ...]]
    not_null: frozenset[tuple[str, str]]


def stand(cuboid: Cuboid) -> Stand | None:
    """How a cuboid stands for facts, or None where its cells hold what no table of the star does.

    A province of the day is read from the version that a range of days selects, which no key
    proves to be one; such cuboids answer questions over cubes alone.
    """
    levels: list[tuple[str, str, str]] = []  # name, over the facts, over the cells
    for name in cuboid.keys:
        made = cuboid.cube.key(name).sql
        if name == VERSION:
            levels.append(("site_key", "f.site_key", f"{VERSION} // {VERSIONS}"))
        elif {alias for alias, _ in columns_of(made)} <= {"f", *BY_KEY}:
            levels.append((name, made, name))
        else:
            return None
    cube, by_site = cuboid.cube, VERSION in cuboid.keys
    sums = [a for a in cube.aggregates if {alias for alias, _ in columns_of(a.sql)} <= {"f"}]
    joins = cube.joins_for(*(made for _, made, _ in levels))
    facts = f"{cube.fact} as f" + "".join(
        f" left join {join.table} as {join.alias} on {join.condition}" for join in joins
    )
    definition = _select(
        [*(f"{made} as {name}" for name, made, _ in levels), *map(_over_facts, sums)],
        f"{facts} where {DATED}" if by_site else facts,
        [made for _, made, _ in levels],
    )
    cells = _select(
        [*(f"{read} as {name}" for name, _, read in levels), *map(_over_cells, sums)],
        f"{cuboid.name} where {VERSION} is not null" if by_site else cuboid.name,
        [read for _, _, read in levels],
        "having sum(rows) <> 0",
    )
    return Stand(cuboid, definition, cells)


def star_of(tables: Mapping[str, TableSpec], dated: frozenset[str]) -> Star:
    """The star of a release, with the facts of which none lacks its date.

    Of references nothing is assumed: a question that joins a dimension keeps the join.
    """
    models = {
        m.name: m for m in shipped_schema().models if m.layer != "canonical" and m.name in tables
    }
    keys = {name: model.key for name, model in models.items() if model.key}
    sure = {(name, column) for name, key in keys.items() for column in key}
    return Star(
        tables={name: dict(tables[name].base_columns) for name in models},
        keys=keys,
        not_null=frozenset({*sure, *((name, "local_date") for name in dated)}),
    )


def dated(con: duckdb.DuckDBPyConnection, cuboids: tuple[Cuboid, ...]) -> frozenset[str]:
    """The facts of these cuboids of which none lacks its date, as DuckDB's statistics tell."""
    facts = {cuboid.cube.fact for cuboid in cuboids}
    missing = "select 1 from {} where local_date is null limit 1"
    return frozenset(f for f in facts if not con.execute(missing.format(f)).fetchall())


def routed(
    asked: Planned, star: Star, cuboids: tuple[Cuboid, ...], sizes: Mapping[str, int]
) -> Planned:
    """The plan of a question about facts alone, over cells where they are the same and cheaper.

    Whatever goes wrong on the way, the facts answer: a shortcut that fails is no reason to refuse.
    """
    try:
        sql, found, used = route(asked.sql, star, cuboids, sizes)
    except Exception:  # the rewriter's promise is to raise for malformed catalogues alone
        log.exception("A question about facts could not be routed; the facts answer")
        return asked
    if not used:
        return asked
    stored = tuple(each.cuboid.name for each in used.values())
    reads = {name for name in found.reads if name not in used}
    blocks = tuple(
        BlockPlan(each.cuboid.cube.name, each.cuboid.name, True, (), (), _told(found, cuboids))
        for each in used.values()
    )
    return replace(asked, sql=sql, reads=tuple(sorted({*reads, *stored})), blocks=blocks)


def _told(plan: Plan, cuboids: tuple[Cuboid, ...]) -> tuple[Considered, ...]:
    """What was thought of each cuboid, by its own name."""
    told = ((c.name, plan.considered.get(_NAMED + c.name)) for c in cuboids)
    return tuple(Considered(name, each.used, each.sentence) for name, each in told if each)


def route(
    sql: str, star: Star, cuboids: tuple[Cuboid, ...], sizes: Mapping[str, int]
) -> tuple[str, Plan, Mapping[str, Stand]]:
    """The text to run instead, the rewriter's plan, and what the names in the text stand for."""
    stands = {_NAMED + c.name: found for c in cuboids if (found := _stand(c)) is not None}
    plan = rewrite(
        sql,
        tables=star.tables,
        cuboids={name: each.definition for name, each in stands.items()},
        sizes={
            **{name: sizes.get(name, 0) for name in star.tables},
            **{name: sizes.get(each.cuboid.name, 0) for name, each in stands.items()},
        },
        keys=star.keys,
        not_null=star.not_null,
        timezone="UTC",
        prefer="cost",
    )
    used = {name: stands[name] for name in plan.reads if name in stands}
    if not used:
        return sql, plan, {}
    cells = ",\n".join(f"{name} as (\n{each.cells}\n)" for name, each in used.items())
    rest = plan.sql.lstrip()
    if rest[:5].casefold() == "with " and rest[5:].lstrip()[:9].casefold() != "recursive":
        return f"with {cells},\n{rest[5:]}", plan, used
    return f"with {cells}\n{rest}", plan, used


_stand = lru_cache(maxsize=512)(stand)


def _select(outputs: list[str], source: str, by: list[str], having: str = "") -> str:
    grouped = f"group by {', '.join(by)}" if by else ""
    return f"select {', '.join(outputs)}\nfrom {source}\n{grouped} {having}".strip()


def _over_facts(aggregate: Aggregate) -> str:
    if aggregate.sql == "1":
        return f"count(*) as {aggregate.name}"
    counted = _CONDITION.fullmatch(aggregate.sql)
    if counted:
        return f"count(*) filter (where {counted[1]}) as {aggregate.name}"
    return f"coalesce(sum({aggregate.sql}), 0)::{aggregate.merged_type} as {aggregate.name}"


def _over_cells(aggregate: Aggregate) -> str:
    return f"sum({aggregate.name})::{aggregate.merged_type} as {aggregate.name}"
