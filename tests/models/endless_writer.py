"""A writer that goes on until it is killed; run by the tests in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from models import release
from models.compaction import compact
from models.home import open_home
from models.lock import writer_lock
from models.manifest import NOTHING, read_manifest
from tests.models.toy import Plain, commit_changes, some_changes


def main(root: Path) -> None:
    """Load, compact and write bases in turn, each load following from its number alone."""
    home = open_home(root)
    plain = Plain()
    for number in range(1, (read_manifest(home) or NOTHING).load + 1):
        plain.change(some_changes(number, 7))
    print("writing", flush=True)  # noqa: T201
    while True:
        with writer_lock(home, "load"):
            release.LARGE_LOAD = 5 if plain.load % 5 == 4 else 1_000
            commit_changes(home, plain, some_changes(plain.load + 1, 7))
        if plain.load % 3 == 0:
            compact(home, lock=lambda: writer_lock(home, "compact"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
