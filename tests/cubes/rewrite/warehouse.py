"""The tables of a corpus file under several data sets, and the catalogue its DDL declares.

Every question runs over the rows as written, over empty tables, over one row a table, without
NULLs, and over rows whose columns are shuffled, which keeps every key, foreign key and not-null.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import duckdb

Rows = list[list[str | None]]  # values as text, which DuckDB casts to the type of the column


def quoted(name: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name.split("."))


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its DDL declares it."""

    name: str
    columns: tuple[tuple[str, str], ...]
    keys: tuple[tuple[str, ...], ...]
    not_null: tuple[str, ...]
    parents: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Star:
    """Tables, what is declared of them, and their rows as written."""

    tables: tuple[Table, ...]  # parents before children
    rows: Mapping[str, Rows]

    @cached_property
    def catalogue(self) -> dict[str, Any]:
        """The arguments of the rewriter that describe the tables."""
        return {
            "tables": {table.name: dict(table.columns) for table in self.tables},
            "keys": {table.name: table.keys for table in self.tables if table.keys},
            "foreign_keys": tuple(
                (table.name, _plain(columns), parent, _plain(parent_columns))
                for table in self.tables
                for columns, parent, parent_columns in table.parents
            ),
            "not_null": frozenset(
                (table.name, column) for table in self.tables for column in table.not_null
            ),
        }


def _plain(columns: tuple[str, ...]) -> str | tuple[str, ...]:
    return columns[0] if len(columns) == 1 else columns


def _declared(con: duckdb.DuckDBPyConnection) -> list[Table]:
    def spelt(schema: str, table: str) -> str:
        return table if schema == "main" else f"{schema}.{table}"

    found: dict[str, list[tuple[str, str]]] = {}
    for schema, table, column, kind in con.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns()"
        " where not internal order by schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault(spelt(schema, table), []).append((column, kind))
    told = con.execute(
        "select schema_name, table_name, constraint_type, constraint_column_names,"
        " referenced_table, referenced_column_names from duckdb_constraints()"
        " order by schema_name, table_name, constraint_index"
    ).fetchall()
    schemas = {name.rpartition(".")[2]: name for name in found}
    tables = []
    for name, columns in found.items():
        mine = [row for row in told if spelt(row[0], row[1]) == name]
        null_free = tuple(
            c for row in mine if row[2] in ("NOT NULL", "PRIMARY KEY") for c in row[3]
        )
        tables.append(
            Table(
                name=name,
                columns=tuple(columns),
                keys=tuple(
                    tuple(row[3])
                    for row in mine
                    if row[2] in ("PRIMARY KEY", "UNIQUE") and set(row[3]) <= set(null_free)
                ),
                not_null=tuple(dict.fromkeys(null_free)),
                parents=tuple(
                    (tuple(row[3]), schemas[row[4]], tuple(row[5]))
                    for row in mine
                    if row[2] == "FOREIGN KEY"
                ),
            )
        )
    return _parents_first(tables)


def _parents_first(tables: list[Table]) -> list[Table]:
    sorted_tables: list[Table] = []
    while tables:
        done = {table.name for table in sorted_tables}
        ready = [t for t in tables if {p for _, p, _ in t.parents} <= done | {t.name}]
        sorted_tables += ready
        tables = [table for table in tables if table not in ready]
    return sorted_tables


