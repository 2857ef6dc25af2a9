"""A small star and a plain in-memory model of what its releases must read back as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import duckdb

from models.connection import open_connection
from models.home import Home
from models.manifest import Manifest, read_manifest
from models.publish import no_step
from models.reader import Snapshot
from models.release import commit
from models.table import TableSpec

REPLY = TableSpec(
    name="reply",
    kind="ledger",
    columns=(
        ("response_key", "BIGINT"),
        ("question", "VARCHAR"),
        ("local_date", "DATE"),
        ("site_key", "INTEGER"),
        ("score", "INTEGER"),
        ("attributes", "MAP(VARCHAR, VARCHAR)"),
    ),
    key=("response_key", "question"),
    sort=("date_trunc('month', local_date)", "site_key", "response_key"),
    lookup=("response_key", "local_date"),
)
PLACE = TableSpec(
    name="place",
    kind="ledger",
    columns=(("site_key", "INTEGER"), ("site_name", "VARCHAR")),
    key=("site_key",),
    sort=("site_key",),
)
BY_DAY = TableSpec(
    name="reply_by_day",
    kind="cell",
    columns=(
        ("site_key", "INTEGER"),
        ("local_date", "DATE"),
        ("rows", "BIGINT"),
        ("points", "BIGINT"),
    ),
    key=("site_key", "local_date"),
    sort=("site_key", "local_date"),
)
OVERALL = TableSpec(
    name="reply_overall", kind="cell", columns=(("rows", "BIGINT"), ("points", "BIGINT"))
)
NOTE = TableSpec(
    name="note",
    kind="log",
    columns=(("load", "INTEGER"), ("said", "VARCHAR"), ("words", "VARCHAR[]")),
    sort=("load",),
)
SPECS = (REPLY, PLACE, BY_DAY, OVERALL, NOTE)

Key = tuple[int, str]
Reply = tuple[date | None, int | None, int]  # local_date, site_key, score
Changes = Mapping[Key, Reply | None]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIRST = date(2025, 1, 1)


def some_changes(load: int, count: int) -> Changes:
    """New replies and, from the second load on, corrections and withdrawals of older ones."""
    changes: dict[Key, Reply | None] = {}
    for n in range(count):
        day = FIRST + timedelta(days=(load * 7 + n * 13) % 400)
        changes[(load * 1000 + n, "q")] = (day, n % 5, n % 5 + 1)
    if load > 1:
        changes[((load - 1) * 1000, "q")] = None
        changes[((load - 1) * 1000 + 1, "q")] = (FIRST, 1, 5)
    return changes


@dataclass
class Plain:
    """The right side of the law: dictionaries and lists, and no code under test."""

    load: int = 0
    now: dict[Key, tuple[Reply, int]] = field(default_factory=dict)
    past: list[tuple[Key, Reply, int, int]] = field(default_factory=list)

    def change(self, changes: Changes) -> list[tuple[Key, Reply, int, int | None, int]]:
        """Apply one load and return its tail rows."""
        self.load += 1
        rows: list[tuple[Key, Reply, int, int | None, int]] = []
        for key, value in changes.items():
            old = self.now.get(key)
            if (old and old[0]) == value:
                continue
            if old:
                del self.now[key]
                self.past.append((key, old[0], old[1], self.load))
                rows.append((key, old[0], old[1], self.load, -1))
            if value:
                self.now[key] = (value, self.load)
                rows.append((key, value, self.load, None, 1))
        return rows

    def cells(self) -> dict[tuple[int | None, date | None], tuple[int, int]]:
        """Rows and points by site and day."""
        found: dict[tuple[int | None, date | None], tuple[int, int]] = {}
        for (day, site, score), _ in self.now.values():
            rows, points = found.get((site, day), (0, 0))
            found[site, day] = (rows + 1, points + score)
        return found


def stage(con: duckdb.DuckDBPyConnection, plain: Plain, changes: Changes) -> dict[str, str]:
    """Put the tail rows of one load into temporary tables, as a loader does."""
    rows = plain.change(changes)
    con.execute(
        "create or replace temp table tail_reply (response_key bigint, question varchar,"
        " local_date date, site_key integer, score integer, attributes map(varchar, varchar),"
        " load_from integer, load_to integer, sign tinyint)"
    )
    for (response, question), (day, site, score), load_from, load_to, sign in rows:
        con.execute(
            "insert into tail_reply values (?, ?, ?, ?, ?, map {'a': ?}, ?, ?, ?)",
            [response, question, day, site, score, str(score), load_from, load_to, sign],
        )
    con.execute(
        "create or replace temp table tail_by_day as select site_key, local_date,"
        " sum(sign) as rows, sum(sign * score) as points from tail_reply group by all"
    )
    con.execute(
        "create or replace temp table tail_overall as"
        " select coalesce(sum(rows), 0) as rows, coalesce(sum(points), 0) as points"
        " from tail_by_day"
    )
    con.execute(
        f"create or replace temp table tail_note as select {plain.load} as load,"
        f" 'load {plain.load}' as said, ['a', 'b'] as words"
    )
    return {
        "reply": "tail_reply",
        "reply_by_day": "tail_by_day",
        "reply_overall": "tail_overall",
        "note": "tail_note",
    }


def commit_changes(
    home: Home,
    plain: Plain,
    changes: Changes,
    *,
    step: Callable[[str], None] = no_step,
    sites: Iterable[int] = (),
) -> Manifest:
    """One load, from staging to manifest."""
    con = writer()
    return commit(
        home,
        con,
        read_manifest(home),
        load=plain.load + 1,
        as_of=NOON + timedelta(hours=plain.load + 1),
        committed_at=NOON + timedelta(hours=plain.load + 1, seconds=1),
        tables=stage(con, plain, changes),
        specs=SPECS,
        touched_sites=sites,
        definitions={"reply_by_day": "1"},
        step=step,
    )


@cache
def writer() -> duckdb.DuckDBPyConnection:
    """One connection for all loads, as a worker keeps one."""
    return open_connection("writer")


def assert_reads_as(snapshot: Snapshot, plain: Plain) -> None:
    """Current rows, all rows, cells and log of a snapshot are those of the plain model."""
    cursor = snapshot.cursor()
    assert snapshot.load == plain.load
    now = cursor.execute(
        "select response_key, question, local_date, site_key, score, load_from, attributes"
        " from reply"
    ).fetchall()
    expected = [
        (*key, *value, load, {"a": str(value[2])}) for key, (value, load) in plain.now.items()
    ]
    assert _sorted(now) == _sorted(expected)
    ever = cursor.execute(
        "select response_key, question, local_date, site_key, score, load_from, load_to"
        " from reply_all"
    ).fetchall()
    expected_ever: list[Any] = [
        (*key, *value, load, None) for key, (value, load) in plain.now.items()
    ]
    expected_ever += [(*key, *value, begin, end) for key, value, begin, end in plain.past]
    assert _sorted(ever) == _sorted(expected_ever)
    cells = cursor.execute(
        "select site_key, local_date, sum(rows)::bigint, sum(points)::bigint from reply_by_day"
        " group by all having sum(rows) <> 0"
    ).fetchall()
    assert {(site, day): (r, p) for site, day, r, p in cells} == plain.cells()
    overall = cursor.execute(
        "select coalesce(sum(rows), 0), coalesce(sum(points), 0) from reply_overall"
    ).fetchone()
    counted = (len(plain.now), sum(value[2] for value, _ in plain.now.values()))
    assert overall == counted
    notes = cursor.execute("select load, said, words from note order by load").fetchall()
    assert notes == [(n, f"load {n}", ["a", "b"]) for n in range(1, plain.load + 1)]
    cursor.close()


def _sorted(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=repr)
