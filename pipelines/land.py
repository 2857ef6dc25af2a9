"""Landing: taking files, and reading again what was taken.

Taking a file seals its bytes, as they are, under the hash of its content. All later reading is from
there: whoever maps again, or looks at a refused record, sees what landed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.durable import sync
from models.errors import HomeError, SourceError
from models.home import Home
from models.keys import Keys
from models.sealed_file import read_sealed, sealed_writer
from models.table import quoted
from pipelines.formats.block import Content
from pipelines.formats.cut import cut
from pipelines.source import Source
from pipelines.source_table import SourceTable
from pipelines.waiting import LandedFile, Refused, landed_files

__all__ = [
    "FileChanged", "LandedFile", "Refused", "Taken", "landed_files", "raw_forms", "raw_table",
    "take",
]  # fmt: skip

PURPOSE = "landed file"
_INCOMING = ".incoming-"
_READ_BYTES = 1 << 20
_OWN_COLUMNS = "_record bigint, _file varchar, _sha varchar"


#: Share of records that cannot be read beyond which a file is refused, where its table states none:
#: then the encoding or the delimiter is another one.
UNREADABLE = 0.5


class FileChanged(SourceError):  # noqa: N818
    """The file was still being written while it was read; it stays for the next load."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file of which a sealed copy is kept, and what it was found to hold for one table."""

    sha256: str
    path: str  # its base name, as it landed
    source: str
    table: str
    bytes: int
    records: int
    repaired: int  # records with letters that were lost before the file reached us
    undecodable: tuple[tuple[int, str], ...]  # record number, reason


def take(home: Home, keys: Keys, landed: LandedFile, source: Source) -> Taken:
    """Seal a copy of the file under its content's hash, and count what it holds.

    Raises `SourceError`, and keeps nothing, when the file cannot be cut into records, when more of
    them cannot be read than the source allows, or (`FileChanged`) when it changes meanwhile.
    """
    table = source.table(landed.table)
    name = _readable(landed.path.name)
    incoming = home.taken / f"{_INCOMING}{secrets.token_hex(6)}"
    try:
        for left in home.taken.glob(f"*{_INCOMING}*"):
            left.unlink()
        sha, size = _seal(keys, landed.path, incoming)
        taken = _count(_content(incoming, keys, name), table, (sha, name, source.name, size))
        place = home.taken / sha
        if not place.exists():
            incoming.rename(place)
            sync(home.taken)
    except OSError as error:
        raise HomeError(
            f"{home.taken} cannot keep {name} ({error.strerror}); make room there and load again"
        ) from error
    finally:
        incoming.unlink(missing_ok=True)
    return taken


def _seal(keys: Keys, path: Path, into: Path) -> tuple[str, int]:
    """Copy and hash the file in one go; it must look the same before and after."""
    _refuse_open_database(path)
    digest, size = hashlib.sha256(), 0
    before = _look(path)
    with sealed_writer(into, keys, PURPOSE) as writer:
        for chunk in _chunks(path):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
        if _look(path) != before or size != before[0]:
            raise FileChanged(
                f"{path.name} changed while it was read; it is taken when it stands still"
            )
    return digest.hexdigest(), size


def _look(path: Path) -> tuple[int, int, int]:
    try:
        seen = path.stat()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})") from error
    return seen.st_size, seen.st_mtime_ns, seen.st_ino


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_READ_BYTES):
                yield chunk
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})") from error


def _refuse_open_database(path: Path) -> None:
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            raise SourceError(
                f"{path.name} is a database in use: {beside.name} holds changes that are not in "
                "it; close it, or export a copy with .backup"
            )


def _count(content: Content, table: SourceTable, file: tuple[str, str, str, int]) -> Taken:
    sha, name, source, size = file
    records = damaged = 0
    bad: list[tuple[int, str]] = []
    for block in cut(content, table):
        records += len(block.numbers) + len(block.bad)
        damaged += block.damaged
        bad += block.bad
    stop = table.expect.stop_at_quarantined
    if len(bad) > records * (UNREADABLE if stop is None else stop):
        number, reason = bad[0]
        raise SourceError(
            f"{name} has {len(bad):,} of {records:,} records that cannot be read, more than "
            f"stop_at_quarantined allows; record {number}: {reason}"
        )
    return Taken(sha, name, source, table.name, size, records, damaged, tuple(bad))


def raw_table(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    keys: Keys,
    taken: Taken,
    table: SourceTable,
    into: str,
) -> tuple[tuple[int, str], ...]:
    """Append the readable records to the temporary table `into`, made when it is not there.

    Its columns are text, named as in the file, besides `_record` (1, 2, … within the file), `_file`
    and `_sha`; a column that this file lacks is null. Returns the records that cannot be read.
    """
    columns: set[str] = set()
    bad: list[tuple[int, str]] = []
    for block in cut(_content(home.taken / taken.sha256, keys, taken.path), table):
        names = [*block.columns, *table.wanted]
        if not columns or not columns.issuperset(name.casefold() for name in names):
            columns = _have_columns(con, into, names)
        if len(block.numbers):
            con.register("landed_block", block.arrow())
            con.execute(
                f"insert into temp.{quoted(into)} by name "
                "select *, $file as _file, $sha as _sha from landed_block",
                {"file": taken.path, "sha": taken.sha256},
            )
            con.unregister("landed_block")
        bad += block.bad
    return tuple(bad)


def _have_columns(con: duckdb.DuckDBPyConnection, into: str, names: Sequence[str]) -> set[str]:
    """Make the table, or what it lacks of the columns; gives the columns it has."""
    table = f"temp.{quoted(into)}"
    con.execute(f"create temp table if not exists {quoted(into)} ({_OWN_COLUMNS})")
    have = {row[0].casefold() for row in con.execute(f"describe {table}").fetchall()}
    for name in names:
        if name.casefold() not in have:
            con.execute(f"alter table {table} add column {quoted(name)} varchar")
            have.add(name.casefold())
    return have


def raw_forms(
    home: Home, keys: Keys, taken_sha: str, records: Collection[int], table: SourceTable
) -> dict[int, bytes]:
    """The original bytes of some records; of a database, workbook or Parquet file a JSON object."""
    wanted, forms = frozenset(records), dict[int, bytes]()
    content = _content(home.taken / taken_sha, keys, taken_sha[:12])
    for block in cut(content, table, wanted) if wanted else ():
        forms |= block.forms
        if len(forms) == len(wanted):
            break
    return forms


def _content(path: Path, keys: Keys, name: str) -> Content:
    chunks: Callable[[], Iterator[bytes]] = lambda: read_sealed(path, keys, PURPOSE)  # noqa: E731
    return Content(name, chunks)


def _readable(name: str) -> str:
    """A file name that can be printed, whatever its bytes."""
    return os.fsencode(name).decode("utf-8", "replace")
