"""The small SQLite files that hold sealed values: durable at commit, zeroed at delete.

A rollback journal rather than a write-ahead log, because then one file is all there is, and what
was deleted lingers in no second one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from models.errors import HomeError

_FORMAT = 1
_WAIT_SECONDS = 30.0
_AT_ONCE = 10_000  # values in one `in (…)`


@contextmanager
def writing(path: Path, schema: Sequence[str]) -> Iterator[sqlite3.Connection]:
    """One transaction: everything in it is on disk when the block ends, or nothing is."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise HomeError(f"{path}: cannot be written ({error.strerror})") from error
    with _connected(path) as con:
        con.execute("pragma synchronous = extra")
        con.execute("pragma secure_delete = on")
        con.execute("begin immediate")
        if _check_format(con, path) == 0:
            for statement in schema:
                con.execute(statement)
            con.execute(f"pragma user_version = {_FORMAT}")
        yield con
        con.execute("commit")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection to read with, or None where nothing was ever written."""
    if not path.exists():
        yield None
        return
    with _connected(path) as con:
        yield con if _check_format(con, path) else None


def select_in(
    con: sqlite3.Connection, sql: str, values: Iterable[Any]
) -> Iterator[tuple[Any, ...]]:
    """Rows of `sql`, whose `(?)` stands for a list of values of any length."""
    wanted = list(values)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        yield from con.execute(sql.replace("(?)", f"({','.join('?' * len(part))})"), part)


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=_WAIT_SECONDS)) as con:
            con.isolation_level = None
            con.execute("pragma temp_store = memory")
            con.execute("pragma cache_size = -65536")
            yield con
    except sqlite3.Error as error:
        raise HomeError(
            f"{path}: {error}; if it is damaged, restore it from a backup, else try again"
        ) from error


def _check_format(con: sqlite3.Connection, path: Path) -> int:
    found = int(con.execute("pragma user_version").fetchone()[0])
    if found > _FORMAT:
        raise HomeError(
            f"{path}: has format {found}, this version reads {_FORMAT}; use a newer happycall"
        )
    return found
