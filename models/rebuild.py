"""One table on its way from an older base to a newer one, on a connection that has both attached.

`older` is read only; `newer` is empty, or a copy of `older` in which what changed is replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from models.merge import (
    Columns,
    added_cells,
    as_columns,
    identities,
    in_order,
    live,
    no_rows,
    parquet_rows,
    retracted,
    summed,
    without,
)
from models.table import TableSpec, column_list, quoted

#: `keep`: nothing to do in a copy; `months`: only those that changed; `whole`: all rows again.
Way = Literal["keep", "months", "whole"]


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of the table before its rows are moved."""

    spec: TableSpec
    files: tuple[Path, ...]  # of the tails
    rows: int  # in the older base
    columns: frozenset[str]  # in the older base; empty when it has no such table
    way: Way = "whole"
    months: str = ""  # the condition that picks the months that changed


def stage(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Name what the tails say of a table: its live and its retracted rows, or its delta."""
    spec = table.spec
    if not table.files:
        return
    rows = parquet_rows(table.files, spec.tail_columns)
    if spec.kind == "ledger":
        con.execute(f"create temp view {staged('live', spec)} as {live(spec, rows)}")
        con.execute(f"create temp view {staged('gone', spec)} as {retracted(spec, rows)}")
    elif spec.kind == "cell":
        con.execute(f"create temp table {staged('delta', spec)} as {summed(spec, rows)}")
    else:
        con.execute(f"create temp view {staged('delta', spec)} as {rows}")


def staged(what: str, spec: TableSpec) -> str:
    """The name under which staged rows can be read."""
    return f"temp.main.{quoted(f'{what}_{spec.name}')}"


def write_table(con: duckdb.DuckDBPyConnection, table: Table, replaced_by: Path | None) -> None:
    """Bring the table in `newer` up to date; `replaced_by` holds all its rows when given."""
    spec = table.spec
    if table.way == "months":
        _write_months(con, table)
    elif table.way == "whole" and replaced_by is not None:
        _create(con, spec.name, in_order(spec, parquet_rows([replaced_by], spec.base_columns)))
    elif table.way == "whole" and (table.columns or table.files):
        _write_whole(con, table)


def make_table(con: duckdb.DuckDBPyConnection, spec: TableSpec, select: str) -> None:
    """Make a table of `newer` by a SELECT over the other ones, in its order and of its types."""
    columns = ", ".join(f"{quoted(name)}::{kind} as {quoted(name)}" for name, kind in spec.columns)
    _create(con, spec.name, in_order(spec, f"select {columns} from ({select})"))


def ensure_table(con: duckdb.DuckDBPyConnection, spec: TableSpec) -> None:
    """Make an empty table in `newer` where there is none, a ledger's past with it."""
    tables = {spec.name: spec.base_columns}
    if spec.kind == "ledger":
        tables[f"{spec.name}_past"] = spec.past_columns
    for name, columns in tables.items():
        body = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
        con.execute(f"create table if not exists newer.main.{quoted(name)} ({body})")


def drop_others(con: duckdb.DuckDBPyConnection, specs: Sequence[TableSpec]) -> None:
    """Drop tables that came along in a copy of the older base and belong to no table described."""
    known = {spec.name for spec in specs} | {f"{spec.name}_past" for spec in specs}
    rows = con.execute(
        "select table_name from duckdb_tables() where database_name = 'newer'"
    ).fetchall()
    for (name,) in rows:
        if name not in known:
            con.execute(f"drop table newer.main.{quoted(str(name))}")


def _write_whole(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    spec = table.spec
    if spec.kind == "ledger":
        rows = _current(table)
        past = _older(table, f"{spec.name}_past", spec.past_columns)
        gone = _staged_rows("gone", table)
        _create(con, f"{spec.name}_past", in_order(spec, _union(past, gone)) if gone else past)
    elif spec.kind == "cell" and table.files:
        cells = _older(table, spec.name, spec.columns)
        rows = added_cells(spec, cells, _staged_rows("delta", table))
    else:
        rows = _union(_older(table, spec.name, spec.columns), _staged_rows("delta", table))
    _create(con, spec.name, in_order(spec, rows) if table.files else rows)


def _write_months(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    spec = table.spec
    name, past = quoted(spec.name), quoted(f"{spec.name}_past")
    con.execute(f"delete from newer.main.{name} where {table.months}")
    con.execute(
        f"insert into newer.main.{name} ({column_list(spec.base_columns)})"
        f" {in_order(spec, _current(table, f'where {table.months}'))}"
    )
    con.execute(
        f"insert into newer.main.{past} ({column_list(spec.past_columns)})"
        f" {in_order(spec, _staged_rows('gone', table))}"
    )


def _current(table: Table, where: str = "") -> str:
    spec = table.spec
    rows = _older(table, spec.name, spec.base_columns, where)
    if not table.files:
        return rows
    gone = identities(spec, _staged_rows("gone", table))
    return _union(without(spec, rows, gone), _staged_rows("live", table))


def _older(table: Table, name: str, columns: Columns, where: str = "") -> str:
    if not table.columns:
        return no_rows(columns)
    present = table.columns | {"load_from", "load_to"}
    return as_columns(f"select * from older.main.{quoted(name)} {where}", columns, present)


def _staged_rows(what: str, table: Table) -> str:
    return f"select * from {staged(what, table.spec)}" if table.files else ""


def _union(*rows: str) -> str:
    return " union all ".join(f"({part})" for part in rows if part)


def _create(con: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    con.execute(f"drop table if exists newer.main.{quoted(name)}")
    con.execute(f"create table newer.main.{quoted(name)} as {rows}")
