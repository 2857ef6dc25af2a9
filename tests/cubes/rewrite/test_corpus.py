"""Law 1 by rule: each question of the corpus gets the expected plan and the unchanged answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from sqlglot import exp, parse_one

from cubes.rewrite import Plan, rewrite
from tests.cubes.rewrite.corpus import Case, File, files
from tests.cubes.rewrite.same import DOUBLES, RATIO, answer, difference, total_order
from tests.cubes.rewrite.warehouse import DATA_SETS, database, star_of


def all_cases() -> list[Any]:
    """Each case under its file and title; what is not met yet says so, and must go on failing."""
    return [
        pytest.param(
            file,
            case,
            id=f"{file.name}: {case.title}",
            marks=[pytest.mark.xfail(reason=case.todo, strict=True)] if case.todo else [],
        )
        for file in files()
        for case in file.cases
    ]


def catalogue(file: File, case: Case) -> dict[str, Any]:
    wanted = case.cuboids
    cuboids = {n: sql for n, sql in file.cuboids if wanted is None or n in wanted}
    return {
        **star_of(file.setup).catalogue,
        "cuboids": cuboids,
        "views": dict(file.views),
        "sizes": dict(case.sizes),
        "timezone": case.zone,
        "prefer": case.prefer,
    }


def plan_of(file: File, case: Case) -> Plan:
    return rewrite(case.sql, **catalogue(file, case))


def scanned(con: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    """The tables a text names, by DuckDB's own parser, in small letters; CTEs shadow tables."""
    ((text,),) = con.execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()
    tree = json.loads(text)
    if tree["error"]:  # PIVOT and the like: by sqlglot
        return {
            table.name.casefold() for table in parse_one(sql, dialect="duckdb").find_all(exp.Table)
        }
    return set(_named(tree["statements"], frozenset()))


def _named(node: Any, ctes: frozenset[str]) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _named(item, ctes)
    if not isinstance(node, dict):
        return
    for entry in (node.get("cte_map") or {}).get("map", ()):
        yield from _named(entry["value"], ctes)
        ctes |= {entry["key"].casefold()}
    if node.get("type") == "RECURSIVE_CTE_NODE":
        ctes |= {node["cte_name"].casefold()}
    if node.get("type") == "BASE_TABLE":
        name = ".".join(p for p in (node["schema_name"], node["table_name"]) if p).casefold()
        yield from () if name in ctes else (name,)
    for key, value in node.items():
        if key != "cte_map":
            yield from _named(value, ctes)


def expect_plan(file: File, case: Case, plan: Plan) -> None:
    known = catalogue(file, case)
    cuboids = set(known["cuboids"])
    assert set(plan.considered) == cuboids
    if case.any:
        return
    used = {name for name, found in plan.considered.items() if found.used}
    assert used == cuboids & {*plan.reads}
    if case.star:
        told = {name: found.reason for name, found in plan.considered.items()}
        assert not cuboids & {*plan.reads}, f"used, though nothing may be: {plan.sql}"
        assert plan.sql == case.sql
        assert case.reason is None or case.reason in told.values(), f"{told}"
        return
    told = {name: found.sentence for name, found in plan.considered.items()}
    assert cuboids & {*plan.reads} == {*case.uses}, f"{told}"
    tables = {*plan.reads} - cuboids
    assert tables <= {*case.may, *case.must}, f"reads {tables}: {plan.sql}"
    assert {*case.must} <= tables, f"does not read {case.must}: {plan.sql}"


def expect_reads(file: File, case: Case, plan: Plan) -> None:
    """`reads` is what the text names; what views stand for may be told too."""
    con = database(file.setup, file.views, file.cuboids, "empty", case.zone)
    told = {name.casefold() for name in plan.reads}
    inside = {n for name, sql in file.views for n in {name.casefold(), *scanned(con, sql)}}
    assert scanned(con, plan.sql) - inside <= told
    assert told <= scanned(con, plan.sql) | inside


def expect_same_answers(file: File, case: Case, plan: Plan) -> None:
    doubles = any(
        kind in ("DOUBLE", "FLOAT") for t in star_of(file.setup).tables for _, kind in t.columns
    )
    for data_set in DATA_SETS:
        con = database(file.setup, file.views, file.cuboids, data_set, case.zone)
        before = answer(con, case.sql)
        after = answer(con, plan.sql)
        ordered = case.ordered or total_order(case.sql, before.rows, before.names)
        found = difference(before, after, ordered=ordered, tolerance=DOUBLES if doubles else RATIO)
        assert found is None, f"over the rows {data_set}: {found}\n{plan.sql}"


@pytest.mark.parametrize(("file", "case"), all_cases())
def test_a_question_is_answered_as_expected_and_the_same(file: File, case: Case) -> None:
    plan = plan_of(file, case)
    if plan.sql != case.sql:
        expect_same_answers(file, case, plan)
    expect_reads(file, case, plan)
    expect_plan(file, case, plan)


@pytest.mark.parametrize("file", files(), ids=lambda file: file.name)
def test_a_file_of_the_corpus_makes_sense(file: File) -> None:
    star = star_of(file.setup)
    tables = {table.name for table in star.tables} | {name for name, _ in file.views}
    cuboids = {name for name, _ in file.cuboids}
    titles = [case.title for case in file.cases]
    assert len(titles) == len(set(titles))
    con = database(file.setup, file.views, file.cuboids, "as written", None)
    for case in file.cases:
        given = cuboids if case.cuboids is None else set(case.cuboids)
        assert case.stated, f"{case.title}: nothing is expected"
        assert given <= cuboids, case.title
        assert {*case.uses} <= given, case.title
        assert {*case.may, *case.must} <= tables, case.title
        con.sql(case.sql).fetchall()
