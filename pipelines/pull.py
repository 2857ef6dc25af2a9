"""Pulling tables of live databases into landing, whole or from a watermark on.

What was pulled last is noted in one small file in the home's log, after the extract is safely in
landing: a pull that is broken off is made again, and rows that come twice are duplicates.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from models.durable import sync
from models.errors import SourceError
from models.home import Home
from models.lock import alone
from models.noted import PULLED, note, noted
from pipelines.database_table import Pull
from pipelines.databases import Mark, literal_of, rows_of
from pipelines.match import known_source
from pipelines.source import Source
from pipelines.source_table import SourceTable
from pipelines.waiting import STILL_SECONDS


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one table gave: new rows in an extract, or the sentence that says why it gave none."""

    source: str
    table: str
    rows: int = 0
    why: str = ""


@dataclass(slots=True)
class Edge:
    """The newest watermark, and the rows that stood there: known ones are not pulled again."""

    mark: Mark | None = None
    rows: list[str] = field(default_factory=list)

    def reach(self, mark: Mark | None, row: str) -> None:
        """Takes note of a row; rows come in the order of the watermark, those without one apart."""
        if mark is None:
            return
        if mark != self.mark:
            self.mark, self.rows = mark, []
        self.rows.append(row)

    def holds(self, mark: Mark | None, row: str) -> bool:
        """Whether this very row was there at the last pull."""
        return mark is not None and mark == self.mark and row in self.rows


def pull(
    home: Home,
    sources: Sequence[Source],
    environ: Mapping[str, str],
    now: datetime,
    *,
    whole: bool,
    named: str | None = None,
) -> tuple[Pulled, ...]:
    """Pulls tables of databases whole, or (not `whole`) what changed in those with a watermark.

    Without a watermark a table is pulled whole, and only at night or when its source is `named`.

    A database that cannot be read is a sentence in its table's answer; the others are pulled. When
    another process pulls right now, nothing is done: it brings what there is.
    """
    asked = sources if named is None else (known_source(named, sources),)
    wanted = [
        (source, table, table.pull)
        for source in asked
        for table in source.tables
        if table.pull and (whole or named or table.change.watermark)
    ]
    if not wanted:
        return ()
    with alone(home.log / "pull.lock") as is_alone:
        if not is_alone:
            return ()
        notes, done = dict(noted(home, PULLED)), list[Pulled]()
        for source, table, what in wanted:
            name = f"{source.name}/{table.name}"
            before = _edge(notes.get(name, {}))
            try:
                rows, edge = _pull_table(home, source, table, what, environ, now, before, whole)
                done.append(Pulled(source.name, table.name, rows))
            except SourceError as error:
                edge = before
                done.append(Pulled(source.name, table.name, why=f"{name}: {error}"))
            notes[name] = _pulled(edge, now, done[-1].why)
            note(home, PULLED, notes)
    return tuple(done)


def _edge(pulled: Mapping[str, object]) -> Edge:
    mark, rows = pulled.get("watermark"), pulled.get("rows")
    known = mark if isinstance(mark, int | float | str) else None
    return Edge(known, list(rows) if isinstance(rows, list) else [])


def _pulled(edge: Edge, now: datetime, why: str) -> Mapping[str, object]:
    return {"watermark": edge.mark, "rows": edge.rows, "at": now.isoformat(), "why": why}


def _pull_table(
    home: Home,
    source: Source,
    table: SourceTable,
    what: Pull,
    environ: Mapping[str, str],
    now: datetime,
    before: Edge,
    whole: bool,
) -> tuple[int, Edge]:
    """Writes an extract of the rows, where there are any; how many, and where the watermark is."""
    watermark = table.change.watermark
    since = "" if whole or before.mark is None else literal_of(before.mark)
    folder = home.landing / source.name
    name = f"{table.name}.{now:%Y%m%dT%H%M%S%f}.jsonl"
    part, count, edge = folder / f".{name}", 0, Edge()
    folder.mkdir(exist_ok=True)
    try:
        with _private(part) as file:
            for mark, row in rows_of(what, environ, watermark, since):
                seen = hashlib.md5(row, usedforsecurity=False).hexdigest()
                edge.reach(mark, seen)
                if since and before.holds(mark, seen):
                    continue
                file.write(row + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        if whole and not count and table.change.mode == "snapshot":
            raise SourceError("it has no row, and as a snapshot would delete all; nothing pulled")
        if count:
            still = now.timestamp() - STILL_SECONDS  # it is finished, and may be taken at once
            os.utime(part, (still, still))
            part.rename(folder / name)
            sync(folder)
    finally:
        part.unlink(missing_ok=True)
    return count, edge if edge.mark is not None else before


def _private(path: Path) -> BinaryIO:
    """A file that nobody else may read: it lies in landing as it came from the database."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
