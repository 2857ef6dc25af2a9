"""landed = accepted + duplicate + quarantined, and nothing is lost."""

from __future__ import annotations

import json

import pytest

from models.errors import SourceError
from models.keys import open_keys
from models.quarantine import fetch
from pipelines.load import replay
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer


def test_every_record_falls_in_exactly_one_class(bench: Bench) -> None:
    survey = bench.write("survey1", [answer(1), answer(2), answer(3, day="2026-13-01"), answer(2)])
    result = bench.load(bench.write("question1", QUESTIONS), survey)
    counts = json.loads(result.as_json())
    assert [counts[c] for c in ("landed", "accepted", "duplicate", "quarantined")] == [6, 4, 1, 1]
    assert counts["sources"]["small"]["landed"] == 6


def test_the_same_files_again_change_nothing(bench: Bench) -> None:
    files = [
        bench.write("question1", QUESTIONS),
        bench.write("survey1", [answer(1), answer(2, day="soon")]),
    ]
    first = bench.load(*files)
    again = bench.load(*files)
    assert first.changed
    assert (again.changed, again.load) == (False, first.load)
    assert (again.counts.accepted, again.counts.duplicate, again.counts.quarantined) == (0, 3, 1)
    assert len(bench.rows("select * from quarantine")) == 1


def test_a_refused_record_keeps_its_raw_form_file_number_and_reason(bench: Bench) -> None:
    bench.load(bench.write("survey1", [answer(1), answer(2, day="2026-02-30")]))
    ((entry, load, file, number, reason),) = bench.rows(
        "select entry, stored_load, file, record_no, reason from quarantine where state = 'open'"
    )
    assert (file, number) == ("survey1.csv", 2)
    assert "day is not a date" in str(reason)
    raw = fetch(bench.home, open_keys(bench.home), int(str(load)), [int(str(entry))])
    assert b"2026-02-30" in raw[int(str(entry))]


def test_a_score_out_of_its_scale_refuses_the_whole_record(bench: Bench) -> None:
    result = bench.load(
        bench.write("question1", QUESTIONS), bench.write("survey1", [answer(1, q2=9), answer(2)])
    )
    assert result.counts.quarantined == 1
    assert bench.rows("select count(*), count(distinct response_key) from fact_answer") == [(2, 1)]


def test_a_scale_that_arrives_later_recalls_what_it_makes_wrong_and_replay_brings_it_back(
    bench: Bench,
) -> None:
    bench.load(bench.write("survey1", [answer(1, q2=9), answer(2)]))
    assert bench.rows("select count(*) from fact_answer") == [(4,)]
    bench.load(bench.write("question1", QUESTIONS))
    assert bench.rows("select count(*) from fact_answer") == [(2,)]
    assert bench.rows("select count(*) from quarantine where state = 'open'") == [(1,)]
    bench.load(bench.write("question2", [("q1", 1, 5, 100), ("q2", 1, 10, 50)]))
    replayed = replay(bench.home, sources=bench.sources)
    assert (replayed.counts.landed, replayed.counts.accepted) == (1, 1)
    assert bench.rows("select count(*) from fact_answer") == [(4,)]
    assert bench.rows("select state, count(*) from quarantine group by all") == [("replayed", 1)]


def test_replay_never_overwrites_a_newer_version(bench: Bench) -> None:
    bench.load(bench.write("question1", [("q1", 1, 5, 100), ("q2", 1, 3, 50)]))
    bench.load(bench.write("survey1", [answer(1, q1=1, q2=5, modified="2026-11-02 09:00")]))
    bench.load(bench.write("survey2", [answer(1, q1=4, q2=2, modified="2026-11-03 09:00")]))
    bench.load(bench.write("question2", QUESTIONS))
    replayed = replay(bench.home, sources=bench.sources)
    assert replayed.counts.accepted == 1
    assert bench.rows("select score from fact_answer order by score") == [(2,), (4,)]


def test_a_preview_is_set_aside_within_accepted(bench: Bench) -> None:
    result = bench.load(bench.write("survey1", [answer(1, status="preview"), answer(2)]))
    assert (result.counts.accepted, result.counts.set_aside) == (2, 1)
    assert bench.rows("select count(distinct response_key) from fact_answer") == [(1,)]


def test_two_records_that_give_one_key_do_not_overwrite_each_other(bench: Bench) -> None:
    sites = [("S1", "", "서울"), ("S1", "2026-01-01", "경기")]
    result = bench.load(bench.write("site1", sites))
    assert result.counts.accepted == 2


def test_a_mapping_that_delivers_an_unknown_column_is_one_sentence(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from pipelines.source import read_sources

    folder = tmp_path_factory.mktemp("wrong") / "small"
    folder.mkdir()
    for file in bench.sources[0].folder.iterdir():
        (folder / file.name).write_text(
            file.read_text("utf-8").replace("r.province", "r.province as provinz"), "utf-8"
        )
    with pytest.raises(SourceError, match="provinz"):
        Bench(bench.home, read_sources((folder.parent,)), bench.inbox).load(
            bench.write("site1", [("S1", "", "서울")])
        )
    assert not (bench.home.releases / "manifest.json").exists()


def test_two_identical_files_under_two_names_are_repeats_whether_known_or_not(bench: Bench) -> None:
    rows = [answer(1), answer(2, day="never")]
    first, second = bench.write("survey1", rows), bench.write("survey2", rows)
    new = bench.load(first, second)
    again = bench.load(first, second)
    assert (new.counts.accepted, new.counts.duplicate, new.counts.quarantined) == (1, 1, 2)
    assert (again.counts.duplicate, again.counts.quarantined, again.changed) == (2, 2, False)
