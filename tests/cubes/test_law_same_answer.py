# ruff: noqa: E501  (tables of SQL read better whole)
"""Law 1: a cuboid never changes an answer. Plain DuckDB over the facts is the other side."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.catalogue import Catalogue, read_catalogue
from cubes.cube import Cuboid
from cubes.definitions import CUBES, level_of
from cubes.judge import judge
from cubes.lattice import CUBOIDS, cuboids_of
from cubes.plan import Plan, Surroundings, plan
from cubes.refresh import Relations, cells_sql, delta_sql
from tests.cubes.oracle import CONDITIONS, MEANING, TODAY, VIEWS
from tests.cubes.star import AS_OF, FakeSnapshot, Star, random_star, released
from tests.laws import in_memory

EXTRA = 15  # facts that were loaded and retracted again
WORDS = ("S1", "부산", "sales", "repair", "Q2", "channel 2", "inquiry", "unknown", "nowhere")
OFFERED = frozenset({"satisfaction", "voice", "dim_site", "dim_process"})


@dataclass(frozen=True)
class World:
    """One star with its cells, among them cells that retractions have emptied."""

    con: duckdb.DuckDBPyConnection
    catalogue: Catalogue


@cache
def world(seed: int) -> World:
    whole = random_star(seed, answers=70 + EXTRA, contacts=50 + EXTRA)
    facts = {
        **whole.tables,
        "fact_answer": whole.tables["fact_answer"][:-EXTRA],
        "fact_contact": whole.tables["fact_contact"][:-EXTRA],
    }
    snapshot = released(Star(facts), cells=False)
    con = snapshot.con
    con.execute("create schema more")
    Star({**whole.tables}).put(con, "more")
    for name in ("fact_answer", "fact_contact"):
        con.execute(f"create view gone_{name} as from more.{name} except all from {name}")
        con.execute(f"create view none_{name} as from {name} limit 0")
    for cuboid in CUBOIDS:
        fact = cuboid.cube.fact
        minus = delta_sql(cuboid, Relations(f"none_{fact}", str), Relations(f"gone_{fact}", str))
        con.execute(
            f"create table {cuboid.name} as {cells_sql(cuboid, f'more.{fact}', str)};"
            f"insert into {cuboid.name} {minus}"
        )
    for name, sql in VIEWS.values():
        con.execute(f"create view {name} as {sql}")
    return World(con, read_catalogue(FakeSnapshot(con), con))


@dataclass(frozen=True)
class Asked:
    cube: str
    text: str
    plain: str
    given: Mapping[str, Any]


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    cube = draw(st.sampled_from(CUBES))
    names = (*cube.levels, "region")
    levels = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    calls = draw(
        st.lists(st.sampled_from(sorted(MEANING[cube.name])), min_size=1, max_size=3, unique=True)
    )
    where = [
        draw(_condition(name, cube.name))
        for name in draw(st.lists(st.sampled_from(names), max_size=3))
    ]
    shape = draw(st.sampled_from(SHAPES if levels else SCALAR_SHAPES))
    by = ", ".join(levels)
    outputs = ", ".join((*levels, *(f"{call} as m{i}" for i, call in enumerate(calls))))
    text = shape.format(
        by=by, outputs=outputs, first=calls[0], level=levels[0] if levels else "",
        where=f"where {' and '.join(where)}" if where else "where true",
    )  # fmt: skip
    meanings = MEANING[cube.name]
    known = re.compile(
        "|".join(re.escape(call) for call in sorted(meanings, key=len, reverse=True))
    )
    plain = known.sub(lambda found: f"({meanings[found.group()]})", text)
    plain = plain.replace("{cube}", VIEWS[cube.name][0]).replace("current_date", TODAY)
    first, last = sorted(
        draw(st.lists(st.dates(date(2026, 1, 25), date(2026, 4, 25)), min_size=2, max_size=2))
    )
    given = {"first": first, "last": last, "word": draw(st.sampled_from(WORDS))}
    return Asked(cube.name, text.replace("{cube}", cube.name), plain, given)


@st.composite
def _condition(draw: st.DrawFn, name: str, cube: str) -> str:
    level = level_of(next(c for c in CUBES if c.name == cube), name)
    assert level is not None
    return draw(st.sampled_from(CONDITIONS[level.type])).replace("{}", name)


SCALAR_SHAPES = ("select {outputs} from {{cube}} {where}",)
SHAPES = (
    "select {outputs} from {{cube}} {where} group by all",
    "select {outputs} from {{cube}} as x {where} group by rollup({by})",
    "select {outputs} from {{cube}} {where} group by {by} having {first} > 1 order by {first} desc, {by} limit 3",
    "select distinct {by} from {{cube}} {where}",
    "with a as (select {outputs} from {{cube}} {where} group by all) select {level}, max(m0) from a group by all",
    "select {outputs} from {{cube}} {where} group by all union all select {outputs} from {{cube}} group by all",
    "select {outputs}, rank() over (order by {first}) as place from {{cube}} {where} group by all",
    "select {outputs} from {{cube}} {where} group by {by} qualify max({level}) over (partition by {level}) is not null",
    "select {by}, max(day) as late, count(distinct month) as months, {first} as m0 from {{cube}} {where} group by {by}",
    "from {{cube}} select {by}, sum(rows) as m0 {where} and {level} in (select {level} from {{cube}} group by {level}) group by {by}",
)  # fmt: skip


def planned(world: World, text: str, cuboids: tuple[Cuboid, ...], *, as_is: bool = False) -> Plan:
    verdict = judge(text, world.con, OFFERED, world.catalogue.functions)
    sizes = {**world.catalogue.sizes, **{cuboid.name: 1 for cuboid in cuboids}}
    around = Surroundings(cuboids, sizes, AS_OF, world.catalogue.functions.aggregates, as_is=as_is)
    return plan(text, verdict, around)


def rows(
    world: World, sql: str, given: Mapping[str, Any]
) -> tuple[list[str], list[str], Counter[Any]]:
    used = {name: value for name, value in given.items() if f"${name}" in sql}
    con = world.con.cursor()
    found = con.sql(sql, params=used) if used else con.sql(sql)
    types = [str(type_) for type_ in found.types]
    return (
        list(found.columns),
        types,
        Counter(tuple(_close(v) for v in row) for row in found.fetchall()),
    )


def _close(value: Any) -> Any:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.11e}")
    return value


@in_memory
@given(seed=st.integers(0, 3), asked=questions())
def test_every_cuboid_that_can_answer_gives_the_answer_of_the_facts(
    seed: int, asked: Asked
) -> None:
    here = world(seed)
    expected = rows(here, asked.plain, asked.given)
    for cuboids in ((), *((cuboid,) for cuboid in CUBOIDS if cuboid.cube.name == asked.cube)):
        found = planned(here, asked.text, cuboids)
        assert rows(here, found.sql, asked.given) == expected, found.sql


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 3),
    level=st.sampled_from(("province", "district", "site_type", "site")),
    other=st.sampled_from(("month", "week", "process", "hour")),
)
def test_as_is_groups_by_the_trees_of_today(seed: int, level: str, other: str) -> None:
    here = world(seed)
    view = VIEWS["satisfaction"][0]
    plain = (
        f"select t.{level}, f.{other}, count(f.grade) as n from {view} as f"
        " join dim_site as t on t.site_key = f.site_key and t.is_current"
        " where t.province is distinct from '부산' group by all"
    )
    text = (
        f"select {level}, {other}, n() from satisfaction"
        " where province is distinct from '부산' group by all"
    )
    for cuboids in ((), *((cuboid,) for cuboid in cuboids_of(CUBES[0]))):
        found = planned(here, text, cuboids, as_is=True)
        assert rows(here, found.sql, {}) == rows(here, plain, {}), found.sql


def test_cells_that_retractions_emptied_are_no_groups() -> None:
    con = world(0).con
    emptied = con.execute(
        "select count(*) from satisfaction_touchpoint_day where rows < 0"
    ).fetchone()
    assert emptied is not None
    assert emptied[0] > 0
