# ruff: noqa: E501  (tables of SQL read better whole)
"""The contract of `rewrite`: what it never does, whatever it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cubes.rewrite import Plan, compiler, forget, rewrite

TABLES = {
    "Sale": {"id": "INTEGER", "site_key": "INTEGER", "day": "DATE", "amount": "INTEGER", "t": "VARCHAR"},
    "site": {"site_key": "INTEGER", "kind": "VARCHAR"},
}  # fmt: skip
CUBOIDS = {
    "By_Site": "select site_key, count(*) as n, sum(amount) as s from sale group by site_key",
    "agg.by_day": "select day, count(*) as n, sum(amount) as s from sale group by day",
}
STAR: dict[str, Any] = {
    "tables": TABLES,
    "cuboids": CUBOIDS,
    "keys": {"Sale": ("id",), "site": (("site_key",),)},
    "foreign_keys": [("Sale", "site_key", "site", "site_key")],
    "not_null": {("Sale", "site_key"), ("Sale", "day")},
}
EASY = "select site_key, sum(amount) as s from sale group by site_key"

ODD = {
    "nothing": "",
    "blanks": " \n\t ",
    "a comment": "-- nothing here",
    "a semicolon": ";",
    "a word": "hello",
    "half a question": "select sum(amount) from",
    "an open bracket": "select (sum(amount) from sale",
    "an open quote": "select 'abc from sale",
    "an open comment": "select 1 /* from sale",
    "a zero byte": "select 1 \x00 from sale",
    "other quotes": "select `site_key` from [sale]",
    "letters from elsewhere": "select 합계 from 판매",
    "an unknown table": "select count(*) from nowhere",
    "an unknown column": "select nothing from sale",
    "an unknown function": "select frobnicate(amount) from sale",
    "an ungrouped column": "select day, sum(amount) from sale group by site_key",
    "an aggregate in WHERE": "select count(*) from sale where sum(amount) > 1",
    "an ambiguous column": "select site_key, count(*) from sale join site on true group by site_key",
    "a wrong type": "select sum(t) from sale",
    "INSERT": "insert into sale select 1, site_key, day, sum(amount), t from sale group by all",
    "CREATE TABLE": "create table x as select site_key, sum(amount) from sale group by site_key",
    "DELETE": "delete from sale where amount > (select avg(amount) from sale)",
    "UPDATE": "update sale set amount = 0",
    "DROP": "drop table sale",
    "COPY": "copy (select site_key, sum(amount) from sale group by site_key) to 'x.csv'",
    "ATTACH": "attach 'x.db'",
    "PRAGMA": "pragma database_list",
    "SET": "set threads = 1",
    "CALL": "call pragma_version()",
    "EXPLAIN": "explain select site_key, sum(amount) from sale group by site_key",
    "DESCRIBE": "describe sale",
    "SUMMARIZE": "summarize sale",
    "SHOW": "show tables",
    "PREPARE": "prepare q as select sum(amount) from sale",
    "two questions": f"{EASY}; {EASY}",
    "a question and a statement": f"{EASY}; drop table sale",
    "a parameter": "select site_key, sum(amount) from sale where site_key = ? group by site_key",
    "a named parameter": "select site_key, sum(amount) from sale where site_key = $site group by site_key",
    "no table": "select 1 + 1",
    "VALUES": "values (1, 2)",
    "TABLE": "table sale",
    "FROM alone": "from sale",
    "a file": "select count(*) from 'x.csv'",
    "a table function": "select count(*) from range(10)",
    "a system table": "select count(*) from duckdb_tables()",
    "a lambda": "select list_transform([1], lambda x: x + 1), sum(t::int) from sale where t ~ 'x'",
    "a struct": "select {'a': amount}.a as a, count(*) from sale group by a",
    "a star with EXCLUDE": "select * exclude (t) from sale",
    "COLUMNS": "select min(columns(*)) from sale",
    "MATCH": "select * from sale match_recognize (pattern (a))",
    "PIVOT": "pivot sale on t using sum(amount) group by site_key",
    "UNPIVOT": "unpivot sale on amount, id into name k value v",
    "a recursive question": "with recursive r as (select 1 as i union all select i + 1 from r where i < 9) select sum(i) from r, sale",
    "a window on rows": "select sum(amount) over (order by id) from sale",
    "a deep block": "select * from (" * 60 + "select t from sale" + ") as x" * 60,
    "a long condition": "select count(*) from sale where " + " or ".join(f"amount = {i}" for i in range(800)),
    "a long list": f"select count(*) from sale where amount in ({', '.join(map(str, range(1500)))})",
    "a long sum": "select " + " + ".join(f"sum(amount * {i})" for i in range(1, 100)) + " from sale where id > 0",
    "a long union": " union all ".join(["select amount from sale"] * 60),
    "a deep NOT": "select count(*) from sale where " + "not " * 150 + "amount = 1",
    "a deep CASE": "select " + "case when amount = 1 then 2 else " * 60 + "0" + " end" * 60 + " as c, count(*) from sale group by c",
}  # fmt: skip


@pytest.mark.parametrize("sql", ODD.values(), ids=ODD.keys())
def test_odd_text_comes_back_byte_for_byte_with_a_reason(sql: str) -> None:
    plan = rewrite(sql, **STAR)
    assert plan.sql == sql
    assert set(plan.considered) == set(CUBOIDS)
    for found in plan.considered.values():
        assert not found.used
        assert found.reason
        assert found.sentence.strip()


def test_odd_text_is_odd_under_prefer_cost_too() -> None:
    for sql in ODD.values():
        if len(sql) < 200:
            assert rewrite(sql, **STAR, prefer="cost", sizes={"Sale": 100, "By_Site": 3}).sql == sql


def test_a_question_over_nothing_that_is_known_reads_nothing() -> None:
    assert rewrite("select 1 + 1", **STAR).reads == ()


@pytest.mark.parametrize(
    "text",
    [
        EASY + ";", EASY + " ;\n", "\n\n  " + EASY, "-- what a site sold\n" + EASY, "/* a */ " + EASY + " -- b",
        "select site_key, " + "(" * 200 + "sum(amount)" + ")" * 200 + " as s from sale group by site_key",
        EASY.upper(), EASY.replace(" ", "\n\t"), f"({EASY})", EASY.replace("sale", '"SALE"'),
    ],
)  # fmt: skip
def test_dress_does_not_matter(text: str) -> None:
    plan = rewrite(text, **STAR)
    assert plan.reads == ("By_Site",)


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("select * from SALE", ("Sale",)),
        ("select * from sale as Site", ("Sale",)),
        ("with site as (select 1 as k) select * from site", ()),
        (
            "with s as (select * from site) select * from s join sale using (site_key)",
            ("Sale", "site"),
        ),
        ("select day, sum(amount) from sale group by day", ("agg.by_day",)),
        ("select * from AGG.BY_DAY", ("agg.by_day",)),
        ("select (select count(*) from site) as a, t from sale", ("Sale", "site")),
    ],
)
def test_reads_are_spelt_as_in_the_arguments(sql: str, reads: tuple[str, ...]) -> None:
    assert sorted(rewrite(sql, **STAR).reads) == sorted(reads)


def test_every_cuboid_is_considered() -> None:
    sql = "select site_key, sum(amount) from sale group by site_key"
    considered = rewrite(sql, **STAR).considered
    assert considered["By_Site"].matches
    assert considered["By_Site"].used
    assert considered["By_Site"].reason is None
    refused = considered["agg.by_day"]
    assert not refused.matches
    assert refused.reason
    assert refused.sentence
    assert refused.change, "the one change that would have made it match"


def test_a_cuboid_that_matches_and_is_not_used_says_why() -> None:
    cuboids = {**CUBOIDS, "finer": "select site_key, day, sum(amount) as s from sale group by all"}
    found = rewrite("select sum(amount) from sale", **{**STAR, "cuboids": cuboids}).considered
    assert all(one.matches for one in found.values())
    assert sum(one.used for one in found.values()) == 1
    assert all(one.used or one.reason for one in found.values())


def test_a_cuboid_that_the_question_names_is_used() -> None:
    for sql in ("select sum(s) from agg.by_day", "select * from By_Site, AGG.by_day", EASY):
        plan = rewrite(sql, **STAR)
        used = {name for name, found in plan.considered.items() if found.used}
        assert used == {*plan.reads} & {*CUBOIDS}
        assert used
        for name in used:
            found = plan.considered[name]
            assert found.matches
            assert (found.reason, found.change) == (None, None)
            assert name in found.sentence


def test_a_fault_in_one_block_does_not_cost_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    true = compiler.refuse_odd_nights

    def at_fault(catalogue: Any, cursor: Any, block: Any) -> None:
        if any(part.data[-1:] == ("77",) for node in block.where for part in node.walk()):
            raise ArithmeticError("a fault of a rule")
        true(catalogue, cursor, block)

    sql = f"{EASY} union all {EASY.replace('group', 'where site_key > 77 group')}"
    assert rewrite(sql, **STAR).reads == ("By_Site",)
    monkeypatch.setattr(compiler, "refuse_odd_nights", at_fault)
    forget()
    plan = rewrite(sql, **STAR)
    assert set(plan.reads) == {"By_Site", "Sale"}
    before = told(plan)
    forget()
    assert told(rewrite(sql, **STAR)) == before
    forget()


def test_a_fault_over_one_cuboid_does_not_cost_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_fault(catalogue: Any, question: Any, match: Any, *rest: Any) -> bool:
        if match.cuboid.table.name == "By_Site":
            raise ArithmeticError("a fault of the last look")
        return True

    cuboids = {**CUBOIDS, "finer": "select site_key, day, sum(amount) as s from sale group by all"}
    star = {**STAR, "cuboids": cuboids}
    monkeypatch.setattr(compiler.witness, "agree", at_fault)
    plan = rewrite(EASY, **star)
    assert plan.reads == ("finer",)
    assert plan.considered["By_Site"].reason == "shape"
    forget()


def test_without_cuboids_nothing_changes() -> None:
    plan = rewrite(EASY, tables=TABLES, cuboids={})
    assert (plan.sql, plan.reads, dict(plan.considered)) == (EASY, ("Sale",), {})


def test_the_star_may_be_as_poor_as_tables_and_cuboids() -> None:
    assert rewrite(EASY, tables=TABLES, cuboids=CUBOIDS).reads == ("By_Site",)


def test_a_plan_cannot_be_changed() -> None:
    plan: Plan = rewrite(EASY, **STAR)
    with pytest.raises(AttributeError):
        plan.sql = "x"  # type: ignore[misc]


MALFORMED: Mapping[str, Mapping[str, Any]] = {
    "a cuboid that is no SQL": {"cuboids": {"c": "select from where"}},
    "a cuboid that is no SELECT": {"cuboids": {"c": "drop table sale"}},
    "a cuboid over an unknown table": {"cuboids": {"c": "select count(*) from nowhere"}},
    "a cuboid over an unknown column": {"cuboids": {"c": "select nothing from sale"}},
    "cuboids that stand on each other": {"cuboids": {"a": "select * from b", "b": "select * from a"}},
    "a view that is no SQL": {"views": {"v": "select from where"}},
    "a view over an unknown table": {"views": {"v": "select * from nowhere"}},
    "a type that is none": {"tables": {**TABLES, "x": {"a": "NUMBERISH"}}},
    "a table without columns": {"tables": {**TABLES, "x": {}}},
    "one name for two tables": {"tables": {**TABLES, "SALE": {"a": "INTEGER"}}},
    "one name for a table and a cuboid": {"cuboids": {"sale": "select 1 as x"}},
    "one name for a table and a view": {"views": {"Site": "select 1 as x"}},
    "a key of an unknown table": {"keys": {"nowhere": ("id",)}},
    "a key of an unknown column": {"keys": {"Sale": ("nothing",)}},
    "a foreign key of an unknown column": {"foreign_keys": [("Sale", "nothing", "site", "site_key")]},
    "a foreign key to an unknown table": {"foreign_keys": [("Sale", "site_key", "nowhere", "k")]},
    "a foreign key of uneven columns": {"foreign_keys": [("Sale", ("site_key", "day"), "site", ("site_key",))]},
    "a foreign key of three": {"foreign_keys": [("Sale", "site_key", "site")]},
    "not null of an unknown column": {"not_null": {("Sale", "nothing")}},
    "a zone that is none": {"timezone": "Asia/Nowhere"},
}  # fmt: skip


@pytest.mark.parametrize("broken", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_catalogue_raises_in_a_sentence(broken: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        rewrite(EASY, **{**STAR, **broken})


@pytest.mark.parametrize(
    "told",
    [
        {"keys": {"SALE": ("ID",), "Site": ("SITE_KEY",)}},
        {"keys": {"Sale": (("id",), ("site_key", "day"))}},
        {"foreign_keys": [("sale", ("SITE_KEY",), "SITE", ("site_key",))]},
        {"not_null": frozenset({("SALE", "Site_Key")})},
        {"sizes": {"by_site": 3, "SALE": 10}},
    ],
)
def test_what_is_told_may_be_spelt_in_any_case(told: Mapping[str, Any]) -> None:
    assert rewrite(EASY, **{**STAR, **told}).reads == ("By_Site",)


# --- the same each time


QUESTIONS = (
    EASY,
    "select sum(amount) from sale",
    "select kind, count(*) from sale join site using (site_key) group by kind",
    "with a as (select day, sum(amount) as s from sale group by day) select max(s) from a",
    "select amount from sale",
)


def told(plan: Plan) -> tuple[Any, ...]:
    return plan.sql, plan.reads, sorted((n, repr(c)) for n, c in plan.considered.items())


def test_the_same_arguments_give_the_same_plan() -> None:
    for sql in QUESTIONS:
        assert told(rewrite(sql, **STAR)) == told(rewrite(sql, **STAR))


def test_the_order_of_what_is_told_does_not_matter() -> None:
    turned = {
        **STAR,
        "cuboids": dict(reversed(CUBOIDS.items())),
        "tables": dict(reversed(TABLES.items())),
    }
    for sql in QUESTIONS:
        assert told(rewrite(sql, **STAR)) == told(rewrite(sql, **turned))


def test_another_process_finds_the_same() -> None:
    script = (
        "from tests.cubes.rewrite.test_contract import *\n"
        "for sql in QUESTIONS: print(repr(told(rewrite(sql, **STAR))))"
    )
    root = Path(__file__).parents[3]
    heard = {
        subprocess.run(
            [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True,
            timeout=120, env={**os.environ, "PYTHONHASHSEED": hashseed, "PYTHONPATH": str(root)},
        ).stdout
        for hashseed in ("1", "2")
    }  # fmt: skip
    assert len(heard) == 1
    assert "By_Site" in heard.pop()


def test_what_is_remembered_of_one_star_is_not_said_of_another() -> None:
    sql = "select site_key, count(*) as n from sale join site using (site_key) group by site_key"
    bare = {"tables": TABLES, "cuboids": CUBOIDS}
    for _ in range(3):
        assert rewrite(sql, **STAR).reads == ("By_Site",)
        assert set(rewrite(sql, **bare).reads) != {"By_Site"}
        other = {
            **STAR,
            "cuboids": {"By_Site": "select site_key, max(amount) as m from sale group by 1"},
        }
        assert rewrite(sql, **other).sql == sql


def test_a_catalogue_that_changes_in_place_is_seen() -> None:
    cuboids = dict(CUBOIDS)
    star = {**STAR, "cuboids": cuboids}
    assert rewrite(EASY, **star).reads == ("By_Site",)
    cuboids["By_Site"] = "select site_key, count(*) as n from sale group by site_key"
    assert rewrite(EASY, **star).sql == EASY
    del cuboids["By_Site"]
    assert set(rewrite(EASY, **star).considered) == {"agg.by_day"}


def test_many_threads_hear_what_one_hears() -> None:
    questions = [
        f"select site_key, sum(amount) + {i} as s from sale group by site_key" for i in range(24)
    ]
    alone = [told(rewrite(sql, **STAR)) for sql in questions[:12]]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda sql: told(rewrite(sql, **STAR)), questions))
    assert together[:12] == alone
    assert all(plan[1] == ("By_Site",) for plan in together)
