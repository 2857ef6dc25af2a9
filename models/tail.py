"""A tail: one folder with one Parquet file per table that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from models.durable import files_under, link_or_copy
from models.errors import HomeError
from models.manifest import Tail
from models.merge import merged_tail, parquet_rows, tail_files
from models.table import TableSpec, column_list, literal

#: More tails than these are never named by a manifest: every reader merges them.
MOST_TAILS = 8

#: A tail is merged with the new one when it is at most this many times as heavy.
STEP = 2


def write_tail(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: Mapping[str, str],
    specs: Mapping[str, TableSpec],
    load: int,
    *,
    empty: bool = False,
) -> dict[str, int]:
    """Write the rows of one load, table by table, and return how many each has.

    What could not be undone later is refused here: a ledger row without a key, or one whose loads
    do not say what its sign says. A table without rows gets a file only with `empty`.
    """
    folder.mkdir()
    rows: dict[str, int] = {}
    for name, relation in tables.items():
        spec = specs[name]
        if spec.kind == "ledger":
            _refuse_unsound(con, spec, relation, load)
        select = f"select {column_list(spec.tail_columns)} from {relation}"
        count = _copy(con, typed(select, spec), folder / f"{name}.parquet", empty=empty)
        if count:
            rows[name] = count
    return rows


def typed(select: str, spec: TableSpec) -> str:
    """The rows with the types of the table, whatever the loader computed them as."""
    casts = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in spec.tail_columns)
    return f"select {casts} from ({select})"


def merge_tails(
    con: duckdb.DuckDBPyConnection,
    sources: Sequence[Path],
    folder: Path,
    specs: Mapping[str, TableSpec],
) -> dict[str, int]:
    """Write one tail that says what several say, and return the rows of each table."""
    folder.mkdir()
    rows: dict[str, int] = {}
    names = sorted({path.stem for source in sources for path in source.glob("*.parquet")})
    for name in names:
        if name not in specs:  # cells that are kept no longer
            continue
        files = tail_files(sources, name)
        target = folder / f"{name}.parquet"
        if len(files) == 1:
            link_or_copy(files[0], target)
            count = _count(con, target)
        else:
            spec = specs[name]
            count = _copy(con, merged_tail(spec, parquet_rows(files, spec.tail_columns)), target)
        if count:
            rows[name] = count
    return rows


def merge_group(tails: Sequence[Tail], rows: int, frozen: frozenset[str]) -> int:
    """How many of the youngest tails to merge with a new one of so many rows.

    Tails of like weight are merged, so that a row is written again only as often as the pile
    doubles. Tails that a compaction is reading stay as they are.

    >>> tail = lambda rows: Tail("t", 1, 1, {"a": rows}, 0)
    >>> merge_group([tail(900), tail(40), tail(10)], 20, frozenset())
    2
    """
    group = 0
    weight = rows
    for tail in reversed(tails):
        kept = len(tails) - group + 1
        light = tail.total <= STEP * weight
        if tail.name in frozen or not (light or kept >= MOST_TAILS):
            break
        weight += tail.total
        group += 1
    return group


def folder_bytes(folder: Path) -> int:
    """The size of all files of a tail."""
    return sum(path.stat().st_size for path in files_under(folder))


def _copy(con: duckdb.DuckDBPyConnection, select: str, path: Path, *, empty: bool = False) -> int:
    done = con.execute(
        f"copy ({select}) to {literal(path)} (format parquet, compression zstd)"
    ).fetchone()
    count = int(done[0]) if done else 0
    if not count and not empty:
        path.unlink()
    return count


def _count(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    counted = con.execute(f"select count(*) from read_parquet({literal(path)})").fetchone()
    return int(counted[0]) if counted else 0


def _refuse_unsound(
    con: duckdb.DuckDBPyConnection, spec: TableSpec, relation: str, load: int
) -> None:
    keys = ", ".join(f'"{name}"' for name in spec.key)
    nulls = " or ".join(f'"{name}" is null' for name in spec.key)
    row = con.execute(
        f"""
        select
            count(*) filter ({nulls}),
            count(*) filter (not coalesce(case sign
                when 1 then load_from = {load} and load_to is null
                when -1 then load_from < {load} and load_to = {load}
            end, false)),
            count(*) filter (sign = 1) - count(distinct hash({keys})) filter (sign = 1),
            count(*) filter (sign = -1)
                - count(distinct hash({keys}, load_from)) filter (sign = -1)
        from {relation}
        """
    ).fetchone()
    faults = zip(
        row or (),
        (
            "without a key",
            "whose sign, load_from and load_to do not agree",
            "that assert a key twice",
            "that retract a row twice",
        ),
        strict=True,
    )
    for count, what in faults:
        if count:
            raise HomeError(
                f"Load {load} would store {count} rows of {spec.name} {what}; nothing was written"
            )
