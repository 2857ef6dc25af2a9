"""Which files are there to be taken, whose they are, and which no source takes.

A file that is still being written is left alone: its name says so, or it changed in the last two
seconds. A file that somebody names is taken at its word.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.errors import SourceError
from models.home import Home
from pipelines.match import known_source, match_tables
from pipelines.source import Source

STILL_SECONDS = 2.0
UNFINISHED = (".part", ".tmp")
_SIDECARS = ("-wal", "-journal", "-shm")  # of a SQLite file: no files of their own


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file to be taken as one table of one source."""

    path: Path
    source: str
    table: str
    inside: bool  # in landing/, to be removed once a release holds its records


@dataclass(frozen=True, slots=True)
class Refused:
    """A file in landing that no source takes, and why."""

    path: Path
    why: str


def landed_files(
    home: Home,
    sources: Sequence[Source],
    *,
    now: float,
    paths: Sequence[Path] = (),
    named: str | None = None,
    refused_before: Mapping[Path, str] = MappingProxyType({}),
) -> tuple[tuple[LandedFile, ...], tuple[Refused, ...]]:
    """Files to be taken, oldest first, and files in landing that no source takes.

    Named paths are taken at once, wherever they lie; one that cannot be raises `SourceError`, so
    that nothing of the command is done. In landing, what still changes is left alone; with `named`
    only that source's files are looked at. Files of `refused_before` are not opened again.
    """
    landing = home.landing
    if paths:
        wanted = dict.fromkeys(_named_file(path, landing) for path in paths)
        return tuple(
            LandedFile(path, source.name, table.name, path.is_relative_to(landing))
            for path in wanted
            for source, table in match_tables(path, sources, named=named, landing=landing)
        ), ()
    if named is not None:
        known_source(named, sources)
    files: list[LandedFile] = []
    refused: list[Refused] = []
    for path in _still_files(landing, now):
        if path in refused_before:
            refused.append(Refused(path, refused_before[path]))
            continue
        try:
            owners = match_tables(path, sources, named=None, landing=landing)
        except SourceError as error:
            refused.append(Refused(path, str(error)))
            continue
        files += [LandedFile(path, source.name, table.name, True) for source, table in owners]
    if named is not None:
        own = landing / named
        files = [file for file in files if file.source == named]
        refused = [item for item in refused if item.path.is_relative_to(own)]
    return tuple(files), tuple(refused)


def _named_file(path: Path, landing: Path) -> Path:
    """The whole path of a regular file; below `landing` when that is where it really lies."""
    try:
        mode, real, below = path.stat().st_mode, path.resolve(), landing.resolve()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror})") from error
    if stat.S_ISDIR(mode):
        raise SourceError(f"{path} is a folder; name the files in it")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{path} is no regular file; copy what it gives into one")
    return landing / real.relative_to(below) if real.is_relative_to(below) else path.absolute()


def _still_files(landing: Path, now: float) -> Iterator[Path]:
    """Finished files below landing, oldest first."""
    found: list[tuple[int, Path]] = []
    for folder, folders, names in os.walk(landing):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            if name.startswith(".") or name.casefold().endswith((*UNFINISHED, *_SIDECARS)):
                continue
            try:
                seen = path.stat()
            except OSError:
                continue
            if stat.S_ISREG(seen.st_mode) and _is_still(seen, now):
                found.append((seen.st_mtime_ns, path))
    yield from _in_landing_order(found)


def _in_landing_order(found: Sequence[tuple[int, Path]]) -> Iterator[Path]:
    """Oldest first; what came in one burst by name, as a copied folder has no other order."""
    burst: list[Path] = []
    last = 0
    for written, path in sorted(found):
        if burst and written - last > STILL_SECONDS * 1e9:
            yield from sorted(burst)
            burst = []
        burst.append(path)
        last = written
    yield from sorted(burst)


def seconds_until_still(landing: Path, now: float, within: float) -> float:
    """How long until every file that will lie still `within` so many seconds does; 0 for none."""
    before, soon = set(_still_files(landing, now)), set(_still_files(landing, now + within))
    waits = [STILL_SECONDS - (now - path.stat().st_mtime) for path in soon - before]
    return max(0.0, min(within, max(waits, default=0.0)))


def _is_still(seen: os.stat_result, now: float) -> bool:
    """Nothing was written for two seconds; a copied time in the future says nothing."""
    changed = seen.st_mtime if seen.st_mtime <= now else seen.st_ctime
    return now - changed >= STILL_SECONDS
