"""Law 5: as known at a load is what was answered then. Plain tables of then are the other side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import duckdb
import pytest
from hypothesis import given
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
from tests.cubes.star import FakeReader, differing, released
from tests.cubes.test_law_same_answer import Asked, questions
from tests.laws import SEEDS, in_memory

LOADS = 3


@lru_cache(maxsize=12)
def told(seed: int) -> Chronicle:
    """A chronicle that is made once for many examples; nobody changes it."""
    return written_down(seed, LOADS)


def answered_then(seed: int, asked: Asked, given: Mapping[str, Any]) -> list[Counter[Any]]:
    """The answer after each load, by plain DuckDB over the plain tables that stood then."""
    found, chronicle = [], told(seed)
    for load, con in enumerate(tables_of(seed), start=1):
        today = f"date '{chronicle.as_of(load):%Y-%m-%d}'"
        found.append(rows_of(con, asked.plain.replace("date '2026-05-01'", today), given))
    return found


@lru_cache(maxsize=12)
def tables_of(seed: int) -> tuple[duckdb.DuckDBPyConnection, ...]:
    """The plain tables of each load, with the views that say in SQL what a cube is."""
    made = []
    for star in told(seed).plain:
        con = open_connection("build")
        star.put(con)
        for name, sql in VIEWS.values():
            con.execute(f"create view {name} as {sql}")
        made.append(con)
    return tuple(made)


def rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(float(f"{v:.11e}") if isinstance(v, float) else v for v in row)


def rows_of(con: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Any]) -> Counter[Any]:
    return Counter(rounded(row) for row in con.execute(sql, dict(given) or None).fetchall())


@in_memory
@given(
    seed=SEEDS,
    asked=questions(),
    places=st.sets(st.integers(0, 8), max_size=4),
)
def test_as_known_at_a_load_is_what_was_answered_then(
    seed: int, asked: Asked, places: set[int]
) -> None:
    cube = next(cube for cube in CUBES if cube.name == asked.cube)
    cuboids = [cuboid for place, cuboid in enumerate(cuboids_of(cube)) if place in places]
    chronicle = told(seed)
    used = {name: value for name, value in asked.given.items() if f"${name}" in asked.text}
    con = Connection(FakeReader(chronicle.released(cuboids)))
    for load, expected in enumerate(answered_then(seed, asked, used), start=1):
        answer = con.answer(asked.text, used, as_known_at=load)
        assert (answer.load, answer.as_of) == (load, chronicle.as_of(load))
        assert Counter(rounded(row) for row in answer.frame.rows()) == expected, answer.plan.sql


@lru_cache(maxsize=12)
def released_beside_what_was(seed: int) -> duckdb.DuckDBPyConnection:
    """The last release, and the plain tables of each load beside it."""
    con = told(seed).released(()).con
    for load, star in enumerate(told(seed).plain, start=1):
        con.execute(f"create schema then_{load}")
        star.put(con, f"then_{load}")
    return con


@in_memory
@given(
    seed=SEEDS,
    cuboid=st.sampled_from(CUBOIDS),
    earlier=st.integers(1, LOADS),
    later=st.integers(1, LOADS),
)
def test_what_lies_between_two_loads_leads_from_the_cells_of_one_to_those_of_the_other(
    seed: int, cuboid: Any, earlier: int, later: int
) -> None:
    con = released_beside_what_was(seed)
    keys = ", ".join(cuboid.keys)
    sums = ", ".join(f"sum({a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates)
    cells = {
        n: cells_sql(cuboid, f"then_{n}.{cuboid.cube.fact}", f"then_{n}.{{}}".format)
        for n in range(1, LOADS + 1)
    }
    change = change_sql(cuboid, "{}_all".format, earlier, later)
    led = (
        f"select {keys}, {sums} from (({cells[earlier]}) union all ({change}))"
        f" group by {keys} having sum(rows) <> 0"
    )
    assert differing(con, led, cells[later]) == []


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
