"""Each format is cut into numbered records; what is malformed is one record's trouble."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import SourceError
from pipelines.formats.columns import column_names
from pipelines.formats.cut import cut
from pipelines.source_table import SourceTable
from tests.pipelines.landing import DATA, a_table, a_workbook, bad, blocks, content, records

Table = Callable[..., SourceTable]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return lambda read="", rest="": a_table(tmp_path, read, rest)


# -- csv -------------------------------------------------------------------------------------------


def test_headers_blank_lines_and_trailers_are_no_records(table: Table) -> None:
    text = b"id,score\n\n1,5\n\n2,4\n   \n\nTotal,2\n\n\x1a"
    assert records(text, table("trailer = '^Total'")) == {1: ("1", "5"), 2: ("2", "4")}


def test_a_line_like_the_trailer_that_is_not_last_is_a_record(table: Table) -> None:
    text = b"id,score\nTotal,1\n1,5\nTotal,2\n"
    assert records(text, table("trailer = '^Total'")) == {1: ("Total", "1"), 2: ("1", "5")}


def test_a_record_may_span_lines_and_keeps_its_own_bytes(table: Table) -> None:
    text = b'id,note\r\n1,"two\r\nlines, and ""quotes"""\r\n2,x\r\n'
    assert records(text, table()) == {1: ("1", 'two\r\nlines, and "quotes"'), 2: ("2", "x")}
    (block,) = [each for each in cut(content(text), table(), {1}) if each.forms]
    assert block.forms == {1: b'1,"two\r\nlines, and ""quotes"""\r\n'}


def test_lines_may_end_in_any_way(table: Table) -> None:
    for end in (b"\n", b"\r\n", b"\r"):
        text = end.join([b"id,score", b"1,5", b"2,4"])
        for chunk in (1, 2, 3, 7, 99):
            assert records(text, table(), chunk) == {1: ("1", "5"), 2: ("2", "4")}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1", "it has 1 field where 2 are expected"),
        (b"1,2,3", "it has 3 fields where 2 are expected"),
        (b"1,\xff\xfe", "it is not utf-8: byte 0xff, at place 3 of the line"),
        ("1,대리점".encode("cp949"), "place 3 of the line; it reads as cp949"),
        (b'1,"ab', "a quote is opened and not closed"),
        (b'1,"a" b', "a quote within a quoted field is not doubled"),
    ],
)
def test_a_record_that_cannot_be_read_is_listed_and_the_others_stand(
    table: Table, line: bytes, reason: str
) -> None:
    text = b"id,score\n0,a\n" + line + b"\n2,b\n3,c\n"
    found = bad(text, table())
    assert list(found) == [2]
    assert reason in found[2]
    assert records(text, table()) == {1: ("0", "a"), 3: ("2", "b"), 4: ("3", "c")}


def test_an_open_quote_spoils_its_own_line_not_what_follows(table: Table) -> None:
    lines = [b"%d,x%d" % (n, n) for n in range(1, 200)]
    lines[9] = b'10,"x10'
    lines[99] = b'"100,x100'
    lines[149] = b'150,"x150 ""in"" quotes"'
    text = b"id,note\n" + b"\n".join(lines)
    assert list(bad(text, table())) == [10, 100]
    assert len(records(text, table())) == 197


def test_a_file_with_one_column_has_records_of_one_field(table: Table) -> None:
    assert records(b'id\n7\n""\n \n\n8\n', table()) == {1: ("7",), 2: ("",), 3: (" ",), 4: ("8",)}


def test_rows_before_the_header_and_further_header_rows_are_passed_over(table: Table) -> None:
    text = b'Report of March\n\nid,q1\n"Identity","How\nwas it?"\n{},{}\n1,5\n'
    assert records(text, table("skip_rows = 2\nheader_rows = 3")) == {1: ("1", "5")}
    (first, *_) = blocks(text, table("skip_rows = 2\nheader_rows = 3\nname_row = 2"))
    assert first.columns == ("Identity", "How was it?")


def test_a_header_alone_is_no_record_and_no_error(table: Table) -> None:
    for text in (b"id,score", b"id,score\r\n", b"\xef\xbb\xbfid,score\n\n"):
        assert records(text, table()) == {}
        assert blocks(text, table())[0].columns == ("id", "score")


