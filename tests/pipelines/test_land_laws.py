"""What holds for any file: records come back as they were written, and none is lost."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from pipelines.formats import lines, plain
from pipelines.formats.block import Block
from pipelines.formats.cut import cut
from pipelines.source_table import Format, Reading, SourceTable
from tests.pipelines.landing import Row, bad, blocks, content, records

LAW = settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
ENCODINGS = (
    "utf-8", "utf-8-sig", "cp949", "euc-kr", "windows-1252", "utf-16", "utf-16-le", "utf-16-be",
)  # fmt: skip
LETTERS = st.sampled_from("ab1 ,;|\t\"'\r\n\0\x1a\x0b\u2028.é가각힣ㄱ中€\u0301\u1100\u1161\u037e�")
TEXTS = st.one_of(st.text(LETTERS, max_size=6), st.text(st.characters(codec="utf-8"), max_size=4))
CHUNKS = st.sampled_from([1, 2, 3, 5, 64, 1 << 18])


@st.composite
def tables(draw: st.DrawFn, cells: st.SearchStrategy[str] = TEXTS) -> tuple[Row, ...]:
    width = draw(st.integers(1, 4))
    row = st.tuples(*[cells] * width)
    return tuple(draw(st.lists(row, max_size=7)))


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    """Blocks of a few lines, so that every law meets their borders."""
    patch = pytest.MonkeyPatch()
    patch.setattr(lines, "BLOCK_BYTES", 24)
    patch.setattr(lines, "refuse_binary", lambda *_: None)
    yield
    patch.undo()


def a_table(read: Format = "csv", **rest: object) -> SourceTable:
    return SourceTable("raw", read=Reading(read, **rest))  # type: ignore[arg-type]


def nfc(row: Row) -> Row:
    return tuple(unicodedata.normalize("NFC", text) if text else text for text in row)


def written(rows: tuple[Row, ...], delimiter: str, quoting: int, encoding: str) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)
    writer.writerow([f"c{place}" for place in range(len(rows[0]) if rows else 2)])
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


@LAW
@given(
    tables(), st.sampled_from(",;|\t"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(ENCODINGS), CHUNKS,
)  # fmt: skip
@example((("a\r\nb", "\ufeff"), ("", '"')), ",", csv.QUOTE_MINIMAL, "utf-16", 1)
def test_what_the_csv_module_wrote_comes_back_the_same(
    rows: tuple[Row, ...], delimiter: str, quoting: int, encoding: str, chunk: int
) -> None:
    try:
        data = written(rows, delimiter, quoting, encoding)
    except UnicodeEncodeError:
        assume(False)
    table = a_table(delimiter=delimiter, encoding=(encoding.replace("-sig", ""),))
    assert records(data, table, chunk) == {n: nfc(row) for n, row in enumerate(rows, 1)}
    assert bad(data, table) == {}
    assert blocks(data, table, chunk)[0].columns[0] == "c0"


@LAW
@given(tables(), st.sampled_from(["utf-8", "cp949", "utf-16"]), CHUNKS)
def test_the_forms_of_all_records_are_the_file_without_its_header(
    rows: tuple[Row, ...], encoding: str, chunk: int
) -> None:
    try:
        data = written(rows, ",", csv.QUOTE_MINIMAL, encoding)
    except UnicodeEncodeError:
        assume(False)
    header = len(written((), ",", csv.QUOTE_MINIMAL, encoding)) if not rows else None
    everything = frozenset(range(1, len(rows) + 1))
    forms: dict[int, bytes] = {}
    for block in cut(content(data, chunk=chunk), a_table(encoding=(encoding,)), everything):
        forms |= block.forms
    assert sorted(forms) == sorted(everything)
    joined = b"".join(forms[number] for number in sorted(forms))
    assert data.endswith(joined)
    if header is None:
        names = ",".join(f"c{place}" for place in range(len(rows[0]))) + "\r\n"
        assert len(data) - len(joined) == len(names.encode(encoding))


PLAIN = st.text("ab1 .é가\u0301�", min_size=1, max_size=5)


@LAW
@given(tables(PLAIN), st.data())
def test_a_stray_quote_costs_one_record(rows: tuple[Row, ...], data: st.DataObject) -> None:
    assume(rows and len(rows[0]) > 1)
    nth = data.draw(st.integers(0, len(rows) - 1))
    place = data.draw(st.integers(0, len(rows[0]) - 1))
    spoiled = [list(row) for row in rows]
    spoiled[nth][place] = '"' + str(spoiled[nth][place])
    text = "\n".join([",".join(["x"] * len(rows[0])), *(",".join(map(str, r)) for r in spoiled)])
    found = records(text.encode(), a_table())
    assert found == {n: nfc(row) for n, row in enumerate(rows, 1) if n != nth + 1}
    assert list(bad(text.encode(), a_table())) == [nth + 1]


@LAW
@given(tables(PLAIN), st.data(), st.sampled_from([b"\xff", b"\xc3", b"\xb0\xa1"]))
def test_a_byte_that_does_not_decode_costs_one_record(
    rows: tuple[Row, ...], data: st.DataObject, byte: bytes
) -> None:
    assume(rows)
    nth = data.draw(st.integers(0, len(rows) - 1))
    broken = [",".join(map(str, row)).encode() for row in rows]
    broken[nth] += byte
    text = b"\n".join([b",".join([b"x"] * len(rows[0])), *broken])
    assert records(text, a_table()) == {n: nfc(r) for n, r in enumerate(rows, 1) if n != nth + 1}
    assert list(bad(text, a_table())) == [nth + 1]


@LAW
@given(st.binary(max_size=60), CHUNKS)
def test_whatever_bytes_land_every_line_is_a_record_or_a_blank(data: bytes, chunk: int) -> None:
    """Latin letters decode always, so the numbers must run without a gap."""
    table = a_table(encoding=("latin-1",), names=("a", "b"), header_rows=0, quote="")
    text = b"1,2\n" + data.replace(b"\xef\xbb\xbf", b"").replace(b"\xff\xfe", b"")
    assume(not any(text.startswith(magic) for magic in (b"PK", b"BZ", b"7z")))
    seen = {**records(text, table, chunk), **bad(text, table)}
    assert sorted(seen) == list(range(1, len(seen) + 1))
    told = [line for line in text.splitlines() if line.strip(b" \t\x1a")]
    assert len(seen) == len(told)


@LAW
@given(st.integers(1, 3), st.text('ab1 .é가\ufffd,""\n\r\n,\0\x1a', max_size=40), CHUNKS)
def test_the_short_way_and_the_long_way_say_the_same(width: int, body: str, chunk: int) -> None:
    text = ",".join(["x"] * width) + "\n" + body
    short = blocks(text.encode(), a_table(), chunk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.formats.delimited.plain_block", lambda *_: None)
        long = blocks(text.encode(), a_table(), chunk)
    assert told(short) == told(long)


def told(found: list[Block]) -> tuple[object, ...]:
    rows = [row for block in found for row in block.arrow().to_pylist()]
    return rows, [item for block in found for item in block.bad], sum(b.damaged for b in found)


def test_the_short_way_is_taken() -> None:
    """Else the law above would say nothing."""
    decoder = lines.Decoder("utf-8")
    found = plain.plain_block("1,가\n2,\n".encode(), decoder, Reading(), ("a", "b"))
    assert found is not None
    assert found.rows.to_pydict() == {"a": ["1", "2"], "b": ["가", ""]}
    found = plain.plain_block(b'x\n1,"2\n"\n\n  \n3\n4,5\n6,"7', decoder, Reading(), ("a", "b"))
    assert found is not None
    assert (found.size, found.count, found.block(10).numbers) == (19, 4, [12, 14])
    assert [number for number, _ in found.block(10).bad] == [11, 13]
    for odd in (b"1,\xff\n", "1,e\u0301\n".encode(), b'1,"2\n', b'1,2" b"\n', b"1,2\r3,4\n"):
        assert plain.plain_block(odd, decoder, Reading(), ("a", "b")) is None


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(st.characters(codec="utf-8")))


@LAW
@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "b b", "é"]), VALUES, min_size=1), max_size=5)
)
def test_json_lines_come_back_as_text(objects: list[dict[str, object]]) -> None:
    text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects) + "\n"
    table = a_table("jsonl")
    columns = list(dict.fromkeys(key for each in objects for key in each))
    found = records(text.encode(), table)
    for number, each in enumerate(objects, 1):
        for place, key in enumerate(columns[: len(found[number])]):
            value = each.get(key)
            said = json.dumps(value) if isinstance(value, bool | int) else value
            assert found[number][place] == (nfc((said,))[0] if isinstance(said, str) else said)


@LAW
@given(st.lists(st.tuples(VALUES, VALUES), max_size=5))
def test_rows_of_a_database_come_back_as_text(rows: list[tuple[object, object]]) -> None:
    assume(all(not isinstance(v, int) or abs(v) < 2**63 for row in rows for v in row))
    assume(all(not isinstance(v, str) or "\0" not in v for row in rows for v in row))
    with closing(sqlite3.connect(":memory:")) as con:
        con.execute("create table raw (a, b)")
        con.executemany("insert into raw values (?, ?)", rows)
        con.commit()
        data = con.serialize()
    texts = [
        tuple(None if v is None else str(int(v)) if isinstance(v, bool) else str(v) for v in r)
        for r in rows
    ]
    assert records(data, a_table("sqlite")) == {n: nfc(row) for n, row in enumerate(texts, 1)}


@LAW
@given(st.lists(st.text("ab|é", min_size=1, max_size=8), max_size=6), CHUNKS)
def test_log_lines_keep_every_letter(texts: list[str], chunk: int) -> None:
    table = a_table("log", names=("a", "b", "c"), header_rows=0, delimiter="|")
    data = "\n".join(["0|x", *texts]).encode()
    found, unread = records(data, table, chunk), bad(data, table)
    for number, text in enumerate(texts, 2):
        if number in unread:
            assert "|" not in text
        else:
            assert "|".join(part for part in found[number] if part is not None) == text
    assert all(later - earlier == 1 for earlier, later in pairwise(sorted({**found, **unread})))
