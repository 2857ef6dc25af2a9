"""One release as views inside a reader's DuckDB: base and merged tails under plain names.

Every ledger table is a view of its current rows, and `<table>_all` one of all rows that ever were;
cells are base and tail together, not yet summed; logs are all their rows. Plain names reach a table
of the base without its view where that would say the same: binding a view takes a question longer
than reading a small cuboid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.base import Base
from models.home import Home
from models.keyfile import Part, open_parts
from models.manifest import Manifest
from models.merge import (
    Columns,
    as_columns,
    identities,
    live,
    no_rows,
    parquet_rows,
    retracted,
    summed,
    without,
)
from models.publish import base_at
from models.table import TableSpec, column_list, literal, quoted

#: The schema of the tables that hold merged tails; generations share those that did not change.
SHELF = "memory.tails"


@dataclass(frozen=True, slots=True)
class Shelved:
    """The merged tails of one table, in memory."""

    added: str  # relation of live assertions, cells or log rows
    gone: str | None = None  # relation of retracted rows, when there are any
    reaches_base: bool = False  # whether any retracted row is in the base


Entry = tuple[TableSpec, tuple[Path, ...], int]  # a table, its files, the load of the base
Shelf = Mapping[Entry, Shelved]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The current rows of a ledger, part by part, and how to find some of them in the base."""

    spec: TableSpec
    base: str | None
    tail: str | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Generation:
    """What one release needs inside the reader."""

    manifest: Manifest
    specs: Mapping[str, TableSpec]
    schema: str
    base: str | None  # the name under which its base is attached
    shelf: Shelf
    ledgers: Mapping[str, Pieces]
    home: Home
    bases: set[str]  # every base that is attached for it, kept ones as they are asked for

    @property
    def schemas(self) -> tuple[str, ...]:
        """The schemas made for it."""
        return (f"memory.{self.schema}_changed", f"memory.{self.schema}")

    @property
    def search_path(self) -> str:
        """Where plain names are looked for: what differs from the base, the base, every view."""
        changed, views = self.schemas
        base = (f"{self.base}.main",) if self.base else ()
        return ",".join((changed, *base, views, "memory.main"))


def attach_base(con: duckdb.DuckDBPyConnection, home: Home, name: str) -> str:
    """Attach a base under a name of its own, because a path is opened only once in a process."""
    alias = name.replace("-", "_")
    place = literal(base_at(home, name).database)
    con.execute(f"attach if not exists {place} as {alias} (read_only)")
    return alias


def build(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    manifest: Manifest,
    specs: Sequence[TableSpec],
    schema: str,
    known: Shelf,
) -> Generation:
    """Make the schema of one release, in one transaction, on top of what is already shelved."""
    base = None if manifest.base is None else base_at(home, manifest.base)
    alias = None if manifest.base is None else attach_base(con, home, manifest.base)
    columns = _base_columns(con, alias)
    shelf: dict[Entry, Shelved] = {}
    ledgers: dict[str, Pieces] = {}
    con.execute("begin")
    try:
        con.execute(
            f"create schema if not exists {SHELF}; create schema memory.{schema};"
            f" create schema memory.{schema}_changed"
        )
        for spec in specs:
            entry = (spec, _files(home, manifest, spec.name), manifest.base_load)
            shelved = None
            if entry[1]:
                shelved = known.get(entry) or _shelve(con, entry, schema)
                shelf[entry] = shelved
            table = _Table(spec, alias, columns, shelved)
            for name, select in _views(table):
                con.execute(f"create view memory.{schema}.{quoted(name)} as {select}")
            if table.differs:
                place = f"memory.{schema}_changed.{quoted(spec.name)}"
                con.execute(f"create view {place} as from memory.{schema}.{quoted(spec.name)}")
            if spec.kind == "ledger":
                ledgers[spec.name] = _pieces(table, base)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    names = {spec.name: spec for spec in specs}
    bases = {alias} if alias else set[str]()
    return Generation(manifest, names, schema, alias, shelf, ledgers, home, bases)