def test_names_are_made_fit_for_sql_and_stand_once() -> None:
    header = [" id ", "ID", "", "two\nlines", "_record", "", "id_2"]
    assert column_names(header, {}) == (
        "id", "ID_2", "column_3", "two lines", "_record_2", "column_6", "id_2_2",
    )  # fmt: skip


def test_a_shifting_header_gets_one_name() -> None:
    rename = {"art": ["Q7*ART", "Q8A"], "whole": ["Q?ALL"]}
    assert column_names(["Q8A", "q7_Art", "Q9ALL"], rename) == ("Q8A", "art", "whole")
    assert column_names(["Q8A", "Q7ALL"], rename) == ("art", "whole")
    assert column_names(["art", "Q7ART"], rename) == ("art", "Q7ART")


def test_lost_letters_are_counted_and_kept(table: Table) -> None:
    text = "id,city\n1,S�o Lu�s\n2,Bras�lia\n3,São Paulo\n".encode()
    assert [block.damaged for block in blocks(text, table())] == [0, 2]
    assert records(text, table())[2] == ("2", "Bras�lia")


def test_text_is_composed_field_by_field(table: Table) -> None:
    greek_question_mark = "\u037e"  # becomes a semicolon, which must not cut the field
    text = f"id;note\n1;Ame\u0301lie{greek_question_mark}\n".encode()
    assert records(text, table("delimiter = ';'")) == {1: ("1", "Am\u00e9lie;")}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16", "utf-16-be"]
)
def test_the_first_encoding_that_decodes_everything_is_taken(table: Table, encoding: str) -> None:
    text = "이름,점수\n강남지점,5\n".encode(encoding)
    listed = (
        "encoding = ['utf-8', 'utf-16-be', 'cp949']"
        if encoding != "euc-kr"
        else "encoding='euc-kr'"
    )
    assert records(text, table(listed)) == {1: ("강남지점", "5")}


def test_a_byte_order_mark_decides_before_the_list(table: Table) -> None:
    assert records("id,c\n1,é\n".encode("utf-8-sig"), table("encoding = 'windows-1252'")) == {
        1: ("1", "é")
    }
    assert records("id,c\n1,é\n".encode("utf-16"), table()) == {1: ("1", "é")}


def test_a_wide_file_that_breaks_off_loses_one_record(table: Table) -> None:
    text = "id,c\n1,é\n2,x".encode("utf-16-le")[:-1]
    read = table("encoding = 'utf-16-le'")
    assert records(text, read) == {1: ("1", "é")}
    assert "half of a character is missing" in bad(text, read)[2]
    (block,) = [each for each in cut(content(text), read, {1, 2}) if each.forms]
    assert block.forms[1] == "1,é\n".encode("utf-16-le")


def test_ten_megabytes_in_one_line_are_one_record(table: Table) -> None:
    long = b"x" * 10_000_000
    for text in (b"id,note\n1," + long, b'id,note\n1,"' + long + b'\n"\n2,y\n'):
        found = records(text, table())
        assert len(found[1][1] or "") >= 10_000_000


@pytest.mark.parametrize(
    ("data", "read", "says"),
    [
        (b"", "", "is empty"),
        (b"\n\n", "", "holds no header"),
        (b"\xef\xbb\xbf", "", "holds no header"),
        (
            b"a;b\n1;2\n",
            "names = ['a', 'b']",
            "one column where names lists 2; it seems separated by",
        ),
        (b"1;2\n3;4\n", "names = ['a', 'b']\nheader_rows = 0", "it seems separated by a semicolon"),
        (b"1\t2\n3\t4\n", "names = ['a', 'b', 'c']\ndelimiter=';'", "it seems separated by a tab"),
        (b"PK\x03\x04rest", "", "is a workbook or ZIP archive, not text"),
        (b"%PDF-1.7", "", "is a PDF document, not text"),
        (bytes(range(256)) * 20, "", "is binary, not text"),
        ("id,score\n1,5\n".encode("utf-16-le"), "", "looks like UTF-16"),
        (
            "이름,점수\n강남,5\n".encode("cp949"),
            "",
            "header of file.csv cannot be read: it is not utf-8",
        ),
    ],
)
def test_a_file_that_is_no_such_file_is_one_sentence(
    table: Table, data: bytes, read: str, says: str
) -> None:
    with pytest.raises(SourceError) as caught:
        blocks(data, table(read))
    assert says in str(caught.value)
    assert "file.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_column_the_definition_counts_on_must_be_there_unless_it_is_optional(
    table: Table,
) -> None:
    key = "[table.change]\nmode = 'upsert'\nkey = ['id']"
    with pytest.raises(SourceError, match=r"has no column 'id' \(did you mean 'idx'\?\)"):
        blocks(b"idx,score\n1,5\n", table("", key))
    with pytest.raises(SourceError, match=r"one column where 2 or more are expected; it seems"):
        blocks(b"id;score\n1;5\n", table("", "[table.match]\ncolumns = ['id', 'score']"))
    assert records(b"score\n5\n", table("optional = ['i*']", key)) == {1: ("5",)}


