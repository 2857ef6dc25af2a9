"""A reader follows the manifest; who holds a snapshot stays on its load."""

from __future__ import annotations

import gc
import threading
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from models import generation, release
from models.errors import HomeError
from models.home import Home, open_home
from models.manifest import read_manifest
from models.reader import Reader
from tests.models.toy import NOON, SPECS, Plain, assert_reads_as, commit_changes, some_changes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def load_base(home: Home, plain: Plain) -> None:
    with patch.object(release, "LARGE_LOAD", 0):
        commit_changes(home, plain, some_changes(plain.load + 1, 6))


def test_before_the_first_release_there_is_nothing_to_read(home: Home) -> None:
    reader = Reader(home)
    assert not reader.refresh()
    with pytest.raises(HomeError, match="Nothing has been released"):
        reader.snapshot()
    commit_changes(home, Plain(), some_changes(1, 3))
    assert reader.snapshot().load == 1


def test_who_names_the_tables_may_read_them_empty_before_the_first_release(home: Home) -> None:
    reader = Reader(home, specs=SPECS)
    snapshot = reader.snapshot()
    assert snapshot.load == 0
    assert_reads_as(snapshot, Plain())
    cursor = snapshot.cursor()
    cursor.execute("create temp table k as select 1::bigint as key")
    snapshot.rows_for(cursor, "reply", "k", "found")
    described = cursor.execute("describe found").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        *SPECS[0].columns,
        ("load_from", "INTEGER"),
    ]
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 3))
    assert reader.refresh()
    assert_reads_as(reader.snapshot(), plain)


def test_a_snapshot_stays_on_its_load_for_as_long_as_it_is_held(home: Home) -> None:
    plain = Plain()
    load_base(home, plain)
    reader = Reader(home)
    held = reader.snapshot()
    before = Plain(plain.load, dict(plain.now), list(plain.past))
    cursor = held.cursor()
    for _ in range(6):
        load_base(home, plain)
        assert reader.refresh()
        assert_reads_as(reader.snapshot(), plain)
        assert_reads_as(held, before)
    assert (held.load, held.as_of) == (1, NOON + timedelta(hours=1))
    assert cursor.execute("select count(*) from reply").fetchone() == (len(before.now),)


def attached(reader: Reader) -> set[str]:
    rows = reader.snapshot().cursor().execute("select database_name from duckdb_databases()")
    return {name for (name,) in rows.fetchall() if name.startswith("base_")}


def shelved(reader: Reader) -> set[str]:
    rows = (
        reader.snapshot()
        .cursor()
        .execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where database_name = 'memory' union all"
            " select schema_name from duckdb_schemas()"
            " where database_name = 'memory' and schema_name like 'g%'"
        )
    )
    return {name for (name,) in rows.fetchall()}


def test_only_two_older_generations_stay_when_nobody_holds_them(home: Home) -> None:
    plain = Plain()
    reader = Reader(home)
    sizes = []
    for _ in range(7):
        load_base(home, plain)
        reader.refresh()
        commit_changes(home, plain, some_changes(plain.load + 1, 4))
        reader.refresh()
        sizes.append(len(shelved(reader)))
    assert attached(reader) == {"base_11", "base_13"}
    assert sizes[2] == sizes[-1], "what older generations held in memory is given back"


def test_a_generation_is_dropped_when_the_last_snapshot_of_it_goes(home: Home) -> None:
    plain = Plain()
    load_base(home, plain)
    reader = Reader(home)
    held = reader.snapshot()
    for _ in range(5):
        load_base(home, plain)
        reader.refresh()
    assert attached(reader) == {"base_1", "base_4", "base_5", "base_6"}
    del held
    gc.collect()
    load_base(home, plain)
    reader.refresh()
    assert attached(reader) == {"base_5", "base_6", "base_7"}


def test_tails_that_did_not_change_are_not_read_again(home: Home) -> None:
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 300))
    reader = Reader(home)
    reader.refresh()
    with patch.object(generation, "_shelve", wraps=generation._shelve) as shelve:
        con = duckdb.connect()
        con.execute(
            "create table t as select 1 as site_key, 'a' as site_name, 2 as load_from,"
            " null as load_to, 1 as sign"
        )
        release.commit(
            home,
            con,
            read_manifest(home),
            load=2,
            as_of=NOON,
            committed_at=NOON,
            tables={"place": "t"},
            specs=SPECS,
        )
        assert reader.refresh()
    assert [call.args[1][0].name for call in shelve.call_args_list] == ["place"]
    assert reader.snapshot().cursor().execute("select site_name from place").fetchall() == [("a",)]


def test_a_reader_that_comes_too_late_for_a_file_reads_the_manifest_again(home: Home) -> None:
    plain = Plain()
    load_base(home, plain)
    reader = Reader(home)
    build, calls = generation.build, []

    def overtaken(*args: object) -> generation.Generation:
        calls.append(1)
        if len(calls) == 1:
            load_base(home, plain)
            load_base(home, plain)  # this one removes the base that was about to be attached
        return build(*args)  # type: ignore[arg-type]

    with patch("models.reader.build", overtaken):
        assert reader.refresh()
    assert len(calls) == 2
    assert_reads_as(reader.snapshot(), plain)


def test_threads_read_whole_releases_while_loads_go_on(home: Home) -> None:
    plain = Plain()
    load_base(home, plain)
    reader = Reader(home)
    reader.refresh()
    faults: list[str] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            snapshot = reader.snapshot()
            cursor = snapshot.cursor()
            row = cursor.execute(
                "select (select count(*) from reply), (select sum(rows) from reply_by_day),"
                " (select max(load) from note)"
            ).fetchone()
            cursor.close()
            if row is None or row[0] != row[1] or row[2] != snapshot.load:
                faults.append(f"{row} at load {snapshot.load}")

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(8):
        if number % 3 == 2:
            load_base(home, plain)
        else:
            commit_changes(home, plain, some_changes(plain.load + 1, 6))
        reader.refresh()
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert_reads_as(reader.snapshot(), plain)


def test_a_copied_release_folder_is_a_read_server(
    home: Home, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import shutil

    plain = Plain()
    load_base(home, plain)
    commit_changes(home, plain, some_changes(2, 4))
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(home.releases, copy / "releases")
    assert_reads_as(Reader(open_home(copy, writable=False)).snapshot(), plain)
