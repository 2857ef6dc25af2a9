"""A sheet of a workbook to blocks of records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

import fastexcel

from models.errors import SourceError, did_you_mean
from pipelines.formats.block import Block, Content
from pipelines.formats.columns import check_columns, column_names
from pipelines.formats.rows import blocks_of_rows
from pipelines.source_table import SourceTable

MAGIC = b"PK\x03\x04"


def cut_workbook(
    content: Content, table: SourceTable, keep: Set[int] = frozenset()
) -> Iterator[Block]:
    """The rows of one sheet; empty rows are no records, empty cells are null."""
    rows = [row for row in sheet_rows(content.name, content.whole(), table) if any(row)]
    read = table.read
    header, rows = rows[: read.header_rows], rows[read.header_rows :]
    if len(header) < read.header_rows:
        raise SourceError(f"{content.name} holds no header in its sheet")
    named = [name or "" for name in header[read.name_row - 1]] if header else []
    width = len(named) or max(map(len, rows), default=len(read.names))
    if read.names and rows and len(read.names) != width:
        raise SourceError(f"{content.name} has {width} columns where names lists {len(read.names)}")
    columns = column_names(read.names or named, table.rename)
    check_columns(content.name, table, columns, named)
    yield from blocks_of_rows(columns, rows, keep)


def sheet_rows(
    name: str, data: bytes, table: SourceTable, most: int | None = None
) -> list[tuple[str | None, ...]]:
    """The cells of the sheet as text, from the first row that is not skipped."""
    try:
        book = fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        raise SourceError(
            f"{name} is no workbook that can be read; save it as .xlsx without a password"
        ) from error
    sheet = table.read.sheet
    if sheet and sheet not in book.sheet_names:
        hint = did_you_mean(sheet, book.sheet_names) or f"; it has {', '.join(book.sheet_names)}"
        raise SourceError(f"{name} has no sheet '{sheet}'{hint}")
    try:
        batch = book.load_sheet(
            sheet or 0,
            header_row=None,
            skip_rows=table.read.skip_rows,
            n_rows=most,
            dtypes="string",
        ).to_arrow()
    except fastexcel.FastExcelError as error:
        raise SourceError(f"{name} has a sheet that cannot be read: {error}") from error
    found: Sequence[list[str | None]] = [column.to_pylist() for column in batch.columns]
    return list(zip(*found, strict=True))
