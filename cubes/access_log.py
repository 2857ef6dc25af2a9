"""The access log: who asked what of which load, each entry chained to the one before by its hash.

One file a month in the home's `log/`, one JSON object a line, shared by all processes: an entry is
appended under a lock, so that the chain has one order whoever writes. It has reached the
system when the question returns, and the disk within a second. The text of a question is not kept,
only its hash: a literal in it may name a person.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from cubes.plan import BlockPlan, Plan
from models.errors import Forbidden, HomeError
from models.home import Home

Act = Literal["ask", "stream", "streamed", "prepare", "explain", "texts", "diff", "drill"]
Door = Literal["python", "cli", "http", "board"]
Outcome = Literal["answered", "cut off", "refused", "failed"]

START = "0" * 64  # what the first entry is chained to
SYNC_SECONDS = 1.0
_TAIL = 65_536  # bytes; an entry is far shorter
_OPENED = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Note:
    """What is known of one visit when it ends."""

    act: Act
    statement: str
    load: int
    plan: Plan | None = None
    rows: int = 0
    outcome: Outcome = "answered"
    began: float = field(default_factory=perf_counter)

    def tell(self, rows: int, *, cut: bool = False) -> None:
        """How many rows went out, and whether there were more."""
        self.rows, self.outcome = rows, "cut off" if cut else "answered"

    def entry(self, principal: str, door: Door) -> dict[str, Any]:
        """The note as it is written down, still without its place in the chain.

        A block is told as [cube, levels, measures, what was read]: what an advisor weighs by.
        """
        blocks = self.plan.blocks if self.plan else ()
        return {
            "door": door,
            "principal": principal,
            "act": self.act,
            "load": self.load,
            "statement": hashlib.sha256(self.statement.encode()).hexdigest(),
            "plan": plan_key(blocks),
            "blocks": [[b.cube, b.levels, b.measures, b.source] for b in blocks],
            "rows": self.rows,
            "outcome": self.outcome,
            "ms": round((perf_counter() - self.began) * 1000, 2),
        }


def plan_key(blocks: Sequence[BlockPlan]) -> str:
    """One key for all questions that ask for the same levels and measures of the same cubes."""
    said = sorted(f"{b.cube}|{','.join(b.levels)}|{','.join(sorted(b.measures))}" for b in blocks)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16] if said else ""


class AccessLog:
    """Appends to the log of a home; safe to share between threads, and beside other processes."""

    def __init__(self, home: Home, now: Callable[[], datetime] = _utc_now) -> None:
        self._folder = home.log
        self._now = now
        self._guard = threading.Lock()
        self._lock = self._file = -1
        self._path = Path()
        self._pid = 0
        self._end = (-1, "", 0)  # size of the file when we last wrote, its last hash and number
        self._timer: threading.Timer | None = None

    @contextmanager
    def visit(self, note: Note, principal: str, door: Door) -> Iterator[Note]:
        """Write the note when the visit ends, however it ends."""
        try:
            yield note
        except Forbidden:
            note.outcome = "refused"
            raise
        except BaseException:
            note.outcome = "failed"
            raise
        finally:
            self.append(note.entry(principal, door))

    def append(self, entry: Mapping[str, Any]) -> None:
        """Chain one entry to the last; HomeError where it cannot be written: no door without it."""
        try:
            with self._guard:
                self._write(entry)
        except OSError as error:
            raise HomeError(
                f"The access log in {self._folder} cannot be written ({error.strerror or error}), "
                "and nothing is answered without it; make room, or make the folder writable"
            ) from error

    def close(self) -> None:
        """Bring what was written to the disk and let go of the file."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._pid == os.getpid():
                if self._file >= 0:
                    os.fsync(self._file)
                self._let_go()

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self._pid != os.getpid():  # the first time, or forked: a lock of our own
            self._let_go()
            self._timer = None
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._folder / "access.lock", _OPENED, 0o600)
            self._pid = os.getpid()
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._append(entry)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        if self._timer is None:
            self._timer = threading.Timer(SYNC_SECONDS, self._sync)
            self._timer.daemon = True
            self._timer.start()

    def _append(self, entry: Mapping[str, Any]) -> None:
        moment = self._now()
        path = self._folder / f"access-{moment:%Y-%m}.jsonl"
        if path != self._path or self._file < 0:
            self._open(path)
        size = os.fstat(self._file).st_size
        if size != self._end[0]:
            self._end = (size, *self._last(size))
        _, before, number = self._end
        said = {"no": number + 1, "at": moment.isoformat(timespec="milliseconds"), **entry}
        if size == 0 and number:
            said["after"] = before  # so that an old month may be destroyed when its time has come
        line, own = chained(said, before)
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            line = b"\n" + line  # the power failed amid a line; it stays, and the check tells
        if os.write(self._file, line) < len(line):
            os.ftruncate(self._file, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end = (size + len(line), own, number + 1)

    def _open(self, path: Path) -> None:
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1
        self._file, self._path, self._end = os.open(path, _OPENED, 0o600), path, (-1, "", 0)

    def _let_go(self) -> None:
        for held in (self._file, self._lock):
            if held >= 0:
                os.close(held)
        self._file = self._lock = -1
        self._pid = 0

    def _last(self, size: int) -> tuple[str, int]:
        """Hash and number of the last entry that can be read, here or in the month before."""
        tail = os.pread(self._file, _TAIL, max(0, size - _TAIL))
        found = _last_of(tail)
        if found is None:
            older = [path for path in files(self._folder) if path.name < self._path.name]
            found = _last_of(older[-1].read_bytes()[-_TAIL:]) if older else None
        return found or (START, 0)

    def _sync(self) -> None:
        with self._guard:
            self._timer = None
            if self._file >= 0 and self._pid == os.getpid():
                os.fsync(self._file)


def chained(entry: Mapping[str, Any], before: str) -> tuple[bytes, str]:
    """An entry as a line of the log, and its own hash: over its text and the hash before it."""
    body = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    own = hashlib.sha256(f"{before}{body}".encode()).hexdigest()
    return f'{body[:-1]},"chain":"{own}"}}\n'.encode(), own


def files(folder: Path) -> list[Path]:
    """The files of the log, the oldest first."""
    return sorted(folder.glob("access-????-??.jsonl"))


def entries(home: Home) -> Iterator[dict[str, Any]]:
    """Every entry that can be read, the oldest first; whether the chain holds is not asked."""
    for path in files(home.log):
        with path.open("rb") as lines:
            for line in lines:
                found = _entry(line)
                if found is not None:
                    yield found


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "chain" in found and "no" in found else None


def _last_of(tail: bytes) -> tuple[str, int] | None:
    for line in reversed(tail.splitlines()):
        found = _entry(line)
        if found is not None:
            return str(found["chain"]), int(found["no"])
    return None
