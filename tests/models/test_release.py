"""The release is the warehouse: base, tails and a manifest whose renaming is the commit."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.home import Home, open_home
from models.manifest import read_manifest
from models.reader import Reader
from models.release import verify
from tests.models.toy import Plain, assert_reads_as, commit_changes, some_changes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path)


def test_loads_read_back_and_tails_stay_few(home: Home) -> None:
    plain = Plain()
    reader = Reader(home)
    for load in range(1, 20):
        manifest = commit_changes(home, plain, some_changes(load, 5 + load % 3), sites=[load % 4])
        assert len(manifest.tails) <= 8
        assert manifest == read_manifest(home)
        assert reader.refresh()
        assert_reads_as(reader.snapshot(), plain)
    assert manifest.touched_at["3"] == 19
    assert verify(home) == ()
    reader.close()
