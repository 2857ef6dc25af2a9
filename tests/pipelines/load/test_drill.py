"""`happycall drill`: the rows behind a cell as table, CSV and JSON, and refusals as sentences."""

from __future__ import annotations

import csv
import io
import json

import pytest

from pipelines.cli import run
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer

ASKED = "select site, month, measure(index), n() from satisfaction group by all"
CELL = ("--cell", "site=S1", "--cell", "month=2026-11-01")


@pytest.fixture
def loaded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("HAPPYCALL_HOME", str(bench.home.root))
    sites = bench.write("site", [("S1", "", "Seoul"), ("S2", "", "")])
    rows = [answer(1, q1=5, q2=1), answer(2, q1=3, q2=2), answer(3, site="S2"), answer(4, site="")]
    bench.load(bench.write("question", QUESTIONS), sites, bench.write("survey", rows))
    return bench


def test_rows_come_in_every_format_with_a_note_of_what_they_add_up_to(
    loaded: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["drill", ASKED, *CELL, "--format", "csv"]) == 0
    out, note = capsys.readouterr()
    listed = list(csv.DictReader(io.StringIO(out)))
    assert sorted(row["score"] for row in listed) == ["1", "2", "3", "5"]
    assert note.startswith("4 rows of fact_answer add up to site S1, month 2026-11-01, index ")
    assert "n 4; load 1, as of " in note
    assert run(["drill", ASKED, *CELL, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["fact"] == "fact_answer"
    assert (told["cell"]["site"], told["cell"]["n"], len(told["rows"])) == ("S1", 4, 4)
    assert run(["drill", ASKED, *CELL]) == 0
    assert "answer_key" in capsys.readouterr().out


def test_an_empty_member_is_the_unknown_one(
    loaded: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = "select hour, n() from satisfaction where site = $site group by all"
    given = ("--param", "site=S2", "--cell", "hour=", "--format", "json")
    assert run(["drill", asked, *given]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["cell"] == {"hour": None, "n": 2}
    assert len(told["rows"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((ASKED, "--cell", "site=S1", "--cell", "month=1999-01-01"), "no such cell"),
        ((ASKED, "--cell", "sites=S1"), "did you mean 'site'"),
        ((ASKED, "--cell", "site"), "write it as name=value"),
        ((ASKED, "--cell", "month=never"), "cannot be answered"),
        ((ASKED, *CELL, "--as", "hq_viewer"), "not offered to hq_viewer"),
        ((ASKED, *CELL, "--as", "site_manager:S2"), "no such cell"),
        ((ASKED, *CELL, "--as-known-at", "9"), "no load 9"),
    ],
)
def test_what_cannot_be_listed_is_one_sentence_and_status_2(
    loaded: Bench, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run(["drill", *arguments]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert words in told
    assert told.count("\n") == 1


def test_explain_tells_the_cells_the_rows_and_bytes_the_load_and_its_age(
    loaded: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", ASKED, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"load", "as_of", "age_s", "verified_at", "rows_read", "bytes_read"} <= told.keys()
    (block,) = told["blocks"]
    assert {"source", "rows", "rows_read", "bytes_read", "reason", "considered"} <= block.keys()
    assert all(each["reason"] for each in block["considered"])
    assert told["verified_at"] is None
    assert run(["explain", ASKED]) == 0
    words = capsys.readouterr().out
    assert "old; never verified yet." in words
    assert " rows, at most " in words