def declare(setup: str) -> Star:
    """Run the DDL once, with its constraints on, and read what it says."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        con.execute(setup)
        tables = tuple(_declared(con))
        rows = {
            table.name: [
                list(row)
                for row in con.execute(
                    f"select columns(*)::varchar from {quoted(table.name)}"
                ).fetchall()
            ]
            for table in tables
        }
    return Star(tables, rows)


# --- data sets: each keeps what the DDL declares


def as_written(star: Star) -> Mapping[str, Rows]:
    return star.rows


def empty(star: Star) -> Mapping[str, Rows]:
    return {name: [] for name in star.rows}


def without_nulls(star: Star) -> Mapping[str, Rows]:
    """NULLs become the least value of their column; a row of a broken pair of columns goes."""
    made: dict[str, Rows] = {}
    for table in star.tables:
        rows = [list(row) for row in star.rows[table.name]]
        for index in range(len(table.columns)):
            values = [row[index] for row in rows if row[index] is not None]
            for row in rows:
                if row[index] is None and values:
                    row[index] = min(values)
        made[table.name] = [
            row for row in rows if _has_parents(table, row, star.tables, made, rows)
        ]
    return made


def _has_parents(
    table: Table,
    row: list[str | None],
    tables: tuple[Table, ...],
    made: Mapping[str, Rows],
    own: Rows,
) -> bool:
    for columns, parent, parent_columns in table.parents:
        wanted = _values(table, columns, row)
        there = next(t for t in tables if t.name == parent)
        rows = own if parent == table.name else made[parent]
        if None not in wanted and wanted not in [_values(there, parent_columns, r) for r in rows]:
            return False
    return True


def _values(table: Table, columns: tuple[str, ...], row: list[str | None]) -> list[str | None]:
    names = [name for name, _ in table.columns]
    return [row[names.index(column)] for column in columns]


def shuffled(seed: int) -> Callable[[Star], Mapping[str, Rows]]:
    """Columns are permuted each; those of a key stay, those of a foreign key go together."""

    def made(star: Star) -> Mapping[str, Rows]:
        chance = random.Random(seed)
        result: dict[str, Rows] = {}
        for table in star.tables:
            rows = [list(row) for row in star.rows[table.name]]
            names = [name for name, _ in table.columns]
            fixed = {column for key in table.keys for column in key}
            groups = [columns for columns, _, _ in table.parents if not fixed & set(columns)]
            tied = {column for columns in groups for column in columns}
            groups += [(name,) for name in names if name not in fixed | tied]
            for group in groups:
                order = list(range(len(rows)))
                chance.shuffle(order)
                places = [names.index(column) for column in group]
                for row, source in zip(rows, order, strict=True):
                    for place in places:
                        row[place] = star.rows[table.name][source][place]
            result[table.name] = rows
        return result

    return made


def one_row(star: Star) -> Mapping[str, Rows]:
    """The first row of each table, its foreign keys turned to the first row of the parent."""
    made: dict[str, Rows] = {}
    for table in star.tables:
        rows = [list(row) for row in star.rows[table.name][:1]]
        names = [name for name, _ in table.columns]
        for columns, parent, parent_columns in table.parents:
            there = next(t for t in star.tables if t.name == parent)
            for row in rows:
                if parent == table.name or not made[parent]:
                    continue
                turned = _values(there, parent_columns, made[parent][0])
                for column, value in zip(columns, turned, strict=True):
                    if row[names.index(column)] is not None:
                        row[names.index(column)] = value
        made[table.name] = rows
    return made


DATA_SETS: Mapping[str, Callable[[Star], Mapping[str, Rows]]] = {
    "as written": as_written,
    "shuffled": shuffled(7),
    "shuffled again": shuffled(11),
    "without nulls": without_nulls,
    "one row": one_row,
    "empty": empty,
}


def plain_tables(
    star: Star, rows: Mapping[str, Rows], zone: str | None
) -> duckdb.DuckDBPyConnection:
    """A database with the tables and no constraint, so that no optimiser knows more than we say."""
    con = duckdb.connect(config={"threads": 1})
    con.execute(f"set timezone = '{zone or 'UTC'}'")
    for table in star.tables:
        schema, _, _ = table.name.rpartition(".")
        if schema:
            con.execute(f"create schema if not exists {quoted(schema)}")
        columns = ", ".join(f"{quoted_column(name)} {kind}" for name, kind in table.columns)
        con.execute(f"create table {quoted(table.name)} ({columns})")
        if rows[table.name]:
            values = ", ".join(f"({', '.join(map(literal, row))})" for row in rows[table.name])
            con.execute(f"insert into {quoted(table.name)} values {values}")
    return con


def literal(value: str | None) -> str:
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def quoted_column(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@cache
def star_of(setup: str) -> Star:
    return declare(setup)


@lru_cache(maxsize=12)
def database(
    setup: str, views: tuple[tuple[str, str], ...], cuboids: tuple[tuple[str, str], ...],
    data_set: str, zone: str | None,
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """The tables of a file under one data set, with all its views and cuboids."""
    star = star_of(setup)
    con = plain_tables(star, DATA_SETS[data_set](star), zone)
    for name, sql in views:
        con.execute(f"create view {quoted(name)} as {sql}")
    for name, sql in cuboids:
        schema, _, _ = name.rpartition(".")
        if schema:
            con.execute(f"create schema if not exists {quoted(schema)}")
        con.execute(f"create table {quoted(name)} as {sql}")
    return con
