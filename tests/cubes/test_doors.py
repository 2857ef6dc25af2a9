# ruff: noqa: E501  (tables of SQL read better whole)
"""A connection: answers with their load, limits, roles, streams; and what the rewriter already keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import polars as pl
import pytest

from cubes import connect, rewrite
from cubes.api import Connection
from cubes.policy import ROLES, Principal, parse_principal
from models.errors import Forbidden, HomeError, QuestionError
from tests.cubes.star import AS_OF, FakeReader, FakeSnapshot, random_star, released


@pytest.fixture(scope="module")
def snapshot() -> FakeSnapshot:
    return released(random_star(2, answers=300, contacts=100))


@pytest.fixture
def con(snapshot: FakeSnapshot) -> Connection:
    return Connection(FakeReader(snapshot))


def test_an_answer_names_its_load_its_outputs_and_what_was_read(con: Connection) -> None:
    answer = con.answer(
        "select month, measure(index), n() from satisfaction where site = $site group by all",
        {"site": "S1"},
    )
    assert (answer.load, answer.as_of, answer.truncated) == (1842, AS_OF, False)
    assert [(c.name, c.type) for c in answer.columns] == [
        ("month", "DATE"),
        ("index", "DOUBLE"),
        ("n", "BIGINT"),
    ]
    assert answer.reads == ("dim_site", "satisfaction_site_month")
    assert answer.frame.schema == {"month": pl.Date, "index": pl.Float64, "n": pl.Int64}
    assert answer.plan.blocks[0].source == "satisfaction_site_month"


def test_ask_and_sql_are_one(con: Connection) -> None:
    sql = "select measure(index) from satisfaction"
    assert con.ask(sql).equals(con.sql(sql))


def test_sums_are_whole_numbers(con: Connection) -> None:
    frame = con.ask("select sum(rows), sum(lp2) from satisfaction")
    assert frame.schema["sum(rows)"] == pl.Int64


def test_names_and_types_are_told_without_running(con: Connection) -> None:
    columns = con.prepare(
        "select site, measure(index), error_free: n() from satisfaction where day > $first group by all"
    )
    assert [(c.name, c.type) for c in columns] == [
        ("site", "VARCHAR"),
        ("index", "DOUBLE"),
        ("error_free", "BIGINT"),
    ]


def test_an_answer_is_cut_at_the_cap_and_says_so(
    con: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cubes.answer

    monkeypatch.setattr(cubes.answer, "ROWS", 10)
    answer = con.answer("select * from range(25) as t(i) order by i")
    assert (answer.frame.height, answer.truncated) == (10, True)
    assert answer.frame["i"].to_list() == list(range(10))
    assert not con.answer("select * from range(10)").truncated


def test_a_stream_has_every_row(con: Connection) -> None:
    reader = con.stream("select i, i as i from range(200000) as t(i) where i >= $low", {"low": 100})
    assert reader.schema.names == ["i", "i_1"]
    assert sum(batch.num_rows for batch in reader) == 199_900


def test_twice_the_same_name_becomes_two_names(con: Connection) -> None:
    assert con.ask("select 1 as a, 2 as a").columns == ["a", "a_1"]


def test_all_answers_of_a_pinned_connection_come_from_one_load(snapshot: FakeSnapshot) -> None:
    reader = FakeReader(snapshot)
    con = Connection(reader)
    with con.pinned() as pinned:
        reader.held = replace(snapshot, load=1843)
        assert pinned.answer("select 1").load == pinned.load == 1842
        assert con.answer("select 1").load == con.load == 1843
        with pinned.pinned() as again:
            assert again.load == 1842


def test_a_plan_is_kept_by_text_and_the_clock_moves_on(snapshot: FakeSnapshot) -> None:
    reader = FakeReader(snapshot)
    con = Connection(reader)
    sql = "select current_date as d, n() from satisfaction"
    first = con.plan(sql)
    assert con.plan(sql) is first
    reader.held = replace(snapshot, as_of=datetime(2026, 6, 1, tzinfo=UTC))
    assert con.ask(sql)["d"].item() == date(2026, 6, 1)


def test_cells_of_another_definition_do_not_answer(snapshot: FakeSnapshot) -> None:
    changed = replace(snapshot)
    manifest = changed.manifest
    manifest.definitions["satisfaction_site_month"] = "0000"
    changed.__dict__["_manifest"] = manifest

    class Other(FakeSnapshot):
        @property
        def manifest(self) -> Any:
            return manifest

    con = Connection(FakeReader(Other(snapshot.con)))
    sql = "select month, measure(index) from satisfaction group by all"
    assert con.plan(sql).blocks[0].source != "satisfaction_site_month"
    reasons = {row["candidate"]: row["reason"] for row in con.explain(sql).to_dicts()}
    assert "another definition" in reasons["satisfaction_site_month"]


def test_explain_says_what_was_chosen_and_why_not_the_rest(con: Connection) -> None:
    rows = con.explain(
        "select process, month, measure(index) from satisfaction group by all"
    ).to_dicts()
    assert [row["chosen"] for row in rows].count(True) == 1
    assert all(row["reason"] for row in rows)
    assert con.explain("select 1").height == 0


def test_a_plan_can_be_told_in_words_and_as_json(con: Connection) -> None:
    sql = "select process, measure(index) from satisfaction group by all"
    words, told = con.explanation(sql, AS_OF)
    assert "Load 1842" in words
    assert "0 s old" in words
    assert "satisfaction_touchpoint_day" in words
    assert told["load"] == 1842
    assert told["blocks"][0]["source"] in told["reads"]
    assert told["blocks"][0]["bytes"] > 0


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_cubes_and_dimensions(snapshot: FakeSnapshot, role: str) -> None:
    con = Connection(FakeReader(snapshot), parse_principal(role))
    assert con.ask("select measure(index) from satisfaction").height == 1
    assert con.ask("select site from dim_site").height == 5


@pytest.mark.parametrize("role", ["hq_viewer", "agent", "site_manager", "region_manager"])
def test_who_sees_cells_sees_no_rows(snapshot: FakeSnapshot, role: str) -> None:
    con = Connection(FakeReader(snapshot), parse_principal(role))
    with pytest.raises(Forbidden):
        con.ask("select * from fact_answer")
    with pytest.raises(Forbidden):
        con.texts([1])


def test_a_site_manager_sees_the_rows_of_the_own_sites_alone(snapshot: FakeSnapshot) -> None:
    con = Connection(FakeReader(snapshot), parse_principal("site_manager:S1,S3"))
    whole = Connection(FakeReader(snapshot))
    own = "site_key in (select site_key from dim_site where site in ('S1', 'S3'))"
    expected = whole.ask(f"select count(*) from fact_answer where {own}").item()
    assert con.ask("select count(*) from fact_answer").item() == expected > 0
    text = "select count(*) from fact_answer as a join FACT_ANSWER as b using (answer_key)"
    assert con.ask(text).item() == expected
    other = Connection(FakeReader(snapshot), parse_principal("site_manager:x' or true --"))
    assert other.ask("select count(*) from fact_answer").item() == 0


def test_a_principal_is_read_from_a_text() -> None:
    assert parse_principal("analyst") == Principal()
    assert str(parse_principal("site_manager:S1,S2")) == "site_manager:S1,S2"
    with pytest.raises(QuestionError, match="did you mean 'analyst'"):
        parse_principal("analist")


def test_before_the_first_release_there_is_a_sentence(tmp_path: Any) -> None:
    con = connect(tmp_path / "home")
    with pytest.raises(HomeError):
        con.ask("select 1")
    con.close()


def test_the_rewriter_returns_the_text_and_a_reason() -> None:
    tables = {"sales": {"region": "VARCHAR", "amount": "INTEGER"}}
    sql = "with c as (select 1) select region, median(amount) from Sales, c group by all"
    plan = rewrite(
        sql,
        tables=tables,
        cuboids={"by_region": "select region, sum(amount) from sales group by all"},
    )
    assert plan.sql == sql
    assert plan.reads == ("sales",)
    assert not plan.considered["by_region"].used
    assert plan.considered["by_region"].sentence
    for text in ("not sql at all (", "", "drop table sales", "select 1; select 2"):
        assert rewrite(text, tables=tables, cuboids={}).sql == text


def test_the_same_plan_runs_in_a_plain_duckdb(snapshot: FakeSnapshot, con: Connection) -> None:
    plan = con.plan(
        "select month, measure(index), low(index) from satisfaction group by all order by all"
    )
    plain = duckdb.connect()
    for name in ("satisfaction_site_month",):
        plain.register("cells", snapshot.con.cursor().sql(f"from {name}").to_arrow_table())
        plain.execute(f"create table {name} as from cells")
    assert plain.execute(plan.sql).fetchall() == [
        tuple(row) for row in con.ask(plan.question).rows()
    ]
