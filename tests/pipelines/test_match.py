"""Exactly one table of one source must say yes to a file; else the candidates are named."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import SourceError
from pipelines.match import match_file, match_tables
from pipelines.source import Source
from tests.pipelines.landing import a_source, a_workbook

CALLS = """
[[table]]
name = "calls"
[table.match]
path = "calls*.csv"
columns = ["callid", "started"]
[[table]]
name = "queue"
[table.match]
path = "queue_log*"
[table.read]
format = "log"
names = ["epoch", "callid", "queue", "agent", "event", "d1"]
"""
SURVEY = """
[[table]]
name = "answers"
[table.match]
columns = ["response", "q1"]
[table.read]
delimiter = ";"
[[table]]
name = "headless"
[table.match]
header = false
columns = 3
[table.read]
names = ["id", "day", "score"]
"""


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Source, ...]:
    return a_source(tmp_path, CALLS, "pbx"), a_source(tmp_path, SURVEY, "survey")


def a_file(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("name", "text", "owner"),
    [
        ("CALLS_1.CSV", "callid,started\n1,2\n", "pbx/calls"),
        ("queue_log.1", "1700000000|17.1|sales|NONE|ENTERQUEUE|\n", "pbx/queue"),
        ("export.txt", "\ufeffResponse;Q1;note\r\nR1;5;\r\n", "survey/answers"),
        ("export.txt", '"response";"note\nwith a line";"q1"\nR1;x;5\n', "survey/answers"),
        ("x.csv", "17,2026-03-01,5\n18,2026-03-01,4\n", "survey/headless"),
    ],
)
def test_a_file_is_whose_table_says_yes(
    tmp_path: Path, sources: tuple[Source, ...], name: str, text: str, owner: str
) -> None:
    path = a_file(tmp_path, name, text)
    source, table = match_file(path, sources, named=None, landing=tmp_path / "landing")
    assert f"{source.name}/{table.name}" == owner


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("calls.csv", "callid,start\n1,2\n", "pbx/calls (it has no column 'started'"),
        ("x.csv", "a,b,c\n1,2,3\n", "survey/headless (its first row is a header)"),
        ("x.csv", "1,2\n", "survey/headless (it has 2 columns, not 3)"),
        ("x.csv", b"\x00\x01\x02\x03" * 50, "it is binary, not text"),
        ("x.csv", "SQLite format 3\0 and more", "it is no csv file"),
    ],
)
def test_a_file_that_is_nobodys_is_told_why(
    tmp_path: Path, sources: tuple[Source, ...], name: str, text: str | bytes, says: str
) -> None:
    path = a_file(tmp_path, name, text)
    with pytest.raises(SourceError) as caught:
        match_file(path, sources, named=None, landing=tmp_path / "landing")
    assert says in str(caught.value)
    assert "name its source with --source" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_empty_file_is_nobodys(tmp_path: Path, sources: tuple[Source, ...]) -> None:
    path = a_file(tmp_path, "x.csv", "")
    with pytest.raises(SourceError, match=r"^x\.csv is empty: it has no byte; export it again$"):
        match_file(path, sources, named=None, landing=tmp_path / "landing")


def test_two_that_say_yes_are_both_named(tmp_path: Path) -> None:
    anything = "[[table]]\n[table.match]\npath = '*.csv'"
    sources = (a_source(tmp_path, anything, "ant"), a_source(tmp_path, anything, "bee"))
    path = a_file(tmp_path, "x.csv", "a,b\n1,2\n")
    with pytest.raises(
        SourceError, match=r"x\.csv could be of ant/raw or bee/raw; name its source"
    ):
        match_file(path, sources, named=None, landing=tmp_path / "landing")
    source, _ = match_file(path, sources, named="bee", landing=tmp_path / "landing")
    assert source.name == "bee"


def test_the_folder_in_landing_says_whose_file_it_is(
    tmp_path: Path, sources: tuple[Source, ...]
) -> None:
    landing = tmp_path / "landing"
    path = a_file(landing / "pbx" / "monday", "export.csv", "callid,started\n1,2\n")
    source, table = match_file(path, sources, named=None, landing=landing)
    assert (source.name, table.name) == ("pbx", "calls"), "its name need not fit the pattern"
    path = a_file(landing / "pbx", "answers.csv", "response;q1\n1;2\n")
    with pytest.raises(SourceError, match=r"answers\.csv is of no table of 'pbx'"):
        match_file(path, sources, named=None, landing=landing)
    path = a_file(landing / "elsewhere", "a.csv", "response;q1\n1;2\n")
    assert match_file(path, sources, named=None, landing=landing)[0].name == "survey"


def test_the_only_table_of_a_named_source_takes_the_file_as_it_is(tmp_path: Path) -> None:
    source = a_source(tmp_path)
    path = a_file(tmp_path, "whatever.txt", "nonsense")
    landing = tmp_path / "landing"
    assert match_file(path, [source], named="branch", landing=landing) == (source, source.tables[0])
    with pytest.raises(SourceError, match=r"no source 'brnch' \(did you mean 'branch'\?\)"):
        match_file(path, [source], named="brnch", landing=landing)


def test_a_source_that_only_ships_tables_takes_no_files(tmp_path: Path) -> None:
    source = a_source(tmp_path, "[[table]]\nshipped = 'words.csv'", csv_words="a,b\n")
    with pytest.raises(SourceError, match="takes no files"):
        match_file(tmp_path / "x.csv", [source], named="branch", landing=tmp_path / "landing")


def test_a_database_feeds_each_table_that_it_holds(tmp_path: Path) -> None:
    toml = "".join(
        f"[[table]]\nname = '{name}'\n[table.match]\npath = '*.db'\n{columns}\n"
        for name, columns in [("tickets", "columns = ['id']"), ("notes", ""), ("users", "")]
    )
    source = a_source(tmp_path, toml, "desk")
    path = tmp_path / "export.db"
    with closing(sqlite3.connect(path)) as con:
        con.execute("create table Tickets (ID integer, title text)")
        con.execute("create table notes (id integer)")
    found = match_tables(path, [source], named=None, landing=tmp_path / "landing")
    assert [table.name for _, table in found] == ["tickets", "notes"]
    with pytest.raises(SourceError, match="could be of desk/tickets or desk/notes"):
        match_file(path, [source], named=None, landing=tmp_path / "landing")


def test_other_formats_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    toml = "".join(
        f"[[table]]\nname = '{fmt}'\n[table.match]\ncolumns = ['id']\n"
        f"[table.read]\nformat = '{fmt}'\n"
        for fmt in ("xlsx", "parquet", "json", "jsonl")
    )
    sources = [a_source(tmp_path, toml)]

    def owner(path: Path) -> str:
        return match_file(path, sources, named=None, landing=tmp_path / "landing")[1].name

    assert owner(a_workbook(tmp_path / "a.bin", {"one": [[], ["id", "x"], ["1", 2]]})) == "xlsx"
    pq.write_table(pa.table({"id": [1]}), tmp_path / "b.bin")
    assert owner(tmp_path / "b.bin") == "parquet"
    listed = json.dumps({"data": [{"id": 1}]}, indent=1)
    assert owner(a_file(tmp_path, "c.bin", listed)) == "json"
    with pytest.raises(SourceError, match="no field 'id'"):
        owner(a_file(tmp_path, "d.bin", '{"no": 1}\n'))
