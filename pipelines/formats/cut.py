"""One door to all formats: the blocks of a file's records."""

from __future__ import annotations

from collections.abc import Iterator, Set

from pipelines.formats.block import Block, Content
from pipelines.formats.database import cut_database
from pipelines.formats.delimited import cut_delimited
from pipelines.formats.json_records import cut_json, cut_json_lines
from pipelines.formats.logline import cut_log
from pipelines.formats.parquet_rows import cut_parquet
from pipelines.formats.workbook import cut_workbook
from pipelines.source_table import SourceTable


def cut(content: Content, table: SourceTable, keep: Set[int] = frozenset()) -> Iterator[Block]:
    """The records of a file in blocks; with the original bytes of those numbered in `keep`.

    Raises `SourceError`, at the first block or later, when the file cannot be cut into records.
    """
    match table.read.format:
        case "csv":
            return cut_delimited(content, table, keep)
        case "log":
            return cut_log(content, table, keep)
        case "json":
            return cut_json(content, table, keep)
        case "jsonl":
            return cut_json_lines(content, table, keep)
        case "xlsx":
            return cut_workbook(content, table, keep)
        case "parquet":
            return cut_parquet(content, table, keep)
        case "sqlite":
            return cut_database(content, table, keep)
