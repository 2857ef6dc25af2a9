"""Earlier loads on the command line: as known at, diff, undo, and what is told when one fails."""

from __future__ import annotations

import json
import shutil

import pytest

from pipelines import cli
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer

Captured = pytest.CaptureFixture[str]
INDEX = "select measure(index), n() from satisfaction"


@pytest.fixture
def told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A home with its source inside and three loads: code book, two visits, one of them changed."""
    shutil.copytree(bench.sources[0].folder, bench.home.root / "sources" / "small")
    monkeypatch.setenv("HAPPYCALL_HOME", str(bench.home.root))
    first = [answer(1, q1=5, q2=5), answer(2, q1=1, q2=1)]
    second = [answer(2, status="withdrawn", modified="2026-11-03 09:00"), answer(3, q1=3, q2=3)]
    for name, rows in (("question0", QUESTIONS), ("survey1", first), ("survey2", second)):
        bench.load(bench.write(name, rows))
    return bench


def say(capfd: Captured, *words: str) -> tuple[int, str, str]:
    capfd.readouterr()
    status = cli.run(words)
    said = capfd.readouterr()
    return status, said.out, said.err


def test_ask_as_known_at_names_the_load(told: Bench, capfd: Captured) -> None:
    rows = {}
    for load in ("2", "3"):
        status, out, err = say(capfd, "ask", INDEX, "--format", "json", "--as-known-at", load)
        body = json.loads(out)
        assert (status, body["load"]) == (0, int(load))
        assert err.startswith(f"load {load}, as of ")
        rows[load] = body["rows"]
    assert rows == {"2": [[50.0, 4]], "3": [[75.0, 4]]}
    status, out, err = say(capfd, "ask", INDEX, "--as-known-at", "4")
    assert (status, out) == (2, "")
    assert "There is no load 4; loads 1 (as of " in err


def test_diff_tells_what_moved_as_table_json_and_csv(told: Bench, capfd: Captured) -> None:
    _, out, err = say(capfd, "diff", "2", "3")
    assert out.splitlines()[0].startswith("S1 2026-11 50.0 → 75.0: 2 ")
    assert "load 2, as of" in err
    body = json.loads(say(capfd, "diff", "2", "3", "--format", "json", "--site", "S1")[1])
    (row,) = body["moved"]
    assert (row["index_before"], row["index_after"], row["moved"]) == (50.0, 75.0, 25.0)
    assert row["mix"] + row["rate"] == row["moved"]
    assert sorted(each["kind"] for each in body["rows"])[-2:] == ["withdrawn", "withdrawn"]
    assert (body["earlier"]["load"], body["later"]["load"]) == (2, 3)
    lines = say(capfd, "diff", "2", "3", "--format", "csv", "--rows")[1].splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("kind,site,day,question")
    status, out, err = say(capfd, "diff", "3", "2")
    assert (status, out) == (2, "")
    assert "ask from 2 to 3" in err
    assert say(capfd, "diff", "2", "3", "--as", "hq_viewer")[0] == 2


def test_undo_is_a_load_that_can_be_compared(told: Bench, capfd: Captured) -> None:
    status, out, _ = say(capfd, "undo", "3")
    account = json.loads(out.splitlines()[-1])
    assert (status, account["load"], account["undone"]) == (0, 4, 3)
    assert (account["went"], account["back"], account["kept"]) == (2, 1, 0)
    assert say(capfd, "diff", "2", "4")[1].strip() == "Nothing moved."
    status, out, err = say(capfd, "undo", "3")
    assert (status, out) == (2, "")
    assert "Load 3 is undone already" in err
