"""What the release needs to know of a table to store it, merge it and read it back.

There are three kinds. A *ledger* keeps every version of its rows by load, a *cell* table holds
aggregates that add up, and a *log* only grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["ledger", "cell", "log"]

LOAD_FROM = ("load_from", "INTEGER")
LOAD_TO = ("load_to", "INTEGER")
SIGN = ("sign", "TINYINT")

#: Types that come back from Parquet as another one, and types whose sums depend on their order.
LOST_IN_PARQUET = ("HUGEINT", "UHUGEINT", "AGGREGATE_STATE", "TIMESTAMP_S", "TIMESTAMP_MS")
NOT_EXACT = ("DOUBLE", "FLOAT", "REAL")


@dataclass(frozen=True, slots=True)
class TableSpec:
    """The columns of a table and what identifies, sorts and finds its rows.

    >>> spec = TableSpec("score", "cell", (("site", "INTEGER"), ("rows", "BIGINT")), key=("site",))
    >>> spec.aggregates
    (('rows', 'BIGINT'),)
    """

    name: str
    kind: Kind
    columns: tuple[tuple[str, str], ...]  # business columns: name and DuckDB type
    key: tuple[str, ...] = ()  # ledger: what identifies a row; cell: the levels
    sort: tuple[str, ...] = ()  # order in the base: columns or expressions over them
    lookup: tuple[str, str] | None = None  # ledger: BIGINT key column, DATE bucket column

    def __post_init__(self) -> None:
        known = {name for name, _ in self.columns}
        asked = {*self.key, *(self.lookup or ())}
        if len(known) != len(self.columns):
            raise ValueError(f"table {self.name} names a column twice")
        if asked - known:
            raise ValueError(f"table {self.name} has no column {min(asked - known)}")
        if self.kind == "ledger" and not self.key:
            raise ValueError(f"ledger {self.name} needs a key")
        if self.kind == "cell" and ("rows", "BIGINT") not in self.columns:
            raise ValueError(f"cells {self.name} need a column rows BIGINT")
        inexact = (*LOST_IN_PARQUET, *(NOT_EXACT if self.kind == "cell" else ()))
        for name, kind in self.columns:
            if kind.upper().startswith(inexact):
                raise ValueError(f"table {self.name} cannot keep {name} as {kind}")

    @property
    def names(self) -> tuple[str, ...]:
        """The business columns."""
        return tuple(name for name, _ in self.columns)

    @property
    def aggregates(self) -> tuple[tuple[str, str], ...]:
        """The columns of a cell table that add up."""
        return tuple(column for column in self.columns if column[0] not in self.key)

    @property
    def base_columns(self) -> tuple[tuple[str, str], ...]:
        """The columns as a base holds them."""
        return (*self.columns, LOAD_FROM) if self.kind == "ledger" else self.columns

    @property
    def past_columns(self) -> tuple[tuple[str, str], ...]:
        """The columns of a ledger's past rows."""
        return (*self.columns, LOAD_FROM, LOAD_TO)

    @property
    def tail_columns(self) -> tuple[tuple[str, str], ...]:
        """The columns as a tail holds them."""
        return (*self.past_columns, SIGN) if self.kind == "ledger" else self.columns


def column_list(columns: tuple[tuple[str, str], ...], prefix: str = "") -> str:
    """The columns as SQL, quoted, because `from` or `at` may be a column of a source."""
    return ", ".join(f"{prefix}{quoted(name)}" for name, _ in columns)


def quoted(name: str) -> str:
    """A name as a SQL identifier.

    >>> quoted('day')
    '"day"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: object) -> str:
    """A text or path as a SQL literal.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + str(text).replace("'", "''") + "'"
