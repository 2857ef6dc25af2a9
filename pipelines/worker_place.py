"""The place of a home's one worker, and whether it is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import LockHeld
from models.home import Home
from models.lock import alone, locked_at_once


@contextmanager
def only_worker(home: Home) -> Iterator[None]:
    """Be the one worker of a home; the kernel gives the place free when the process ends."""
    with alone(_place(home)) as is_alone:
        if not is_alone:
            raise LockHeld(
                f"A worker already refreshes {home.root}; stop it before starting another"
            )
        yield


def has_worker(home: Home) -> bool:
    """Whether a worker refreshes this home right now."""
    try:
        handle = os.open(_place(home), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return not locked_at_once(handle, shared=True)
    finally:
        os.close(handle)


def _place(home: Home) -> Path:
    return home.dagster / "worker.lock"
