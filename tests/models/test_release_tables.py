"""Tables whose rows are refused, widened or replaced."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from models import release
from models.connection import open_connection
from models.errors import HomeError
from models.home import Home, open_home
from models.manifest import read_manifest
from models.reader import Reader
from models.release import commit
from models.table import TableSpec
from tests.models.toy import BY_DAY, NOON, REPLY, Plain, commit_changes, some_changes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def commit_select(home: Home, load: int, specs: list[TableSpec], **selects: str) -> None:
    con = open_connection("writer")
    for name, select in selects.items():
        con.execute(f"create temp table {name} as {select}")
    commit(
        home,
        con,
        read_manifest(home),
        load=load,
        as_of=NOON,
        committed_at=NOON,
        tables={name: name for name in selects},
        specs=specs,
    )


ROW = "1::bigint as response_key, 'q' as question, null as local_date, 1 as site_key, 3 as score"
UNSOUND = {
    "without a key": f"select null as response_key, * exclude (response_key) from (select {ROW},"
    " null as attributes, 1 as load_from, null as load_to, 1 as sign)",
    "that assert a key twice": f"select {ROW}, null as attributes, 1 as load_from,"
    " null as load_to, 1 as sign from range(2)",
    "do not agree": f"select {ROW}, null as attributes, 1 as load_from, 1 as load_to, -1 as sign",
}


@pytest.mark.parametrize("what", sorted(UNSOUND))
def test_ledger_rows_that_could_not_be_told_apart_are_refused(home: Home, what: str) -> None:
    with pytest.raises(HomeError, match=f"Load 1 would store . rows of reply .*{what}"):
        commit_select(home, 1, [REPLY], reply=UNSOUND[what])
    assert list(home.releases.iterdir()) == []


def test_a_column_that_came_later_is_null_in_what_came_before(home: Home) -> None:
    plain = Plain()
    with patch.object(release, "LARGE_LOAD", 0):
        commit_changes(home, plain, some_changes(1, 3))
    commit_changes(home, plain, some_changes(2, 3))
    wider = replace(REPLY, columns=(*REPLY.columns, ("is_lead", "BOOLEAN")))
    row = (
        "9::bigint as response_key, 'q' as question, date '2026-01-01' as local_date, 1 as site_key"
    )
    select = (
        f"select {row}, 3 as score, null as attributes, true as is_lead, 3 as load_from,"
        " null as load_to, 1 as sign"
    )
    commit_select(home, 3, [wider], reply=select)
    reader = Reader(home)
    counted = "select count(*), count(is_lead) from reply"
    assert reader.snapshot().cursor().execute(counted).fetchone() == (len(plain.now) + 1, 1)
    with patch.object(release, "LARGE_LOAD", 0):
        commit_select(
            home, 4, [wider], reply=select.replace("9::", "8::").replace("3 as load", "4 as load")
        )
    reader.refresh()
    assert reader.snapshot().cursor().execute(counted).fetchone() == (len(plain.now) + 2, 2)


def test_cells_of_a_new_definition_replace_the_old_ones(home: Home) -> None:
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 9))
    newer = replace(BY_DAY, columns=(*BY_DAY.columns, ("lows", "BIGINT")))
    con = open_connection("writer")
    con.execute(
        "create temp table whole as select 1 as site_key, null as local_date,"
        " 7 as rows, 8 as points, 9 as lows"
    )
    manifest = commit(
        home,
        con,
        read_manifest(home),
        load=2,
        as_of=NOON,
        committed_at=NOON,
        tables={},
        specs=[newer],
        replaced={"reply_by_day": "whole"},
        definitions={"reply_by_day": "2"},
    )
    assert manifest.definitions == {"reply_by_day": "2"}
    cursor = Reader(home).snapshot().cursor()
    assert cursor.execute("from reply_by_day").fetchall() == [(1, None, 7, 8, 9)]
    assert cursor.execute("select count(*) from reply").fetchone() == (len(plain.now),)
    con.execute("delete from whole")
    commit(
        home,
        con,
        manifest,
        load=3,
        as_of=NOON,
        committed_at=NOON,
        tables={},
        specs=[newer],
        replaced={"reply_by_day": "whole"},
    )
    assert Reader(home).snapshot().cursor().execute("from reply_by_day").fetchall() == []


def test_a_table_is_refused_that_would_not_come_back_as_it_was() -> None:
    with pytest.raises(ValueError, match="cannot keep points as HUGEINT"):
        TableSpec("t", "cell", (("rows", "BIGINT"), ("points", "HUGEINT")))
    with pytest.raises(ValueError, match="cannot keep points as DOUBLE"):
        TableSpec("t", "cell", (("rows", "BIGINT"), ("points", "DOUBLE")))
    with pytest.raises(ValueError, match="has no column day"):
        TableSpec("t", "ledger", (("key", "BIGINT"),), key=("key",), lookup=("key", "day"))
