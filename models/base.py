"""A base: one immutable DuckDB file with its key files, made of an older base and tails.

Where most of the older base stays as it is, its file is copied and only the tables and months
that changed are written again; otherwise every table is written anew, in its order.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from models.connection import build_memory, open_connection
from models.durable import discard
from models.errors import HomeError
from models.keyfile import link_parts, part_names, write_part
from models.merge import tail_files
from models.rebuild import (
    Table,
    drop_others,
    ensure_table,
    make_table,
    stage,
    staged,
    write_table,
)
from models.table import TableSpec, literal, quoted
from models.tail import folder_bytes

DATABASE = "base.duckdb"
KEYS = "keys"

#: A ledger shorter than this is written whole: sorting it costs less than thinking.
LONG = 1_000_000

#: The key files of a table are joined into one when there are this many.
MOST_PARTS = 8


@dataclass(frozen=True, slots=True)
class Base:
    """Where a base lies: its database and the folder of its key files."""

    database: Path
    keys: Path


def write_base(
    folder: Path,
    older: Base | None,
    tails: Sequence[Path],
    specs: Sequence[TableSpec],
    *,
    replaced: Mapping[str, Path],
    spill: Path | None,
    made: Sequence[tuple[str, str]] = (),
) -> None:
    """Write `base.duckdb` and `keys/` into a new folder.

    `replaced` names tables whose rows are all in the given file, whatever was there before. `made`
    names tables that are made in the end, in this order, each by a SELECT over the tables of
    `newer.main`; what is beyond the memory of a build is spilled. The work is done on a connection
    of its own, because a disk that fills up spoils a connection.
    """
    refused: duckdb.OutOfMemoryException | None = None
    whole = sum(file.stat().st_size for path in replaced.values() for file in _files(path))
    for memory in build_memory(whole + sum(folder_bytes(tail) for tail in tails)):
        try:
            _write_base(folder, older, tails, specs, replaced, made, spill, memory)
            return
        except duckdb.OutOfMemoryException as error:  # not all of a sort can be spilled
            discard(folder)
            refused = error
    assert refused is not None
    raise refused


def _files(path: Path) -> Iterator[Path]:
    """The files that a path with a pattern in its name stands for."""
    return path.parent.glob(path.name)


def _write_base(
    folder: Path,
    older: Base | None,
    tails: Sequence[Path],
    specs: Sequence[TableSpec],
    replaced: Mapping[str, Path],
    made: Sequence[tuple[str, str]],
    spill: Path | None,
    memory: int,
) -> None:
    folder.mkdir()
    (folder / KEYS).mkdir()
    con = open_connection("build", spill=spill)
    con.execute(f"set global memory_limit = '{memory}MiB'")
    try:
        if older is not None:
            con.execute(f"attach {literal(older.database)} as older (read_only)")
        late = {name for name, _ in made}
        tables = [
            _plan(con, spec, tail_files(tails, spec.name), replaced)
            for spec in specs
            if spec.name not in late
        ]
        if older is not None and _mostly_kept(con, tables):
            shutil.copyfile(older.database, folder / DATABASE)
        else:
            tables = [replace(table, way="whole") for table in tables]
        con.execute(f"attach {literal(folder / DATABASE)} as newer")
        drop_others(con, specs)
        for table in tables:
            write_table(con, table, replaced.get(table.spec.name))
            _write_keys(con, table, older, folder / KEYS)
        for table in tables if made else ():
            ensure_table(con, table.spec)  # one that never had a row is empty
        for name, select in made:
            make_table(con, next(spec for spec in specs if spec.name == name), select)
        con.execute("checkpoint newer")
        con.execute("detach newer")
    finally:
        con.close()
    if (folder / f"{DATABASE}.wal").exists():
        raise HomeError(f"The new base {folder / DATABASE} was not closed cleanly; run again")


def _plan(
    con: duckdb.DuckDBPyConnection,
    spec: TableSpec,
    files: tuple[Path, ...],
    replaced: Mapping[str, Path],
) -> Table:
    """Decide how the table gets into a copy of the older base."""
    known = con.execute(
        "select column_name from duckdb_columns() where database_name = 'older' and table_name = ?",
        [spec.name],
    ).fetchall()
    columns = frozenset(str(name) for (name,) in known)
    table = Table(spec, files, _count(con, spec.name) if columns else 0, columns)
    stage(con, table)
    if spec.name in replaced or columns != {name for name, _ in spec.base_columns}:
        return table
    if not files:
        return replace(table, way="keep")
    if spec.kind != "ledger" or spec.lookup is None or table.rows < LONG:
        return table
    months = _months(con, spec, spec.lookup[1])
    if _count(con, spec.name, f"where {months}") * 2 > table.rows:
        return table
    return replace(table, way="months", months=months)


def _months(con: duckdb.DuckDBPyConnection, spec: TableSpec, day: str) -> str:
    """The condition that picks the months in which the tails changed anything."""
    months = con.execute(
        f"""
        select distinct date_trunc('month', {quoted(day)})::date as month
        from (
            select {quoted(day)} from {staged("live", spec)}
            union all
            select {quoted(day)} from {staged("gone", spec)}
        )
        order by month
        """
    ).fetchall()
    parts = [
        f"({quoted(day)} >= date '{month}' and {quoted(day)} < date '{month}' + interval 1 month)"
        if month is not None
        else f"{quoted(day)} is null"
        for (month,) in months
    ]
    return f"({' or '.join(parts) or 'false'})"


def _mostly_kept(con: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> bool:
    """Whether copying the older file saves more than it drags along."""
    kept = sum(table.rows * len(table.columns) for table in tables if table.way != "whole")
    moved = sum(table.rows * len(table.columns) for table in tables if table.way == "whole")
    blocks = con.execute(
        "select free_blocks, total_blocks from pragma_database_size() where database_name = 'older'"
    ).fetchone()
    hollow = blocks is not None and blocks[0] * 2 > blocks[1]
    return kept > moved and not hollow


def _write_keys(
    con: duckdb.DuckDBPyConnection, table: Table, older: Base | None, keys: Path
) -> None:
    """Give the newer base the older key files and one for what is new, or write one for all."""
    spec = table.spec
    if spec.lookup is None or not (table.columns or table.files):
        return
    pair = ", ".join(quoted(name) for name in spec.lookup)
    linked = 0
    if older is not None and table.way != "whole":
        count = len(part_names(older.keys, spec.name))
        linked = link_parts(older.keys, keys, spec.name) if 0 < count < MOST_PARTS else 0
    if not linked:
        write_part(
            con, f"select {pair} from newer.main.{quoted(spec.name)}", keys, f"{spec.name}.0"
        )
    elif table.files:
        write_part(con, f"select {pair} from {staged('live', spec)}", keys, f"{spec.name}.{linked}")


def _count(con: duckdb.DuckDBPyConnection, name: str, where: str = "") -> int:
    row = con.execute(f"select count(*) from older.main.{quoted(name)} {where}").fetchone()
    return int(row[0]) if row else 0
