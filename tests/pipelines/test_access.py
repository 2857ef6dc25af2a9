"""`happycall access`: the log in short, and a broken chain as a sentence with status 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cubes.access_log import AccessLog, Note, files
from models.home import Home, open_home
from pipelines.cli import run
from pipelines.nightly import CHORES


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "home"))
    home = open_home()
    log = AccessLog(home)
    for principal in ("analyst", "site_manager:S1", "analyst"):
        log.append(Note("ask", "select 1", load=3).entry(principal, "cli"))
    return home


def test_it_tells_who_asked_how_often(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["access"]) == 0
    said = capsys.readouterr().out
    assert "3 entries" in said
    assert "the chain holds" in said
    assert run(["access", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["principal"], each["entries"]) for each in told["by"]] == [
        ("analyst", 2),
        ("site_manager:S1", 1),
    ]
    assert told["broken"] == []


def test_a_broken_chain_is_a_sentence_and_status_2(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    (path,) = files(home.log)
    path.write_text(path.read_text().replace("site_manager:S1", "site_manager:S2"))
    assert run(["access"]) == 2
    assert "The access log is broken at line 2" in capsys.readouterr().err


def test_an_empty_log_is_no_broken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "new"))
    assert run(["access"]) == 0


def test_the_night_looks_at_the_chain_too(home: Home) -> None:
    chore = next(chore for chore in CHORES if chore.name == "access")
    told = chore.work(home)
    assert (told["entries"], told["broken"]) == (3, None)
