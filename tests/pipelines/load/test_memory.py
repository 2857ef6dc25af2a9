"""A load is given memory by its size, and the usual amount again afterwards."""

from pathlib import Path

import pytest

from models.connection import LIMITS, USUAL_BYTES, give_memory, open_connection
from pipelines.batch import Batch, Entry
from pipelines.land import LandedFile

MIB = 2**20
USUAL = float(LIMITS["writer"].memory.removesuffix("MB")) * 1e6 / MIB


def limit(*landed: int | None) -> float:
    """The memory in MiB after loads of these sizes on one connection."""
    con = open_connection("writer")
    for each in landed:
        give_memory(con, each)
    row = con.execute("select current_setting('memory_limit')").fetchone()
    con.close()
    assert row is not None
    number, unit = str(row[0]).split()
    return float(number) * {"MiB": 1, "GiB": 1024}[unit]


def test_a_large_load_is_given_more_and_the_next_small_one_is_not() -> None:
    assert limit(0) == limit(USUAL_BYTES) == pytest.approx(USUAL, rel=0.01)
    assert limit(11 * MIB) == pytest.approx(11 * 32, rel=0.01)
    assert limit(None) >= 512
    assert limit(10**15) == limit(None)
    assert limit(None, USUAL_BYTES) == pytest.approx(USUAL, rel=0.01)


def test_a_file_of_several_tables_counts_once(tmp_path: Path) -> None:
    one, other = tmp_path / "tickets.sqlite", tmp_path / "calls.csv"
    files = tuple(
        LandedFile(path, "network", table, True)
        for path, table in ((one, "tickets"), (one, "events"), (other, "calls"))
    )
    assert Batch(files=files, looks=((one, [5, 0]), (other, [7, 0]))).bytes == 12


def test_quarantined_records_may_be_any_number() -> None:
    assert Batch(entries=(Entry(1, "network", "calls", 1, 1),)).bytes is None
