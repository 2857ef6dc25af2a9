"""Whatever lands, a command says in one sentence what is the matter, and nothing is lost."""

from __future__ import annotations

import functools
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from models.home import PROJECT
from models.lock import writer_lock
from models.release import verify
from pipelines import land
from pipelines import load as loading
from tests.pipelines.acceptance.conftest import Counter, write_source
from tests.pipelines.load.conftest import answer

SAID = "친절하게 설명해 주셨어요"
MEGABYTES = 10 * 2**20
LINE = b"4,2026-11-02,S1,5,5,,,ok,\n"


def survey(counter: Counter, *numbers: int) -> bytes:
    """A survey file that has nothing wrong."""
    return counter.write("survey9", [answer(n, said=SAID) for n in numbers]).read_bytes()


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "an empty file": (lambda good: b"", "is empty"),
    "a binary": (lambda good: bytes(range(256)) * 20, "binary, not text"),
    "an archive": (lambda good: b"PK\x03\x04" + bytes(2000), "it is no csv file"),
    "a missing column": (lambda good: good.replace(b"q2", b"second", 1), "has no column 'q2'"),
    "a wrong delimiter": (lambda good: good.replace(b",", b";"), "separated by a semicolon"),
    "another encoding": (lambda good: good.decode().encode("cp949"), "not utf-8"),
    "one endless line": (lambda good: b"x" * MEGABYTES, "has one column where 9"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_cannot_be_read_is_one_sentence_and_changes_nothing(
    counter: Counter, what: str
) -> None:
    spoil, says = BAD[what]
    path = counter.inbox / "survey_bad.csv"
    path.write_bytes(spoil(survey(counter, 1, 2)))
    before = path.read_bytes()
    assert says in counter.run("load", "--source", "small", path).sentence()
    assert counter.manifest() == b""
    assert path.read_bytes() == before
    assert not list(counter.home.taken.iterdir())


def test_files_that_cannot_be_read_stay_in_landing_and_the_others_are_loaded(
    opened: Counter,
) -> None:
    good = survey(opened, 3, 4)
    kept = {}
    for number, (spoil, _) in enumerate(BAD.values()):
        path = opened.inbox / f"survey_bad_{number}.csv"
        path.write_bytes(spoil(good))
        kept[opened.land(path)] = path.read_bytes()
    fine = opened.land(opened.inbox / "survey9.csv")
    said = opened.load()
    assert said.counts() == (2, 2, 0, 0)
    assert {path: path.read_bytes() for path in kept} == kept
    assert not fine.exists()
    refused = {each["file"]: each["why"] for each in said.account["refused"]}
    assert refused.keys() == {path.name for path in kept}
    for path, (_, says) in zip(kept, BAD.values(), strict=True):
        assert says in refused[path.name]
    again = opened.load()
    assert again.account["changed"] is False


def test_a_named_file_that_is_refused_beside_others_ends_the_command_with_2(
    opened: Counter,
) -> None:
    fine = opened.write("survey2", [answer(3)])
    bad = opened.inbox / "survey_bad.csv"
    bad.write_bytes(survey(opened, 4).replace(b"q2", b"second", 1))
    said = opened.run("load", fine, bad)
    assert (said.status, said.counts()) == (2, (1, 1, 0, 0))
    assert "has no column 'q2'" in said.err
    assert bad.exists()


def test_a_directory_and_a_file_that_is_not_there_are_one_sentence(opened: Counter) -> None:
    before = opened.manifest()
    assert "is a folder; name the files in it" in opened.run("load", opened.inbox).sentence()
    assert "cannot be read" in opened.run("load", opened.inbox / "none.csv").sentence()
    assert opened.manifest() == before


def test_a_byte_order_mark_is_no_part_of_the_first_column(opened: Counter) -> None:
    path = opened.inbox / "survey_bom.csv"
    path.write_bytes(b"\xef\xbb\xbf" + survey(opened, 2, 3))
    assert opened.load(path).counts() == (2, 2, 0, 0)
    path.write_bytes(survey(opened, 2, 3))
    assert opened.load(path).counts() == (2, 0, 2, 0)


def test_a_header_alone_is_a_file_without_records(opened: Counter) -> None:
    before = opened.rows("select * from fact_answer order by all")
    assert opened.load(opened.write("survey2", [])).counts() == (0, 0, 0, 0)
    assert opened.rows("select * from fact_answer order by all") == before


def test_a_header_alone_does_not_take_back_a_whole_master(opened: Counter) -> None:
    opened.load(opened.write("site1", [("S1", "", "서울")]))
    before = opened.manifest()
    said = opened.run("load", opened.write("site2", [])).sentence()
    assert "names no record" in said
    assert opened.manifest() == before
    assert opened.rows("select province from dim_site where site = 'S1'") == [("서울",)]


def test_ten_megabytes_in_one_line_cost_that_record_alone(opened: Counter) -> None:
    path = opened.inbox / "survey_long.csv"
    path.write_bytes(survey(opened, 3, 4) + b'5,"' + b"x" * MEGABYTES)
    assert opened.load(path).counts() == (3, 2, 0, 1)
    listed = opened.run("quarantine").out
    assert "survey_long.csv" in listed
    assert len(listed) < 2_000, "the list names the record and does not spell it out"


def test_a_file_that_still_grows_is_left_until_it_stands_still(opened: Counter) -> None:
    place = opened.land(opened.write("survey2", [answer(3), answer(4)]), still=False)
    assert opened.load().account["changed"] is False
    assert place.exists()
    part = place.rename(place.with_suffix(".csv.part"))
    seen = part.stat().st_mtime - 60
    os.utime(part, (seen, seen))
    assert opened.load().account["changed"] is False
    part.rename(place)
    assert opened.load().counts() == (2, 2, 0, 0)
    assert not place.exists()


@contextmanager
def growing() -> Iterator[None]:
    """Somebody goes on writing whatever file is read."""
    read = land._chunks

    def chunks(path: Path) -> Iterator[bytes]:
        yield from read(path)
        with path.open("ab") as file:
            file.write(LINE)

    with patch.object(land, "_chunks", chunks):
        yield


def test_a_named_file_that_grows_while_it_is_read_is_one_sentence(opened: Counter) -> None:
    path, before = opened.write("survey2", [answer(3)]), opened.manifest()
    with growing():
        assert "changed while it was read" in opened.run("load", path).sentence()
    assert opened.manifest() == before


def test_a_file_that_grows_again_in_landing_is_loaded_once_it_stands_still(
    opened: Counter,
) -> None:
    place = opened.land(opened.write("survey2", [answer(3)]))
    with growing():
        assert opened.load().account["changed"] is False
    assert place.read_bytes().endswith(LINE)
    seen = place.stat().st_mtime - 60
    os.utime(place, (seen, seen))
    assert opened.load().counts() == (2, 2, 0, 0)


def test_a_file_that_two_sources_claim_is_for_neither(opened: Counter) -> None:
    before = opened.manifest()
    write_source(opened.home.root / "sources" / "twin")
    path = opened.write("survey2", [answer(3)])
    said = opened.run("load", path).sentence()
    assert "could be of small/survey or twin/survey; name its source with --source" in said
    assert opened.manifest() == before
    assert opened.load("--source", "twin", path).counts() == (1, 1, 0, 0)


def test_a_source_folder_with_an_unknown_key_says_which_was_meant(opened: Counter) -> None:
    before = opened.manifest()
    toml = opened.home.root / "sources" / "small" / "source.toml"
    toml.write_text(toml.read_text("utf-8").replace("timezone", "timezon"), "utf-8")
    place = opened.land(opened.write("survey2", [answer(3)]))
    said = opened.run("load").sentence()
    assert said == "small/source.toml has an unknown key 'timezon' (did you mean 'timezone'?)"
    assert opened.manifest() == before
    assert place.exists()


def test_an_unknown_source_says_which_was_meant(opened: Counter) -> None:
    path = opened.write("survey2", [answer(3)])
    assert "(did you mean 'small'?)" in opened.run("load", "--source", "smal", path).sentence()


def test_who_waits_too_long_for_the_lock_is_told_who_holds_it(
    opened: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened.manifest()
    place = opened.land(opened.write("survey2", [answer(3)]))
    monkeypatch.setattr(loading, "load", functools.partial(loading.load, wait_seconds=0.2))
    with writer_lock(opened.home, "nightly"):
        said = opened.run("load").sentence()
    assert f"has been held by 'nightly' (process {os.getpid()}) since " in said
    assert opened.manifest() == before
    assert place.exists()
    assert opened.load().counts() == (1, 1, 0, 0)


@pytest.mark.parametrize(
    "words",
    [("load",), ("ask", "select 1"), ("explain", "select 1"), ("status",), ("quarantine",),
     ("replay",), ("nightly",)],
    ids=lambda words: words[0],
)  # fmt: skip
def test_a_home_of_an_unknown_format_is_left_as_it_is(
    counter: Counter, words: tuple[str, ...]
) -> None:
    manifest = counter.home.releases / "manifest.json"
    manifest.write_text('{"format": 99, "load": 7}')
    place = counter.land(counter.write("survey2", [answer(3)]))
    said = counter.run(*words).sentence()
    assert "has format 99, and this happycall reads format 1; use the version of happycall" in said
    assert manifest.read_text() == '{"format": 99, "load": 7}'
    assert place.exists()


def test_a_file_of_which_too_many_records_are_refused_stays_and_the_others_are_loaded(
    opened: Counter,
) -> None:
    opened.load(opened.write("site1", [("S1", "", "서울"), ("S2", "", "부산")]))
    toml = opened.home.root / "sources" / "small" / "source.toml"
    text = toml.read_text("utf-8")
    toml.write_text(
        text.replace(
            'order = "modified"', 'order = "modified"\n[table.expect]\nstop_at_quarantined = 0.3'
        ),
        "utf-8",
    )
    spoilt = opened.write(
        "survey7", [answer(7), answer(8, day="soon"), answer(9, day="2026-02-30")]
    )
    place = opened.land(spoilt)
    opened.land(opened.write("survey2", [answer(3, site="S2")]))
    opened.land(opened.write("site2", [("S1", "", "서울")]))
    said = opened.load()
    assert said.counts() == (2, 1, 1, 0)
    assert said.account["deleted"] == 1
    (refused,) = said.account["refused"]
    assert refused["file"] == "survey7.csv"
    assert said.err.count("2 of 3 records were refused") == 1, "said once"
    assert "2 of 3 records were refused" in refused["why"]
    assert place.read_bytes() == spoilt.read_bytes()
    assert opened.rows("select count(distinct response_key) from fact_answer") == [(3,)]
    assert opened.rows("select path from file where load = 3") == [("survey2.csv",), ("site2.csv",)]
    shas = {sha for (sha,) in opened.rows("select sha256 from file")}
    assert {path.name for path in opened.home.taken.iterdir()} == shas
    assert "2 of 3 records were refused" in opened.run("load", place).sentence()


def test_a_database_of_which_one_table_is_spoilt_is_refused_whole(counter: Counter) -> None:
    toml = counter.home.root / "sources" / "small" / "source.toml"
    text = toml.read_text("utf-8")
    for name in ("survey", "site", "question"):
        text = text.replace(
            f'path = "{name}*.csv"',
            f'path = "day*.sqlite"\n[table.read]\nformat = "sqlite"\nsqlite_table = "{name}"',
        )
    toml.write_text(text, "utf-8")
    place = counter.home.landing / "small" / "day.sqlite"
    place.parent.mkdir()
    with closing(sqlite3.connect(place)) as day, day:
        day.execute("create table question (code, low, high, weight)")
        day.execute("insert into question values ('q1', 1, 5, 100)")
        day.execute("create table site (code, since)")  # and no province
        day.execute("insert into site values ('S1', '')")
        day.execute("create table survey (id, day, site, q1, q2, phone, said, status, modified)")
        day.execute("insert into survey values (3, '2026-11-02', 'S1', 5, 5, '', '', 'ok', '')")
    os.utime(place, (1_700_000_000, 1_700_000_000))
    said = counter.load()
    assert [each["file"] for each in said.account["refused"]] == ["day.sqlite"]
    assert said.counts() == (0, 0, 0, 0)
    assert place.exists()
    assert counter.rows("select count(*) from fact_answer") == [(0,)]
    named = counter.run("load", place)
    assert "has no column 'province'" in named.sentence()


def test_a_source_that_changes_its_shape_keeps_what_it_brought(opened: Counter) -> None:
    """What landed in the old shape cannot be mapped again; new files are no worse for that."""
    toml = opened.home.root / "sources" / "small" / "source.toml"
    change = '[table.change]\nmode = "upsert"'
    read = '[table.read]\ndelimiter = ";"\n'
    toml.write_text(toml.read_text("utf-8").replace(change, read + change), "utf-8")
    path = opened.write("survey2", [answer(3)])
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    said = opened.load(path)
    assert said.counts() == (1, 1, 0, 0)
    assert "survey1.csv" in said.err
    assert "what it brought stays as it was mapped" in said.err
    assert opened.rows("select count(distinct response_key) from fact_answer") == [(3,)]


def test_a_disk_that_fills_up_is_one_sentence_and_nothing_is_lost(tmp_path: Path) -> None:
    """On a small file system of its own, in a namespace of its own, so that it harms nobody."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    inside = (
        f"mount -t tmpfs -o size=24m tmpfs {tmp_path} || exit 77;"
        f" exec {sys.executable} -m tests.pipelines.acceptance.full_disk {tmp_path}"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", inside],
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("no right to mount a file system here")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "held"


def test_what_was_refused_all_along_is_whole_in_the_end(opened: Counter) -> None:
    opened.run("load", opened.inbox)
    assert verify(opened.home) == ()
    assert opened.run("status", "--format", "json").account["quarantine"]["rows"] == 0
