"""The nightly job as plain functions: what landed, then a new base, then a look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.compaction import compact
from models.errors import HomeError
from models.home import Home
from models.lock import writer_lock
from models.release import verify
from pipelines.load import load
from pipelines.result import LoadResult

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Night:
    """What a night did: its load, and whether a new base was made."""

    loaded: LoadResult
    compacted: bool


def nightly(home: Home, progress: Progress = lambda text: None) -> Night:
    """Load what landed, compact, and verify every file of the release by its checksum."""
    loaded = load(home, command="nightly", progress=progress)
    progress("compacting")
    compacted = compact_home(home) is not None
    progress("verifying checksums")
    verify_home(home)
    return Night(loaded, compacted)


def compact_home(home: Home) -> int | None:
    """A new base out of base and tails; the load it stands at, None without anything to do."""
    done = compact(home, lock=lambda: writer_lock(home, "compact"))
    return done.load if done else None


def verify_home(home: Home) -> None:
    """Raise `HomeError` when a file of the release is not what the manifest says."""
    if damaged := verify(home):
        raise HomeError(
            f"The release in {home.releases} is damaged ({'; '.join(damaged)}); put the folder back"
            " from a copy, or load the landed files again into an empty home"
        )