@dataclass(frozen=True, slots=True)
class _Table:
    spec: TableSpec
    base: str | None
    columns: Mapping[str, Columns]
    shelved: Shelved | None

    def stored(self, name: str, wanted: Columns) -> str | None:
        """The rows a base holds under that name, or None when it has no such table."""
        present = self.columns.get(name)
        if present is None:
            return None
        rows = f"select * from {self.base}.main.{quoted(name)}"
        if present == wanted:  # a cast of every column costs each question half a millisecond
            return rows
        return as_columns(rows, wanted, dict(present))

    @property
    def differs(self) -> bool:
        """Whether the base has a table of that name that holds or calls something else."""
        present = self.columns.get(self.spec.name)
        return present is not None and (self.shelved is not None or present != self.wanted)

    @property
    def wanted(self) -> Columns:
        """The columns that are offered."""
        return self.spec.base_columns if self.spec.kind == "ledger" else self.spec.columns

    def current(self) -> str | None:
        """The rows of the base that no tail has retracted."""
        rows = self.stored(self.spec.name, self.spec.base_columns)
        if rows is None or self.shelved is None or not self.shelved.reaches_base:
            return rows
        gone = identities(self.spec, f"select * from {self.shelved.gone}")
        return without(self.spec, rows, gone)

    def added(self) -> str | None:
        """The live rows of the tails."""
        return None if self.shelved is None else f"select * from {self.shelved.added}"


def _views(table: _Table) -> tuple[tuple[str, str], ...]:
    spec = table.spec
    if spec.kind != "ledger":
        rows = _union(spec.columns, table.stored(spec.name, spec.columns), table.added())
        return ((spec.name, rows),)
    now = _union(spec.base_columns, table.current(), table.added())
    gone = table.shelved.gone if table.shelved else None
    ever = _union(
        spec.past_columns,
        f"select *, null::integer as load_to from ({now})",
        table.stored(f"{spec.name}_past", spec.past_columns),
        f"select * from {gone}" if gone else None,
    )
    return ((spec.name, now), (f"{spec.name}_all", ever))


def _pieces(table: _Table, base: Base | None) -> Pieces:
    spec = table.spec
    found = table.current()
    parts = open_parts(base.keys, spec.name) if base and found and spec.lookup else ()
    return Pieces(spec, found, table.added(), parts)


def _shelve(con: duckdb.DuckDBPyConnection, entry: Entry, schema: str) -> Shelved:
    spec, files, base_load = entry
    rows = parquet_rows(files, spec.tail_columns)
    name = f"{SHELF}.{quoted(f'{spec.name} {schema}')}"
    if spec.kind != "ledger":
        con.execute(f"create table {name} as {summed(spec, rows) if spec.kind == 'cell' else rows}")
        return Shelved(name)
    told = f"temp.main.{quoted(f'{spec.name} told {schema}')}"
    con.execute(f"create temp table {told} as {rows}")
    counted = con.execute(
        f"select count(*), count(*) filter (load_from <= {base_load}) from {told} where sign < 0"
    ).fetchone()
    count, reaching = counted or (0, 0)
    gone = f"{SHELF}.{quoted(f'{spec.name} gone {schema}')}" if count else None
    if gone:
        con.execute(f"create table {gone} as {retracted(spec, f'select * from {told}')}")
        con.execute(f"create table {name} as {live(spec, f'select * from {told}')}")
    else:
        con.execute(f"create table {name} as select {column_list(spec.base_columns)} from {told}")
    con.execute(f"drop table {told}")
    return Shelved(name, gone, reaching > 0)


def shelf_tables(shelf: Shelf) -> set[str]:
    """The relations that a shelf consists of."""
    return {name for each in shelf.values() for name in (each.added, each.gone) if name}


def _files(home: Home, manifest: Manifest, table: str) -> tuple[Path, ...]:
    return tuple(
        home.releases / tail.name / f"{table}.parquet"
        for tail in manifest.tails
        if table in tail.rows
    )


def _base_columns(con: duckdb.DuckDBPyConnection, alias: str | None) -> Mapping[str, Columns]:
    """The columns and types of every table of a base, in their order."""
    if alias is None:
        return {}
    rows = con.execute(
        "select table_name, list((column_name, data_type) order by column_index)"
        " from duckdb_columns() where database_name = ? group by table_name",
        [alias],
    ).fetchall()
    return {str(name): tuple(columns) for name, columns in rows}


def _union(columns: Columns, *rows: str | None) -> str:
    parts = [part for part in rows if part]
    if len(parts) < 2:
        return parts[0] if parts else no_rows(columns)
    return " union all ".join(f"({part})" for part in parts)
