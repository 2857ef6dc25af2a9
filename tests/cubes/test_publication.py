# ruff: noqa: E501  (tables of SQL read better whole)
"""What is published: enough contributors, nothing computable, and benchmarks that are sums of it."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubes.api import Connection
from cubes.definitions import CUBES
from cubes.policy import parse_principal
from cubes.publication import aggregates_of
from models.errors import QuestionError
from tests.cubes.oracle import MEANING, VIEWS
from tests.cubes.star import FakeReader, FakeSnapshot, Star, random_star, released
from tests.cubes.test_suppression import Span

PERSON = {
    "satisfaction": "coalesce(customer_key, -1 - response_key)",
    "voice": "coalesce(customer_key, -1 - contact_key)",
}
COUNTS = {
    "index": "weight > 0", "scores": "grade is not null", "nps": "span = 10 and grade is not null", "answers": "true",
    "verbatims": "text_id is not null", "contacts": "true", "cycles": "cycle_minutes is not null",
    "waits": "not is_abandoned and (answered_at_utc is not null or answered_date is not null or talk_seconds is not null) and wait_seconds is not null",
}  # fmt: skip
ATOM = "month, site, site_type, size_band, province, process"
SCOPES = {
    "network": (),
    "region": ("province",),
    "type": ("site_type",),
    "peers": ("site_type", "size_band"),
    "site": ("site",),
}


@cache
def world(seed: int, answers: int = 260) -> FakeSnapshot:
    star = random_star(seed, answers=answers, contacts=answers // 2)
    chance = random.Random(seed)
    for table in ("fact_answer", "fact_contact"):
        for row in star.tables[table]:
            row["customer_key"] = chance.choice((None, chance.randint(1, 30)))
            if row["site_key"] == 2 and chance.random() < 0.8:
                row["site_key"] = 3  # a small site
    snapshot = released(star)
    for name, sql in VIEWS.values():
        snapshot.con.execute(f"create table {name} as {sql}")
    return snapshot


def grids() -> list[tuple[str, str]]:
    return [(cube.name, grid.name) for cube in CUBES for grid in cube.grids if not grid.employees]


def cells(snapshot: FakeSnapshot, cube: str, grid: str) -> list[dict[str, Any]]:
    measure = next(g for c in CUBES if c.name == cube for g in c.grids if g.name == grid).measures[
        0
    ]
    Connection(FakeReader(snapshot)).prepare(f"select benchmark({measure}, 'network') from {cube}")
    return snapshot.con.cursor().sql(f"from published_{cube}_{grid}").pl().to_dicts()


def of_cell(cell: dict[str, Any]) -> str:
    keys = ("month", *SCOPES[cell["scope"]], *(("process",) if cell["by_process"] else ()))
    values = {
        key: f"date '{cell[key]}'"
        if key == "month"
        else "null"
        if cell[key] is None
        else f"'{cell[key]}'"
        for key in keys
    }
    return " and ".join(f"{key} is not distinct from {value}" for key, value in values.items())


@settings(max_examples=20)
@given(seed=st.integers(0, 5), which=st.sampled_from(grids()))
def test_an_open_cell_has_enough_persons_and_no_closed_one_can_be_computed(
    seed: int, which: tuple[str, str]
) -> None:
    snapshot, (cube, grid) = world(seed), which
    view, least = VIEWS[cube][0], 10 if grid == "verbatims" else 5
    con = snapshot.con.cursor()
    atoms: dict[Any, list[Any]] = {}
    for row in con.execute(f"select distinct {ATOM} from {view}").fetchall():
        atoms.setdefault(row[0], []).append(row)
    open_rows: dict[Any, list[list[int]]] = {}
    closed_rows: dict[Any, list[list[int]]] = {}
    for cell in cells(snapshot, cube, grid):
        here = of_cell(cell)
        (persons,) = con.execute(
            f"select count(distinct {PERSON[cube]}) from {view} where {COUNTS[grid]} and {here}"
        ).fetchone() or (0,)
        if 0 < persons < least:
            assert not cell["is_open"], cell
        if not cell["is_open"]:
            assert all(value is None for name, value in cell.items() if name.startswith("_"))
        inside = con.execute(f"select distinct {ATOM} from {view} where {here}").fetchall()
        row = [int(atom in inside) for atom in atoms[cell["month"]]]
        (open_rows if cell["is_open"] else closed_rows).setdefault(cell["month"], []).append(row)
    for month, rows in closed_rows.items():
        told = Span(open_rows.get(month, ()))
        for row in rows:
            assert row not in told, (month, row)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 5),
    measure=st.sampled_from(("index", "nps", "top_box", "n", "texts")),
    scope=st.sampled_from(("network", "site", "site:S3", "region", "peers", "type")),
    by=st.sampled_from(
        ("month", "month, process", "site, month", "site, quarter", "process", "site_type", "")
    ),
    where=st.sampled_from(
        (
            "",
            "where month >= date '2026-03-01'",
            "where province = '부산'",
            "where process = 'sales'",
        )
    ),
)
def test_a_benchmark_is_the_figure_of_whole_members_or_nothing(
    seed: int, measure: str, scope: str, by: str, where: str
) -> None:
    snapshot = world(seed)
    con = Connection(FakeReader(snapshot))
    levels = by.split(", ") if by else []
    said = ", ".join((*levels, f"benchmark({measure}, '{scope}') as b"))
    sql = f"select {said} from satisfaction {where}" + (f" group by {by}" if by else "")
    by_process = "process" in (*levels, *where.split())
    if (scope == "site" and "site" not in levels) or (scope.startswith("site") and by_process):
        with pytest.raises(QuestionError):
            con.ask(sql)
        return
    view = VIEWS["satisfaction"][0]
    for row in con.ask(sql).to_dicts():
        if row["b"] is None:
            continue
        conditions = [where.removeprefix("where ")] if where and "province" not in where else []
        conditions += [
            f"{k} is not distinct from {_literal(row[k])}"
            for k in levels
            if k in ("month", "quarter", "process")
        ]
        members = SCOPES[scope.removesuffix(":S3")]
        if scope.startswith("site:"):
            conditions.append("site = 'S3'")
        elif members:
            asked = [
                f"d.{k} is not distinct from {_literal(row[k])}"
                for k in levels
                if k in ("site", "site_type")
            ]
            asked += ["d.province = '부산'"] if "province" in where else []
            same = " and ".join(f"d.{m} is not distinct from v.{m}" for m in members)
            conditions.append(
                f"exists (select 1 from dim_site as d where {' and '.join(['d.is_current', same, *asked])})"
            )
        plain = f"select {MEANING['satisfaction'][f'measure({measure})']} from {view} as v where {' and '.join(conditions) or 'true'}"
        (expected,) = snapshot.con.cursor().execute(plain).fetchone() or (None,)
        assert row["b"] == pytest.approx(expected, rel=1e-12), plain


def _literal(value: Any) -> str:
    return (
        "null" if value is None else f"date '{value}'" if isinstance(value, date) else f"'{value}'"
    )


def network(sites: int, persons: int) -> Star:
    """Sites of one kind in one province, each with so many contacts, one by each agent there."""
    star = random_star(1, answers=0, contacts=0)
    star.tables["dim_site"] = [
        {"site_version": k * 1024, "site_key": k, "site": f"S{k}", "site_name": f"Site {k}", "site_type": "sales_branch",
         "size_band": "small", "province": "서울", "valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31), "is_current": True}
        for k in range(1, sites + 1)
    ]  # fmt: skip
    star.tables["fact_contact"] = [
        {"contact_key": k * 1000 + i, "site_key": k, "touchpoint_key": 1, "channel_key": 1, "reason_key": 1, "product_key": 1,
         "campaign_key": 1, "agent_key": 1, "profile_key": 1, "customer_key": k * 1000 + i, "purpose": "complaint",
         "direction": "inbound", "is_resolved": True, "is_abandoned": False, "talk_seconds": 60, "cycle_minutes": 60,
         "local_date": date(2026, 3, 3), "transfers": 0, "reopens": 0}
        for k in range(1, sites + 1)
        for i in range(persons if k > 1 else 2)
    ]  # fmt: skip
    return star


def test_a_small_site_takes_the_next_smallest_with_it() -> None:
    con = Connection(FakeReader(released(network(4, 9))))
    rows = con.ask(
        "select site, benchmark(contacts, 'site') as b from voice group by site order by site"
    ).rows()
    assert [b for _, b in rows].count(None) == 2
    assert rows[0] == ("S1", None)
    assert con.ask("select benchmark(contacts, 'network') as b from voice").item() == 29


def _agents(
    star: Star, agents: int, sites: dict[int, int], day: date = date(2026, 3, 3)
) -> Connection:
    star.tables["dim_agent"] = [
        {"agent_version": k * 1024, "agent_key": k, "agent": f"A{k}", "valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31), "is_current": True}
        for k in range(agents + 1)
    ]  # fmt: skip
    model = star.tables["fact_contact"][0]
    star.tables["fact_contact"] = [
        {
            **model,
            "contact_key": site * 1000 + i,
            "customer_key": i,
            "site_key": site,
            "agent_key": 1 + i % agents,
            "local_date": day,
        }
        for site, n in sites.items()
        for i in range(n)
    ]
    return Connection(FakeReader(released(star)))


@pytest.mark.parametrize(
    ("agents", "sites", "day", "told"),
    [
        (6, {1: 20, 2: 20, 3: 20}, date(2026, 3, 3), True),
        (4, {1: 20, 2: 20, 3: 20}, date(2026, 3, 3), False),  # too few agents
        (6, {1: 30, 2: 30}, date(2026, 3, 3), False),  # too few sites
        (6, {1: 90, 2: 6, 3: 6}, date(2026, 3, 3), False),  # one site dominates
        (6, {1: 20, 2: 20, 3: 20}, date(2026, 5, 1), False),  # the month is not over
    ],
)
def test_figures_of_employees_need_several_sites_none_of_them_dominant_and_a_closed_month(
    agents: int, sites: dict[int, int], day: date, told: bool
) -> None:
    con = _agents(network(3, 9), agents, sites, day)
    found = con.ask("select benchmark(aht, 'network') as b from voice").item()
    assert (found == 60) if told else (found is None)
    assert con.ask("select benchmark(contacts, 'network') as b from voice").item() == sum(
        sites.values()
    )


def test_each_measure_is_on_one_grid_and_no_grid_tells_what_another_hides() -> None:
    for cube in CUBES:
        names = [name for grid in cube.grids for name in grid.measures]
        assert sorted(names) == sorted({m.name for m in cube.measures if not m.needs})
        magnitudes = {
            "p",
            "s",
            "h0",
            "h1",
            "top1",
            "top2",
            "low1",
            "promoters",
            "detractors",
            "texts",
            "wait",
            "handle",
            "transfers",
            "cycle",
        }
        read = [set(aggregates_of(cube, grid)) & magnitudes for grid in cube.grids]
        for i, one in enumerate(read):
            for other in read[i + 1 :]:
                assert not one & other


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select benchmark(index, 'galaxy') from satisfaction", "no scope 'galaxy'"),
        ("select benchmark(index, 'peer') from satisfaction", "did you mean 'peers'"),
        ("select benchmark(indx, 'peers') from satisfaction", "did you mean 'index'"),
        ("select benchmark(mean, 'network') from satisfaction where question = 'Q1'", "question"),
        ("select benchmark(mean, 'network') from satisfaction", "mean is not published"),
        ("select benchmark(index) from satisfaction", "takes a measure and a scope"),
        ("select benchmark(index, month) from satisfaction group by month", "takes a measure and a scope"),
        ("select benchmark(aht, 'network', 'low') from voice", "aht has no interval"),
        ("select day, benchmark(index, 'network') from satisfaction group by day", "day"),
        ("select benchmark(index, 'network') from satisfaction where channel = 'web'", "channel"),
        ("select benchmark(index, 'network') from satisfaction where hour > 3", "hour"),
        ("select benchmark(index, 'network') from satisfaction where month > $m or site = 'S1'", "apart"),
        ("select year(month), benchmark(index, 'network') from satisfaction group by all", "month"),
        ("select month, benchmark(index, 'network') from satisfaction group by rollup(month)", "rollup"),
        ("select benchmark(index, 'site') from satisfaction", "group by site"),
        ("select process, benchmark(index, 'site:S1') from satisfaction group by all", "all processes together"),
        ("select s.month, benchmark(index, 'type') from satisfaction as s join dim_date using (day) group by all", "alone"),
    ],
)  # fmt: skip
def test_what_is_no_whole_member_is_refused_in_a_sentence(sql: str, told: str) -> None:
    with pytest.raises(QuestionError, match=told.replace("(", r"\(")):
        Connection(FakeReader(world(0))).ask(sql, {"m": date(2026, 1, 1)} if "$m" in sql else {})


def test_a_benchmark_is_the_same_for_whoever_asks_and_named_by_its_scope() -> None:
    sql = "select site, month, benchmark(index, 'site'), benchmark(index, 'network', 'n') from satisfaction group by all order by all"
    frames = [
        Connection(FakeReader(world(3)), parse_principal(who)).ask(sql)
        for who in ("analyst", "hq_viewer", "agent", "site_manager:S1")
    ]
    assert frames[0].columns == ["site", "month", "index_site", "index_network_n"]
    assert frames[0].height > 4
    assert all(frame.equals(frames[0]) for frame in frames)


def test_own_figures_and_those_of_others_stand_side_by_side() -> None:
    manager = Connection(FakeReader(world(3)), parse_principal("site_manager:S1"))
    whole = Connection(FakeReader(world(3)))
    sql = "select month, measure(index) as own, benchmark(index, 'network') as all_sites from satisfaction {} group by all order by all"
    own = manager.ask(sql.format(""))
    assert own["own"].to_list() == whole.ask(sql.format("where site = 'S1'"))["own"].to_list()
    assert own["all_sites"].drop_nulls().len() > 0


def test_published_cells_cannot_be_named() -> None:
    con = Connection(FakeReader(world(3)))
    con.ask("select benchmark(index, 'network') from satisfaction")
    with pytest.raises(Exception, match="no table 'published_satisfaction_index'"):
        con.ask("select * from published_satisfaction_index")
