"""The short way for CSV lines in which nothing can be understood in two ways.

Where every quote opens a field, closes it, or is doubled within it, Arrow reads the same records as
the CSV reader, some twenty times faster. Anything else is left to the long way.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from pipelines.formats.block import Block
from pipelines.formats.lines import LOST, Decoder
from pipelines.source_table import Reading

_LOST = LOST.encode()


@dataclass(frozen=True, slots=True)
class Plain:
    """The records of the first `size` bytes: those of the right width, and where others stand."""

    columns: tuple[str, ...]
    rows: pa.Table
    others: tuple[tuple[int, int], ...]  # place among all rows from 1, number of fields
    size: int
    damaged: int

    @property
    def count(self) -> int:
        """How many records there are, of any width."""
        return int(self.rows.num_rows) + len(self.others)

    def block(self, before: int) -> Block:
        """The records, numbered after `before`."""
        numbers: list[int] = []
        bad: list[tuple[int, str]] = []
        for place, fields in self.others:
            number = before + place
            numbers += range(before + len(numbers) + len(bad) + 1, number)
            bad.append((number, other_width(fields, len(self.columns))))
        numbers += range(before + len(numbers) + len(bad) + 1, before + self.count + 1)
        return Block(self.columns, numbers, self.rows, tuple(bad), self.damaged)


def plain_block(
    piece: bytes, decoder: Decoder, read: Reading, columns: tuple[str, ...]
) -> Plain | None:
    """The records that the piece of whole lines begins with, as far as they are plain.

    None when there are none, or when a letter does not decode or is not in the composed form.
    """
    if not read.delimiter.isascii() or not read.quote.isascii() or read.trailer:
        return None
    size = _plain_size(piece, read)
    text = _usual_text(piece[:size], decoder)
    if not text or text.startswith(codecs.BOM_UTF8):
        return None
    return _read(text, size, read, columns)


def other_width(fields: int, width: int) -> str:
    """Why a record that has another number of fields cannot be read."""
    return f"it has {fields} {'field' if fields == 1 else 'fields'} where {width} are expected"


def _plain_size(piece: bytes, read: Reading) -> int:
    """The length of the well-formed records at the beginning."""
    quote, delimiter = re.escape(read.quote.encode()), re.escape(read.delimiter.encode())
    if (not quote or read.quote.encode() not in piece) and piece.count(b"\r") == piece.count(
        b"\r\n"
    ):
        return len(piece)
    bare = b"[^" + quote + delimiter + b"\r\n]*+"
    quoted = quote + b"[^" + quote + b"]*+(?:" + quote * 2 + b"[^" + quote + b"]*+)*+" + quote
    field = b"(?:" + (quoted + b"|" if quote else b"") + bare + b")"
    line = b"(?:" + field + b"(?:" + delimiter + field + b")*+\r?\n)*+"
    found = re.match(line, piece)
    return found.end() if found else 0


def _usual_text(piece: bytes, decoder: Decoder) -> bytes | None:
    """The piece as UTF-8, unless a letter does not decode or is not composed."""
    if piece.isascii():
        return piece
    try:
        text = decoder.text(piece)
    except UnicodeDecodeError:
        return None
    return text.encode() if unicodedata.is_normalized("NFC", text) else None


def _read(text: bytes, size: int, read: Reading, columns: tuple[str, ...]) -> Plain | None:
    others: list[tuple[int, int]] = []
    blank = 0

    def other(row: arrow_csv.InvalidRow) -> str:
        nonlocal blank
        if row.actual_columns == 1 and not row.text.strip(" \t\x1a"):
            blank += 1
        else:
            others.append((row.number - blank, row.actual_columns))
        return "skip"

    try:
        rows = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(
                column_names=list(columns), block_size=len(text) + 1, use_threads=False
            ),
            arrow_csv.ParseOptions(
                delimiter=read.delimiter,
                quote_char=read.quote or False,
                double_quote=bool(read.quote),
                newlines_in_values=bool(read.quote),
                ignore_empty_lines=True,
                invalid_row_handler=other,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types={name: pa.string() for name in columns},
                null_values=[],
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return Plain(columns, rows, tuple(others), size, _damaged(rows) if _LOST in text else 0)


def _damaged(rows: pa.Table) -> int:
    """In how many rows letters are lost."""
    lost = pa.chunked_array([pa.nulls(rows.num_rows, pa.bool_()).fill_null(False)])
    for column in rows.columns:
        lost = pc.or_(lost, pc.match_substring(column, LOST))
    return pc.sum(lost).as_py() or 0
