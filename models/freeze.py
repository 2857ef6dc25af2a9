"""While a compaction reads tails they are frozen: commits leave them as they are.

A note beside the releases names them. It counts only while the compaction holds its lock, so that
a killed one freezes nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from models.home import Home
from models.lock import locked_at_once
from models.manifest import Manifest

_TRIES = 20
_PAUSE_SECONDS = 0.02


def frozen(home: Home, manifest: Manifest) -> frozenset[str] | None:
    """The names of the tails a compaction is reading, or None when none is under way."""
    try:
        handle = os.open(_note(home), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if locked_at_once(handle, shared=True):
            return None
        names = os.read(handle, 1 << 16)
    finally:
        os.close(handle)
    try:
        return frozenset(json.loads(names))
    except ValueError:  # about to be written: all that stand may be meant
        return frozenset(tail.name for tail in manifest.tails)


@contextmanager
def compacting(home: Home) -> Iterator[Callable[[Sequence[str]], None] | None]:
    """Be the one compaction of this home; yields how to freeze tails, or None if another is."""
    handle = os.open(_note(home), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _patiently(handle):
            yield None
            return
        os.ftruncate(handle, 0)
        try:
            yield lambda names: _write(handle, names)
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _write(handle: int, names: Sequence[str]) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(list(names)).encode(), 0)


def _patiently(handle: int) -> bool:
    for _ in range(_TRIES):  # a commit that asks what is frozen holds the lock for an instant
        if locked_at_once(handle):
            return True
        time.sleep(_PAUSE_SECONDS)
    return False


def _note(home: Home) -> Path:
    return home.root / "compact.lock"
