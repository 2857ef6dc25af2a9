"""The place of a home's one worker, and whether it is taken."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import LockHeld
from models.home import Home


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
