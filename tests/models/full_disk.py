"""Loads on a disk with less and less room; run by the tests on a small file system of its own."""

from __future__ import annotations

import copy
import os
import sys
from collections import Counter
from pathlib import Path
from unittest.mock import patch

from models import release
from models.errors import HomeError
from models.home import open_home
from models.reader import Reader
from models.release import verify
from tests.models.toy import Plain, assert_reads_as, commit_changes, some_changes

ROOM = (0, 8, 14, 18, 24, 32, 64, 400, 2000)


def main(root: Path) -> None:
    """At each amount of room a load succeeds, or fails in a sentence and leaves what stood."""
    home = open_home(root)
    plain = Plain()
    commit_changes(home, plain, some_changes(1, 100))
    reader = Reader(home)
    sentences: list[str] = []
    outcomes: Counter[str] = Counter()
    for large in (False, True):
        for kilobytes in ROOM:
            fill(root, kilobytes * 1024)
            tried = copy.deepcopy(plain)
            listed = {path.name for path in home.releases.iterdir()}
            last = ["none"]
            try:
                with patch.object(release, "LARGE_LOAD", 0 if large else 10_000):
                    changes = some_changes(plain.load + 1, 150)
                    commit_changes(home, tried, changes, step=last.append)
                plain = tried
            except HomeError as error:
                sentences.append(str(error))
                assert {path.name for path in home.releases.iterdir()} <= listed
            outcomes[last[-1]] += 1
            (root / "filler").unlink()
            reader.refresh()
            assert_reads_as(reader.snapshot(), plain)
            assert verify(home) == ()
    assert {" is full; free some space and run again; load " in text for text in sentences} == {
        True
    }
    print(dict(outcomes))  # noqa: T201
    assert {"write tail", "write base", "done"} <= outcomes.keys()
    print("held")  # noqa: T201


def fill(root: Path, room: int) -> None:
    """Leave only so many bytes free."""
    with (root / "filler").open("wb") as filler:
        status = os.statvfs(root)
        size = status.f_bavail * status.f_frsize - room
        if size > 0:
            os.posix_fallocate(filler.fileno(), 0, size)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
