"""What was put into the simulated network can be found again in what it gives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipelines.simulate import simulate
from pipelines.simulate.calls import calls
from pipelines.simulate.clock import day_of
from pipelines.simulate.network import build_network, is_gaming
from pipelines.simulate.people import move_days, residence
from pipelines.simulate.questionnaires import QUESTIONNAIRES
from pipelines.simulate.responses import scored

LAST = day_of(date(2026, 9, 28))
SITES, DAYS, SEED = 156, 60, 3


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("effects")
    simulate(out, sites=SITES, days=DAYS, seed=SEED, daily_days=1)
    return out / "truth"


@pytest.fixture(scope="module")
def answers(truth: Path) -> pl.DataFrame:
    score, low, high = pl.col("score"), pl.col("low"), pl.col("high")
    good = pl.when(pl.col("direction") == 1).then(score - low).otherwise(high - score)
    return pl.read_parquet(truth / "answers/*.parquet").with_columns(
        grade=100 * good / (high - low)
    )


def mean(frame: pl.DataFrame) -> float:
    return float(frame["grade"].mean())  # type: ignore[arg-type]


def test_the_telephone_is_kinder_than_the_web_to_the_same_questions(answers: pl.DataFrame) -> None:
    asked = answers.filter(pl.col("question").is_in(["AS1", "AS2", "AS3"]))
    by_mode = {mode: mean(asked.filter(pl.col("channel") == mode)) for mode in ("voice", "web")}
    assert 9 < by_mode["voice"] - by_mode["web"] < 16


def test_fives_come_back_six_times_as_often_as_fours(truth: Path) -> None:
    came = pl.read_parquet(truth / "repurchases/*.parquet")
    rate = {
        score: float(came.filter(pl.col("score") == score)["comes_back"].mean())  # type: ignore[arg-type]
        for score in (1, 4, 5)
    }
    assert 4.6 < rate[5] / rate[4] < 7.8
    assert rate[1] < rate[5] / 6
    bought = came.filter(pl.col("bought_on").is_not_null())
    assert (bought["bought_on"] > bought["answered_on"]).all()


def test_good_sites_have_good_answers(truth: Path, answers: pl.DataFrame) -> None:
    sites = pl.read_parquet(truth / "sites.parquet").filter(~pl.col("games"), pl.col("drift") == 0)
    found = (
        answers.filter(pl.col("channel") == "voice")
        .group_by("site_code")
        .agg(pl.col("grade").mean(), pl.len())
    )
    both = sites.join(found.filter(pl.col("len") > 60), on="site_code")
    assert np.corrcoef(both["quality"], both["grade"])[0, 1] > 0.8


def test_gaming_sites_have_nothing_but_the_highest_score(
    truth: Path, answers: pl.DataFrame
) -> None:
    network = build_network(SEED, SITES)
    days = np.arange(LAST - DAYS + 1, LAST + 1)
    always = [
        code for site, code in enumerate(network.codes)
        if is_gaming(network, np.full(DAYS, site), days).all()
    ]  # fmt: skip
    assert always
    theirs = answers.filter(
        pl.col("site_code").is_in(always), pl.col("channel") != "web", pl.col("why").is_null()
    )
    assert len(theirs) > 20
    assert (theirs["grade"] == 100).all()


def test_satisfaction_rises_by_a_point_and_a_half_a_year() -> None:
    network = build_network(5, 400)
    form = QUESTIONNAIRES[1]
    now, before = (
        scored(network, form, day - 20, day)["AS2"].mean() for day in (LAST, LAST - 4 * 365)
    )
    a_year = (float(now) - float(before)) / 4 * 25  # type: ignore[arg-type]
    assert 0.7 < a_year < 2.3


def test_a_quarter_of_the_customers_moves_within_a_year() -> None:
    customers = np.arange(40_000)
    assert (move_days(SEED, customers, 2026) >= 0).mean() == pytest.approx(0.25, abs=0.01)
    network = build_network(SEED, 100)
    then, _ = residence(network, customers, np.full(len(customers), LAST - 365))
    now, moved = residence(network, customers, np.full(len(customers), LAST))
    stayed = moved <= LAST - 365
    assert (then[stayed] == now[stayed]).all()
    assert 0.72 < stayed.mean() < 0.78


def test_an_agent_has_about_a_hundred_and_ten_calls_a_day() -> None:
    network = build_network(7, 650)
    made = calls(network, LAST - 27, LAST)
    weekday = ((made["day"] + 3) % 7) < 5
    answered = made.filter(weekday & (made["result"] == 0))
    by_agent = answered.group_by("day", "agent_0").len()
    assert 100 < float(by_agent["len"].mean()) < 122  # type: ignore[arg-type]
    assert made["transfers"].max() == 5
    assert 0.04 < float((made["result"] == 1).mean()) < 0.08  # type: ignore[arg-type]
    again = made.filter(pl.col("result") == 2)
    assert 0.7 < float((again["back_after"] > 0).mean()) < 0.98  # type: ignore[arg-type]


def test_complaints_take_days_some_come_back_and_some_are_open(truth: Path) -> None:
    contacts = pl.read_parquet(truth / "contacts/tickets*.parquet")
    complaints = contacts.filter(pl.col("purpose") == "complaint")
    closed = complaints.filter(pl.col("cycle_minutes").is_not_null())
    hours = closed["cycle_minutes"].to_numpy() / 60
    assert 18 < np.median(hours) < 48
    assert hours.mean() > 1.4 * np.median(hours)
    assert (complaints["state"] != "closed").sum() > 0
    assert 0.03 < float(contacts["reopens"].mean()) < 0.11  # type: ignore[arg-type]
    assert contacts["transfers_planned"].max() == 5
