"""A home that earlier code wrote is opened, asked and loaded into; other formats are refused.

The archive was made once by make_home_format_1.py, and is never made again.
"""

import json
import tarfile
from pathlib import Path

import pytest

from cubes import connect
from cubes.status import status
from models.errors import HomeError
from models.home import Home, open_home
from models.keys import open_keys
from models.manifest import FORMAT, read_manifest
from models.quarantine import fetch
from models.release import verify
from pipelines.cli import run
from pipelines.load import load, replay

ARCHIVE = Path(__file__).with_name("home_format_1.tar.gz")
SURVEY = "id,day,site,score,phone,said,state\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    with tarfile.open(ARCHIVE) as packed:
        packed.extractall(tmp_path, filter="data")
    monkeypatch.setenv("HAPPYCALL_KEYS", str(tmp_path / "keys"))
    return open_home(tmp_path / "home")


def scores(home: Home) -> list[tuple[object, ...]]:
    found = connect(home.root).ask("select score, local_date from fact_answer order by all")
    return list(found.select("score").iter_rows())


def test_it_is_whole_and_has_a_base_and_a_tail(home: Home) -> None:
    manifest = read_manifest(home)
    assert manifest is not None
    assert manifest.format == 1
    assert manifest.base
    assert len(manifest.tails) == 1
    assert not verify(home)


def test_its_facts_and_cubes_are_answered(home: Home) -> None:
    assert scores(home) == [(2,), (4,), (5,)]
    found = connect(home.root).ask(
        "select site, count(*) as n from satisfaction group by all order by 1"
    )
    assert found.rows() == [("S1", 2), ("S2", 1)]
    assert status(home)["quarantine"]["rows"] == 1


def test_what_it_keeps_sealed_is_opened(home: Home) -> None:
    forms = fetch(home, open_keys(home), 1, [(1 << 32) + 1])
    assert b"some day" in b"".join(forms.values())


def test_a_load_goes_on_from_it(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "survey3.csv"
    path.write_text(SURVEY + "1,2026-11-02,S1,1,010-1234-5678,,\n6,2026-11-05,S2,5,,,\n", "utf-8")
    done = load(home, paths=[path])
    assert (done.load, done.counts.accepted) == (3, 2)
    assert scores(home) == [(1,), (2,), (4,), (5,)]
    assert replay(home).counts.quarantined == 1, "its raw form is there to be tried again"


@pytest.mark.parametrize("number", [0, FORMAT + 1])
@pytest.mark.parametrize("words", [("status",), ("ask", "select 1"), ("load",), ("nightly",)])
def test_another_format_is_refused_in_a_sentence(
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    number: int,
    words: tuple[str, ...],
) -> None:
    place = home.releases / "manifest.json"
    place.chmod(0o644)
    before = json.dumps({**json.loads(place.read_text()), "format": number})
    place.write_text(before)
    monkeypatch.setenv("HAPPYCALL_HOME", str(home.root))
    assert run(words) == 2
    said = capfd.readouterr().err.strip().splitlines()[-1]
    assert f"has format {number}, and this happycall reads format {FORMAT}" in said
    assert place.read_text() == before
    with pytest.raises(HomeError, match="has format"):
        read_manifest(home)
