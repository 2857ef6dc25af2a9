# ruff: noqa: E501  (tables of SQL read better whole)
"""How a question is planned: what is read, what stays as written, how outputs are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import duckdb
import pytest

from cubes.catalogue import Catalogue, read_catalogue
from cubes.definitions import CUBES, SATISFACTION, VOICE
from cubes.judge import Verdict, judge
from cubes.lattice import CUBOIDS
from cubes.plan import Plan, Surroundings, plan
from models.errors import Forbidden
from models.schema import shipped_schema
from tests.cubes.star import AS_OF, random_star, released

OFFERED = frozenset(
    {"satisfaction", "voice", "fact_answer", "fact_contact", "dim_site", "dim_date"}
)


@cache
def _release() -> tuple[duckdb.DuckDBPyConnection, Catalogue]:
    snapshot = released(random_star(3, answers=400, contacts=200))
    return snapshot.con, read_catalogue(snapshot, snapshot.con)


def planned(sql: str, **changes: object) -> Plan:
    con, catalogue = _release()
    sizes = {**catalogue.sizes, "fact_answer": 10**6, "fact_contact": 10**6}
    around = Surroundings(CUBOIDS, sizes, AS_OF, catalogue.functions.aggregates)
    verdict = judge(sql, con, OFFERED, catalogue.functions)
    return plan(sql, verdict, replace(around, **changes))  # type: ignore[arg-type]


def outputs(sql: str) -> list[str]:
    return [d[0] for d in _release()[0].cursor().execute(planned(sql).sql).description]


@pytest.mark.parametrize(
    ("sql", "source"),
    [
        ("select month, measure(index) from satisfaction group by all", "satisfaction_site_month"),
        ("select day, site_type, measure(index) from satisfaction group by all", "satisfaction_site_day"),
        ("select week, site, measure(index) from satisfaction group by all", "satisfaction_site_day"),
        ("select year, province, measure(index) from satisfaction group by all", "satisfaction_site_month"),
        ("select question, measure(index) from satisfaction group by all", "satisfaction_site_question_channel_month"),
        ("select process, measure(index) from satisfaction where day >= date '2026-02-01' group by all", "satisfaction_touchpoint_day"),
        ("select channel, site, measure(index) from satisfaction group by all", "satisfaction_site_channel_month"),
        ("select hour, measure(contacts) from voice group by all", "voice_channel_purpose_day_hour"),
        ("select reason, measure(contacts) from voice group by all", "voice_site_reason_month"),
        ("select segment, measure(index) from satisfaction group by all", "fact_answer"),
        ("select channel, day, measure(index) from satisfaction group by all", "fact_answer"),
        ("select agent, month, measure(aht) from voice group by all", "fact_contact"),
        ("select measure(mean) from satisfaction where question = 'Q1'", "satisfaction_site_question_channel_month"),
    ],
)  # fmt: skip
def test_the_smallest_cuboid_that_has_all_levels_answers(sql: str, source: str) -> None:
    sizes = {
        cuboid.name: 10 ** len(cuboid.keys) * (30 if "day" in cuboid.keys else 1)
        for cuboid in CUBOIDS
    }
    sizes = {
        **sizes,
        "satisfaction_touchpoint_day": 500,
        "fact_answer": 10**9,
        "fact_contact": 10**9,
    }
    found = planned(sql, sizes=sizes)
    assert found.blocks[0].source == source
    assert source in found.reads


def test_the_facts_answer_where_cells_are_as_many() -> None:
    sizes = {cuboid.name: 1000 for cuboid in CUBOIDS} | {"fact_answer": 400}
    found = planned("select month, measure(index) from satisfaction group by all", sizes=sizes)
    assert found.blocks[0].source == "fact_answer"


def test_a_cuboid_the_release_does_not_have_is_not_thought_of() -> None:
    found = planned("select month, measure(index) from satisfaction group by all", cuboids=())
    assert found.blocks[0].source == "fact_answer"
    assert [c.reason for c in found.blocks[0].considered] == ["no cuboid has every level"]


def test_as_is_does_not_read_provinces_as_they_were() -> None:
    found = planned(
        "select province, day, measure(index) from satisfaction group by all", as_is=True
    )
    assert found.blocks[0].source == "satisfaction_site_day"


def test_every_other_candidate_has_a_reason() -> None:
    block = planned("select process, month, measure(index) from satisfaction group by all").blocks[
        0
    ]
    assert [c.used for c in block.considered].count(True) == 1
    reasons = {c.name: c.reason for c in block.considered}
    assert reasons["satisfaction_site_month"] == "has no process"
    assert all(reasons.values())


def test_a_question_without_a_cube_stays_byte_for_byte() -> None:
    sql = "SELECT /* x */ Site ,\n 1//2 from DIM_SITE -- end"
    assert planned(sql).sql == sql
    assert planned(sql).reads == ("dim_site",)


def test_only_the_cube_and_its_measures_are_replaced() -> None:
    sql = (
        "SELECT Month, measure(index)  AS i FROM satisfaction AS s  GROUP BY ALL HAVING n()>3 -- x"
    )
    found = planned(sql).sql
    assert found.startswith("SELECT Month, (")
    assert found.endswith(") AS s  GROUP BY ALL HAVING (coalesce(sum(s._n), 0)::bigint)>3 -- x")


def test_a_condition_that_cells_apply_is_not_applied_twice() -> None:
    found = planned(
        "select site, n() from satisfaction where day >= date '2026-02-01' and site = 'S1' group by all"
    )
    assert "c.day) >= date '2026-02-01'" in found.sql
    assert "where d.site = 'S1'" in found.sql
    assert found.sql.endswith("where true and true group by all")
    assert "as day" not in found.sql


def test_a_level_that_is_also_grouped_by_stays_a_column() -> None:
    found = planned(
        "select month, n() from satisfaction where month >= date '2026-02-01' group by all"
    )
    assert "c.month as month" in found.sql


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select month, measure(index), low(index), high(index, 0.9), n(index), n(), count(*) from satisfaction group by all",
         ["month", "index", "index_low", "index_high", "index_n", "n", "count_star()"]),
        ("select region, sum(n), measure(index) i, measure(nps) as \"N P S\" from satisfaction group by all",
         ["region", "sum(n)", "i", "N P S"]),
        ("select round(measure(index), 1), -n(), Month from satisfaction group by all",
         ["round(measure(index), 1)", "-n()", "Month"]),
        ("select current_date, now() is null as x, current_date - 1", ["current_date", "x", "current_date - 1"]),
        ("with a as (select site, measure(index) from satisfaction group by all) select *, index + 1 as m from a",
         ["site", "index", "m"]),
        ("select x: n(), case when n() is distinct from 3 then 1 end from satisfaction",
         ["x", "case when n() is distinct from 3 then 1 end"]),
        ("from satisfaction select distinct n()", ["n"]),
        ("select 한글: measure(index), '가' || max(site) from satisfaction", ["한글", "('가' || max(site))"]),
    ],
)  # fmt: skip
def test_outputs_keep_the_names_a_reader_expects(sql: str, names: list[str]) -> None:
    found = outputs(sql)
    assert [name.casefold() for name in found] == [name.casefold() for name in names]


def test_the_clock_stands_at_the_release() -> None:
    con = _release()[0].cursor()
    moment = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
    sql = "select now(), current_timestamp, current_date, today(), localtimestamp, current_date - interval 1 day"
    row = con.execute(planned(sql).sql).fetchone()
    assert row is not None
    assert row[:2] == (moment, moment)
    assert row[2] == row[3] == moment.date()
    assert row[4] == moment.replace(tzinfo=None)
    text = 'select \'now()\' as a, "current_date" from (select 1 as "current_date")'
    assert planned(text).sql == text


def test_the_clock_reaches_conditions_that_cells_apply() -> None:
    found = planned("select n() from satisfaction where day > current_date - 3")
    assert "date '2026-05-01' - 3" in found.sql
    assert "current_date" not in found.sql


def test_facts_of_other_sites_are_replaced_wherever_they_are_named() -> None:
    filters = {"fact_answer": "select * from fact_answer where site_key = 1"}
    sql = "select count(*), (select max(score) from fact_answer) from fact_answer as a, (from fact_answer) as b"
    found = planned(sql, filters=filters).sql
    assert found.count("site_key = 1") == 3
    assert "(select * from fact_answer where site_key = 1) as a" in found
    assert "(from (select * from fact_answer where site_key = 1) as fact_answer) as b" in found


def test_two_readings_of_one_text_are_refused() -> None:
    around = Surroundings((), {}, AS_OF, frozenset())
    with pytest.raises(Forbidden):
        plan("select * from dim_site", Verdict({"dim_site": 1, "fact_answer": 1}), around)


def test_parameters_are_named() -> None:
    found = planned(
        "select site, n() from satisfaction where day >= $first and day < $until and site = $site group by all"
    )
    assert found.parameters == ("first", "site", "until")


def test_every_join_key_and_level_names_columns_of_the_star() -> None:
    specs = shipped_schema().specs
    for cube in CUBES:
        fact = set(specs[cube.fact].names)
        for level in cube.levels.values():
            for way in level.ways:
                if way.table:
                    assert way.sql in specs[way.table].names, (level.name, way)
        assert {"site_key", "local_date"} <= fact
    assert {level.name for level in SATISFACTION.levels.values()} >= {
        "site", "site_name", "site_type", "size_band", "province", "district", "region_office", "process",
        "stage", "touchpoint", "question", "channel", "agent", "product", "campaign", "segment", "day", "week",
        "month", "quarter", "half", "year", "fiscal_year", "hour",
    }  # fmt: skip
    assert {"reason", "purpose"} <= set(VOICE.levels)


def test_periods_are_those_of_the_date_dimension() -> None:
    con = duckdb.connect()
    con.execute(
        "create table setting (name varchar, value varchar); create table holiday (day date, name varchar)"
    )
    model = shipped_schema().model("dim_date")
    con.execute(f"create table dim_date as {model.sql}")
    for name in ("week", "month", "quarter", "half", "year"):
        for way in SATISFACTION.levels[name].ways:
            if way.key == "day":
                row = con.execute(
                    f"select count(*) from dim_date where {name} is distinct from {way.sql.format(key='day')}"
                ).fetchone()
                assert row == (0,), name
            elif way.key == "month":
                row = con.execute(
                    f"select count(*) from dim_date where {name} is distinct from {way.sql.format(key='month')}"
                ).fetchone()
                assert row == (0,), name
    row = con.execute(
        "select count(*) from (select month from dim_date group by month having count(distinct fiscal_year) > 1)"
    ).fetchone()
    assert row == (0,)
