"""The short way for CSV lines in which nothing can be understood in two ways.

Without a quote, a line is a record and a delimiter ends a field: Arrow reads that some twenty times
faster than the CSV reader, and says the same. Anything else is left to the long way.
"""

from __future__ import annotations

import codecs
import unicodedata

import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines.formats.lines import LOST, Decoder
from pipelines.source_table import Reading


def plain_block(
    piece: bytes, decoder: Decoder, read: Reading, columns: tuple[str, ...]
) -> pa.Table | None:
    """Whole lines as a table of text columns, or None when they need the long way."""
    if not read.delimiter.isascii() or read.trailer:
        return None
    if read.quote and read.quote.encode() in piece:
        return None
    if b"\0" in piece or b"\x1a" in piece or piece.count(b"\r") != piece.count(b"\r\n"):
        return None
    text = _usual_text(piece, decoder)
    if text is None or text.startswith(codecs.BOM_UTF8):
        return None
    return _read(text, read, columns)


def _usual_text(piece: bytes, decoder: Decoder) -> bytes | None:
    """The piece as UTF-8, unless a letter does not decode, was lost, or is not composed."""
    if piece.isascii():
        return piece
    try:
        text = decoder.text(piece)
    except UnicodeDecodeError:
        return None
    if LOST in text or not unicodedata.is_normalized("NFC", text):
        return None
    return text.encode()


def _read(text: bytes, read: Reading, columns: tuple[str, ...]) -> pa.Table | None:
    odd: list[object] = []

    def note(row: object) -> str:
        odd.append(row)
        return "skip"

    try:
        found = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(
                column_names=list(columns), block_size=len(text) + 1, use_threads=False
            ),
            arrow_csv.ParseOptions(
                delimiter=read.delimiter,
                quote_char=False,
                escape_char=False,
                newlines_in_values=False,
                ignore_empty_lines=True,
                invalid_row_handler=note,
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
    return None if odd else found
