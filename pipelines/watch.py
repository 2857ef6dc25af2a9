"""What waits in landing, and whether a worker is there to take it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.errors import LockHeld
from models.home import Home
from pipelines.refused import unchanged_refusals
from pipelines.source import Source
from pipelines.waiting import landed_files


def landed_sources(home: Home, sources: Sequence[Source], *, now: float) -> tuple[str, ...]:
    """The sources a load would find files of; cheap, without lock or hashing."""
    files, _ = landed_files(home, sources, now=now)
    refused = unchanged_refusals(home)
    return tuple(sorted({file.source for file in files if file.path not in refused}))


@contextmanager
def only_worker(home: Home) -> Iterator[None]:
    """Be the one worker of a home; the kernel gives the place free when the process ends."""
    handle = os.open(_place(home), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeld(
                f"A worker already refreshes {home.root}; stop it before starting another"
            ) from None
        yield
    finally:
        os.close(handle)


def has_worker(home: Home) -> bool:
    """Whether a worker refreshes this home right now."""
    try:
        handle = os.open(_place(home), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _place(home: Home) -> Path:
    return home.dagster / "worker.lock"
