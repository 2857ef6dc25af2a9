"""Older bases: the last of each earlier day stays, as many as the home says, and no other."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from models import release
from models.errors import HomeError
from models.home import Home, open_home
from models.manifest import Manifest, read_manifest
from models.reader import Reader
from models.release import verify
from models.retention import BASES, NAME, bases_kept
from tests.models.toy import Plain, assert_reads_as, commit_changes, some_changes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def hours(home: Home, plain: Plain, count: int) -> Manifest:
    """So many loads, one an hour from noon on, each of which writes a base."""
    with patch.object(release, "LARGE_LOAD", 0):
        for _ in range(count):
            commit_changes(home, plain, some_changes(plain.load + 1, 3))
    manifest = read_manifest(home)
    assert manifest is not None
    return manifest


def bases(home: Home) -> set[str]:
    return {path.stem for path in home.releases.glob("base-*.duckdb")}


def test_the_last_base_of_each_earlier_day_is_kept(home: Home) -> None:
    plain = Plain()
    manifest = hours(home, plain, 40)  # from 13:00 of the first day to 04:00 of the third
    assert [(kept.load, kept.as_of.isoformat()[:13]) for kept in manifest.kept] == [
        (11, "2026-01-01T23"),
        (35, "2026-01-02T23"),
    ]
    hours(home, plain, 1)  # a writer removes what the manifest before it no longer names
    assert bases(home) == {"base-11", "base-35", "base-40", "base-41"}
    assert {path.stem for path in home.releases.glob("base-*.keys")} == {"base-40", "base-41"}
    assert verify(home) == ()
    reader = Reader(home)
    assert_reads_as(reader.snapshot(), plain)


def test_a_kept_base_can_be_read_as_it_was(home: Home) -> None:
    plain = Plain()
    manifest = hours(home, plain, 12)
    (kept,) = manifest.kept
    reader = Reader(home)
    snapshot = reader.snapshot()
    schema = snapshot.kept_base(kept.name)
    count = f"select max(load_from) from {schema}.reply"
    assert snapshot.cursor().execute(count).fetchone() == (11,)
    assert kept.definitions == {"reply_by_day": "1"}
    assert snapshot.kept_base("base-3") is None


def test_a_home_says_how_many_are_kept(home: Home) -> None:
    assert bases_kept(home) == BASES == 14
    (home.root / NAME).write_text("bases = 1", encoding="utf-8")
    plain = Plain()
    assert [kept.load for kept in hours(home, plain, 40).kept] == [35]
    (home.root / NAME).write_text("bases = 0", encoding="utf-8")
    assert hours(home, plain, 1).kept == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("bases = -1", "bases is -1; it must be a whole number"),
        ("bases = true", "bases is True; it must be a whole number"),
        ("base = 3", r"knows no 'base' \(did you mean 'bases'\?\); only bases"),
        ("bases", "cannot be read"),
    ],
)
def test_what_is_no_retention_is_told_and_nothing_is_written(
    home: Home, text: str, sentence: str
) -> None:
    plain = Plain()
    before = hours(home, plain, 2)
    (home.root / NAME).write_text(text, encoding="utf-8")
    with pytest.raises(HomeError, match=sentence):
        hours(home, plain, 1)
    assert read_manifest(home) == before
