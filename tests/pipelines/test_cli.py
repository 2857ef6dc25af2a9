"""The command line: what it prints, where, and with which status."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import HomeError
from models.home import Home, open_home
from models.lock import writer_lock
from pipelines import cli, cli_load
from pipelines.simulate import Rates, simulate
from pipelines.source import SOURCES

COUNTS = ("landed", "accepted", "duplicate", "quarantined", "deleted", "set_aside")
Said = tuple[int, str, str]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("extracts")
    simulate(out, sites=6, days=2, seed=3, rates=Rates(impossible_date=0.02))
    return out


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, extracts: Path) -> Iterator[Home]:
    """A home of one load."""
    found = open_home(tmp_path_factory.mktemp("cli") / "home")
    put(extracts, found)
    before = os.environ["HAPPYCALL_HOME"]
    os.environ["HAPPYCALL_HOME"] = str(found.root)
    assert cli.run(["load", *(str(path) for path in files_of(found.landing))]) == 0
    yield found
    os.environ["HAPPYCALL_HOME"] = before


def put(extracts: Path, home: Home) -> None:
    for path in files_of(extracts):
        if (SOURCES / path.parent.name).is_dir():
            target = home.landing / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())


def files_of(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and ".taken" not in p.parts)


def say(capfd: Captured, *words: str) -> Said:
    capfd.readouterr()
    status = cli.run(words)
    said = capfd.readouterr()
    return status, said.out, said.err


def test_the_last_line_of_a_load_is_its_account(
    tmp_path: Path,
    extracts: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Captured,
) -> None:
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "home"))
    put(extracts, open_home())
    named = [str(path) for path in files_of(open_home().landing)]
    status, out, err = say(capfd, "load", *named)
    account = json.loads(out.splitlines()[-1])
    assert status == 0
    assert account["load"] == 1
    assert account["changed"] is True
    assert account["landed"] == sum(account[name] for name in COUNTS[1:4])
    for name in COUNTS:
        assert account[name] == sum(each[name] for each in account["sources"].values())
    assert "landing" in err
    assert out.count("\n") == 1

    put(extracts, open_home())
    status, out, _ = say(capfd, "load", *named)
    again = json.loads(out.splitlines()[-1])
    assert status == 0
    assert again["accepted"] == 0
    assert again["changed"] is False
    assert again["load"] == 1


def test_an_answer_as_json_names_its_load_and_its_types(home: Home, capfd: Captured) -> None:
    question = "select score, count(*) as n from fact_answer group by score order by score"
    status, out, err = say(capfd, "ask", question, "--format", "json")
    answer = json.loads(out)
    assert status == 0
    assert answer["load"] == 1
    assert answer["columns"] == [
        {"name": "score", "type": answer["columns"][0]["type"]},
        {"name": "n", "type": "BIGINT"},
    ]
    assert answer["rows"] == sorted(answer["rows"], key=lambda row: (row[0] is None, row[0]))
    assert answer["truncated"] is False
    assert "fact_answer" in answer["reads"]
    assert "load 1" in err


def test_an_answer_as_csv_is_what_a_reader_of_csv_expects(home: Home, capfd: Captured) -> None:
    question = "select 'a,\"b\"' as text, null as nothing, date '2026-09-01' as day"
    status, out, err = say(capfd, "ask", question, "--format", "csv")
    assert status == 0
    assert list(csv.reader(io.StringIO(out))) == [
        ["text", "nothing", "day"],
        ['a,"b"', "", "2026-09-01"],
    ]
    assert "load 1" in err


def test_an_answer_as_table_shows_every_row(home: Home, capfd: Captured) -> None:
    status, out, err = say(
        capfd, "ask", "select site, measure(index), n(index) from satisfaction group by all"
    )
    assert status == 0
    assert f"{len(out.splitlines()) - 2:,} rows" in err


@pytest.mark.parametrize(
    ("given", "type_"),
    [("5", "INTEGER"), ("2.5", "DOUBLE"), ("true", "BOOLEAN"), ("2026-09-01", "DATE"),
     ("'5'", "VARCHAR"), ("서울", "VARCHAR")],
)  # fmt: skip
def test_a_parameter_has_the_type_its_text_shows(
    home: Home, capfd: Captured, given: str, type_: str
) -> None:
    status, out, _ = say(
        capfd, "ask", "select typeof($p) as t", "--param", f"p={given}", "--format", "csv"
    )
    assert status == 0
    assert out.splitlines()[1] == type_


def test_the_plan_comes_in_words_and_for_programs(home: Home, capfd: Captured) -> None:
    question = "select month, measure(index) from satisfaction group by all"
    _, words, _ = say(capfd, "explain", question)
    _, facts, _ = say(capfd, "explain", question, "--format", "json")
    _, _, beside = say(capfd, "ask", question, "--explain")
    assert "satisfaction_site_month" in words
    assert "not fact_answer" in words
    assert json.loads(facts)["blocks"][0]["source"] in words
    assert words.splitlines()[1] in beside


def test_the_quarantine_lists_what_replay_tries_again(home: Home, capfd: Captured) -> None:
    _, out, _ = say(capfd, "quarantine", "--format", "json")
    waiting = json.loads(out)
    assert waiting, "the simulated defects leave something to be refused"
    assert {"source", "file", "record", "reason"} <= set(waiting[0])
    status, out, _ = say(capfd, "replay", "--source", waiting[0]["source"])
    account = json.loads(out.splitlines()[-1])
    assert status == 0
    assert account["accepted"] == 0
    assert account["quarantined"] == sum(row["source"] == waiting[0]["source"] for row in waiting)


def test_the_status_has_the_shape_that_others_rely_on(home: Home, capfd: Captured) -> None:
    status, out, _ = say(capfd, "status", "--format", "json")
    found = json.loads(out)
    assert status == 0
    assert {"load", "as_of", "committed_at", "format", "sources", "quarantine", "cuboids", "shadow",
            "writer"} <= set(found)  # fmt: skip
    assert found["load"] == 1
    assert found["writer"] is None
    assert {"name", "cube", "levels", "rows", "bytes", "hits", "state"} <= set(found["cuboids"][0])


def test_the_same_seed_simulates_the_same_bytes(tmp_path: Path, capfd: Captured) -> None:
    size = ("--sites", "4", "--days", "2", "--seed", "5", "--end", "2026-05-05")
    for name in ("one", "two"):
        assert say(capfd, "simulate", *size, "--out", str(tmp_path / name))[0] == 0
    one, two = (files_of(tmp_path / name) for name in ("one", "two"))
    csvs = [path for path in one if path.suffix == ".csv"]
    assert [p.relative_to(tmp_path / "one") for p in one] == [
        p.relative_to(tmp_path / "two") for p in two
    ]
    assert csvs
    for path in csvs:
        assert (
            path.read_bytes()
            == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
        )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ask", "drop table fact_answer"), "one SELECT"),
        (("ask", "select 1; select 2"), "one"),
        (("ask", "select * from read_csv('/etc/passwd')"), "read_csv"),
        (("ask", "select nothing from fact_answer"), "nothing"),
        (("ask", "select 1", "--as", "hacker"), "no role 'hacker'"),
        (("ask", "select 1", "--param", "x"), "name=value"),
        (("ask", "select $x"), "$x"),
        (("ask", "select 1", "--format", "yaml"), "yaml"),
        (("ask", "select 1", "--fromat", "json"), "--format"),
        (("asc", "select 1"), "ask"),
        (("load", "/no/such/file.csv"), "/no/such/file.csv"),
        (("load", "--source", "nobody"), "nobody"),
        (("load", "."), "folder"),
        (("simulate", "--sites", "0", "--out", "x"), "--sites"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_status_2(
    home: Home, capfd: Captured, words: tuple[str, ...], says: str
) -> None:
    before = home.releases.joinpath("manifest.json").read_bytes()
    status, out, err = say(capfd, *words)
    assert status == 2
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    assert home.releases.joinpath("manifest.json").read_bytes() == before


def test_before_the_first_load_a_question_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "empty"))
    status, out, err = say(capfd, "ask", "select 1")
    assert (status, out) == (2, "")
    assert "load" in err


def test_a_home_that_cannot_be_written_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "file" / "home"))
    status, _, err = say(capfd, "load")
    assert status == 2
    assert "HAPPYCALL_HOME" in err


def test_whoever_waits_too_long_is_told_who_writes(
    home: Home, extracts: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    from pipelines import load

    impatient = {**(load.load.__kwdefaults__ or {}), "wait_seconds": 0.1}
    monkeypatch.setattr(load.load, "__kwdefaults__", impatient)
    path = next(path for path in files_of(extracts) if path.parent.name == "network_purchases")
    with writer_lock(home, "nightly"):
        status, _, err = say(capfd, "load", "--source", "network_purchases", str(path))
    assert status == 2
    assert "nightly" in err
    assert str(os.getpid()) in err


def test_a_fault_of_our_own_is_no_traceback_either(
    monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    def broken() -> Home:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(cli_load, "open_home", broken)
    status, _, err = say(capfd, "load")
    assert status == 1
    assert "a fault" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (HomeError("said"), 2),
        (PermissionError(13, "Permission denied", "x"), 2),
        (KeyboardInterrupt(), 130),
    ],
)
def test_faults_have_their_status(
    monkeypatch: pytest.MonkeyPatch,
    capfd: Captured,
    fault: BaseException,
    status: int,
) -> None:
    def broken() -> Home:
        raise fault

    monkeypatch.setattr(cli_load, "open_home", broken)
    assert say(capfd, "load")[0] == status


def test_the_command_runs_from_anywhere(home: Home, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "ask", "select 1 as one", "--format", "csv"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["one", "1"]


def test_without_words_it_says_what_there_is(capfd: Captured) -> None:
    status, out, _ = say(capfd)
    assert status == 0
    for command in ("load", "ask", "explain", "status", "quarantine", "replay", "simulate", "up"):
        assert command in out
