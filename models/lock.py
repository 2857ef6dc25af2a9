"""One writer at a time: whatever changes a home holds its lock for one load and no longer.

The lock is the kernel's, so it falls with the process that holds it, however that ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import HomeError, LockHeld
from models.home import Home

PAUSE_SECONDS = 0.05


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def writer_lock(
    home: Home,
    command: str,
    wait_seconds: float = 60.0,
    now: Callable[[], datetime] = _utc_now,
) -> Iterator[None]:
    """Hold the home alone; who waits for longer than `wait_seconds` is told who holds it."""
    try:
        handle = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise HomeError(f"The lock {home.lock} cannot be opened ({error.strerror})") from error
    try:
        _acquire(handle, home, wait_seconds)
        _sign(handle, {"pid": os.getpid(), "since": _stamp(now()), "command": command})
        try:
            yield
        finally:
            _erase(handle)
    finally:
        os.close(handle)


def lock_holder(home: Home) -> dict[str, Any] | None:
    """Who holds the home right now (pid, since, command), or None.

    The test is a shared lock that is given back at once; a writer that meets it tries again.
    """
    try:
        handle = os.open(home.lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        for _ in range(10):
            if locked_at_once(handle, shared=True):
                return None
            signed = _signature(handle)
            if signed is not None:
                return signed
            time.sleep(0.01)  # held, and about to be signed or given back
        return {"pid": None, "since": None, "command": None}
    finally:
        os.close(handle)


def _acquire(handle: int, home: Home, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not locked_at_once(handle):
        if time.monotonic() >= deadline:
            holder = _signature(handle) or {}
            raise LockHeld(
                f"The home {home.root} has been held by '{holder.get('command', 'another writer')}'"
                f" (process {holder.get('pid', 'unknown')}) since {holder.get('since', 'just now')}"
                f" and was not free within {wait_seconds:g} s; try again when it has finished"
            )
        time.sleep(PAUSE_SECONDS)


@contextmanager
def alone(place: Path) -> Iterator[bool]:
    """Hold a place of one's own while it is free; yields whether it was, and waits for nobody."""
    handle = os.open(place, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield locked_at_once(handle)
    finally:
        os.close(handle)


def locked_at_once(handle: int, *, shared: bool = False) -> bool:
    """Take the lock of an open file if that needs no waiting; closing the file gives it back.

    Who only looks takes it shared, so that several may look at once.
    """
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(handle: int, signature: dict[str, Any]) -> None:
    try:
        line = json.dumps(signature, ensure_ascii=False).encode() + b"\n"
        os.pwrite(handle, line, 0)
        os.ftruncate(handle, len(line))
    except OSError:
        _erase(handle)  # a full disk must not stop a writer that may be about to free it


def _erase(handle: int) -> None:
    os.ftruncate(handle, 0)


def _signature(handle: int) -> dict[str, Any] | None:
    first, newline, _ = os.pread(handle, 4096, 0).partition(b"\n")
    if not newline:
        return None
    try:
        signed = json.loads(first)
    except ValueError:
        return None
    return signed if isinstance(signed, dict) else None


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
