"""The release is the warehouse: base, tails and a manifest whose renaming is the commit."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from models import base, release
from models.connection import open_connection
from models.errors import HomeError
from models.home import Home, open_home
from models.manifest import NOTHING, read_manifest
from models.reader import Reader
from models.release import commit, verify
from tests.models.toy import (
    NOON,
    REPLY,
    SPECS,
    Plain,
    assert_reads_as,
    commit_changes,
    some_changes,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def names(home: Home) -> list[str]:
    return sorted(path.name for path in home.releases.iterdir())


def test_loads_read_back_and_tails_stay_few(home: Home) -> None:
    plain = Plain()
    reader = Reader(home)
    for load in range(1, 20):
        manifest = commit_changes(home, plain, some_changes(load, 5 + load % 3), sites=[load % 4])
        assert len(manifest.tails) <= 8
        assert manifest == read_manifest(home)
        assert reader.refresh()
        assert not reader.refresh()
        assert_reads_as(reader.snapshot(), plain)
    assert manifest.touched_at["3"] == 19
    assert manifest.as_of > NOON
    assert verify(home) == ()
    reader.close()


def test_a_large_load_becomes_a_base_in_the_order_of_its_tables(home: Home) -> None:
    plain = Plain()
    with patch.object(release, "LARGE_LOAD", 20):
        manifest = commit_changes(home, plain, some_changes(1, 60))
    assert (manifest.base, manifest.tails) == ("base-1", ())
    assert names(home) == ["base-1.duckdb", "base-1.keys", "manifest.json"]
    cursor = Reader(home).snapshot().cursor()
    order = ", ".join(REPLY.sort)
    ahead = cursor.execute(
        f"select list(response_key order by rowid) = list(response_key order by {order})"
        " from base_1.main.reply"
    ).fetchone()
    assert ahead == (True,)


def test_too_many_tail_rows_become_a_base(home: Home) -> None:
    plain = Plain()
    with patch.object(release, "TAIL_ROWS", {"cell": 25, "ledger": 1000, "log": 1000}):
        for load in range(1, 8):
            manifest = commit_changes(home, plain, some_changes(load, 10))
            assert manifest.tail_rows("reply_by_day") <= 25
    assert manifest.base is not None
    assert_reads_as(Reader(home).snapshot(), plain)


def test_only_the_months_that_changed_are_written_again(home: Home) -> None:
    plain = Plain()
    with patch.object(release, "LARGE_LOAD", 0), patch.object(base, "LONG", 100):
        commit_changes(home, plain, some_changes(1, 300))
        with patch("models.base.shutil.copyfile", wraps=shutil.copyfile) as copied:
            day = plain.now[1000, "q"][0][0]
            changes = {(1000, "q"): (day, 1, 5), (77, "q"): (day, 2, 1), (1005, "q"): None}
            manifest = commit_changes(home, plain, changes)
    assert copied.call_count == 1
    reader = Reader(home)
    assert_reads_as(reader.snapshot(), plain)
    keys = sorted(path.name for path in (home.releases / f"{manifest.base}.keys").iterdir())
    assert keys == ["reply.0.buckets", "reply.0.keys", "reply.1.buckets", "reply.1.keys"]
    cursor = reader.snapshot().cursor()
    cursor.execute("create temp table k as select unnest([77, 1000, 1001, 1005]) as key")
    reader.snapshot().rows_for(cursor, "reply", "k", "found")
    found = cursor.execute("select response_key from found order by all").fetchall()
    assert found == [(77,), (1000,), (1001,)]


def test_what_the_manifest_does_not_name_is_removed_by_the_next_writer(home: Home) -> None:
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 3))
    (home.releases / "tail-9-9-9").mkdir()
    (home.releases / "tail-9-9-9" / "reply.parquet").write_text("killed here")
    (home.releases / "base-9.duckdb").write_text("killed here")
    (home.releases / ".tmp-commit-1").mkdir()
    (home.releases / ".tmp-compact-1").mkdir()
    (home.releases / "README").write_text("somebody's own")
    manifest = commit_changes(home, plain, some_changes(2, 3))
    first = "tail-1-1-1"  # merged into the new one, and left to readers until the next writer
    assert [tail.name for tail in manifest.tails] == ["tail-1-2-2"]
    assert names(home) == ["README", "manifest.json", first, "tail-1-2-2"]
    commit_changes(home, plain, some_changes(3, 30))
    assert first not in names(home)
    assert_reads_as(Reader(home).snapshot(), plain)


def test_a_manifest_of_an_unknown_format_is_refused_in_a_sentence(home: Home) -> None:
    commit_changes(home, Plain(), some_changes(1, 3))
    path = home.releases / "manifest.json"
    raw = json.loads(path.read_text())
    path.chmod(0o644)
    path.write_text(json.dumps({**raw, "format": 7}))
    with pytest.raises(HomeError, match="has format 7, and this happycall reads format 1"):
        Reader(home).snapshot()
    path.write_text(json.dumps({**raw, "tails": [{"name": "../../etc"}]}))
    with pytest.raises(HomeError, match="is damaged"):
        read_manifest(home)
    path.write_text('{"format": 1, "load"')
    with pytest.raises(HomeError, match="is damaged"):
        read_manifest(home)


def test_a_damaged_or_missing_file_is_named(home: Home) -> None:
    manifest = commit_changes(home, Plain(), some_changes(1, 3))
    tail = home.releases / manifest.tails[0].name
    (tail / "note.parquet").unlink()
    (tail / "reply.parquet").chmod(0o644)
    (tail / "reply.parquet").write_bytes(b"PAR1")
    assert [fault.rsplit("/", 1)[1] for fault in sorted(verify(home))] == [
        "note.parquet is missing",
        "reply.parquet is not what load 1 wrote",
    ]
    with pytest.raises(HomeError, match="is not whole"):
        Reader(home).snapshot()


def test_a_load_begun_on_an_older_release_is_refused(home: Home) -> None:
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 3))
    con = open_connection("writer")
    with pytest.raises(HomeError, match="Load 1 was released"):
        commit(home, con, None, load=2, as_of=NOON, committed_at=NOON, tables={}, specs=SPECS)
    with pytest.raises(HomeError, match="Load 1 was released"):
        commit(
            home,
            con,
            replace(NOTHING, load=5),
            load=6,
            as_of=NOON,
            committed_at=NOON,
            tables={},
            specs=SPECS,
        )
