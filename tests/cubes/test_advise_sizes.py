"""Estimated sizes stay within their bounds, and what is stored bounds what is not."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import duckdb
import pytest

from cubes.cube import Cuboid
from cubes.definitions import SATISFACTION
from cubes.lattice import normal
from cubes.sizes import Sample, Size, bounded, draw, estimate
from models.connection import open_connection

FACTS = 120_000
KEYS = ("site_version", "province", "question_key", "channel_key", "profile_key", "day", "month")
GRAINS = sorted(
    {
        normal(SATISFACTION, keys)
        for many in (1, 2, 3, 4)
        for keys in combinations(KEYS, many)
    }
)  # fmt: skip


@cache
def warehouse() -> duckdb.DuckDBPyConnection:
    """Facts as they come: a few large sites, many small ones, a year of days, loyal customers."""
    con = open_connection("build")
    con.execute("select setseed(0.4)")
    con.execute(
        f"""
        create table dim_site as
        select i as site_key, i * 1024 as site_version, 'P' || (i % 17) as province,
            date '0001-01-01' as valid_from, date '9999-12-31' as valid_to
        from range(600) as t(i);
        create table dim_agent as
        select 0 as agent_key, 0 as agent_version, date '0001-01-01' as valid_from,
            date '9999-12-31' as valid_to;
        create table dim_question as
        select i as question_key, i % 5 as touchpoint_key from range(16) as t(i);
        create table fact_answer as
        select (600 * pow(random(), 3))::integer % 600 as site_key,
            (16 * random())::integer % 16 as question_key,
            (4 * pow(random(), 2))::integer as channel_key, 0 as product_key, 0 as campaign_key,
            0 as agent_key, (5000 * pow(random(), 2))::integer as profile_key,
            date '2025-01-01' + (365 * random())::integer as local_date, 0 as local_minute
        from range({FACTS});
        """
    )
    return con


@cache
def sample() -> Sample:
    return draw(warehouse(), SATISFACTION, 12_000)


def true_rows(grain: tuple[str, ...]) -> int:
    return estimate(warehouse(), whole(), grain).rows


@cache
def whole() -> Sample:
    con = warehouse().cursor()
    con.execute("set schema = 'main'")
    drawn = draw(con, SATISFACTION, FACTS)
    con.execute(f"create or replace table main.whole as from {drawn.rows}")
    return Sample(SATISFACTION, FACTS, "main.whole", FACTS)


def test_few_facts_are_counted() -> None:
    assert whole().is_whole
    for grain in GRAINS[:10]:
        size = estimate(warehouse(), whole(), grain)
        assert size.low == size.rows == size.high
        assert size.error == 0


def test_estimates_are_near_and_their_bounds_hold() -> None:
    assert not sample().is_whole
    outside, ratios = [], []
    for grain in GRAINS:
        size, rows = estimate(warehouse(), sample(), grain), true_rows(grain)
        ratios.append(max(size.rows / rows, rows / size.rows))
        if not size.low <= rows <= size.high:
            outside.append((grain, rows, size))
    assert len(outside) <= len(GRAINS) * 0.08, outside
    assert sorted(ratios)[len(ratios) // 2] < 1.1
    assert max(ratios) < 3.3, "the estimator's guarantee: the root of facts over sampled facts"


def test_cells_within_clusters_are_estimated_closely() -> None:
    by = {clusters.by for clusters in sample().clusters}
    assert by == {("profile_key", "month"), ("site_version", "month")}
    for grain in (("site_version", "day"), ("site_version", "question_key", "month")):
        size, rows = estimate(warehouse(), sample(), grain), true_rows(grain)
        assert abs(size.rows / rows - 1) < 0.1
        assert size.error < 0.2


def test_the_same_facts_give_the_same_sizes() -> None:
    again = draw(warehouse(), SATISFACTION, 12_000)
    grain = ("province", "day")
    assert estimate(warehouse(), again, grain) == estimate(warehouse(), sample(), grain)


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ({("site_version", "day"): 70}, Size(70, 40, 70)),  # finer: no more
        ({("province", "month"): 60}, Size(100, 60, 200)),  # coarser: no fewer
        ({("channel_key", "day"): 10}, Size(100, 40, 200)),  # neither
        ({("site_version", "day"): 30, ("month",): 20}, Size(30, 30, 30)),
    ],
)
def test_what_is_stored_bounds_an_estimate(
    counted: dict[tuple[str, ...], int], expected: Size
) -> None:
    stored = {Cuboid(SATISFACTION, keys): rows for keys, rows in counted.items()}
    found = bounded(Size(100, 40, 200), Cuboid(SATISFACTION, ("site_version", "month")), stored)
    assert found == expected
