"""Nothing published is overwritten: no file of a release is opened for writing after its rename."""

from __future__ import annotations

import ctypes
import hashlib
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from models import base, release
from models.compaction import compact
from models.home import Home, open_home
from models.lock import writer_lock
from models.reader import Reader
from tests.models.toy import Plain, commit_changes, some_changes

IN_MODIFY, IN_CLOSE_WRITE = 0x2, 0x8
State = dict[Path, tuple[int, int, str]]

_watched: list[Path] = []
_writes: list[str] = []
_hooked: list[bool] = []


def live(home: Home) -> Iterator[None]:
    """A life of a home in which everything happens: tails, merges, bases, compactions, readers."""
    plain = Plain()
    reader = Reader(home)
    for load in range(1, 22):
        large = load in {9, 16}
        with (
            patch.object(release, "LARGE_LOAD", 0 if large else 1_000),
            patch.object(base, "LONG", 10),
        ):
            commit_changes(home, plain, some_changes(load, 4 + load % 5))
            if load in {6, 12, 19}:
                compact(home, lock=lambda: writer_lock(home, "compact"))
        reader.refresh()
        reader.snapshot()
        yield
    reader.close()


def files(home: Home) -> State:
    found: State = {}
    for path in sorted(home.releases.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            status = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[path] = (status.st_ino, status.st_mtime_ns, digest)
    return found


def test_no_file_of_a_release_ever_changes(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    seen: State = {}
    survived = 0
    for _ in live(home):
        now = files(home)
        for path, state in now.items():
            assert path.stat().st_mode & 0o222 == 0
            assert seen.get(path, state) == state, f"{path.name} changed"
            survived += path in seen
        seen |= now
    assert survived > 50


def test_no_renamed_file_is_opened_for_writing_by_python(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)
    _watched.append(home.releases)
    try:
        for _ in live(home):
            pass
    finally:
        _watched.clear()
    found, _writes[:] = list(_writes), []
    assert found == []
    _watched.append(home.releases)
    with pytest.raises(IsADirectoryError):
        (home.releases / next(home.releases.glob("base-*.keys")).name).open("w")
    _watched.clear()
    assert len(_writes) == 1, "the hook must be able to see a write"
    _writes.clear()


def _audit(event: str, args: tuple[object, ...]) -> None:
    if not _watched or event not in {"open", "os.rename", "os.truncate"}:
        return
    target = args[1] if event == "os.rename" else args[0]
    if not isinstance(target, str | bytes | os.PathLike):
        return
    path = Path(os.fsdecode(target))
    if _watched[0] not in path.parents or ".tmp-" in str(path):
        return
    if event == "open" and not int(str(args[2])) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return
    if event == "os.rename" and (path.name == "manifest.json" or not path.exists()):
        return
    _writes.append(f"{event} {path}")


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is the Linux kernel's")
def test_no_renamed_file_is_opened_for_writing_by_anybody(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    watched: set[Path] = set()
    with inotify() as (watch, events):
        for _ in live(home):
            assert [name for name in events() if not name.startswith(".tmp-")] == []
            folders = {path for path in home.releases.glob("[bt]*") if path.is_dir()}
            for folder in {home.releases, *folders} - watched:
                watch(folder)
            watched |= {home.releases, *folders}
        mark = home.releases / "mark"
        mark.write_text("")
        assert events() == ["mark"], "the kernel must be able to tell of a write"


@contextmanager
def inotify():  # type: ignore[no-untyped-def]
    """Ask the kernel which files of some folders were written to, by whatever code."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)

    def watch(folder: Path) -> None:
        assert libc.inotify_add_watch(handle, bytes(folder), IN_MODIFY | IN_CLOSE_WRITE) >= 0

    def events() -> list[str]:
        try:
            raw = os.read(handle, 1 << 16)
        except BlockingIOError:
            return []
        found = []
        while raw:
            _, mask, _, length = struct.unpack_from("iIII", raw)
            if mask & (IN_MODIFY | IN_CLOSE_WRITE):
                found.append(raw[16 : 16 + length].rstrip(b"\0").decode())
            raw = raw[16 + length :]
        return found

    try:
        yield watch, events
    finally:
        os.close(handle)
