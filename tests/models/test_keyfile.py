"""Key files say on which days the rows of a key can lie, and never omit one."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import keyfile
from models.connection import open_connection
from models.errors import HomeError
from models.keyfile import NO_DAY, link_parts, locate, open_parts, part_names, write_part

EPOCH = date(1970, 1, 1)

pairs = st.tuples(
    st.one_of(st.none(), st.integers(-3, 6), st.sampled_from([-(2**63), 2**63 - 1])),
    st.one_of(st.none(), st.integers(-2, 3)),
)
parts = st.lists(st.lists(pairs, max_size=12), min_size=1, max_size=3)
wanted = st.lists(st.one_of(st.integers(-4, 7), st.just(2**63 - 1)), max_size=6)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(parts, wanted)
def test_the_buckets_of_keys_are_found_whatever_part_they_are_in(
    rows: list[list[tuple[int | None, int | None]]], keys: list[int]
) -> None:
    con = open_connection("build")
    con.execute("create table pair (key bigint, day date)")
    expected = set()
    with tempfile.TemporaryDirectory() as name, patch.object(keyfile, "_BATCH", 3):
        folder = Path(name)
        for number, part in enumerate(rows):
            con.execute("delete from pair")
            for key, day in part:
                when = None if day is None else EPOCH + timedelta(days=day)
                con.execute("insert into pair values (?, ?)", [key, when])
                if key in keys:
                    expected.add(NO_DAY if day is None else day)
            known = {(key, day) for key, day in part if key is not None}
            assert write_part(con, "select key, day from pair", folder, f"t.{number}") == len(known)
        found = locate(open_parts(folder, "t"), np.array(keys, dtype=np.int64))
    assert found.tolist() == sorted(expected)


def test_parts_are_mapped_and_outlive_their_files(tmp_path: Path) -> None:
    con = open_connection("build")
    select = "select range as key, date '2026-01-01' + (range // 10)::integer from range(100)"
    write_part(con, select, tmp_path, "t.0")
    opened = open_parts(tmp_path, "t")
    assert isinstance(opened[0].keys, np.memmap)
    for path in tmp_path.iterdir():
        path.unlink()
    day = (date(2026, 1, 4) - EPOCH).days
    assert locate(opened, np.array([35, 1000])).tolist() == [day]


def test_tables_with_like_names_keep_their_parts_apart(tmp_path: Path) -> None:
    con = open_connection("build")
    for name in ("fact.0", "fact.2", "fact.10", "fact_event.0"):
        write_part(con, "select 1, date '2026-01-01'", tmp_path, name)
    assert part_names(tmp_path, "fact") == ("fact.0", "fact.2", "fact.10")
    (tmp_path / "next").mkdir()
    assert link_parts(tmp_path, tmp_path / "next", "fact") == 3
    assert (tmp_path / "next" / "fact.2.keys").stat().st_ino == (
        tmp_path / "fact.2.keys"
    ).stat().st_ino
    assert part_names(tmp_path / "next", "fact_event") == ()


def test_a_part_whose_files_do_not_match_is_refused(tmp_path: Path) -> None:
    con = open_connection("build")
    write_part(con, "select range, date '2026-01-01' from range(4)", tmp_path, "t.0")
    path = tmp_path / "t.0.buckets"
    path.write_bytes(path.read_bytes()[:8])
    with pytest.raises(HomeError, match="is damaged"):
        open_parts(tmp_path, "t")
