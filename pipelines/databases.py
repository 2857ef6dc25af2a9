"""Rows of SQLite and DuckDB databases as lines of JSON, each with its watermark.

A database is opened for reading only and never copied. Every value is text, as a file of the same
database would give it; text that is no UTF-8 goes on as it is, to be refused record by record.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

import duckdb

from models.errors import SourceError, did_you_mean
from pipelines.database_table import Pull
from pipelines.formats.database import decoded, path_in_uri
from pipelines.formats.rows import text_of

Mark = int | float | str
ROWS = 8192
BUSY_SECONDS = 10.0


class _Cursor(Protocol):
    @property
    def description(self) -> Sequence[Sequence[object]]: ...
    def fetchmany(self, size: int, /) -> Sequence[Sequence[object]]: ...


def literal_of(mark: Mark) -> str:
    """A watermark as SQL.

    >>> literal_of(7), literal_of("2026-03-01 it's")
    ('7', "'2026-03-01 it''s'")
    """
    return "'" + mark.replace("'", "''") + "'" if isinstance(mark, str) else repr(mark)


def rows_of(
    what: Pull, environ: Mapping[str, str], watermark: str, since: str
) -> Iterator[tuple[Mark | None, bytes]]:
    """Every row from the watermark `since` on, in its order, as a line of JSON."""
    path = _path(what, environ)
    ask = what.select(watermark, since)
    try:
        with closing(_opened(what, path)) as con:
            yield from _lines(con.execute(ask), watermark)
    except (sqlite3.Error, duckdb.Error) as error:
        reason = str(error).splitlines()[0]
        raise SourceError(f"the database {path.name} does not answer: {reason}") from error


def _path(what: Pull, environ: Mapping[str, str]) -> Path:
    place = environ.get(what.variable, "").strip()
    if not place:
        raise SourceError(
            f"the variable {what.variable}, which says where its database is, is not set"
        )
    path = Path(place)
    if not path.is_file():
        raise SourceError(f"{what.variable} says {place}, which is no {what.kind} file")
    return path


def _opened(what: Pull, path: Path) -> sqlite3.Connection | duckdb.DuckDBPyConnection:
    if what.kind == "duckdb":
        return duckdb.connect(path, read_only=True, config={"enable_external_access": False})
    con = sqlite3.connect(f"file:{path_in_uri(str(path))}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    con.text_factory = decoded
    return con


def _lines(cursor: _Cursor, watermark: str) -> Iterator[tuple[Mark | None, bytes]]:
    names = [str(column[0]) for column in cursor.description]
    folded = [name.casefold() for name in names]
    if len(set(folded)) < len(names):
        raise SourceError(f"two of its columns have one name: {', '.join(names)}; name them apart")
    if watermark and watermark.casefold() not in folded:
        raise SourceError(f"it has no column '{watermark}'{did_you_mean(watermark, names)}")
    place = folded.index(watermark.casefold()) if watermark else None
    while rows := cursor.fetchmany(ROWS):
        for row in rows:
            fields = dict(zip(names, map(text_of, row), strict=True))
            line = json.dumps(fields, ensure_ascii=False).encode("utf-8", "surrogateescape")
            yield None if place is None else _mark(row[place]), line


def _mark(value: object) -> Mark | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return text_of(value)
