"""The simulated network: its regions, its files, and that the same seed gives the same bytes."""

from __future__ import annotations

import csv
import io
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipelines.simulate import NO_DEFECTS, Rates, SimulationResult, simulate, simulate_batches
from pipelines.simulate import window as windows
from pipelines.simulate.clock import day_of
from pipelines.simulate.live import Moment, Sent, emit_live, live_extracts
from pipelines.simulate.network import build_network
from pipelines.simulate.regions import districts, provinces
from pipelines.simulate.versions import master_as_of, site_versions

SITES, DAYS = 52, 20
SOURCES = {
    "network_calls", "network_customers", "network_invitations", "network_purchases",
    "network_sites", "network_survey_phone", "network_survey_store", "network_survey_web",
    "network_targets", "network_tickets",
}  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> SimulationResult:
    return simulate(tmp_path_factory.mktemp("network"), sites=SITES, days=DAYS, seed=11)


def truth(run: SimulationResult, name: str) -> pl.DataFrame:
    return pl.read_parquet(run.out / "truth" / name)


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# --- the country and its sites


def test_all_seventeen_provinces_and_their_districts_are_there() -> None:
    before, after = districts(), districts(redrawn=True)
    assert len(provinces()) == 17
    assert {each.province for each in before} == set(provinces())
    assert len(before) == 229
    count = Counter(each.province for each in before)
    assert count["서울특별시"] == 25
    assert count["경기도"] == 31
    assert count["세종특별자치시"] == 1
    assert len({english for _, english in provinces().values()}) == 17
    changed = {each.district for each in after} - {each.district for each in before}
    assert changed == {"제물포구", "영종구", "검단구"}


@pytest.mark.parametrize("sites", [13, 40, 130, 1300])
def test_five_of_thirteen_sites_are_branches_wherever_people_live(sites: int) -> None:
    network = build_network(7, sites)
    assert network.is_sales.sum() == round(sites * 5 / 13)
    assert len(set(network.names)) == sites
    assert len(set(network.codes)) == sites
    here = Counter(network.regions[place].province for place in network.district.tolist())
    if sites >= 40:
        assert len(here) == 17
        assert here.most_common(1)[0][0] == "경기도"


def test_sites_move_to_other_offices_and_some_moves_become_known_late() -> None:
    network = build_network(7, 130)
    last = day_of(date(2026, 9, 28))
    versions = site_versions(network, last)
    recent = versions.filter(pl.col("valid_from") >= date(2026, 7, 1))
    assert {"region_office", "redrawn"} <= set(recent["why"])
    late = versions.filter(pl.col("known_on") > pl.col("valid_from"), pl.col("why") != "opened")
    assert len(late) > 0
    told_on = day_of(late["known_on"][0])
    before, after = (master_as_of(versions, day) for day in (told_on - 1, told_on))
    assert len(after) > len(before)
    assert set(after["site_code"]) >= set(before["site_code"])


# --- determinism


