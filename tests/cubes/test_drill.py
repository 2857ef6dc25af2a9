# ruff: noqa: E501  (questions read better whole)
"""The rows behind a cell are the facts a person would pick out, and they add up to it exactly."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.api import Connection
from cubes.lattice import CUBOIDS
from cubes.policy import ROLES, parse_principal, rights_of
from cubes.refresh import cells_sql
from models.errors import Forbidden, HappycallError, QuestionError
from tests.cubes.chronicle import written_down
from tests.cubes.oracle import ANSWERS, CONTACTS
from tests.cubes.star import FakeReader, FakeSnapshot, random_star, released

PLAIN = {"satisfaction": ANSWERS, "voice": CONTACTS}
KEY = {"satisfaction": "answer_key", "voice": "contact_key"}
LEVELS = {
    "satisfaction": (
        "site", "province", "district", "process", "question", "channel", "agent", "segment", "day",
        "week", "month", "fiscal_year", "hour", "site_type",
    ),
    "voice": ("site", "purpose", "direction", "reason", "hour", "half", "touchpoint", "product"),
}  # fmt: skip
FIGURES = {
    "satisfaction": ("measure(index)", "low(index)", "n()", "count(*)", "sum(h3)", "measure(nps)"),
    "voice": ("measure(contacts)", "high(answer_rate)", "measure(cycle_median)", "measure(aht)"),
}
CONDITIONS = {
    "satisfaction": ("", "channel <> 'channel 1'", "day >= date '2026-03-01' or site = 'S1'"),
    "voice": ("", "purpose = 'complaint' and hour is not null", "province is null"),
}


@pytest.fixture
def snapshot() -> FakeSnapshot:
    return released(random_star(3, 300, 200))


@pytest.fixture
def con(snapshot: FakeSnapshot) -> Connection:
    return Connection(FakeReader(snapshot))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), seed=st.integers(0, 10_000), cube=st.sampled_from(("satisfaction", "voice")))
def test_behind_every_cell_stand_the_facts_of_its_members(data: Any, seed: int, cube: str) -> None:
    snapshot = released(random_star(seed, 90, 60), cells=False)
    for cuboid in data.draw(st.sets(st.sampled_from(CUBOIDS), max_size=2)):
        cells = cells_sql(cuboid, cuboid.cube.fact, str)
        snapshot.con.execute(f"create table {cuboid.name} as {cells}")
    con = Connection(FakeReader(snapshot))
    levels = data.draw(st.lists(st.sampled_from(LEVELS[cube]), max_size=3, unique=True))
    figures = data.draw(st.lists(st.sampled_from(FIGURES[cube]), min_size=1, max_size=3))
    condition = data.draw(st.sampled_from(CONDITIONS[cube]))
    asked = f"select {', '.join((*levels, *figures))} from {cube}"
    asked += f" where {condition}" if condition else ""
    asked += f" group by {', '.join(levels)}" if levels else ""
    rows = con.ask(asked).rows()
    for row in data.draw(st.lists(st.sampled_from(rows), max_size=3)) if rows else ():
        cell = dict(zip(levels, row, strict=False))
        found = con.rows_behind(asked, cell)
        assert list(found.cell.values()) == list(row)
        same = " and ".join(f"{name} is not distinct from ${name}" for name in levels)
        where = " and ".join(f"({each})" for each in (condition, same) if each) or "true"
        plain = snapshot.con.execute(
            f"select {KEY[cube]} from ({PLAIN[cube]}) where {where}", cell or None
        ).fetchall()
        assert Counter(found.frame[KEY[cube]].to_list()) == Counter(key for (key,) in plain)


@pytest.mark.parametrize(
    ("asked", "cell", "rows"),
    [
        ("select site, measure(index) from satisfaction group by all order by 2 desc limit 9", {"site": "S1"}, "site_key = 1"),
        ("select upper(channel) as c, measure(index) from satisfaction group by 1", {"c": "CHANNEL 1"}, "channel_key = 1"),
        ("select channel as c, measure(index) from satisfaction group by 1", {"channel": "channel 1"}, "channel_key = 1"),
        ("select s.channel, n() as n from satisfaction as s group by all having n() > 1;", {"CHANNEL": "channel 2"}, "channel_key = 2"),
        ("select channel, measure(index) - 50 as over, count(distinct site) from satisfaction group by all", {"channel": "channel 0"}, "channel_key = 0"),
        ("select channel, count(*) filter (where process = 'sales') from satisfaction group by all", {"channel": "channel 0"}, "channel_key = 0"),
        ("select channel, n(), rank() over (order by n() desc) as place from satisfaction group by all", {"channel": "channel 2"}, "channel_key = 2"),
        ("select measure(index) from satisfaction where day < current_date", {}, "true"),
        ("select max(month), n() from satisfaction", {}, "true"),
        ("select channel, n() from satisfaction where day between $first and $last group by all", {"channel": "channel 0"}, "channel_key = 0"),
    ],
)  # fmt: skip
def test_a_cell_is_named_by_its_members_however_the_question_is_written(
    con: Connection, asked: str, cell: dict[str, Any], rows: str
) -> None:
    params = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    found = con.rows_behind(asked, cell, params if "$" in asked else None)
    expected = con.ask(f"select answer_key from fact_answer where {rows} order by 1")
    assert sorted(found.frame["answer_key"]) == expected["answer_key"].to_list()
    assert found.fact == "fact_answer"
    assert found.answer.load == 1842


@pytest.mark.parametrize(
    ("asked", "cell", "words"),
    [
        ("select site, n() from satisfaction group by all", {}, "names 4 cells of the answer; name one of them by site"),
        ("select site, n() from satisfaction group by all", {"site": "S9"}, "no such cell"),
        ("select site, n() from satisfaction group by all", {"sit": "S1"}, "did you mean 'site'"),
        ("select site, n() from satisfaction group by all", {"n": 3}, "no level 'n'"),
        ("select n() from satisfaction", {"site": "S1"}, "named by nothing, there is one"),
        ("select province, site, n() from satisfaction group by rollup (1, 2)", {}, "ROLLUP"),
        ("select distinct site from satisfaction", {"site": "S1"}, "no rows are listed"),
        ("select site, benchmark(index, 'network') from satisfaction group by all", {"site": "S1"}, "benchmark"),
        ("select * from (select site, n() as n from satisfaction group by all)", {}, "inner question"),
        ("with a as (select site, n() from satisfaction group by all) select * from a", {}, "inner"),
        ("select count(*) from fact_answer", {}, "one SELECT over one cube"),
        ("select 1", {}, "one SELECT over one cube"),
        ("select site, n() over_all from satisfaction group by all qualify", {}, ""),
        ("select avg(site_key) from dim_site", {}, "one SELECT over one cube"),
    ],
)  # fmt: skip
def test_what_has_no_rows_of_its_own_is_refused_in_a_sentence(
    con: Connection, asked: str, cell: dict[str, Any], words: str
) -> None:
    with pytest.raises(HappycallError) as told:
        con.rows_behind(asked, cell)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_rows_that_do_not_add_up_are_not_listed(snapshot: FakeSnapshot, con: Connection) -> None:
    asked = "select month, measure(index) from satisfaction group by all"
    (cuboid,) = con.plan(asked).cuboids
    snapshot.con.execute(f"update {cuboid} set p = p + 12 where month = date '2026-03-01'")
    assert con.rows_behind(asked, {"month": date(2026, 2, 1)}).frame.height
    with pytest.raises(QuestionError, match=r"do not add up to it, and none .* says index"):
        con.rows_behind(asked, {"month": date(2026, 3, 1)})


@pytest.mark.parametrize("role", ROLES)
def test_rows_are_for_those_who_may_read_them(snapshot: FakeSnapshot, role: str) -> None:
    asked = "select site, n() from satisfaction group by all"
    con = Connection(FakeReader(snapshot), parse_principal(f"{role}:S1"))
    if rights_of(con.principal).rows == "none":
        with pytest.raises(Forbidden, match=f"not offered to {role}"):
            con.rows_behind(asked, {"site": "S1"})
        return
    own = con.rows_behind(asked, {"site": "S1"}).frame
    assert own.height
    assert set(own["site_key"]) == {1}
    if rights_of(con.principal).rows == "own":
        with pytest.raises(QuestionError, match="no such cell"):
            con.rows_behind(asked, {"site": "S2"})


def test_a_managers_network_is_the_own_site_and_so_are_its_rows(snapshot: FakeSnapshot) -> None:
    con = Connection(FakeReader(snapshot), parse_principal("site_manager:S1,S3"))
    found = con.rows_behind("select month, n() from satisfaction group by all",
                            {"month": date(2026, 3, 1)}).frame  # fmt: skip
    assert set(found["site_key"]) == {1, 3}


def test_rows_are_those_of_the_load_that_is_asked() -> None:
    chronicle = written_down(4, 3)
    con = Connection(FakeReader(chronicle.released(())))
    asked = "select province, n(), count(*) from satisfaction group by all"
    for load in (1, 2, 3):
        for province, _, count in con.ask(asked, as_known_at=load).rows():
            found = con.rows_behind(asked, {"province": province}, as_known_at=load)
            assert (found.answer.load, found.frame.height) == (load, count)


def test_as_is_a_cell_has_the_rows_of_todays_members(snapshot: FakeSnapshot) -> None:
    con = Connection(FakeReader(snapshot))
    asked = "select province, count(*) from satisfaction group by all"
    today = {row[0]: row[1] for row in con.ask(
        "select s.province, count(*) from fact_answer as f join dim_site as s"
        " on s.site_key = f.site_key and s.is_current group by all").rows()}  # fmt: skip
    for province, count in today.items():
        found = con.rows_behind(asked, {"province": province}, as_is=True)
        assert found.frame.height == count
