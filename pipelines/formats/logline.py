"""Log lines to blocks of records: one line, one record, of as many fields as it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from pipelines.formats.block import Block, Content, Row
from pipelines.formats.columns import column_names
from pipelines.formats.lines import LOST, Decoder, composed, find_decoder, line_blocks
from pipelines.source_table import Reading, SourceTable


def cut_log(content: Content, table: SourceTable, keep: Set[int] = frozenset()) -> Iterator[Block]:
    """The records of a log: missing fields are null, the last name takes the rest of its line."""
    read = table.read
    decoder = find_decoder(content, read.encoding)
    columns = column_names(read.names, {})
    trailer = re.compile(read.trailer) if read.trailer else None
    skip, number = read.skip_rows, 0
    pending: list[bytes] = []
    for piece in line_blocks(content, decoder):
        lines = piece.splitlines()
        skipped, skip = min(skip, len(lines)), max(0, skip - len(lines))
        chosen: list[bytes] = []
        for line in lines[skipped:]:
            if not line.strip():
                continue
            if trailer and trailer.search(decoder.guess(line)):
                pending.append(line)
                continue
            chosen += [*pending, line]
            pending.clear()
        yield _block(chosen, decoder, read, columns, number, keep)
        number += len(chosen)


def _block(
    lines: list[bytes],
    decoder: Decoder,
    read: Reading,
    columns: tuple[str, ...],
    before: int,
    keep: Set[int],
) -> Block:
    numbers: list[int] = []
    rows: list[Row] = []
    bad: list[tuple[int, str]] = []
    forms: dict[int, bytes] = {}
    damaged, width = 0, len(columns)
    for number, line in enumerate(lines, before + 1):
        if number in keep:
            forms[number] = decoder.original(line)
        try:
            text = decoder.text(line)
        except UnicodeDecodeError as error:
            bad.append((number, decoder.trouble(error)))
            continue
        fields = text.split(read.delimiter, width - 1)
        if len(fields) == 1 < width:
            bad.append((number, f"it has no {read.delimiter!r} between fields"))
            continue
        damaged += LOST in text
        numbers.append(number)
        rows.append([composed(each) for each in fields] + [None] * (width - len(fields)))
    return Block(columns, numbers, rows, tuple(bad), damaged, forms)
