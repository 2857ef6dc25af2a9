"""Files that survive: written apart, synced, made read-only, and only then given their name."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.errors import HomeError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def files_under(folder: Path) -> tuple[Path, ...]:
    """All files below a folder, in a fixed order."""
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


def seal(files: Iterable[Path], folders: Iterable[Path] = ()) -> None:
    """Bring files to the disk and make them read-only, then bring their folders to the disk.

    The syncs run side by side because one commit of the file system's journal then serves many.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        for _ in pool.map(_seal_one, files):
            pass
    for folder in folders:
        sync(folder)


def _seal_one(path: Path) -> None:
    path.chmod(0o444)
    sync(path)


def sync(path: Path) -> None:
    """Bring a file to the disk, or a folder: a name lives in the folder and not in the file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksums(files: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each file."""
    return {path: _sha256(path) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """The same immutable file under a second name; a copy where links are not to be had."""
    try:
        target.hardlink_to(source)
    except OSError as error:
        if error.errno in _FULL:
            raise
        shutil.copyfile(source, target)


def discard(path: Path) -> None:
    """Remove a file or a folder with all it holds; what is already gone is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def one_sentence(place: Path, standing: str) -> Iterator[None]:
    """Say in one sentence why something could not be written, and what stands unharmed."""
    try:
        yield
    except OSError as error:
        raise HomeError(_sentence(error, place, standing)) from error
    except duckdb.OutOfMemoryException as error:
        raise HomeError(
            f"Memory and room to spill below {place} did not suffice; free some of either and "
            f"run again; {standing}"
        ) from error
    except duckdb.Error as error:
        if not _says_full(error):
            raise
        raise HomeError(_full(place, standing)) from error


def _sentence(error: OSError, place: Path, standing: str) -> str:
    if error.errno in _FULL:
        return _full(place, standing)
    what = error.strerror or str(error)
    where = error.filename or place
    return f"{where} could not be written ({what}); put that right and run again; {standing}"


def _full(place: Path, standing: str) -> str:
    return f"The disk that holds {place} is full; free some space and run again; {standing}"


def _says_full(error: duckdb.Error) -> bool:
    text = str(error).casefold()
    return any(os.strerror(number).casefold() in text for number in _FULL)
