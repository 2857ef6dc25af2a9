"""A load is given memory by its size, and the usual amount again afterwards."""

from pathlib import Path

import pytest

from models.connection import LIMITS, give_memory, open_connection
from pipelines import batch
from pipelines.batch import Batch, Entry
from pipelines.land import LandedFile


def limit(large: bool, then: bool | None = None) -> float:
    con = open_connection("writer")
    give_memory(con, large=large)
    if then is not None:
        give_memory(con, large=then)
    row = con.execute("select current_setting('memory_limit')").fetchone()
    con.close()
    assert row is not None
    number, unit = str(row[0]).split()
    return float(number) * {"MiB": 1, "GiB": 1024}[unit]


def test_a_large_load_is_given_more_and_the_next_small_one_is_not() -> None:
    usual = float(LIMITS["writer"].memory.removesuffix("MB")) * 1e6 / 2**20
    assert limit(large=False) == pytest.approx(usual, rel=0.01)
    assert limit(large=True) >= 512
    assert limit(large=True, then=False) == pytest.approx(usual, rel=0.01)


def test_files_are_large_together_and_a_file_of_several_tables_counts_once(tmp_path: Path) -> None:
    one, other = tmp_path / "tickets.sqlite", tmp_path / "calls.csv"
    files = tuple(
        LandedFile(path, "network", table, True)
        for path, table in ((one, "tickets"), (one, "events"), (other, "calls"))
    )
    half = batch.LARGE_BYTES // 2
    small = Batch(files=files, looks=((one, [half, 0]), (other, [half, 0])))
    assert not small.is_large
    assert Batch(files=files, looks=((one, [half + 1, 0]), (other, [half, 0]))).is_large


def test_quarantined_records_may_be_any_number() -> None:
    assert Batch(entries=(Entry(1, "network", "calls", 1, 1),)).is_large
