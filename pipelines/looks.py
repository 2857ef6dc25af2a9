"""What the beginning of a file shows, and why it is not the file of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from models.errors import SourceError, did_you_mean
from pipelines.formats import database, parquet_rows, workbook
from pipelines.formats.block import Content
from pipelines.formats.columns import column_names, missing_columns
from pipelines.formats.delimited import first_row
from pipelines.formats.lines import find_decoder
from pipelines.source_table import SourceTable

HEAD_BYTES = 256 << 10
Kind = Literal["sqlite", "parquet", "xlsx", "text"]
_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (database.MAGIC, "sqlite"),
    (parquet_rows.MAGIC, "parquet"),
    (workbook.MAGIC, "xlsx"),
)
_VALUE = re.compile(r"[\s\d.,:/+-]*")  # a number, a date, a time, or nothing


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it looks from its first lines."""

    path: Path
    kind: Kind
    head: bytes  # whole lines of a text; the magic of anything else
    is_whole: bool

    def part_of(self, table: SourceTable) -> str:
        """Which part of the file the table reads; every table reads the same of a text."""
        if self.kind == "sqlite":
            return database.table_name(table)
        return table.read.sheet if self.kind == "xlsx" else ""


def look_at(path: Path) -> Look:
    """The first lines of a file, or what its first bytes say that it is."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read ({error.strerror})") from error
    if not head:
        raise SourceError(f"{path.name} is empty: it has no byte; export it again")
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return Look(path, kind, head[:64], is_whole=False)
    is_whole = len(head) < HEAD_BYTES
    return Look(path, "text", head if is_whole else head[: head.rfind(b"\n") + 1] or head, is_whole)


def why_not(look: Look, table: SourceTable) -> str:
    """Why the file is not of this table, by format, header and columns; empty when it may be."""
    kind = table.read.format if table.read.format in ("sqlite", "parquet", "xlsx") else "text"
    if look.kind != kind:
        return f"it is no {table.read.format} file"
    try:
        match table.read.format:
            case "csv":
                row = first_row(Content(look.path.name, lambda: iter((look.head,))), table)
                return _row_says_no(row, table)
            case "json" | "jsonl":
                return _json_says_no(look, table)
            case "log":
                return _log_says_no(look, table)
            case _:
                return _names_say_no(_typed_names(look, table), table)
    except SourceError as error:
        return str(error).replace(f"{look.path.name} ", "it ", 1)


def _row_says_no(row: Sequence[str], table: SourceTable) -> str:
    match = table.match
    if isinstance(match.columns, int) and len(row) != match.columns:
        return f"it has {len(row)} columns, not {match.columns}"
    if match.header is not None and match.header is not is_header(row):
        return "its first row is no header" if match.header else "its first row is a header"
    return _names_say_no(row, table) if isinstance(match.columns, tuple) else ""


def is_header(row: Sequence[str]) -> bool:
    """Whether a row holds names: each field once, and none a number, a date or nothing.

    A delimiter at the end of the line makes an empty last field, which says nothing.

    >>> is_header(["id", "answered at", "q1"]), is_header(["17", "2026-03-01", "5"])
    (True, False)
    """
    names = list(row[:-1]) if len(row) > 1 and not row[-1].strip() else list(row)
    return len(set(names)) == len(names) and not any(_VALUE.fullmatch(name) for name in names)


def _names_say_no(header: Sequence[str], table: SourceTable) -> str:
    columns = column_names(header, table.rename)
    if isinstance(table.match.columns, int):
        wrong = len(columns) != table.match.columns
        return f"it has {len(columns)} columns, not {table.match.columns}" if wrong else ""
    if not isinstance(table.match.columns, tuple):
        return ""
    missing = [
        name for name in missing_columns(table, columns, header) if name in table.match.columns
    ]
    return f"it has no column '{missing[0]}'{did_you_mean(missing[0], columns)}" if missing else ""


def _typed_names(look: Look, table: SourceTable) -> Sequence[str]:
    """The column names of a database table, a workbook's sheet or a Parquet file."""
    if look.kind == "sqlite":
        tables = database.tables_of(str(look.path))
        wanted = database.table_name(table)
        found = [names for name, names in tables.items() if name.casefold() == wanted.casefold()]
        if not found:
            raise SourceError(f"it has no table '{wanted}'{did_you_mean(wanted, tables)}")
        return found[0]
    if look.kind == "parquet":
        try:
            return [str(name) for name in pq.read_schema(look.path).names]
        except (pa.ArrowException, OSError) as error:
            raise SourceError("it is no Parquet file that can be read") from error
    rows = workbook.sheet_rows(look.path.name, look.path.read_bytes(), table, most=50)
    header = [row for row in rows if any(row)][: table.read.name_row]
    return [name or "" for name in header[-1]] if header else []


def _json_says_no(look: Look, table: SourceTable) -> str:
    decoder = find_decoder(Content(look.path.name, lambda: iter((look.head,))), table.read.encoding)
    text = look.head[decoder.mark :].decode(decoder.encoding, "replace").lstrip()
    if text[:1] not in ("{", "["):
        return "it is no JSON"
    if table.read.format == "jsonl":
        text = text.splitlines()[0]
        try:
            json.loads(text)
        except ValueError:
            return "its first line is no JSON object"
    for name in table.match.columns if isinstance(table.match.columns, tuple) else ():
        if not re.search(re.escape(json.dumps(name, ensure_ascii=False)) + r"\s*:", text):
            return f"it has no field '{name}'"
    return ""


def _log_says_no(look: Look, table: SourceTable) -> str:
    decoder = find_decoder(Content(look.path.name, lambda: iter((look.head,))), table.read.encoding)
    lines = look.head[decoder.mark :].decode(decoder.encoding, "replace").splitlines()
    line = next((line for line in lines[table.read.skip_rows :] if line.strip()), "")
    fields = line.split(table.read.delimiter)
    if len(table.read.names) > 1 and len(fields) == 1:
        return f"its first line has no {table.read.delimiter!r}"
    if isinstance(table.match.columns, int) and len(fields) != table.match.columns:
        return f"its first line has {len(fields)} fields, not {table.match.columns}"
    return ""
