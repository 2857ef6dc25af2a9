"""Members are found by their keys before a question runs, so that DuckDB reads their rows alone."""

from __future__ import annotations

from functools import cache

import duckdb
import pytest

from cubes.answer import run
from cubes.lookups import MOST, Known, Lookup, with_keys
from cubes.plan import Plan
from tests.cubes.star import FakeSnapshot, random_star, released
from tests.cubes.test_plan import planned


@cache
def release() -> FakeSnapshot:
    return released(random_star(3, answers=400, contacts=200))


def sent(plan: Plan, **given: object) -> str:
    return with_keys(release().cursor(), plan.sql, plan.lookups, given, {})[0]


def test_a_site_named_by_its_reference_is_a_literal_key() -> None:
    plan = planned("select month, measure(index) from satisfaction where site = 'S2' group by all")
    assert "c.site_version in (select d.site_version from dim_site as d" in plan.sql
    assert "c.site_version = 2048" in sent(plan)
    assert "select d.site_version" not in sent(plan)


def test_versions_and_lists_of_members_are_lists_of_keys() -> None:
    plan = planned("select measure(index) from satisfaction where site in ('S1', 'S2', 'S9')")
    assert "site_version in (1024, 1025, 2048)" in sent(plan).replace("c.", "")


def test_who_is_nobody_reads_nothing() -> None:
    plan = planned("select site, measure(index) from satisfaction where site = 'nobody' group by 1")
    assert "where false" in sent(plan)


def test_a_parameter_that_is_looked_up_is_no_longer_given() -> None:
    plan = planned("select n() from satisfaction where site = $site and month >= $first")
    sql, left = with_keys(
        release().cursor(), plan.sql, plan.lookups, {"site": "S2", "first": "2026-02-01"}, {}
    )
    assert set(left) == {"first"}
    assert "$site" not in sql
    one, two = (
        run(release().cursor(), each, {"site": "S2", "first": "2026-02-01"}, {})[1].read_all()
        for each in (plan, planned(plan.question, cuboids=()))
    )
    assert one.to_pylist() == two.to_pylist()


def test_keys_are_looked_up_once_in_a_release() -> None:
    plan = planned("select n() from satisfaction where site = $site")
    known: Known = {}
    first = with_keys(release().cursor(), plan.sql, plan.lookups, {"site": "S2"}, known)
    nobody = duckdb.connect()  # without any table
    assert with_keys(nobody, plan.sql, plan.lookups, {"site": "S2"}, known) == first
    with pytest.raises(duckdb.CatalogException):
        with_keys(nobody, plan.sql, plan.lookups, {"site": "S1"}, known)


def test_many_members_are_left_to_the_database() -> None:
    con = duckdb.connect()
    con.execute(f"create table d as select range::integer as k from range({MOST + 1})")
    some = Lookup("c.k", f"select d.k from d where d.k < {MOST}")
    many = Lookup("c.k", "select d.k from d where true")
    assert "select" not in with_keys(con, f"where {some.sql}", (some,), {}, {})[0]
    assert with_keys(con, f"where {many.sql}", (many,), {}, {})[0] == f"where {many.sql}"


@pytest.mark.parametrize("site", ["S1", "unknown", "$where", "it's $site", "", None])
def test_whatever_the_member_is_called_the_answer_is_the_same(site: str | None) -> None:
    text = "select n(), max(site) from satisfaction where site = $site and site <> '$site'"
    plan = planned(text)
    found = run(release().cursor(), plan, {"site": site}, {})[1].read_all().to_pylist()
    row = release().cursor().execute(plan.sql, {"site": site}).fetchone()
    assert row is not None
    assert [tuple(each.values()) for each in found] == [row]
