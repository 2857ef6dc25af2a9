# ruff: noqa: E501  (tables of SQL read better whole)
"""Golden values of the field, and intervals against numpy and scipy."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats

from cubes.api import Connection
from cubes.cube import Share
from cubes.statistics.intervals import bound_sql, normal_quantile, t_quantile_sql
from tests.cubes.star import FakeReader, Star, answer_row, dimensions, mark_leads, released


def connection(rows: Sequence[dict[str, Any]]) -> Connection:
    star = Star()
    dimensions(star, random.Random(0))
    common = {"site_key": 2, "channel_key": 1, "product_key": 1, "campaign_key": 1, "agent_key": 1,
              "profile_key": 1, "local_date": date(2026, 3, 3)}  # fmt: skip
    star.tables["fact_answer"] = [{**common, **row} for row in rows]
    return Connection(FakeReader(released(star)))


def answers(question: int, counts: dict[int, int]) -> list[dict[str, Any]]:
    scores = [score for score, count in counts.items() for _ in range(count)]
    rows = [answer_row(i, question, score, response_key=i) for i, score in enumerate(scores)]
    mark_leads(rows)
    return rows


FIVE_POINTS = {1: 2, 2: 3, 3: 10, 4: 25, 5: 60}


def test_mean_100_of_a_five_point_histogram() -> None:
    con = connection(answers(1, FIVE_POINTS))
    asked = con.ask(
        "select measure(index), measure(mean), measure(median), measure(top_box), measure(top2_box), n(),"
        " (high(index) - low(index)) / 2 as half from satisfaction where question = 'Q1'"
    ).to_dicts()[0]
    assert asked["index"] == pytest.approx(84.5, abs=1e-12)
    assert asked["mean"] == pytest.approx(4.38, abs=1e-12)
    assert (asked["median"], asked["top_box"], asked["top2_box"], asked["n"]) == (
        5.0,
        60.0,
        85.0,
        100,
    )
    assert asked["half"] == pytest.approx(2.32412 * stats.t.ppf(0.975, 99), abs=1e-4)


def test_reversed_questions_count_from_their_better_end() -> None:
    con = connection(answers(3, {1: 60, 2: 25, 3: 10, 4: 3, 5: 2}))
    asked = con.ask(
        "select measure(index), measure(mean), measure(median), measure(top_box)"
        " from satisfaction where question = 'Q3'"
    ).row(0)
    assert asked == pytest.approx((84.5, 1.62, 1.0, 60.0), abs=1e-12)


def test_nps_of_55_promoters_and_20_detractors() -> None:
    con = connection(answers(2, {10: 30, 9: 25, 8: 15, 7: 10, 6: 12, 0: 8}))
    nps, low, high = con.ask("select measure(nps), low(nps), high(nps) from satisfaction").row(0)
    assert nps == 35.0
    assert (low, high) == pytest.approx((19.4742, 50.5258), abs=1e-4)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (27, 30, 0.743789, 0.965400),
        (9, 10, 0.595850, 0.982124),
        (10, 10, 0.722467, 1.0),
        (0, 10, 0.0, 0.277533),
        (180, 200, 0.850594, 0.934330),
        (3, 3, 0.438503, 1.0),
    ],
)
def test_wilson_intervals_of_shares(part: int, whole: int, low: float, high: float) -> None:
    share = Share(str(part), str(whole))
    sql = ", ".join(bound_sql("", share, 0.95, upper=upper) for upper in (False, True))
    found = duckdb.connect().execute(f"select {sql}").fetchone()
    assert found == pytest.approx((100 * low, 100 * high), abs=1e-4)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.998])
def test_quantiles_of_t_agree_with_scipy(level: float) -> None:
    freedom = [*range(1, 200), 500, 5_000, 10**6]
    found = (
        duckdb.connect()
        .execute(f"select {t_quantile_sql(level, 'df')} from (select unnest({freedom}) as df)")
        .fetchall()
    )
    expected = stats.t.ppf((1 + level) / 2, np.array(freedom))
    assert np.abs(np.array(found)[:, 0] - expected).max() < 1e-6
    assert normal_quantile(level) == pytest.approx(stats.norm.ppf((1 + level) / 2), abs=1e-12)


def test_the_interval_of_the_index_is_the_ratio_estimators_over_visits() -> None:
    chance = random.Random(5)
    rows = []
    for response in range(40):
        for question in chance.sample([1, 3, 4], chance.randint(1, 3)):
            rows.append(
                answer_row(len(rows), question, chance.randint(1, 5), response_key=response)
            )
    mark_leads(rows)
    con = connection(rows)
    index, low, high, n, visits = con.ask(
        "select measure(index), low(index, 0.9), high(index, 0.9), n(index), measure(responses) from satisfaction"
    ).row(0)

    w = np.array([row["weight"] for row in rows], dtype=float)
    y = np.array([row["points"] for row in rows], dtype=float) / 126
    visit = np.array([row["response_key"] * 10 + 1 + row["question_key"] % 2 for row in rows])
    ratio = (w * y).sum() / w.sum()
    residuals = np.array([(w * (y - ratio))[visit == v].sum() for v in np.unique(visit)])
    m = len(residuals)
    se = math.sqrt((residuals**2).sum() / w.sum() ** 2 * m / (m - 1))
    half = stats.t.ppf(0.95, m - 1) * se
    assert (n, visits) == (len(rows), m)
    assert (index, low, high) == pytest.approx((ratio, ratio - half, ratio + half), abs=1e-6)


def test_the_interval_of_one_question_is_that_of_a_sample_mean() -> None:
    con = connection(answers(4, {1: 3, 4: 5, 6: 9, 7: 4}))
    low, high = con.ask(
        "select low(index), high(index) from satisfaction where question = 'Q4'"
    ).row(0)
    y = 100 * (np.repeat([1, 4, 6, 7], [3, 5, 9, 4]) - 1) / 6
    half = stats.t.ppf(0.975, len(y) - 1) * y.std(ddof=1) / math.sqrt(len(y))
    assert (low, high) == pytest.approx((y.mean() - half, y.mean() + half), abs=1e-6)


def test_one_visit_has_an_index_and_no_interval() -> None:
    con = connection(answers(1, {4: 1}))
    assert con.ask("select measure(index), low(index), high(index) from satisfaction").row(0) == (
        75.0,
        None,
        None,
    )


def test_answers_that_all_agree_still_leave_room_for_those_not_seen() -> None:
    con = connection(answers(1, {5: 30}))
    low, high = con.ask(
        "select low(index), high(index) from satisfaction where question = 'Q1'"
    ).row(0)
    hidden = 1 - stats.beta.ppf(0.025, 30, 1)  # Clopper and Pearson: 30 of 30
    assert (low, high) == pytest.approx((100 * (1 - hidden), 100.0), abs=1e-9)


def test_the_median_of_an_even_number_lies_between() -> None:
    con = connection(answers(1, {2: 5, 4: 5}))
    assert con.ask("select measure(median) from satisfaction where question = 'Q1'").item() == 3.0


def test_a_median_of_two_scales_is_no_number() -> None:
    con = connection(
        [*answers(1, {5: 3}), *[{**row, "answer_key": 99} for row in answers(2, {7: 2})]]
    )
    found = con.ask(
        "select measure(median), measure(mean) from satisfaction where question in ('Q1', 'Q2')"
    )
    assert found.row(0) == (None, None)


def test_questions_without_weight_stay_out_of_the_index() -> None:
    con = connection(
        [
            *answers(1, {3: 4}),
            *[{**row, "answer_key": 50 + i} for i, row in enumerate(answers(2, {10: 6}))],
        ]
    )
    found = con.ask("select measure(index), n(index), n() from satisfaction").row(0)
    assert found == (50.0, 4, 10)


def test_the_cycle_median_is_interpolated_within_its_bucket() -> None:
    from tests.cubes.star import contact_row

    star, chance = Star(), random.Random(1)
    dimensions(star, chance)
    star.tables["fact_contact"] = [
        {**contact_row(i, chance), "is_resolved": True, "cycle_minutes": 30 + 3 * i}
        for i in range(10)
    ]
    con = Connection(FakeReader(released(star)))
    median = con.ask("select measure(cycle_median) from voice").item()
    assert 30 / 60 <= median <= 60 / 60
