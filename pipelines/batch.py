"""What one load takes on: landed files oldest first, bounded in size, or quarantined records."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.home import Home
from pipelines.land import LandedFile, landed_files
from pipelines.refused import Look, look, unchanged_refusals
from pipelines.source import Source
from pipelines.state import State
from pipelines.undone import standing_files

MOST_BYTES = 128 * 2**20  # more landed than this becomes several loads, oldest first


@dataclass(frozen=True, slots=True)
class Entry:
    """One open quarantined record, by where it landed."""

    entry: int
    source: str
    raw_table: str
    file_no: int
    record_no: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The files (or quarantined records) of one load and the sources they belong to."""

    sources: tuple[Source, ...] = ()
    files: tuple[LandedFile, ...] = ()
    shipped: tuple[LandedFile, ...] = ()
    entries: tuple[Entry, ...] = ()
    refused: tuple[tuple[Path, str], ...] = ()
    looks: tuple[tuple[Path, Look], ...] = ()  # of all that was found, before it is read
    is_partial: bool = False

    @property
    def bytes(self) -> int | None:
        """The size of its files; None for quarantined records, which may be any number."""
        sizes = {file.path: dict(self.looks).get(file.path) for file in self.files}
        return None if self.entries else sum((seen or [0])[0] for seen in sizes.values())

    def with_refused(self, refused: Sequence[tuple[Path, str]]) -> Batch:
        """The same batch, knowing what was refused before it."""
        return replace(self, refused=tuple(dict.fromkeys((*refused, *self.refused))))

    def with_source(self, source: Source) -> Batch:
        """The same batch with one more source in it."""
        return self if source in self.sources else replace(self, sources=(*self.sources, source))


def next_batch(
    home: Home,
    state: State,
    sources: Sequence[Source],
    *,
    now: float,
    paths: Sequence[Path] = (),
    named: str | None = None,
    excluded: frozenset[Path] = frozenset(),
    most_bytes: int = MOST_BYTES,
) -> Batch:
    """The oldest landed files that fit one load, with the shipped tables that changed."""
    known = {} if paths else unchanged_refusals(home)
    found, refused = landed_files(
        home, sources, now=now, paths=paths, named=named, refused_before=known
    )
    seen = {file.path: look(file.path) for file in found}
    seen |= {item.path: look(item.path) for item in refused}
    waiting = [file for file in found if file.path not in excluded]
    files, size = list[LandedFile](), 0
    for file in waiting:
        size += (seen[file.path] or [0])[0]
        if files and size > most_bytes and file.path != files[-1].path:
            break
        files.append(file)
    shipped = _shipped(state, sources, {file.source for file in files}) if files else ()
    names = {file.source for file in (*files, *shipped)}
    return Batch(
        sources=tuple(source for source in sources if source.name in names),
        files=tuple(files),
        shipped=shipped,
        refused=tuple((item.path, item.why) for item in refused),
        looks=tuple(seen.items()),
        is_partial=len(files) < len(waiting),
    )


def _shipped(state: State, sources: Sequence[Source], named: set[str]) -> tuple[LandedFile, ...]:
    """Tables that come with a definition and are not loaded as they now are.

    A source that shares its namespace with one that landed belongs to it: a code book of its own.
    """
    spaces = {source.namespace for source in sources if source.name in named}
    have = set(
        state.con.execute(f"""
            select source, raw_table, arg_max(sha256, file_no)
            from {standing_files(state)} where shipped group by all
        """).fetchall()
    )
    shipped = [
        (source, table, source.folder / table.shipped)
        for source in sources
        if source.namespace in spaces
        for table in source.tables
        if table.shipped
    ]
    return tuple(
        LandedFile(path=path, source=source.name, table=table.name, inside=False)
        for source, table, path in shipped
        if (source.name, table.name, hashlib.sha256(path.read_bytes()).hexdigest()) not in have
    )


@dataclass(frozen=True, slots=True)
class ReplayFilter:
    """Which open quarantined records to try again; nothing given means all."""

    reason: str | None = None
    source: str | None = None
    file: str | None = None
    key: int | None = None


def open_entries(state: State, sources: Sequence[Source], wanted: ReplayFilter) -> Batch:
    """The open quarantined records that match, as one batch."""
    rows = state.con.execute(
        """
        select entry, source, raw_table, file_no, record_no from quarantine
        where state = 'open'
            and ($reason is null or contains(lower(reason), lower($reason)))
            and ($source is null or source = $source)
            and ($file is null or file = $file)
            and ($key is null or record_key = $key)
        order by file_no, record_no
        """,
        {"reason": wanted.reason, "source": wanted.source, "file": wanted.file, "key": wanted.key},
    ).fetchall()
    known = {source.name for source in sources}
    entries = tuple(Entry(*row) for row in rows if row[1] in known)
    names = {entry.source for entry in entries}
    return Batch(sources=tuple(s for s in sources if s.name in names), entries=entries)
