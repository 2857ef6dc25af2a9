"""Loads as time: which loads there were, and which rows of a ledger stood after one of them.

A ledger keeps every row with the load that asserted it and the load that retracted it, so that the
rows of any load are a filter, and what lies between two loads is the rows that stood after one of
them alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from models.errors import QuestionError
from models.table import TableSpec, column_list, quoted


@dataclass(frozen=True, slots=True)
class Load:
    """One load: its number, the instant up to which it knows, and the command that made it."""

    number: int
    as_of: datetime
    command: str


def loads(cursor: duckdb.DuckDBPyConnection) -> tuple[Load, ...]:
    """Every load of the release that the cursor reads, oldest first."""
    rows = cursor.execute('select "load", as_of, command from "load" order by "load"').fetchall()
    return tuple(Load(int(n), as_of.replace(tzinfo=UTC), command) for n, as_of, command in rows)


def load_numbered(cursor: duckdb.DuckDBPyConnection, number: int) -> Load:
    """The load of that number; QuestionError says which ones can be asked."""
    row = cursor.execute(
        'select as_of, command from "load" where "load" = $number', {"number": number}
    ).fetchone()
    if row is not None:
        return Load(number, row[0].replace(tzinfo=UTC), str(row[1]))
    known = loads(cursor)
    if not known:
        raise QuestionError(f"There is no load {number}: nothing has been loaded yet")
    first, last = known[0], known[-1]
    raise QuestionError(
        f"There is no load {number}; loads {first.number} (as of {first.as_of:%Y-%m-%d %H:%M} UTC) "
        f"to {last.number} (as of {last.as_of:%Y-%m-%d %H:%M} UTC) can be asked"
    )


def stood(load: int, row: str = "") -> str:
    """The condition that a row of a ledger stood after a load.

    >>> stood(7, "f.")
    '(f.load_from <= 7 and (f.load_to is null or f.load_to > 7))'
    """
    return f"({row}load_from <= {load} and ({row}load_to is null or {row}load_to > {load}))"


def as_known(spec: TableSpec, ever: str, load: int) -> str:
    """The rows of a ledger after a load, in the columns of its current rows."""
    return f"select {column_list(spec.base_columns)} from {ever} where {stood(load)}"


def every_row(schema: str, table: str) -> str:
    """The relation of all rows a ledger ever had, in the schema of a release."""
    return f"{schema}.{quoted(f'{table}_all')}"
