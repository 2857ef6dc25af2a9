"""A Parquet file to blocks of records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import SourceError
from pipelines.formats.block import Block, Content
from pipelines.formats.columns import check_columns, column_names
from pipelines.formats.rows import BLOCK_ROWS, blocks_of_rows
from pipelines.source_table import SourceTable

MAGIC = b"PAR1"


def cut_parquet(
    content: Content, table: SourceTable, keep: Set[int] = frozenset()
) -> Iterator[Block]:
    """The rows of a Parquet file; values as text, nested ones as JSON."""
    data = content.whole()
    if not data:
        raise SourceError(f"{content.name} is empty: it has no byte; export it again")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{content.name} is no Parquet file that can be read") from error
    header = file.schema_arrow.names
    columns = column_names(header, table.rename)
    check_columns(content.name, table, columns, header)
    yield from blocks_of_rows(columns, _rows(content.name, file), keep)


def _rows(name: str, file: pq.ParquetFile) -> Iterator[Sequence[object]]:
    try:
        for batch in file.iter_batches(batch_size=BLOCK_ROWS):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{name} is damaged: {error}; export it again") from error
