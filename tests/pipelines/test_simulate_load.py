"""The sources of the network read what the simulated network writes: counts, indices, cycles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from cubes import connect
from models.home import Home, open_home
from pipelines.load import load
from pipelines.result import LoadResult
from pipelines.simulate import Rates, simulate
from pipelines.source import read_sources

RATES = Rates(
    duplicate=0.01, late=0.02, corrected=0.02, withdrawn=0.01, out_of_order=0.005,
    unknown_site=0.005, impossible_date=0.005, broken_encoding=0.004, set_aside=0.005,
)  # fmt: skip
KEY = ["site", "process"]


@dataclass(frozen=True)
class Loaded:
    home: Home
    result: LoadResult
    again: LoadResult
    truth: Path

    def ask(self, sql: str) -> pl.DataFrame:
        return connect(self.home).ask(sql)

    def known(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.truth / name)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    root = tmp_path_factory.mktemp("loaded")
    run = simulate(root / "out", sites=52, days=8, seed=21, rates=RATES, daily_days=3)
    home = open_home(root / "home")
    sources = tuple(each for each in read_sources() if each.name.startswith("network_"))
    paths = tuple(dict.fromkeys(file.path for file in run.files))
    result = load(home, paths=paths, sources=sources)
    again = load(home, paths=_differing(paths), sources=sources)
    return Loaded(home, result, again, run.out / "truth")


def _differing(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """One path for each content: a list that did not change is sent twice under two names."""
    return tuple({path.read_bytes(): path for path in paths}.values())


def test_every_record_falls_into_the_class_that_the_truth_expects(loaded: Loaded) -> None:
    expected = (
        loaded.known("files.parquet")
        .group_by("source")
        .agg(pl.col("landed", "accepted", "duplicate", "quarantined", "set_aside").sum())
    )
    for source, *numbers in expected.iter_rows():
        counts = loaded.result.sources[source]
        found = [
            counts.landed, counts.accepted, counts.duplicate, counts.quarantined, counts.set_aside,
        ]  # fmt: skip
        assert found == numbers, source
    assert loaded.result.counts.quarantined > 0
    assert loaded.result.refused == ()


def test_the_same_files_again_change_nothing(loaded: Loaded) -> None:
    assert loaded.again.counts.accepted == 0
    assert not loaded.again.changed


def test_the_index_of_each_site_and_process_is_that_of_the_truth(loaded: Loaded) -> None:
    score, low, high = pl.col("score"), pl.col("low"), pl.col("high")
    good = pl.when(pl.col("direction") == 1).then(score - low).otherwise(high - score)
    weight = pl.col("weight")
    true = (
        loaded.known("answers/*.parquet")
        .filter(pl.col("expect") == "accepted", weight > 0)
        .group_by(site="site_code", process="process")
        .agg(index=100 * (weight * good / (high - low)).sum() / weight.sum(), n=pl.len())
    )
    asked = loaded.ask(
        "select site, process, measure(index) as found, n(index) as base"
        " from satisfaction group by all"
    )
    both = true.join(asked, on=KEY, how="full", coalesce=True)
    assert both.null_count().sum_horizontal().item() == 0
    assert (both["n"] == both["base"]).all()
    assert ((both["index"] - both["found"]).abs() < 1e-9).all()


def test_every_answer_is_there_with_its_day_and_score(loaded: Loaded) -> None:
    true = loaded.known("answers/*.parquet").filter(pl.col("expect") == "accepted")
    by = ["question", "channel", "local_date", "local_minute", "score"]
    counted = true.group_by(by).agg(n=pl.len())
    found = loaded.ask(
        "select question, channel, local_date, local_minute, score, count(*) as found"
        " from fact_answer join dim_question using (question_key)"
        " join dim_channel using (channel_key) group by all"
    )
    both = counted.join(found, on=by, how="full", coalesce=True)
    assert both.null_count().sum_horizontal().item() == 0
    assert (both["n"] == both["found"]).all()


def test_tickets_keep_their_cycle_to_the_minute(loaded: Loaded) -> None:
    true = loaded.known("contacts/tickets*.parquet").filter(pl.col("expect") == "accepted")
    found = loaded.ask(
        "select channel, purpose, at_utc as received_at_utc, cycle_minutes as found,"
        " reopens as opened from fact_contact join dim_channel using (channel_key)"
        " where status in ('new', 'open', 'closed')"
    )
    true = true.with_columns(channel=pl.col("channel").replace("phone", "voice"))
    by = ["channel", "purpose", "received_at_utc"]
    both = true.unique(by, keep="none").join(found.unique(by, keep="none"), on=by)
    assert len(both) > 0.95 * len(true)
    assert both["cycle_minutes"].eq_missing(both["found"]).all()
    assert (both["reopens"] == both["opened"]).all()


def test_calls_keep_their_transfers_and_the_callers_who_left(loaded: Loaded) -> None:
    true = loaded.known("contacts/Master*.parquet").filter(pl.col("expect") == "accepted")
    found = loaded.ask(
        "select channel, sum(case when is_abandoned then 1 else 0 end) as gone, count(*) as n,"
        " max(transfers) as most, sum(talk_seconds) as talked"
        " from fact_contact join dim_channel using (channel_key)"
        " where status in ('ANSWERED', 'NO ANSWER') group by all"
    )
    for channel, gone, n, most, talked in found.iter_rows():
        here = true.filter(pl.col("channel") == channel)
        assert n == len(here)
        assert talked == here["talk_seconds"].sum()
        assert gone == pytest.approx(int(here["is_abandoned"].sum()), rel=0.1, abs=2)
        assert most == here["transfers"].max()


def test_sites_have_every_version_and_unknown_ones_are_inferred(loaded: Loaded) -> None:
    versions = loaded.known("site_versions.parquet")
    described = loaded.ask("select count(*) as n from dim_site where not is_inferred")["n"].item()
    assert described == len(versions)
    inferred = loaded.ask("select site from dim_site where is_inferred and site_key > 0")
    assert all(site.startswith("X") for site in inferred["site"])
    assert len(inferred) > 0
    known = loaded.ask(
        "select distinct province, district, region_office from dim_site where not is_inferred"
    )
    assert len(known) > 20


def test_persons_reach_no_fact(loaded: Loaded) -> None:
    named = loaded.ask("select count(*) as n, count(customer_key) as with_key from fact_answer")
    assert named["n"].item() == named["with_key"].item()
    assert loaded.ask("select count(distinct profile_key) as n from fact_answer")["n"].item() > 50
