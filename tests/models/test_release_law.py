"""Whatever is loaded, merged and compacted, a release reads back as plain dictionaries would."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import base, release
from models.compaction import compact
from models.home import Home, open_home
from models.lock import writer_lock
from models.reader import Reader, Snapshot
from models.release import verify
from tests.models.toy import FIRST, Changes, Plain, assert_reads_as, commit_changes

days = st.one_of(
    st.none(),
    st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n)),
    st.integers(0, 3).map(lambda n: date(2020 + n, 3, 31)),
)
replies = st.tuples(days, st.one_of(st.none(), st.integers(1, 3)), st.integers(-1, 3))
keys = st.tuples(st.integers(-2, 4), st.sampled_from(["q1", "q2"]))
changes = st.dictionaries(keys, st.one_of(st.none(), replies), max_size=6)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("load"), changes),
        st.tuples(st.just("compact"), st.none()),
        st.tuples(st.just("load while compacting"), changes),
    ),
    min_size=1,
    max_size=9,
)
limits = st.fixed_dictionaries(
    {
        "tail": st.sampled_from([4, 30, 1_000]),
        "load": st.sampled_from([3, 1_000, 1_000]),
        "long": st.sampled_from([0, 0, 1_000]),
        "tails": st.sampled_from([3, 8]),
        "parts": st.sampled_from([2, 8]),
    }
)

#: Enough history that a change leaves most of it alone.
OLD: Changes = {(100 + n, "q1"): (date(2021, 1 + n % 12, 1 + n), n % 3, 3) for n in range(24)}


@contextmanager
def small_limits(limit: Mapping[str, int]) -> Iterator[None]:
    """What needs a hundred thousand rows in life happens here with a handful."""
    rows = dict.fromkeys(release.TAIL_ROWS, limit["tail"])
    with (
        patch.object(release, "TAIL_ROWS", rows),
        patch.object(release, "LARGE_LOAD", limit["load"]),
        patch.object(base, "LONG", limit["long"]),
        patch.object(base, "MOST_PARTS", limit["parts"]),
        patch("models.tail.MOST_TAILS", limit["tails"]),
        patch("models.compaction.MOST_TAILS", limit["tails"]),
    ):
        yield


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(acts, limits)
def test_any_sequence_of_loads_merges_and_compactions_reads_as_plain_tables_do(
    steps: list[tuple[str, Changes | None]], limit: Mapping[str, int]
) -> None:
    with tempfile.TemporaryDirectory() as folder, small_limits(limit):
        home = open_home(Path(folder))
        plain = Plain()
        reader = Reader(home)
        commit_changes(home, plain, OLD)
        for what, change in steps:
            if what == "load":
                commit_changes(home, plain, change or {})
            else:

                def meanwhile(step: str, change: Changes | None = change) -> None:
                    if step == "write base" and change is not None:
                        commit_changes(home, plain, change)

                compact(home, lock=lambda: writer_lock(home, "compact"), step=meanwhile)
            reader.refresh()
            snapshot = reader.snapshot()
            assert len(snapshot.manifest.tails) <= limit["tails"]
            assert_reads_as(snapshot, plain)
            assert_finds(snapshot_rows(reader), plain)
            assert_whole(home, snapshot)
        assert verify(home) == ()
        reader.close()


def assert_whole(home: Home, snapshot: Snapshot) -> None:
    """The manifest vouches for every file it names, and a base holds each cell once."""
    manifest = snapshot.manifest
    named = [*(tail.name for tail in manifest.tails), f"{manifest.base}.keys"]
    held = {path for name in named for path in (home.releases / name).glob("*")}
    held |= set(home.releases.glob(f"{manifest.base}.duckdb"))
    assert {home.releases / name for name in manifest.checksums} == held
    if manifest.base:
        alias = manifest.base.replace("-", "_")
        twice = snapshot.cursor().execute(
            f"select site_key, local_date from {alias}.main.reply_by_day"
            " group by all having count(*) > 1"
        )
        assert twice.fetchall() == []


def snapshot_rows(reader: Reader) -> dict[int, list[tuple[int, str, int, int]]]:
    """For each key there may be: what is found for it through the key files."""
    snapshot = reader.snapshot()
    cursor = snapshot.cursor()
    found: dict[int, list[tuple[int, str, int, int]]] = {}
    for some in ([0], [*range(-3, 0), *range(1, 6)]):
        cursor.execute(f"create or replace temp table wanted as select unnest({some}) as key")
        snapshot.rows_for(cursor, "reply", "wanted", "found")
        rows = cursor.execute(
            "select response_key, question, score, load_from from found order by question"
        ).fetchall()
        found |= {key: [row for row in rows if row[0] == key] for key in some}
        assert {row[0] for row in rows} <= set(some)
    return found


def assert_finds(found: Mapping[int, list[tuple[int, str, int, int]]], plain: Plain) -> None:
    for key, rows in found.items():
        expected = sorted(
            (response, question, value[2], load)
            for (response, question), (value, load) in plain.now.items()
            if response == key
        )
        assert rows == expected
