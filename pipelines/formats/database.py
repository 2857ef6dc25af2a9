"""A table of a SQLite file to blocks of records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence, Set
from contextlib import closing

from models.errors import SourceError, did_you_mean
from pipelines.formats.block import Block, Content
from pipelines.formats.columns import check_columns, column_names
from pipelines.formats.rows import blocks_of_rows
from pipelines.source_table import SourceTable

MAGIC = b"SQLite format 3\0"
_VERSIONS = slice(18, 20)  # how the file is written and read: 2 means with a write-ahead log
_LIST = "select name from sqlite_master where type in ('table', 'view') order by name"


def cut_database(
    content: Content, table: SourceTable, keep: Set[int] = frozenset()
) -> Iterator[Block]:
    """The rows of one table, in the order of their row ids; values as text."""
    with closing(_opened(content.name, content.whole())) as con:
        try:
            header = _header(con, content.name, table)
            columns = column_names(header, table.rename)
            check_columns(content.name, table, columns, header)
            yield from blocks_of_rows(columns, _rows(con, table_name(table)), keep)
        except sqlite3.DatabaseError as error:
            raise SourceError(f"{content.name} is damaged: {error}; export it again") from error


def table_name(table: SourceTable) -> str:
    """The name of the table within the file."""
    return table.read.sqlite_table or table.name


def tables_of(path: str) -> dict[str, tuple[str, ...]]:
    """The tables of a SQLite file with their columns, read in place without any change to it."""
    try:
        with closing(sqlite3.connect(f"file:{path_in_uri(path)}?immutable=1", uri=True)) as con:
            names = [str(row[0]) for row in con.execute(_LIST)]
            return {name: tuple(_columns(con, name)) for name in names}
    except sqlite3.DatabaseError as error:
        raise SourceError(f"{path} is no SQLite file that can be read: {error}") from error


def _opened(name: str, data: bytes) -> sqlite3.Connection:
    """The file in memory, so that no plain copy of it lies on a disk."""
    if not data:
        raise SourceError(f"{name} is empty: it has no byte; export it again")
    if not data.startswith(MAGIC):
        raise SourceError(f"{name} is no SQLite file; export it as source.toml says")
    if data[_VERSIONS] == b"\x02\x02":
        data = data[: _VERSIONS.start] + b"\x01\x01" + data[_VERSIONS.stop :]
    con = sqlite3.connect(":memory:")
    con.text_factory = decoded
    con.deserialize(data)
    return con


def decoded(text: bytes) -> str:
    """Text of a database; bytes that are no UTF-8 are kept, to be refused with their record."""
    return text.decode("utf-8", "surrogateescape")


def _header(con: sqlite3.Connection, name: str, table: SourceTable) -> Sequence[str]:
    wanted = table_name(table)
    known = [str(row[0]) for row in con.execute(_LIST)]
    found = next((each for each in known if each.casefold() == wanted.casefold()), None)
    if found is None:
        hint = did_you_mean(wanted, known) or f"; it has {', '.join(known) or 'none'}"
        raise SourceError(f"{name} has no table '{wanted}'{hint}")
    return _columns(con, found)


def _columns(con: sqlite3.Connection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"select * from {_quoted(table)} limit 0").description]


def _rows(con: sqlite3.Connection, table: str) -> Iterator[Sequence[object]]:
    every = f"select * from {_quoted(table)}"
    try:
        yield from con.execute(f"{every} order by rowid")
    except sqlite3.OperationalError:  # a view, or a table without row ids
        yield from con.execute(every)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def path_in_uri(path: str) -> str:
    """A path as it may stand in a URI."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
