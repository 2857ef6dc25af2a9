"""What every format gives: blocks of records, numbered within their file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from models.errors import SourceError

#: A file that cannot be cut as a stream is read whole, up to this size.
WHOLE_BYTES = 1 << 30
Row = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file; `chunks()` starts from the beginning each time."""

    name: str
    chunks: Callable[[], Iterator[bytes]]

    def head(self, size: int) -> bytes:
        """The first bytes, at most `size`."""
        found = b""
        for chunk in self.chunks():
            found += chunk
            if len(found) >= size:
                break
        return found[:size]

    def whole(self) -> bytes:
        """All bytes, for formats that are not a stream."""
        parts, size = [], 0
        for chunk in self.chunks():
            size += len(chunk)
            if size > WHOLE_BYTES:
                raise SourceError(
                    f"{self.name} is larger than 1 GiB, too large to be read at once; "
                    "export it in parts, or as CSV"
                )
            parts.append(chunk)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class Block:
    """Some records in the order of their file.

    `numbers` are those of the records in `rows`; a record that cannot be read stands in `bad` with
    its reason instead. `forms` holds the original bytes of the records that were asked for.
    """

    columns: tuple[str, ...]
    numbers: Sequence[int]
    rows: Sequence[Row] | pa.Table
    bad: tuple[tuple[int, str], ...] = ()
    damaged: int = 0  # records with letters that were lost before the file reached us
    forms: Mapping[int, bytes] = field(default_factory=dict)

    def arrow(self) -> pa.Table:
        """The readable records as text columns and `_record`."""
        if isinstance(self.rows, pa.Table):
            texts = self.rows.columns
        else:
            by_column = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.columns)
            texts = [pa.array(column, pa.string()) for column in by_column]
        return pa.table([*texts, pa.array(self.numbers, pa.int64())], [*self.columns, "_record"])
