"""Cell tables made anew out of a release: larger than memory they spill and are finished."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from models import connection
from models.base import write_base
from models.connection import Limits
from models.table import TableSpec

SUMS = tuple((f"a{i}", "BIGINT") for i in range(12))
FACT = TableSpec(
    "fact", "ledger", (("id", "INTEGER"), ("site", "INTEGER"), *SUMS), key=("id",), sort=("id",)
)
CELLS = TableSpec(
    "cells",
    "cell",
    (("site", "INTEGER"), ("rows", "BIGINT"), *SUMS),
    key=("site",),
    sort=("rows", "site"),
)
COARSE = TableSpec("coarse", "cell", (("half", "INTEGER"), ("rows", "BIGINT")), key=("half",))
ROWS = 400_000
MADE = (
    (
        "cells",
        "select site, count(*) as rows, "
        + ", ".join(f"sum({name}) as {name}" for name, _ in SUMS)
        + " from newer.main.fact group by site",
    ),
    ("coarse", "select site % 2 as half, sum(rows) as rows from newer.main.cells group by half"),
)


@pytest.fixture
def tail(tmp_path: Path) -> Path:
    """So many facts, each of a site of its own."""
    folder = tmp_path / "tail"
    folder.mkdir()
    sums = ", ".join(f"(i * 7919 % 1000003)::bigint as {name}" for name, _ in SUMS)
    duckdb.execute(
        f"copy (select i::integer as id, (i * 7919 % {ROWS})::integer as site, {sums},"
        " 1 as load_from, null::integer as load_to, 1::tinyint as sign"
        f" from range({ROWS}) as t(i)) to '{folder / 'fact.parquet'}'"
    )
    return folder


def build(folder: Path, tail: Path, spill: Path | None) -> Path:
    specs = (FACT, CELLS, COARSE)
    write_base(folder, None, [tail], specs, replaced={}, spill=spill, made=MADE)
    return folder / "base.duckdb"


def test_a_build_beyond_its_memory_spills_and_finishes(
    tmp_path: Path, tail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.LIMITS, "build", Limits(memory="64MB", threads=1))
    monkeypatch.setattr(connection, "_most", lambda: 64_000_000)
    with pytest.raises(duckdb.OutOfMemoryException):
        build(tmp_path / "without", tail, None)
    spill = tmp_path / "spill"
    spill.mkdir()
    made = build(tmp_path / "with", tail, spill)
    with duckdb.connect(str(made), read_only=True) as con:
        assert con.execute("select count(*), sum(rows), sum(a3) from cells").fetchone() == (
            ROWS,
            ROWS,
            con.execute("select sum(a3) from fact").fetchone()[0],  # type: ignore[index]
        )
        assert con.execute("from coarse order by half").fetchall() == [
            (0, ROWS // 2),
            (1, ROWS // 2),
        ]


def test_a_build_that_cannot_spill_is_given_more_and_finishes(
    tmp_path: Path, tail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.LIMITS, "build", Limits(memory="64MB", threads=1))
    made = build(tmp_path / "base", tail, None)
    with duckdb.connect(str(made), read_only=True) as con:
        assert con.execute("select count(*) from fact").fetchone() == (ROWS,)


def test_tables_are_made_in_order_and_others_leave_a_copied_base(
    tmp_path: Path, tail: Path
) -> None:
    from models.base import Base

    first = tmp_path / "first"
    build(first, tail, None)
    second = tmp_path / "second"
    older = Base(first / "base.duckdb", first / "keys")
    write_base(second, older, [], (FACT, COARSE), replaced={}, spill=None)
    with duckdb.connect(str(second / "base.duckdb"), read_only=True) as con:
        names = {row[0] for row in con.execute("select table_name from duckdb_tables()").fetchall()}
        assert names == {"fact", "fact_past", "coarse"}
