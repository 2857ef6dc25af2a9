"""Rows are found by key at the cost of the keys and not of history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models.connection import give_memory, open_connection
from models.home import Home, open_home
from models.lookup import keys_of, select_for
from models.reader import Reader, Snapshot
from models.release import commit
from models.table import TableSpec
from tests.models.toy import NOON

EVENT = TableSpec(
    name="event",
    kind="ledger",
    columns=(("event_key", "BIGINT"), ("local_date", "DATE"), ("site_key", "INTEGER")),
    key=("event_key",),
    sort=("date_trunc('month', local_date)", "site_key", "local_date"),
    lookup=("event_key", "local_date"),
)
ROWS = 1_500_000  # a year of events; a row group has 122,880


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = open_home(tmp_path_factory.mktemp("home"))
    con = open_connection("writer")
    give_memory(con, None)
    con.execute(
        f"""
        create temp table event as
        select range as event_key, date '2025-01-01' + (range * 365 // {ROWS})::integer
            as local_date, (range % 997)::integer as site_key,
            1 as load_from, null as load_to, 1 as sign
        from range({ROWS})
        """
    )
    first = commit(
        home,
        con,
        None,
        load=1,
        as_of=NOON,
        committed_at=NOON,
        tables={"event": "event"},
        specs=[EVENT],
    )
    assert first.base == "base-1"
    con.execute(
        """
        create or replace temp table event as
        select 17 as event_key, date '2025-01-01' as local_date, 17 as site_key,
            1 as load_from, 2 as load_to, -1 as sign
        union all select 17, date '2025-12-31', 18, 2, null, 1
        union all select 9000000, date '2025-06-30', 1, 2, null, 1
        """
    )
    commit(
        home,
        con,
        first,
        load=2,
        as_of=NOON,
        committed_at=NOON,
        tables={"event": "event"},
        specs=[EVENT],
    )
    con.close()
    return home


def find(snapshot: Snapshot, keys: str) -> list[tuple[Any, ...]]:
    cursor = snapshot.cursor()
    cursor.execute(f"create temp table wanted as select unnest({keys})::bigint as key")
    snapshot.rows_for(cursor, "event", "wanted", "found")
    return cursor.execute(
        "select event_key, local_date::varchar, site_key, load_from from found order by all"
    ).fetchall()


def test_corrected_rows_and_new_rows_are_found_and_unknown_keys_are_not(home: Home) -> None:
    snapshot = Reader(home).snapshot()
    assert find(snapshot, "[17, 16, 9000000, 55555555]") == [
        (16, "2025-01-01", 16, 1),
        (17, "2025-12-31", 18, 2),
        (9000000, "2025-06-30", 1, 2),
    ]
    assert find(snapshot, "[]::bigint[]") == []
    assert find(snapshot, "[null]::bigint[]") == []


def test_only_the_days_of_the_keys_are_read_of_the_base(home: Home) -> None:
    snapshot = Reader(home).snapshot()
    cursor = snapshot.cursor()
    cursor.execute("create temp table wanted as select unnest([700000, 700001])::bigint as key")
    pieces = snapshot.generation.ledgers["event"]
    select = select_for(pieces, keys_of(cursor, "wanted"), "wanted")
    assert select is not None
    plan = cursor.execute(f"explain (analyze, format json) {select}").fetchall()[0][1]
    scanned = json.loads(plan)["query"]["total_rows_scanned"]
    assert 0 < scanned < ROWS / 4, "the day condition must keep most row groups from being read"


def test_a_table_without_a_lookup_says_so(home: Home) -> None:
    snapshot = Reader(home, specs=[TableSpec("plain", "ledger", (("a", "BIGINT"),), ("a",))])
    with pytest.raises(ValueError, match="has no lookup"):
        snapshot.snapshot().rows_for(
            snapshot.snapshot().cursor(), "plain", "(select 1 as key)", "found"
        )
