"""The SELECTs by which base and tails become one: pure text, used alike to write and to read.

A ledger row is known by its key and the load that asserted it (`load_from`). A tail asserts rows
(sign +1) and retracts them (sign -1, a full copy that also says in which load, `load_to`). Cells
and logs have no identity: cells add up, log rows are only ever appended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from models.table import TableSpec, column_list, literal, quoted

Columns = tuple[tuple[str, str], ...]


def tail_files(folders: Iterable[Path], table: str) -> tuple[Path, ...]:
    """The files of one table in these tails, oldest first."""
    paths = (folder / f"{table}.parquet" for folder in folders)
    return tuple(path for path in paths if path.exists())


def parquet_rows(files: Sequence[Path], columns: Columns) -> str:
    """The rows of some Parquet files; a column that an older file lacks is null."""
    names = ", ".join(literal(path) for path in files)
    return as_columns(f"select * from read_parquet([{names}], union_by_name = true)", columns)


def as_columns(rows: str, columns: Columns, present: Collection[str] | None = None) -> str:
    """These columns, in this order and of these types, of a SELECT that may lack some of them."""
    if present is not None and {name for name, _ in columns} <= set(present):
        return f"select {_cast(columns)} from ({rows})"
    return f"select {_cast(columns)} from ({rows} union all by name {no_rows(columns)})"


def no_rows(columns: Columns) -> str:
    """An empty SELECT with these columns."""
    nulls = ", ".join(f"null::{kind} as {quoted(name)}" for name, kind in columns)
    return f"select {nulls} where false"


def live(spec: TableSpec, rows: str) -> str:
    """The assertions among tail rows that none of these tail rows retracts."""
    match = " and ".join(f"a.{name} = r.{name}" for name in _identity(spec))
    return f"""
        select {column_list(spec.base_columns, "a.")}
        from (select * from ({rows}) where sign > 0) as a
        anti join (select * from ({rows}) where sign < 0) as r on {match}
    """


def retracted(spec: TableSpec, rows: str) -> str:
    """The retractions among tail rows: past rows, with the load that ended them."""
    return f"select {column_list(spec.past_columns)} from ({rows}) where sign < 0"


def without(spec: TableSpec, rows: str, gone: str) -> str:
    """Current rows of a base less those that were retracted since."""
    match = " and ".join(f"b.{name} = g.{name}" for name in _identity(spec))
    return f"""
        select {column_list(spec.base_columns, "b.")} from ({rows}) as b
        anti join ({gone}) as g on {match}
    """


def identities(spec: TableSpec, rows: str) -> str:
    """Only what identifies rows of a ledger."""
    return f"select {', '.join(_identity(spec))} from ({rows})"


def merged_ledger(spec: TableSpec, rows: str) -> str:
    """The tail that says what several tails said: an assertion that was retracted is only past."""
    return f"""
        select {column_list(spec.base_columns)}, null::integer as load_to, 1::tinyint as sign
        from ({live(spec, rows)})
        union all
        select {column_list(spec.past_columns)}, -1::tinyint as sign
        from ({retracted(spec, rows)})
    """


def summed(spec: TableSpec, rows: str) -> str:
    """Cells added up, without those of which nothing is left.

    A cell goes only when all of its aggregates are zero: one whose rows balance while a sum does
    not is a change that must still be applied.
    """
    levels = column_list(tuple(c for c in spec.columns if c[0] in spec.key))
    sums = ", ".join(
        f"coalesce(sum({quoted(name)}), 0)::{kind} as {quoted(name)}"
        for name, kind in spec.aggregates
    )
    left = " or ".join(f"sum({quoted(name)}) <> 0" for name, _ in spec.aggregates)
    columns = f"{levels}, {sums}" if levels else sums
    groups = f"group by {levels}" if levels else ""
    added = f"select {columns} from ({rows}) {groups} having {left}"
    return f"select {column_list(spec.columns)} from ({added})"


def added_cells(spec: TableSpec, cells: str, delta: str) -> str:
    """Base cells with a summed delta added; only the cells it meets are grouped again."""
    if not spec.key:
        return summed(spec, f"{cells} union all {delta}")
    match = " and ".join(
        f"b.{name} is not distinct from d.{name}" for name in map(quoted, spec.key)
    )
    columns = column_list(spec.columns, "b.")
    met = f"select {columns} from ({cells}) as b semi join ({delta}) as d on {match}"
    return f"""
        select {columns} from ({cells}) as b anti join ({delta}) as d on {match}
        union all
        {summed(spec, f"{met} union all select {column_list(spec.columns)} from ({delta})")}
    """


def merged_tail(spec: TableSpec, rows: str) -> str:
    """One tail's rows for what several tails hold of a table."""
    if spec.kind == "ledger":
        return merged_ledger(spec, rows)
    return summed(spec, rows) if spec.kind == "cell" else rows


def in_order(spec: TableSpec, rows: str) -> str:
    """The rows in the order in which a base keeps them."""
    return f"select * from ({rows}) order by {', '.join(spec.sort)}" if spec.sort else rows


def _identity(spec: TableSpec) -> tuple[str, ...]:
    return (*(quoted(name) for name in spec.key), "load_from")


def _cast(columns: Columns) -> str:
    return ", ".join(f"{quoted(name)}::{kind} as {quoted(name)}" for name, kind in columns)
