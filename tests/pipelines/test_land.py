"""Taking files: only finished ones, sealed as they came, refused whole or read to the end."""

from __future__ import annotations

import errno
import gzip
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from models.connection import open_connection
from models.errors import HomeError, SourceError
from models.home import Home
from models.keys import Keys
from models.noted import REFUSED, noted
from pipelines import land
from pipelines.land import (
    FileChanged,
    LandedFile,
    Refused,
    landed_files,
    raw_forms,
    raw_table,
    take,
)
from pipelines.refused import look, note_refused, unchanged_refusals
from pipelines.source import Source
from pipelines.waiting import seconds_until_still
from tests.pipelines.landing import DATA, a_home, a_source

NOW = 2_000_000_000.0
ANSWERS = """
[[table]]
[table.match]
path = "answers*.csv"
columns = ["id", "score"]
[table.change]
mode = "upsert"
key = ["id"]
"""


@pytest.fixture
def place(tmp_path: Path) -> tuple[Home, Keys]:
    return a_home(tmp_path)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(open_connection("writer")) as con:
        yield con


@pytest.fixture
def branch(tmp_path: Path) -> Source:
    return a_source(tmp_path, ANSWERS)


def put(folder: Path, name: str, data: bytes | str, age: float = 60.0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    os.utime(path, (NOW - age, NOW - age))
    return path


def taken_of(place: tuple[Home, Keys], source: Source, path: Path) -> land.Taken:
    return take(*place, LandedFile(path, source.name, source.tables[0].name, False), source)


# -- what is there to be taken ---------------------------------------------------------------------


def test_finished_files_are_found_oldest_first(place: tuple[Home, Keys], branch: Source) -> None:
    landing = place[0].landing
    put(landing, "branch/b.csv", "id,score\n", age=10)
    put(landing, "branch/deep/a.csv", "id,score\n", age=99)
    put(landing, "answers.csv", "id,score\n", age=50)
    for name in ("x.csv.part", "x.TMP", ".x.csv", ".hidden/x.csv", "x.db-wal", "x.db-journal"):
        put(landing, f"branch/{name}", "id,score\n")
    put(landing, "branch/growing.csv", "id,score\n", age=1.9)
    files, refused = landed_files(place[0], [branch], now=NOW)
    assert [file.path.name for file in files] == ["a.csv", "answers.csv", "b.csv"]
    assert all(file.inside and file.source == "branch" for file in files)
    assert refused == ()


def test_a_file_is_still_when_nothing_was_written_for_two_seconds(
    place: tuple[Home, Keys], branch: Source
) -> None:
    path = put(place[0].landing, "branch/a.csv", "id,score\n", age=0)
    assert landed_files(place[0], [branch], now=NOW + 1.99)[0] == ()
    assert len(landed_files(place[0], [branch], now=NOW + 2)[0]) == 1
    os.utime(path, (NOW + 900, NOW + 900))  # kept by a copy from a clock that runs ahead
    assert landed_files(place[0], [branch], now=path.stat().st_ctime + 1)[0] == ()
    assert len(landed_files(place[0], [branch], now=path.stat().st_ctime + 3)[0]) == 1


def test_files_of_no_source_are_refused_and_the_others_go_on(
    place: tuple[Home, Keys], branch: Source
) -> None:
    home = place[0]
    put(home.landing, "notes.txt", "hello\nworld\n")
    put(home.landing, "branch/a.csv", "id,score\n1,5\n")
    files, refused = landed_files(home, [branch], now=NOW)
    assert [file.path.name for file in files] == ["a.csv"]
    assert [item.path.name for item in refused] == ["notes.txt"]
    assert "belongs to no source: branch/raw (its name is not answers*.csv)" in refused[0].why
    assert landed_files(home, [branch], now=NOW, named="branch") == (files, ())
    with pytest.raises(SourceError, match="no source 'branhc'"):
        landed_files(home, [branch], now=NOW, named="branhc")


def test_a_file_refused_before_is_not_opened_again(
    place: tuple[Home, Keys], branch: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = place[0]
    path = put(home.landing, "notes.txt", "hello")
    monkeypatch.setattr("pipelines.waiting.match_tables", None)  # to call it would fail
    assert landed_files(home, [branch], now=NOW, refused_before={path: "it is no use"}) == (
        (),
        (Refused(path, "it is no use"),),
    )


def test_a_refusal_stands_until_the_file_changes(place: tuple[Home, Keys], branch: Source) -> None:
    home = place[0]
    path = put(home.landing, "branch/a.csv", "idd,score\n1,5\n")
    at = datetime(2026, 11, 22, tzinfo=UTC)
    note_refused(home, [(path, "no column 'id'")], {path: look(path)}, at)
    assert unchanged_refusals(home) == {path: "no column 'id'"}
    note_refused(home, [(path, "no column 'id'")], {path: look(path)}, at + timedelta(days=1))
    assert noted(home, REFUSED)[str(path)]["at"] == at.isoformat(), (
        "told since when, not until when"
    )
    put(home.landing, "branch/a.csv", "id,score\n1,5\n", age=5)
    assert unchanged_refusals(home) == {}


def test_named_files_are_taken_at_once_wherever_they_lie(
    place: tuple[Home, Keys], branch: Source, tmp_path: Path
) -> None:
    home = place[0]
    outside = put(tmp_path, "answers.csv", "id,score\n", age=0)
    inside = put(home.landing, "branch/.hidden.part", "id,score\n", age=0)
    link = tmp_path / "link"
    link.symlink_to(home.landing)
    files, _ = landed_files(
        home, [branch], now=NOW, paths=[outside, link / "branch/.hidden.part", inside]
    )
    assert [(file.path, file.inside) for file in files] == [(outside, False), (inside, True)]


def test_a_path_that_is_no_file_stops_the_command(
    place: tuple[Home, Keys], branch: Source, tmp_path: Path
) -> None:
    fine = put(tmp_path, "answers.csv", "id,score\n")
    os.mkfifo(tmp_path / "pipe")
    for path, says in [
        (tmp_path / "nowhere.csv", "nowhere.csv cannot be read (No such file or directory)"),
        (tmp_path, "is a folder; name the files in it"),
        (tmp_path / "pipe", "is no regular file"),
    ]:
        with pytest.raises(SourceError) as caught:
            landed_files(place[0], [branch], now=NOW, paths=[fine, path])
        assert says in str(caught.value)


# -- taking ----------------------------------------------------------------------------------------


def test_a_taken_file_is_sealed_and_can_be_read_again(
    place: tuple[Home, Keys], branch: Source, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    home, keys = place
    text = "﻿id,score,city\n1,5,서울\n2,4\n3,,�대전\n".encode()
    taken = taken_of(place, branch, put(tmp_path, "answers.csv", text))
    assert (taken.path, taken.bytes, taken.records, taken.repaired) == (
        "answers.csv",
        len(text),
        3,
        1,
    )
    assert taken.undecodable == ((2, "it has 2 fields where 3 are expected"),)
    (sealed,) = home.taken.iterdir()
    assert sealed.name == taken.sha256
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert "서울".encode() not in sealed.read_bytes()
    assert raw_table(con, home, keys, taken, branch.tables[0], "raw") == taken.undecodable
    assert con.execute("select _record, id, score, city, _file, _sha from raw").fetchall() == [
        (1, "1", "5", "서울", "answers.csv", taken.sha256),
        (3, "3", "", "�대전", "answers.csv", taken.sha256),
    ]
    forms = raw_forms(home, keys, taken.sha256, [2, 3], branch.tables[0])
    assert forms == {2: b"2,4\n", 3: "3,,�대전\n".encode()}
    assert raw_forms(home, keys, taken.sha256, [], branch.tables[0]) == {}


def test_files_of_one_table_are_appended_although_their_columns_differ(
    place: tuple[Home, Keys], branch: Source, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for name, text in [("a.csv", "id,score\n1,5\n"), ("b.csv", "extra,Score,ID\nx,4,2\n")]:
        taken = taken_of(place, branch, put(tmp_path, name, text))
        raw_table(con, *place, taken, branch.tables[0], "cut")
    assert con.execute(
        "select id, score, extra, _record, _file from cut order by id"
    ).fetchall() == [
        ("1", "5", None, 1, "a.csv"),
        ("2", "4", "x", 1, "b.csv"),
    ]


def test_a_header_alone_gives_an_empty_table_with_its_columns(
    place: tuple[Home, Keys], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    source = a_source(tmp_path, "[[table]]\n[table.read]\noptional=['q*']", answer=(
        "select r._record, r.q1, r.id from raw as r"))  # fmt: skip
    taken = taken_of(place, source, put(tmp_path, "a.csv", "id,score\n"))
    raw_table(con, *place, taken, source.tables[0], "raw")
    names = [row[0] for row in con.execute("describe raw").fetchall()]
    assert sorted(names) == ["_file", "_record", "_sha", "id", "q1", "score"]
    assert taken.records == con.execute("select count(*) from raw").fetchall()[0][0] == 0


def test_the_same_content_is_kept_once(
    place: tuple[Home, Keys], branch: Source, tmp_path: Path
) -> None:
    one = taken_of(place, branch, put(tmp_path, "a.csv", "id,score\n1,5\n"))
    sealed = (place[0].taken / one.sha256).stat()
    two = taken_of(place, branch, put(tmp_path, "b.csv", "id,score\n1,5\n"))
    assert (one.sha256, two.path) == (two.sha256, "b.csv")
    assert [path.name for path in place[0].taken.iterdir()] == [one.sha256]
    assert (place[0].taken / one.sha256).stat().st_mtime_ns == sealed.st_mtime_ns


def test_a_database_is_taken_once_for_each_of_its_tables(
    place: tuple[Home, Keys], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    tables = "".join(f"[[table]]\nname = '{n}'\n[table.read]\nformat='sqlite'\n" for n in "abc")
    source = a_source(tmp_path, tables, "desk")
    path = place[0].landing / "desk" / "export.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        for name in "abc":
            db.execute(f"create table {name} (id integer, name text)")
            db.execute(f"insert into {name} values (1, '{name}'), (2, null)")
        db.commit()
    files, refused = landed_files(place[0], [source], now=time.time() + 9)
    assert [(file.path.name, file.table) for file in files] == [("export.db", n) for n in "abc"]
    for file in files:
        taken = take(*place, file, source)
        raw_table(con, *place, taken, source.table(file.table), file.table)
        assert con.execute(f"select id, name from {file.table}").fetchall() == [
            ("1", file.table),
            ("2", None),
        ]
        forms = raw_forms(*place, taken.sha256, [2], source.table(file.table))
        assert forms == {2: b'{"id": "2", "name": null}'}
    assert len(list(place[0].taken.iterdir())) == 1
    assert refused == ()


# -- refused whole, nothing lost -------------------------------------------------------------------

HOSTILE = [
    ("empty", b"", "is empty: it has no byte"),
    ("a null byte file", b"\0" * 4096, "looks like UTF-16"),
    ("a binary", bytes(range(256)) * 64, "is binary, not text"),
    ("a compressed file", gzip.compress(b"id,score\n1,5\n"), "is compressed with gzip"),
    ("a missing column", b"id,scores\n1,5\n", "has no column 'score' (did you mean 'scores'?)"),
    ("another delimiter", b"id;score\n1;5\n", "it seems separated by a semicolon"),
    ("blank lines", b"\n \n\n", "holds no header"),
    ("no header", b"1,5\n2,4\n", "has no column 'id'; it has '1', '5'"),
    ("another file", b"<html><body>no</body></html>", "one column where 2 or more are expected"),
    ("CP949 as UTF-8", "id,score,도시\n1,5,서울\n".encode("cp949"), "it reads as cp949"),
    ("CP949 in records", "id,score,c\n1,5,서울\n2,4,대전\n".encode("cp949"), "it reads as cp949"),
    ("UTF-16 as UTF-8", "id,score\n1,5\n2,3\n".encode("utf-16-le"), 'add "utf-16" to encoding'),
    ("a JSON document", b'[{"id": 1, "score": 5}]', "has no column 'id'"),
    ("70 MB in one line", b"id,score\n" + b"x" * (70 << 20), "a line of more than 64 MiB"),
]


@pytest.mark.parametrize(("what", "data", "says"), HOSTILE, ids=[item[0] for item in HOSTILE])
def test_a_file_that_cannot_be_cut_is_refused_in_one_sentence(
    place: tuple[Home, Keys], branch: Source, what: str, data: bytes, says: str
) -> None:
    home = place[0]
    path = put(home.landing, "branch/answers.csv", data)
    files, _ = landed_files(home, [branch], now=NOW)
    with pytest.raises(SourceError) as caught:
        take(*place, files[0], branch)
    sentence = str(caught.value)
    assert says in sentence
    assert "answers.csv" in sentence
    assert "\n" not in sentence
    assert path.read_bytes() == data, "it stays where it was"
    assert list(home.taken.iterdir()) == [], "nothing half-taken stays behind"


def test_ten_megabytes_in_one_line_are_a_record(
    place: tuple[Home, Keys], branch: Source, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = put(tmp_path, "a.csv", b"id,score\n1," + b"5" * 10_000_000 + b"\n2,4\n")
    taken = taken_of(place, branch, path)
    raw_table(con, *place, taken, branch.tables[0], "raw")
    assert con.execute("select id, length(score) from raw order by id").fetchall() == [
        ("1", 10_000_000),
        ("2", 1),
    ]


def test_more_unreadable_records_than_allowed_refuse_the_file(
    place: tuple[Home, Keys], tmp_path: Path
) -> None:
    source = a_source(tmp_path, ANSWERS + "[table.expect]\nstop_at_quarantined = 0.5")
    half = put(tmp_path, "half.csv", "id,score\n1,5\n2\n")
    assert taken_of(place, source, half).undecodable[0][0] == 2
    more = put(tmp_path, "more.csv", "id,score\n1,5\n2\n3\n")
    with pytest.raises(SourceError, match=r"more\.csv has 2 of 3 records that cannot be read"):
        taken_of(place, source, more)


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_load(
    place: tuple[Home, Keys], branch: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(place[0].landing, "branch/a.csv", "id,score\n1,5\n")
    read = land._chunks

    def growing(path: Path) -> Iterator[bytes]:
        yield from read(path)
        with path.open("ab") as file:
            file.write(b"2,4\n")

    monkeypatch.setattr(land, "_chunks", growing)
    with pytest.raises(FileChanged, match=r"a\.csv changed while it was read"):
        taken_of(place, branch, path)
    assert list(place[0].taken.iterdir()) == []
    monkeypatch.undo()
    assert taken_of(place, branch, path).records == 2


def test_a_file_that_vanished_is_one_sentence(place: tuple[Home, Keys], branch: Source) -> None:
    with pytest.raises(SourceError, match=r"gone\.csv cannot be read \(No such file"):
        taken_of(place, branch, place[0].landing / "gone.csv")


def test_a_database_in_use_is_refused(place: tuple[Home, Keys], tmp_path: Path) -> None:
    source = a_source(tmp_path, "[[table]]\n[table.read]\nformat = 'sqlite'")
    path = tmp_path / "live.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma journal_mode = wal")
        db.execute("create table raw (id integer)")
        db.commit()
        with pytest.raises(SourceError, match=r"live\.db is a database in use: live\.db-wal"):
            taken_of(place, source, path)
    assert taken_of(place, source, path).records == 0


def test_a_full_disk_is_one_sentence_and_nothing_is_lost(
    place: tuple[Home, Keys], branch: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(place[0].landing, "branch/a.csv", "id,score\n1,5\n")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("models.sealed_file.os.fsync", full)
    with pytest.raises(HomeError, match=r"cannot keep a\.csv \(No space left on device\)"):
        taken_of(place, branch, path)
    assert path.exists()
    assert list(place[0].taken.iterdir()) == []


def test_what_a_killed_load_left_half_taken_is_removed(
    place: tuple[Home, Keys], branch: Source, tmp_path: Path
) -> None:
    for left in (".incoming-abc", "..incoming-abc.12.tmp"):
        (place[0].taken / left).write_bytes(b"half")
    taken = taken_of(place, branch, put(tmp_path, "a.csv", "id,score\n1,5\n"))
    assert [path.name for path in place[0].taken.iterdir()] == [taken.sha256]


def test_a_sealed_file_that_was_changed_is_noticed(
    place: tuple[Home, Keys], branch: Source, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    taken = taken_of(place, branch, put(tmp_path, "a.csv", "id,score\n1,5\n"))
    sealed = place[0].taken / taken.sha256
    data = bytearray(sealed.read_bytes())
    data[-1] ^= 1
    sealed.write_bytes(data)
    with pytest.raises(HomeError):
        raw_table(con, *place, taken, branch.tables[0], "raw")


# -- real extracts ---------------------------------------------------------------------------------


def test_the_complaints_of_2014_land_to_the_last_record(
    place: tuple[Home, Keys], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """Nine files without a header, in two encodings; the first three lost letters for good."""
    files = sorted((DATA / "consumidor_gov_br_2014").glob("*.csv"))
    if not files:
        pytest.skip("the complaints are not beside the project (../shared/data)")
    names = ", ".join(f'"c{place}"' for place in range(1, 24))
    source = a_source(tmp_path, f"""
        [[table]]
        [table.match]
        header = false
        columns = 23
        [table.read]
        encoding = ["utf-8", "cp1252"]
        delimiter = ";"
        names = [{names}]
        """)  # fmt: skip
    landed, _ = landed_files(place[0], [source], now=NOW, paths=files)
    taken = [take(*place, file, source) for file in landed]
    assert sum(each.records for each in taken) == 45_772
    assert [each.repaired for each in taken] == [70, 585, 5015, 0, 0, 0, 0, 0, 0]
    assert not any(each.undecodable for each in taken)
    for each in taken:
        raw_table(con, *place, each, source.tables[0], "raw")
    scores = con.execute("select c23, count(*) from raw group by 1 order by 1").fetchall()
    assert dict(scores)["5"] >= 10_019
    assert sum(count for _, count in scores) == 45_772


def test_how_long_until_files_lie_still_counts_those_that_soon_will(tmp_path: Path) -> None:
    for name, age in (("old.csv", 9.0), ("soon.csv", 1.6), ("later.csv", 1.5), ("new.csv", 0.1)):
        path = tmp_path / name
        path.write_text("a\n1\n")
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    assert seconds_until_still(tmp_path, 1_000_000, within=0.75) == pytest.approx(0.5)
    assert seconds_until_still(tmp_path, 1_000_000, within=0.3) == 0
