# ruff: noqa: E501  (tables of SQL read better whole)
"""Law 6: one door. Nobody is given a row or a cell they must not see, whichever way they ask.

The other side is plain DuckDB over a star from which all that the principal may not see was taken
away beforehand, row by row, in Python.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubes.access_log import entries
from cubes.api import Connection
from cubes.policy import ROLES, Principal, parse_principal
from models.errors import Forbidden, QuestionError
from models.home import open_home
from tests.cubes.oracle import VIEWS
from tests.cubes.star import FakeReader, FakeSnapshot, Star, random_star, released
from tests.cubes.test_law_same_answer import Asked, questions
from tests.laws import in_memory

SITES = ("S1", "S2", "S3", "S9", "s1", "S1' or true --", "unknown")
WHOLE = ("analyst", "supervisor", "dpo", "data_engineer")
OWNERS = ("site_manager", "region_manager")
FACTS = ("fact_answer", "fact_contact")

#: Questions about rows, as people write them and as people try.
ROWS = (
    "select count(*) as n, sum(score) as s from fact_answer",
    "select site_key, agent_key, count(*) as n from FACT_ANSWER group by all",
    "with fact as (select * from fact_answer) select count(*), count(text_id), min(local_date) from fact",
    "select s.site, count(*) from fact_contact as c join dim_site as s on s.site_key = c.site_key group by all",
    "select count(*) from fact_answer as a join fact_contact as b using (site_key)",
    'select (select max(local_date) from fact_contact), (select count(*) from "fact_answer")',
    "select answer_key from fact_answer where site_key = 1 union all select contact_key from fact_contact",
    "select a.agent, count(*) from fact_contact as f join dim_agent as a using (agent_key) group by all",
    "select agent from dim_agent",
    "select n() as n, (select count(*) from fact_answer) as m from satisfaction",
    "select * from (from fact_contact select text_id, agent_key, purpose) where purpose is not null",
    "select count(*) from fact_answer f, lateral (select f.score as x) where x > 1",
    "select count(*) from fact_answer where exists (select 1 from fact_contact as c where c.site_key = fact_answer.site_key)",
    "select site, n() as n from satisfaction where site in (select s.site from fact_answer join dim_site as s using (site_key)) group by all",
)


@cache
def star(seed: int) -> Star:
    made = random_star(seed, answers=90, contacts=60)
    for row in made.tables["dim_agent"]:
        row["home_site"] = f"S{row['agent_key']}"
    return made


def seen(whole: Star, principal: Principal, *, cells: bool) -> Star:
    """The star without what the principal may not see of its rows, or of its cells."""
    role, refs = principal.role, set(principal.sites)
    own = {row["site_key"] for row in whole.tables["dim_site"] if row["site"] in refs}
    mine = {row["agent_key"] for row in whole.tables["dim_agent"] if row["home_site"] in refs}
    tables = dict(whole.tables)
    everything = role in WHOLE or (cells and role == "hq_viewer")
    for fact in FACTS:
        rows = [
            r for r in whole.tables[fact] if everything or (role in OWNERS and r["site_key"] in own)
        ]
        if not cells:
            rows = [
                {
                    **row,
                    "agent_key": row["agent_key"] if everything or row["agent_key"] in mine else 0,
                    "text_id": None if role == "data_engineer" else row["text_id"],
                }
                for row in rows
            ]
        tables[fact] = rows
    if role in OWNERS:
        tables["dim_agent"] = [r for r in tables["dim_agent"] if r["agent_key"] in mine | {0}]
    return Star(tables)


@cache
def plain(seed: int, principal: Principal, *, cells: bool) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    seen(star(seed), principal, cells=cells).put(con)
    for name, sql in VIEWS.values():
        con.execute(f"create view {name} as {sql}")
    return con


@cache
def snapshot(seed: int) -> FakeSnapshot:
    return released(star(seed))


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    role = draw(st.sampled_from(ROLES))
    sites = draw(st.lists(st.sampled_from(SITES), max_size=3, unique=True))
    return Principal(role, tuple(sites))  # type: ignore[arg-type]


def table_of(reader: pa.RecordBatchReader) -> tuple[list[str], Counter[Any]]:
    table = reader.read_all()
    return table.schema.names, Counter(
        tuple(map(_close, row.values())) for row in table.to_pylist()
    )


def _close(value: Any) -> Any:
    return (
        float(f"{value:.11e}")
        if isinstance(value, float)
        else int(value)
        if hasattr(value, "as_integer_ratio")
        else value
    )


def rows_of(con: duckdb.DuckDBPyConnection, sql: str, given: Mapping[str, Any]) -> Counter[Any]:
    used = {name: value for name, value in given.items() if f"${name}" in sql}
    return Counter(tuple(map(_close, row)) for row in con.execute(sql, used or None).fetchall())


@in_memory
@given(seed=st.integers(0, 2), principal=principals(), asked=questions())
def test_a_cube_means_what_the_principal_may_see_of_it(
    seed: int, principal: Principal, asked: Asked
) -> None:
    con = Connection(FakeReader(snapshot(seed)), principal)
    used = {name: value for name, value in asked.given.items() if f"${name}" in asked.text}
    if re.search(r"\bagent\b", asked.text) and principal.role not in WHOLE:
        for door in (con.ask, con.stream, con.prepare, con.plan, con.explain):
            with pytest.raises(Forbidden, match="agent"):
                door(asked.text)  # type: ignore[operator]
        return
    expected = rows_of(plain(seed, principal, cells=True), asked.plain, asked.given)
    given = {**used, "own_sites": ["S1", "S2", "S3", "unknown"]}  # an asker's word is not taken
    found = con.ask(asked.text, given)
    assert Counter(tuple(map(_close, row)) for row in found.rows()) == expected
    assert table_of(con.stream(asked.text, given))[1] == expected
    assert con.answer(asked.text, given).frame.height == found.height


@in_memory
@given(seed=st.integers(0, 2), principal=principals(), sql=st.sampled_from(ROWS))
def test_a_row_is_given_to_nobody_who_may_not_see_it(
    seed: int, principal: Principal, sql: str
) -> None:
    con = Connection(FakeReader(snapshot(seed)), principal)
    reads = principal.role in WHOLE or (principal.role in OWNERS and principal.sites)
    if not reads:
        for door in (con.ask, con.stream, con.prepare, con.plan, con.explain):
            with pytest.raises(Forbidden, match=r"no table '(?i:fact_\w+|dim_agent)'"):
                door(sql)  # type: ignore[operator]
        return
    cells = plain(seed, principal, cells=True)
    if "satisfaction" in sql:
        rows = plain(seed, principal, cells=False)
        counted = {"m": "select count(*) from fact_answer"}["m"]
        if "as m" in sql:
            n = cells.execute("select count(grade) from plain_answers").fetchone()
            m = rows.execute(counted).fetchone()
            assert con.ask(sql).rows() == [(n[0], m[0])]  # type: ignore[index]
            return
        said = sql.replace("n()", "count(grade)").replace("from satisfaction", "from plain_answers")
        assert Counter(con.ask(sql).rows()) == Counter(rows.execute(said).fetchall())
        return
    expected = rows_of(plain(seed, principal, cells=False), sql, {})
    assert Counter(tuple(map(_close, row)) for row in con.ask(sql).rows()) == expected
    assert table_of(con.stream(sql))[1] == expected


@pytest.mark.parametrize("role", ROLES)
def test_as_is_shows_no_more_than_as_was(role: str) -> None:
    principal = parse_principal(f"{role}:S1")
    con = Connection(FakeReader(snapshot(1)), principal)
    sql = "select n() as n from satisfaction"
    assert con.ask(sql, as_is=True).equals(con.ask(sql))


def test_verbatims_are_those_of_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = star(1)
    for number, row in enumerate(whole.tables["fact_answer"]):
        row["text_id"] = number
    here = released(whole)
    sites = {row["site_key"]: row["site"] for row in whole.tables["dim_site"]}
    monkeypatch.setattr("cubes.verbatims._texts", lambda home, ids: dict.fromkeys(ids, "said"))
    everything = range(len(whole.tables["fact_answer"]))
    for who in ("site_manager:S1", "region_manager:S2,S3", "analyst", "supervisor:S1"):
        principal = parse_principal(who)
        found = Connection(FakeReader(here), principal).texts(everything)
        expected = {
            row["text_id"]
            for row in whole.tables["fact_answer"]
            if principal.role in WHOLE or sites[row["site_key"]] in principal.sites
        }
        assert set(found) - {7} == expected - {7}  # 7 is the text of many contacts
    for who in ("hq_viewer:S1", "agent:S1", "data_engineer", "site_manager"):
        with pytest.raises(Forbidden):
            Connection(FakeReader(here), parse_principal(who)).texts([1])


#: Every public thing a connection does, with what to give it; None where it tells nothing of rows.
DOORS: Mapping[str, Any] = {
    "ask": lambda con, sql: con.ask(sql),
    "sql": lambda con, sql: con.sql(sql),
    "answer": lambda con, sql: con.answer(sql),
    "stream": lambda con, sql: con.stream(sql).read_all(),
    "question": lambda con, sql: con.question("fact_answer", by="score"),
    "prepare": lambda con, sql: con.prepare(sql),
    "plan": lambda con, sql: con.plan(sql),
    "explain": lambda con, sql: con.explain(sql),
    "explanation": lambda con, sql: con.explanation(sql, datetime(2026, 5, 2, tzinfo=UTC)),
    "diff": lambda con, sql: con.diff(1, 2),
    "texts": lambda con, sql: con.texts([1]),
    "pinned": lambda con, sql: con.pinned().__enter__().ask(sql),
    "rows_behind": lambda con, sql: con.rows_behind(sql, {"score": 5}),
    "known_at": None,
    "verified_at": None,
    "quarantine": None,
    "load": None,
    "as_of": None,
    "refresh": None,
    "close": None,
}


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_door_of_a_connection_is_judged_and_written_down(name: str, tmp_path: Path) -> None:
    home, walk = open_home(tmp_path), DOORS[name]
    if walk is None:
        return
    con = Connection(FakeReader(snapshot(0)), parse_principal("hq_viewer"), home=home)
    with pytest.raises(Forbidden):
        walk(con, "select score from fact_answer")
    assert [e["outcome"] for e in entries(home)] == ["refused"]


def test_a_new_door_must_be_walked_too() -> None:
    public = {name for name, _ in inspect.getmembers(Connection) if not name.startswith("_")}
    assert public <= DOORS.keys(), "a connection can be asked in a way that no test walks"


def test_nothing_but_the_door_reads_a_release_for_whoever_asks() -> None:
    """Screens and commands hold a Connection; a cursor of their own would pass by the rules."""
    root = Path(__file__).parents[2]
    allowed = {"pipelines/answers.py"}  # what waits in quarantine, for whoever runs the home
    for path in (*root.glob("dashboards/**/*.py"), root / "pipelines/answers.py"):
        place = str(path.relative_to(root))
        text = path.read_text(encoding="utf-8")
        if place not in allowed:
            assert not re.search(r"\.cursor\(|\.snapshot\(|duckdb", text), place


def test_parameters_cannot_name_other_sites() -> None:
    con = Connection(FakeReader(snapshot(0)), parse_principal("site_manager:S1"))
    sql = "select count(*) as n from fact_answer where list_contains($own_sites, 'S2')"
    assert con.ask(sql, {"own_sites": ["S1", "S2"]}).item() == 0
    assert con.ask("select n() from satisfaction", {"own_sites": ["S2"]}).equals(
        con.ask("select n() from satisfaction")
    )


def test_principals_who_share_a_plan_do_not_share_an_answer() -> None:
    reader = FakeReader(snapshot(0))
    sql = "select site, n() as n from satisfaction group by all"
    for ref in ("S1", "S2", "S3", "S1"):
        found = Connection(reader, parse_principal(f"site_manager:{ref}")).ask(sql)
        assert found["site"].to_list() == [ref]


def test_a_benchmark_of_an_unseen_site_is_published_or_nothing() -> None:
    con = Connection(FakeReader(snapshot(0)), parse_principal("agent:S1"))
    sql = "select benchmark(n, 'site:S2') as n from satisfaction where month = $month"
    found = con.ask(sql, {"month": date(2026, 3, 1)}).item()
    assert found is None or found >= 5
    with pytest.raises(QuestionError):
        con.ask("select benchmark(n, 'site:S2') from satisfaction where question = 'Q1'")
