"""Law 5: as known at a load is what was answered then. Plain tables of then are the other side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.api import Connection
from cubes.change import change_sql
from cubes.definitions import CUBES
from cubes.lattice import CUBOIDS, cuboids_of
from cubes.refresh import cells_sql
from models.connection import open_connection
from models.errors import QuestionError
from tests.cubes.chronicle import Chronicle, written_down
from tests.cubes.oracle import VIEWS
from tests.cubes.star import FakeReader, released
from tests.cubes.test_law_same_answer import Asked, questions

LOADS = 3


def answered_then(
    chronicle: Chronicle, asked: Asked, given: Mapping[str, Any]
) -> list[Counter[Any]]:
    """The answer after each load, by plain DuckDB over the plain tables that stood then."""
    found = []
    for load, star in enumerate(chronicle.plain, start=1):
        con = open_connection("build")
        star.put(con)
        for name, sql in VIEWS.values():
            con.execute(f"create view {name} as {sql}")
        today = f"date '{chronicle.as_of(load):%Y-%m-%d}'"
        found.append(rows_of(con, asked.plain.replace("date '2026-05-01'", today), given))
        con.close()
    return found


def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(float(f"{v:.11e}") if isinstance(v, float) else v for v in row)


def rows_of(con: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Any]) -> Counter[Any]:
    return Counter(rounded(row) for row in con.execute(sql, dict(given) or None).fetchall())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    asked=questions(),
    places=st.sets(st.integers(0, 8), max_size=4),
)
def test_as_known_at_a_load_is_what_was_answered_then(
    seed: int, asked: Asked, places: set[int]
) -> None:
    cube = next(cube for cube in CUBES if cube.name == asked.cube)
    cuboids = [cuboid for place, cuboid in enumerate(cuboids_of(cube)) if place in places]
    chronicle = written_down(seed, LOADS)
    used = {name: value for name, value in asked.given.items() if f"${name}" in asked.text}
    con = Connection(FakeReader(chronicle.released(cuboids)))
    for load, expected in enumerate(answered_then(chronicle, asked, used), start=1):
        answer = con.answer(asked.text, used, as_known_at=load)
        assert (answer.load, answer.as_of) == (load, chronicle.as_of(load))
        assert Counter(rounded(row) for row in answer.frame.rows()) == expected, answer.plan.sql


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), cuboid=st.sampled_from(CUBOIDS))
def test_what_lies_between_two_loads_leads_from_the_cells_of_one_to_those_of_the_other(
    seed: int, cuboid: Any
) -> None:
    chronicle = written_down(seed, LOADS)
    con = chronicle.released(()).con
    for load, star in enumerate(chronicle.plain, start=1):
        con.execute(f"create schema then_{load}")
        star.put(con, f"then_{load}")
    keys = ", ".join(cuboid.keys)
    sums = ", ".join(f"sum({a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates)
    cells = {
        n: cells_sql(cuboid, f"then_{n}.{cuboid.cube.fact}", f"then_{n}.{{}}".format)
        for n in range(1, LOADS + 1)
    }
    for (earlier, old), (later, new) in product(cells.items(), repeat=2):
        change = change_sql(cuboid, "{}_all".format, earlier, later)
        led = (
            f"select {keys}, {sums} from (({old}) union all ({change}))"
            f" group by {keys} having sum(rows) <> 0"
        )
        for one, other in ((led, new), (new, led)):
            assert con.execute(f"({one}) except all ({other})").fetchall() == []


@pytest.mark.parametrize(
    "text",
    [
        "select site, month, measure(index), low(index) from satisfaction group by all",
        "select question, channel, sum(h3), n() from satisfaction group by all",
        "select province, day, count(*) from satisfaction where touchpoint = 'order' group by all",
        "select reason, month, measure(contacts), measure(cycle_hours) from voice group by all",
    ],
)
def test_cells_answer_for_the_past_as_facts_do(text: str) -> None:
    for seed in (3, 4):
        chronicle = written_down(seed, LOADS)
        cells, facts = (Connection(FakeReader(chronicle.released(c))) for c in (CUBOIDS, ()))
        for load in range(1, LOADS + 1):
            found = cells.answer(text, as_known_at=load)
            assert found.plan.blocks[0].stored
            expected = facts.answer(text, as_known_at=load)
            assert not expected.plan.blocks[0].stored
            assert Counter(map(rounded, found.frame.rows())) == Counter(
                map(rounded, expected.frame.rows())
            )


def test_as_is_means_the_trees_of_the_load_that_is_asked() -> None:
    chronicle = written_down(5, LOADS)
    con = Connection(FakeReader(chronicle.released(CUBOIDS)))
    text = "select province, month, n() from satisfaction group by all"
    for load, star in enumerate(chronicle.plain, start=1):
        plain = open_connection("build")
        star.put(plain)
        expected = rows_of(
            plain,
            "select s.province, date_trunc('month', f.local_date)::date, count(f.grade)"
            " from fact_answer as f join dim_site as s on s.site_key = f.site_key and s.is_current"
            " group by all",
            {},
        )
        found = con.answer(text, as_is=True, as_known_at=load).frame
        assert Counter(found.rows()) == expected


def test_published_cells_are_those_of_the_load_that_is_asked() -> None:
    chronicle = written_down(6, LOADS, answers=300)
    con = Connection(FakeReader(chronicle.released(CUBOIDS)))
    text = (
        "select month, site, n(), benchmark(index, 'network') from satisfaction"
        " group by all order by all"
    )
    found = [con.ask(text, as_known_at=load).rows() for load in range(1, LOADS + 1)]
    then = [
        Connection(FakeReader(replace(released(star), as_of=chronicle.as_of(load))))
        .ask(text)
        .rows()
        for load, star in enumerate(chronicle.plain, start=1)
    ]
    assert found == then
    assert len({repr(rows) for rows in found}) == LOADS


@pytest.mark.parametrize("load", [0, 4, 99, -1])
def test_a_load_that_never_was_is_told_with_those_that_can_be_asked(load: int) -> None:
    con = Connection(FakeReader(written_down(1, LOADS).released(())))
    with pytest.raises(QuestionError, match=rf"no load {load}; loads 1 \(as of .*\) to 3 \(as of "):
        con.ask("select n() from satisfaction", as_known_at=load)


def test_pasts_are_let_go_and_come_back() -> None:
    snapshot = written_down(2, 9).released(CUBOIDS[:1])
    con = Connection(FakeReader(snapshot))
    first = [con.ask("select n() from satisfaction", as_known_at=n).item() for n in range(1, 10)]
    schemas = "select count(*) from duckdb_schemas() where schema_name like 'main_at_%'"
    assert snapshot.con.execute(schemas).fetchone() <= (5,)
    assert [
        con.known_at(n).ask("select n() from satisfaction").item() for n in range(1, 10)
    ] == first
