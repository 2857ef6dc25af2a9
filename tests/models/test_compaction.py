"""Compaction makes a new base while loads go on, and switches under the lock."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

import pytest

from models import release
from models.compaction import compact, due
from models.errors import LockHeld
from models.freeze import compacting, frozen
from models.home import Home, open_home
from models.lock import lock_holder, writer_lock
from models.manifest import Manifest, read_manifest
from models.reader import Reader
from tests.models.toy import Plain, assert_reads_as, commit_changes, some_changes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


@pytest.fixture
def plain(home: Home) -> Plain:
    plain = Plain()
    for count in (400, 90, 20):
        commit_changes(home, plain, some_changes(plain.load + 1, count))
    return plain


def standing(home: Home) -> Manifest:
    manifest = read_manifest(home)
    assert manifest is not None
    return manifest


def run(home: Home, step: object = None) -> Manifest | None:
    return compact(
        home,
        lock=lambda: writer_lock(home, "compact"),
        step=step or (lambda name: None),  # type: ignore[arg-type]
    )


def test_tails_become_a_base_and_the_load_stays_the_same(home: Home, plain: Plain) -> None:
    before = standing(home)
    assert len(before.tails) == 3
    after = run(home)
    assert after == read_manifest(home)
    assert after is not None
    assert (after.base, after.tails) == ("base-4", ())
    assert (after.load, after.as_of, after.committed_at) == (
        before.load,
        before.as_of,
        before.committed_at,
    )
    assert_reads_as(Reader(home).snapshot(), plain)
    assert run(home) is None, "nothing is left to compact"


def test_an_empty_home_has_nothing_to_compact(tmp_path: Path) -> None:
    assert run(open_home(tmp_path)) is None


def test_the_lock_is_held_only_to_switch(home: Home, plain: Plain) -> None:
    held = {}

    def step(name: str) -> None:
        held[name] = lock_holder(home) is not None

    run(home, step)
    assert held.pop("write base") is False
    assert set(held.values()) == {True}


def test_loads_meanwhile_stay_on_top_and_leave_the_frozen_tails_alone(
    home: Home, plain: Plain
) -> None:
    before = standing(home)

    def step(name: str) -> None:
        if name == "write base":
            for _ in range(8):
                with writer_lock(home, "load"):
                    manifest = commit_changes(home, plain, some_changes(plain.load + 1, 250))
                assert manifest.tails[:3] == before.tails
                assert len(manifest.tails) <= 8
                assert_reads_as(Reader(home).snapshot(), plain)

    after = run(home, step)
    assert after is not None
    assert after.base is not None
    assert after.tails[0].load_from == 4
    assert_reads_as(Reader(home).snapshot(), plain)
    commit_changes(home, plain, some_changes(plain.load + 1, 3))
    assert_reads_as(Reader(home).snapshot(), plain)
    assert len(list(home.releases.glob("base-*.duckdb"))) == 1


def test_a_load_that_is_too_large_for_tails_waits_for_no_compaction(
    home: Home, plain: Plain
) -> None:
    def step(name: str) -> None:
        if name == "write base" and plain.load == 3:
            with patch.object(release, "LARGE_LOAD", 0):
                manifest = commit_changes(home, plain, some_changes(4, 50))
            assert manifest.base is None, "one base at a time: this load is a tail"

    assert run(home, step) is not None
    assert_reads_as(Reader(home).snapshot(), plain)


def test_work_that_was_overtaken_is_thrown_away_and_done_again(home: Home, plain: Plain) -> None:
    """A commit that began before the tails were frozen may still merge them."""
    seen = []

    def step(name: str) -> None:
        seen.append(name)
        if name == "write base" and seen.count("write base") == 1:
            with patch("models.release.frozen", return_value=None):
                commit_changes(home, plain, some_changes(4, 900))

    after = run(home, step)
    assert seen.count("write base") == 2
    assert after is not None
    assert after.tails == ()
    assert_reads_as(Reader(home).snapshot(), plain)


def test_only_one_compaction_runs_and_a_dead_one_freezes_nothing(home: Home, plain: Plain) -> None:
    manifest = standing(home)
    assert frozen(home, manifest) is None
    with compacting(home) as freeze:
        assert freeze is not None
        assert frozen(home, manifest) == frozenset(tail.name for tail in manifest.tails)
        freeze([manifest.tails[0].name])
        assert frozen(home, manifest) == frozenset([manifest.tails[0].name])
        assert run(home) is None
    assert frozen(home, manifest) is None


def test_compaction_is_due_at_half_of_what_would_stop_a_load(home: Home, plain: Plain) -> None:
    assert not due(standing(home))
    rows = standing(home).tail_rows("reply_by_day")
    with patch.object(release, "TAIL_ROWS", {}), patch("models.compaction.TAIL_ROWS") as limits:
        limits.__getitem__.side_effect = lambda kind: 2 * rows - 1 if kind == "cell" else 10**6
        assert due(standing(home))


def test_a_lock_that_cannot_be_had_leaves_everything_as_it_was(home: Home, plain: Plain) -> None:
    def never() -> AbstractContextManager[None]:
        raise LockHeld("held")

    before = standing(home)
    with pytest.raises(LockHeld, match="held"):
        compact(home, lock=never)
    assert standing(home) == before
    assert not list(home.releases.glob(".tmp-*"))
    assert_reads_as(Reader(home).snapshot(), plain)