def test_a_column_may_be_matched_by_the_name_it_had(table: Table) -> None:
    rest = "[table.match]\ncolumns = ['Call Type']\n[table.rename]\ncall_type = ['Call Type']"
    assert blocks(b"Call Type,x\n1,2\n", table("", rest))[0].columns == ("call_type", "x")


@pytest.mark.parametrize(
    ("file", "read", "header", "count"),
    [("sample.csv", "header_rows = 3", 20, 1), ("sample_legacy.csv", "header_rows = 2", 16, 1)],
)
def test_qualtrics_exports_are_read(
    table: Table, file: str, read: str, header: int, count: int
) -> None:
    path = DATA / "qualtrics_export_fixtures" / file
    if not path.exists():
        pytest.skip("the Qualtrics fixtures are not beside the project (../shared/data)")
    found = blocks(path.read_bytes(), table(read))
    assert len(found[0].columns) == header
    assert found[0].columns[-1] == ("Q2 - Topics" if header == 20 else "column_16")
    assert sum(len(block.numbers) for block in found) == count


# -- log -------------------------------------------------------------------------------------------

QUEUE = "format='log'\nnames=['epoch','callid','queue','agent','event','d1','d2','d3']"


def test_log_lines_have_as_many_fields_as_they_have(table: Table) -> None:
    text = b"17|c1|q|a|ABANDON|1|2\n\n18|c1|q|a|CONFIGRELOAD|\n19|c|q|a|X|1|2|3|4\nnoise\n"
    assert records(text, table(QUEUE)) == {
        1: ("17", "c1", "q", "a", "ABANDON", "1", "2", None),
        2: ("18", "c1", "q", "a", "CONFIGRELOAD", "", None, None),
        3: ("19", "c", "q", "a", "X", "1", "2", "3|4"),
    }
    assert bad(text, table(QUEUE)) == {4: "it has no '|' between fields"}


# -- json ------------------------------------------------------------------------------------------


def test_json_fields_become_columns_and_keep_their_text(table: Table) -> None:
    lines = [
        '{"id": 12345678901234567890, "score": 1.10, "done": true, "tags": ["a",  2.0]}',
        "",
        '{"id": "b", "note": null, "more": "\\u00e9"}',
        '{"id": NaN}',
        "[1]",
        '{"id": 1',
        '{"id": "\\ud800"}',
    ]
    data = "\n".join(lines).encode()
    found = blocks(data, table("format = 'jsonl'"))
    assert found[0].columns == ("id", "score", "done", "tags", "note", "more")
    assert records(data, table("format = 'jsonl'")) == {
        1: ("12345678901234567890", "1.10", "true", '["a",  2.0]', None, None),
        2: ("b", None, None, None, None, "é"),
    }
    reasons = bad(data, table("format = 'jsonl'"))
    assert list(reasons) == [3, 4, 5, 6]
    assert "NaN is no JSON value" in reasons[3]
    assert "it is a list" in reasons[4]
    assert "lone surrogate" in reasons[6]


