"""CSV to blocks of records: the header, then records of its width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import islice

from models.errors import SourceError
from pipelines.formats.block import Block, Content, Row
from pipelines.formats.columns import check_columns, column_names
from pipelines.formats.cutter import Cutter, rows_of
from pipelines.formats.lines import LOST, composed, find_decoder, line_blocks
from pipelines.formats.plain import other_width, plain_block
from pipelines.source_table import SourceTable

#: Records to cut the long way before the short one is tried again.
LONG_WAY = 2000
_DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


def cut_delimited(
    content: Content, table: SourceTable, keep: Set[int] = frozenset()
) -> Iterator[Block]:
    """The records of a CSV file; `SourceError` when it has no such records at all."""
    decoder = find_decoder(content, table.read.encoding)
    cutter = Cutter(table.read, decoder, line_blocks(content, decoder))
    columns = _columns(content.name, table, cutter)
    yield Block(columns, (), ())  # the columns of a file that has only a header
    number = 0
    while piece := cutter.lines_at_hand():
        plain = plain_block(piece, decoder, table.read, columns)
        if plain and keep.isdisjoint(range(number + 1, number + plain.count + 1)):
            yield plain.block(number)
            number += plain.count
            piece = piece[plain.size :]
        if not piece:
            continue
        cutter.put(piece)
        block = _block(cutter, columns, number, keep)
        yield block
        number += len(block.numbers) + len(block.bad)


def _block(cutter: Cutter, columns: tuple[str, ...], before: int, keep: Set[int]) -> Block:
    numbers: list[int] = []
    rows: list[Row] = []
    bad: list[tuple[int, str]] = []
    forms: dict[int, bytes] = {}
    damaged, width = 0, len(columns)
    for number, record in enumerate(cutter.records(width, LONG_WAY), before + 1):
        if number in keep:
            forms[number] = b"".join(map(cutter.decoder.original, record.lines))
        if record.trouble or len(record.row) != width:
            bad.append((number, record.trouble or other_width(len(record.row), width)))
            continue
        if record.unusual:
            damaged += any(LOST in text for text in record.row)
            record.row = [composed(text) for text in record.row]
        numbers.append(number)
        rows.append(record.row)
    return Block(columns, numbers, rows, tuple(bad), damaged, forms)


def first_row(content: Content, table: SourceTable) -> list[str]:
    """The row of names, or the first record of a file without a header; nothing is checked."""
    decoder = find_decoder(content, table.read.encoding)
    cutter = Cutter(table.read, decoder, line_blocks(content, decoder))
    cutter.skip_lines(table.read.skip_rows)
    rows = [_header_row(content.name, table, cutter) for _ in range(table.read.header_rows or 1)]
    return rows[table.read.name_row - 1 if table.read.header_rows else 0]


def _columns(name: str, table: SourceTable, cutter: Cutter) -> tuple[str, ...]:
    read = table.read
    cutter.skip_lines(read.skip_rows)
    if not read.header_rows:
        _check_first_lines(name, table, cutter)
        return column_names(read.names, {})
    rows = [_header_row(name, table, cutter) for _ in range(read.header_rows)]
    header = rows[read.name_row - 1]
    if read.names and len(read.names) != len(header):
        raise SourceError(
            f"{name} has {_count(len(header))} where names lists {len(read.names)}"
            + _other_delimiter(read.delimiter, header)
        )
    if len(header) == 1 < (expected := _expected(table)):
        raise SourceError(
            f"{name} has one column where {expected} or more are expected"
            + _other_delimiter(read.delimiter, header)
        )
    columns = column_names(read.names or header, table.rename)
    check_columns(name, table, columns, header)
    return columns


def _expected(table: SourceTable) -> int:
    """How many columns a file has at least, by what the definition says of it."""
    columns = table.match.columns
    listed = columns if isinstance(columns, int) else len(columns or ())
    return max(listed, len(table.wanted))


def _header_row(name: str, table: SourceTable, cutter: Cutter) -> list[str]:
    record = cutter.next_record()
    if record is None:
        what = "header" if table.read.header_rows else "record"
        raise SourceError(f"{name} holds no {what}: it has nothing but blank lines")
    if record.trouble:
        raise SourceError(f"the header of {name} cannot be read: {record.trouble}")
    return [composed(text) for text in record.row]


def _count(number: int, what: str = "column") -> str:
    return f"one {what}" if number == 1 else f"{number} {what}s"


def _check_first_lines(name: str, table: SourceTable, cutter: Cutter) -> None:
    """Refuse a file without a header in which no line has the expected fields."""
    if not cutter.fill():
        return
    lines = [cutter.decoder.guess(line) for line in islice(cutter.waiting, 20)]
    if any(table.read.quote and table.read.quote in line for line in lines):
        return
    rows = [row for line in lines for row in rows_of(iter([line]), table.read) if row]
    if rows and all(len(row) != len(table.read.names) for row in rows):
        raise SourceError(
            f"{name} has {_count(len(rows[0]))} where names lists {len(table.read.names)}"
            + _other_delimiter(table.read.delimiter, rows[0])
        )


def _other_delimiter(delimiter: str, header: Sequence[str]) -> str:
    line = delimiter.join(header)
    best = max(_DELIMITERS, key=line.count)
    if best == delimiter or not line.count(best):
        return f"; they should be separated by {_DELIMITERS.get(delimiter, delimiter)}"
    return f"; it seems separated by {_DELIMITERS[best]}, but source.toml says {delimiter!r}"
