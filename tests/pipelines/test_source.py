"""A source folder is read strictly: what it says is what is done, and a slip is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import SourceError
from pipelines.source import SOURCES, read_source, read_sources
from tests.pipelines.landing import ANSWERS, a_source

MAPPING = (
    "select r._record, r.id as response_ref, try_cast(r.score as integer) as score from raw as r"
)


def test_a_folder_says_whose_files_are_whose_and_how_they_are_cut(tmp_path: Path) -> None:
    source = a_source(
        tmp_path,
        """
        title = "Branch survey"
        timezone = "Asia/Seoul"
        namespace = "network"

        [[table]]
        name = "answers"
        [table.match]
        path = "*.csv"
        header = false
        columns = 3
        [table.read]
        encoding = ["utf8", "CP949"]
        delimiter = ";"
        names = ["id", "branch", "score"]
        [table.change]
        mode = "upsert"
        key = ["id"]
        [table.class]
        branch = "quasi"
        [table.expect]
        rows_per_file = [1, 9]
        stop_at_quarantined = 0.1

        [[lookup]]
        name = "spellings"
        table = "answers"
        columns = ["branch"]
        """,
        answer="select r._record, r.score from answers as r join spellings as s using (branch)",
    )
    (table,) = source.tables
    assert (source.name, source.namespace, source.zone, source.kind) == (
        "branch", "network", "Asia/Seoul", "file",
    )  # fmt: skip
    assert (table.match.path, table.match.header, table.match.columns) == ("*.csv", False, 3)
    assert (table.read.encoding, table.read.header_rows) == (("utf-8", "cp949"), 0)
    assert table.classes == {"branch": "quasi"}
    assert table.expect.rows_per_file == (1, 9)
    assert table.wanted == ("branch", "id", "score")
    (mapping,) = source.mappings
    assert (mapping.entity, mapping.table, mapping.reads) == ("answer", "answers", ("spellings",))
    assert source.lookups[0].columns == ("branch",)


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    source = a_source(tmp_path, "[[table]]\n[table.match]\npath = 'queue.jsonl'")
    (table,) = source.tables
    assert (source.title, source.namespace, table.name) == ("branch", "branch", "raw")
    assert (table.read.format, table.change.mode, table.match.header) == ("jsonl", "append", None)


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("tittle = 'x'\n[[table]]", "unknown key 'tittle' (did you mean 'title'?)"),
        ("[[table]]\n[table.read]\nencodng = 'utf-8'", "(did you mean 'encoding'?)"),
        ("[[table]]\n[table.match]\ncolums = 3", "(did you mean 'columns'?)"),
        ("[[table]]\n[table.reads]", "unknown key 'reads' (did you mean 'read'?)"),
        ("[[table]]\n[table.read]\nformat = 'cvs'", "cannot be 'cvs' (did you mean 'csv'?)"),
        ("[[table]]\n[table.read]\nencoding = 'utf-9'", "'utf-9' is not an encoding"),
        ("[[table]]\n[table.read]\nencoding = 'iso2022_kr'", "is not an encoding"),
        ("[[table]]\n[table.read]\nencoding = 'base64'", "is not an encoding"),
        ("[[table]]\n[table.read]\nencoding = 'cp037'", "is not an encoding"),
        ("[[table]]\n[table.read]\ndelimiter = '||'", "delimiter must be one character"),
        ("[[table]]\n[table.read]\nnames = ['a', 'A']", "one name twice"),
        ("[[table]]\n[table.read]\nnames = 'a'\ntrailer = '('", "is not a regular expression"),
        ("[[table]]\n[table.match]\nheader = false", "needs names"),
        ("[[table]]\n[table.read]\nformat = 'log'", "needs names"),
        ("[[table]]\n[table.read]\nheader_rows = 3\nname_row = 4", "lies outside 3 header rows"),
        ("[[table]]\n[table.read]\nskip_rows = -1", "whole number of at least 0, not -1"),
        ("[[table]]\n[table.change]\nmode = 'upsrt'", "(did you mean 'upsert'?)"),
        ("[[table]]\n[table.change]\nmode = 'upsert'", 'needs key = ["…"]'),
        ("[[table]]\n[table.class]\nphone = 'pi'", "phone cannot be 'pi' (did you mean 'pii'?)"),
        ("[[table]]\n[table.expect]\nstop_at_quarantined = 20", "a share between 0.0 and 1.0"),
        ("[[table]]\n[table.expect]\nrows_per_file = [9, 1]", "must be [least, most]"),
        ("[[table]]\nshipped = 'words.csv'", "'words.csv', which is not in the folder"),
        ("timezone = 'Asia/Soul'\n[[table]]", "(did you mean 'Asia/Seoul'?)"),
        ("kind = 'files'\n[[table]]", "(did you mean 'file'?)"),
        ("[table]\nname = 'raw'", "written as [[table]]"),
        ("[[table]]\nname = 'a'\n[[table]]", 'needs name = "…"'),
        ("[[table]]\nname = 'a'\n[[table]]\nname = 'a'", "two tables or lookups are named 'a'"),
        ("[[table]]\nname = 'A b'", "cannot be named 'A b'"),
        (
            "[[table]]\n[[lookup]]\nname = 'l'\ntable = 'row'\ncolumns = ['a']",
            "(did you mean 'raw'?)",
        ),
        ("title = 'x'", "has no [[table]]"),
        ("title = ", "is not TOML"),
    ],
)
def test_a_slip_is_one_sentence(tmp_path: Path, toml: str, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        a_source(tmp_path, toml)
    assert says in str(caught.value)
    assert str(caught.value).startswith("branch/source.toml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "sql", "says"),
    [
        ("anser", MAPPING, "'anser' is not one (did you mean 'answer'?)"),
        ("answer__row", MAPPING, "'row' is not one (did you mean 'raw'?)"),
        ("answer", "select 1 from raw; select 2", "exactly one SELECT"),
        ("answer", "delete from raw", "exactly one SELECT"),
        ("answer", "select from where (", "is not SQL that can be read"),
        ("answer", "select r.id as response_ref from raw as r", "does not pass _record on"),
        ("answer", "select r._record from rav as r", "'rav', which is no table of the source (did"),
        ("answer", "select r._record from read_csv('/etc/passwd') as r", "reads from read_csv"),
        ("answer", "select _record from 'other.parquet'", "which is no table of the source"),
    ],
)
def test_a_mapping_that_cannot_work_is_one_sentence(
    tmp_path: Path, file: str, sql: str, says: str
) -> None:
    with pytest.raises(SourceError) as caught:
        a_source(tmp_path, ANSWERS, **{file: sql})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mapping_reads_one_raw_table_and_joins_what_is_kept_whole(tmp_path: Path) -> None:
    toml = """
    [[table]]
    name = "tickets"
    [[table]]
    name = "groups"
    [table.change]
    mode = "snapshot"
    key = ["id"]
    [[table]]
    name = "notes"
    """
    joined = (
        "select t._record, g.name as queue from tickets as t left join groups as g on g.id = t.gid"
    )
    source = a_source(tmp_path, toml, contact=joined, agent="select g._record from groups as g")
    by_entity = {mapping.entity: mapping for mapping in source.mappings}
    assert (by_entity["contact"].table, by_entity["contact"].reads) == ("tickets", ("groups",))
    assert (by_entity["agent"].table, by_entity["agent"].reads) == ("groups", ())
    assert source.table("tickets").wanted == ("gid",)
    with pytest.raises(SourceError, match="a mapping reads one raw table"):
        a_source(tmp_path, toml, contact="select t._record from tickets as t, notes as n")


def test_columns_of_other_relations_are_not_asked_of_the_raw_table(tmp_path: Path) -> None:
    sql = """
    with scored as (select r._record, r.id, unnest([r.q1, r.q2]) as score from raw as r),
    r2 as (select s.* from scored as s)
    select x._record, x.score from r2 as x, range(3) as n(i) where x.other > n.i
    """
    source = a_source(tmp_path, ANSWERS, answer=sql)
    assert source.tables[0].wanted == ("id", "q1", "q2")


def test_a_file_without_a_header_has_the_columns_its_mapping_reads(tmp_path: Path) -> None:
    toml = "[[table]]\n[table.read]\nnames = ['id', 'scor']"
    with pytest.raises(SourceError, match=r"no column 'score' in its names \(did you mean 'scor'"):
        a_source(tmp_path, toml, answer=MAPPING)


def test_folders_are_read_by_name_and_a_name_stands_once(tmp_path: Path) -> None:
    a_source(tmp_path, name="zoo")
    a_source(tmp_path, name="ant")
    first = tmp_path / "sources"
    assert [source.name for source in read_sources([first])] == ["ant", "zoo"]
    a_source(tmp_path / "more", name="ant")
    with pytest.raises(SourceError, match="'ant' stands in both"):
        read_sources([first, tmp_path / "more" / "sources"])
    (first / "empty").mkdir()
    with pytest.raises(SourceError, match=r"has no source\.toml"):
        read_sources([first])


def test_the_sources_that_come_along_can_be_read() -> None:
    sources = read_sources([SOURCES])
    assert all(source.mappings and source.zone for source in sources)


def test_what_the_documentation_shows_is_a_source(tmp_path: Path) -> None:
    """docs/sources.md is the first thing somebody with own extracts copies from."""
    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    toml = text.split("```toml\n")[1].split("```")[0]
    sql = text.split("```sql\n")[1].split("```")[0]
    source = a_source(tmp_path, toml, answer=sql)
    assert source.table("raw").wanted == (
        "answered", "branch", "comment", "phone", "q1", "response_id", "updated",
    )  # fmt: skip


def test_every_key_is_documented() -> None:
    from pipelines.source_table import Change, Expect, Match, Reading

    text = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
    keys = [name for part in (Match, Reading, Change, Expect) for name in part.__dataclass_fields__]
    assert [name for name in keys if f"`{name}" not in text and f"{name} =" not in text] == []


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is no source folder"):
        read_source(tmp_path)