def test_json_records_lie_at_a_path(table: Table) -> None:
    document = {"meta": {"data": 1}, "data": {"responses": [{"id": 1}, {"id": 2, "a": {"b": [1]}}]}}
    data = json.dumps(document, indent=2).encode()
    read = table("format = 'json'\njson_path = 'data.responses'")
    assert {number: row[0] for number, row in records(data, read).items()} == {1: "1", 2: "2"}
    (block,) = [each for each in cut(content(data), read, {2}) if each.forms]
    assert json.loads(block.forms[2]) == {"id": 2, "a": {"b": [1]}}
    assert records(b'{"id": 5}', table("format = 'json'")) == {1: ("5",)}
    assert records(b"[]", table("format = 'json'")) == {}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"hello", "is no JSON that can be read"),
        (b'[{"id": 1}, {"id": ', "is no JSON that can be read"),
        (b'[{"id": 1} {"id": 2}]', "a comma or ] was expected"),
        (b"[" * 100_000, "is no JSON that can be read"),
    ],
)
def test_a_broken_json_document_is_one_sentence(table: Table, data: bytes, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        blocks(data, table("format = 'json'"))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_json_file_of_something_else_is_one_sentence(table: Table) -> None:
    with pytest.raises(SourceError, match=r"has a field 'score' \(did you mean 'scores'\?\)"):
        blocks(b'{"scores": 1}', table("format='jsonl'", "[table.change]\nkey = ['score']"))


# -- databases, workbooks, Parquet -----------------------------------------------------------------


def a_database(path: Path, *statements: str) -> bytes:
    with closing(sqlite3.connect(path)) as con:
        for statement in statements:
            con.execute(statement)
        con.commit()
    return path.read_bytes()


def test_a_table_of_a_database_becomes_text(table: Table, tmp_path: Path) -> None:
    data = a_database(
        tmp_path / "a.db",
        "pragma journal_mode = wal",
        "create table Tickets (id integer primary key, title text, score real, raw blob)",
        "insert into Tickets values (2, 'é', 1.5, x'00ff'), (1, null, null, null)",
        "insert into Tickets values (3, cast(x'ff41' as text), 0.1, null)",
    )
    read = table("format = 'sqlite'\nsqlite_table = 'tickets'")
    assert records(data, read) == {1: ("1", None, None, None), 2: ("2", "é", "1.5", "00ff")}
    assert bad(data, read) == {3: "it holds text that is not utf-8"}
    with pytest.raises(SourceError, match=r"has no table 'ticket' \(did you mean 'Tickets'\?\)"):
        blocks(data, table("format = 'sqlite'\nsqlite_table = 'ticket'"))
    with pytest.raises(SourceError, match="is damaged"):
        blocks(data[:4096] + b"\x99" * (len(data) - 4096), read)
    with pytest.raises(SourceError, match="is no SQLite file"):
        blocks(b"id,score\n", read)


def test_a_sheet_of_a_workbook_becomes_text(table: Table, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["March"],
        [],
        ["id", "score"],
        ["a", 5],
        [],
        ["b", None],
        ["c", 0.5],
    ]
    path = a_workbook(tmp_path / "a.xlsx", {"Notes": [["x"]], "Answers": rows})
    read = table("format = 'xlsx'\nsheet = 'Answers'\nskip_rows = 1")
    assert records(path.read_bytes(), read) == {1: ("a", "5"), 2: ("b", None), 3: ("c", "0.5")}
    with pytest.raises(SourceError, match=r"no sheet 'Answer' \(did you mean 'Answers'\?\)"):
        blocks(path.read_bytes(), table("format = 'xlsx'\nsheet = 'Answer'"))
    with pytest.raises(SourceError, match="is no workbook that can be read"):
        blocks(b"PK\x03\x04 not really", table("format = 'xlsx'"))


def test_a_parquet_file_becomes_text(table: Table, tmp_path: Path) -> None:
    frame = pa.table(
        {
            "id": [1, None],
            "when": [datetime(2026, 3, 1, 9, 30), None],  # noqa: DTZ001
            "money": [Decimal("1.10"), None],
            "tags": [["a", "b"], None],
            "city": ["Ame\u0301lie", "�"],
        }
    )
    pq.write_table(frame, tmp_path / "a.parquet")
    data = (tmp_path / "a.parquet").read_bytes()
    assert records(data, table("format = 'parquet'")) == {
        1: ("1", "2026-03-01 09:30:00", "1.10", '["a", "b"]', "Am\u00e9lie"),
        2: (None, None, None, None, "�"),
    }
    with pytest.raises(SourceError, match="is no Parquet file"):
        blocks(b"PAR1 not really", table("format = 'parquet'"))