def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    call = (
        "from pathlib import Path; from pipelines.simulate import simulate;"
        "simulate(Path({out!r}), sites=20, days=4, seed={seed})"
    )
    for name, seed, salt in (("one", 5, "1"), ("two", 5, "2"), ("three", 6, "1")):
        command = call.format(out=str(tmp_path / name), seed=seed)
        environ = {
            **os.environ,
            "PYTHONHASHSEED": salt,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        subprocess.run([sys.executable, "-c", command], check=True, env=environ)
    one, two, three = (content(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    name = "network_survey_store/store_20260926.csv"
    assert one[name] != three[name]


def test_spans_of_any_length_give_the_same_extracts(
    run: SimulationResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "_SITE_DAYS", SITES * 3)
    short = simulate(tmp_path, sites=SITES, days=DAYS, seed=11)
    assert short.records == run.records
    for source in SOURCES:
        assert content(tmp_path / source) == content(run.out / source), source


def test_newest_first_or_oldest_first_events_are_the_same(tmp_path: Path) -> None:
    options = {"sites": 26, "days": 40, "seed": 3}
    batches = list(simulate_batches(tmp_path / "new", first_days=7, **options))
    simulate(tmp_path / "old", daily_days=7, **options)
    registers = {"network_sites", "network_customers", "network_targets"}
    for source in SOURCES - registers:
        new, old = content(tmp_path / "new" / source), content(tmp_path / "old" / source)
        assert {k: v for k, v in new.items() if "agents" not in k} == {
            k: v for k, v in old.items() if "agents" not in k
        }, source
    days = [file.day for file in batches[0]]
    assert min(days) >= date(2026, 9, 22)
    assert max(days) == date(2026, 9, 28)
    assert len(batches) >= 3
    assert all(file.day < date(2026, 9, 22) for batch in batches[1:] for file in batch)


def test_sites_of_a_network_do_not_depend_on_the_days_simulated(tmp_path: Path) -> None:
    long, short = (simulate(tmp_path / str(days), sites=13, days=days, seed=2) for days in (12, 6))
    name = "survey_20260928.csv"
    both = [(each.out / "network_survey_web" / name).read_bytes() for each in (long, short)]
    ids = [set(re.findall(rb'^"(\d+)"', text, re.MULTILINE)) for text in both]
    assert ids[1] <= ids[0]


# --- volume and counts


def test_about_three_questionnaires_a_site_and_day_with_three_to_four_answers(
    run: SimulationResult,
) -> None:
    answers = truth(run, "answers/*.parquet")
    questionnaires = answers["ref"].n_unique()
    assert 2.3 < questionnaires / SITES / DAYS < 3.6
    assert 3.2 < len(answers) / questionnaires < 3.8
    assert set(answers["process"]) == {"sales", "after_sales", "product", "contact_centre"}
    assert set(answers["channel"]) == {"voice", "web", "in_person"}


def test_every_extract_holds_the_records_that_the_truth_counts(run: SimulationResult) -> None:
    files = truth(run, "files.parquet")
    assert set(files["source"]) == SOURCES
    assert files["landed"].sum() == run.records
    for source, table, name, landed in files.select(
        "source", "table", "file", "landed"
    ).iter_rows():
        path = run.out / source / name
        assert landed == _records(path, table), name
    sums = files.select(pl.col("accepted", "duplicate", "quarantined").sum()).row(0)
    assert sum(sums) == run.records
    assert min(sums) > 0


def _records(path: Path, table: str) -> int:
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as con:
            con.text_factory = bytes
            return int(con.execute(f"select count(*) from {table}").fetchone()[0])
    text = path.read_bytes().decode("cp949" if "store" in path.name else "utf-8-sig", "replace")
    if path.suffix == ".log":
        return len(text.splitlines())
    delimiter = ";" if path.name.startswith("survey") else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    heads = {"happycall": 3, "Master": 0}.get(path.name.split("_")[0], 1)
    return len(rows) - heads


def test_defects_come_at_their_stated_rates(tmp_path: Path) -> None:
    rates = Rates(*(0.04 for _ in Rates.__dataclass_fields__))
    made = simulate(tmp_path, sites=60, days=10, seed=4, rates=rates)
    answers = truth(made, "answers/*.parquet").unique("ref", maintain_order=True)
    share = {
        why: count / len(answers)
        for why, count in answers["why"].value_counts().iter_rows()
        if why is not None
    }
    for kind in Rates.__dataclass_fields__:
        assert share[kind] == pytest.approx(getattr(rates, kind), rel=0.5), kind
    assert set(answers.filter(pl.col("why") == "impossible_date")["expect"]) == {"quarantined"}
    assert set(answers.filter(pl.col("why") == "set_aside")["expect"]) == {"set_aside"}
    assert "withdrawn" in set(answers["expect"])


def test_without_defects_every_record_is_new(tmp_path: Path) -> None:
    made = simulate(tmp_path, sites=20, days=5, seed=4, rates=NO_DEFECTS)
    events = truth(made, "files.parquet").filter(
        ~pl.col("source").is_in(["network_sites"]), ~pl.col("table").is_in(["agents", "reasons"])
    )
    assert events.select(pl.col("duplicate", "quarantined", "set_aside").sum()).row(0) == (0, 0, 0)


# --- formats


def test_each_system_writes_as_it_does(run: SimulationResult) -> None:
    day = "20260925"
    phone = (
        (run.out / "network_survey_phone" / "happycall_20260922.csv")
        .read_bytes()
        .decode("utf-8", "replace")
    )
    heads = list(csv.reader(io.StringIO(phone)))[:3]
    assert heads[0][:3] == ["StartDate", "EndDate", "Status"]
    assert heads[1][0] == "시작 날짜"
    assert heads[2][8] == '{"ImportId":"_recordId"}'
    web = (run.out / "network_survey_web" / f"survey_{day}.csv").read_bytes()
    assert web.startswith(b'\xef\xbb\xbf"id";"submitdate"')
    assert web.endswith(b'"\r\n\r\n')
    assert b";;" in web
    assert b';"";' in web
    store = (run.out / "network_survey_store" / f"store_{day}.csv").read_bytes()
    assert store.decode("cp949").startswith("응답번호,지점코드")
    calls = (run.out / "network_calls" / "Master_20260922.csv").read_text("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(calls)))
    assert {len(row) for row in rows} == {21}
    assert {row[14] for row in rows} == {"ANSWERED", "NO ANSWER"}
    log = (run.out / "network_calls" / "queue_log_20260922.log").read_text("utf-8", "replace")
    events = {line.split("|")[4]: line.count("|") for line in log.splitlines()}
    assert events["ENTERQUEUE"] == 7
    assert events["CONNECT"] == 7
    with sqlite3.connect(run.out / "network_tickets" / f"tickets_{day}.sqlite") as con:
        tables = con.execute("select name from sqlite_master order by name").fetchall()
    assert [name for (name,) in tables] == ["histories", "reasons", "tickets"]


def test_customers_speak_korean_and_some_leave_a_number(run: SimulationResult) -> None:
    text = "".join(
        path.read_text("utf-8", "replace") for path in (run.out / "network_survey_phone").iterdir()
    )
    assert re.search(r"010-\d{4}-\d{4}", text)
    assert "습니다" in text


def test_one_question_is_asked_in_two_modes(run: SimulationResult) -> None:
    answers = truth(run, "answers/*.parquet").filter(pl.col("question") == "AS2")
    assert set(answers["channel"]) == {"voice", "web"}


# --- live


def test_live_extracts_get_their_names_when_they_are_whole(tmp_path: Path) -> None:
    seen, clock = [0], 1_790_000_000
    names: list[str] = []

    def stop(seconds: float) -> bool:
        names.extend(path.name for path in tmp_path.rglob("*") if path.is_file())
        seen[0] += 1
        return seen[0] > 12

    written = emit_live(
        tmp_path, seed=7, sites=40, every_seconds=0.0, stop=stop, now=lambda: clock + 3.0 * seen[0]
    )
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == len(files) > 24
    assert not [name for name in names if name.endswith(".part")]
    assert {path.parent.name for path in files} <= SOURCES
    rows = [
        row
        for path in sorted((tmp_path / "network_survey_phone").iterdir())
        for row in csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8", "replace")))
    ]
    ids = [row["ResponseId"] for row in rows if row["ResponseId"].startswith("R_")]
    assert len(set(ids)) > 0.9 * len(ids)


def test_a_moment_is_a_function_of_the_seed_and_the_instant(tmp_path: Path) -> None:
    network = build_network(7, 40)
    for name in ("one", "two"):
        extracts, sent = live_extracts(Moment(network, 1_790_000_003, 30), Sent())
        for source, file, write in extracts:
            (tmp_path / name / source).mkdir(parents=True, exist_ok=True)
            write(tmp_path / name / source / file)
        assert sent.until == 1_790_000_003
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert np.unique(Moment(network, 1_790_000_004, 30).numbers(50, 3)).size == 50
