"""Law 1 by rule: each question of the corpus gets the expected plan and the unchanged answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from cubes.rewrite import Plan, rewrite
from tests.cubes.rewrite.corpus import HERE, Case, File, files
from tests.cubes.rewrite.same import DOUBLES, RATIO, answer, difference, total_order
from tests.cubes.rewrite.warehouse import DATA_SETS, database, star_of

TODO = HERE / "todo.txt"  # titles of cases that are not met yet, one a line: file: title


def not_yet() -> frozenset[str]:
    return (
        frozenset(TODO.read_text(encoding="utf-8").splitlines()) if TODO.exists() else frozenset()
    )


def all_cases() -> list[Any]:
    return [*_marked()]


def _marked() -> Iterator[Any]:
    open_cases = not_yet()
    for file in files():
        for case in file.cases:
            name = f"{file.name}: {case.title}"
            why = case.todo or ("not met yet" if name in open_cases else None)
            marks = [pytest.mark.xfail(reason=why, strict=case.todo is not None)] if why else []
            yield pytest.param(file, case, id=name, marks=marks)


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
    """The names in a text, by DuckDB itself, in small letters."""
    found = con.get_table_names(sql, qualified=True)
    return {name.split(" AS ")[0].replace('"', "").casefold() for name in found}


def expect_plan(file: File, case: Case, plan: Plan) -> None:
    known = catalogue(file, case)
    cuboids = set(known["cuboids"])
    assert set(plan.considered) == cuboids
    assert {name for name in plan.considered if plan.considered[name].used} == cuboids & {
        *plan.reads
    }
    if case.any:
        return
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
