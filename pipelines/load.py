"""Loads as commands make them: everything that landed, in batches, each a release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from models.home import Home
from models.reader import Reader
from pipelines.batch import ReplayFilter
from pipelines.land import landed_files
from pipelines.refused import unchanged_refusals
from pipelines.result import LoadResult
from pipelines.session import WAIT_SECONDS, LoadSession, Progress, Step, utc_now
from pipelines.source import Source, home_sources

__all__ = ["LoadResult", "ReplayFilter", "home_sources", "landed_sources", "load", "replay"]


def landed_sources(home: Home, sources: Sequence[Source], *, now: float) -> tuple[str, ...]:
    """The sources a load would find files of; cheap, without lock or hashing."""
    refused = unchanged_refusals(home)
    files, _ = landed_files(home, sources, now=now, refused_before=refused)
    return tuple(sorted({file.source for file in files}))


def load(
    home: Home,
    *,
    named: str | None = None,
    paths: Sequence[Path] = (),
    sources: Sequence[Source] | None = None,
    command: str = "load",
    now: Callable[[], datetime] = utc_now,
    step: Step = lambda name: None,
    progress: Progress = lambda text: None,
    reader: Reader | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> LoadResult:
    """Loads what landed, or the given files; one release for each batch, their sums returned.

    Raises `SourceError` or `HomeError` with nothing half-written: what was released before stays.
    """
    known = home_sources(home) if sources is None else sources
    total, done = LoadResult(load=None, changed=False), frozenset[Path]()
    while True:
        session = LoadSession(
            home, known, named=named, paths=paths, command=command, now=now, step=step,
            progress=progress, reader=reader, wait_seconds=wait_seconds, skip=done,
        )  # fmt: skip
        result = run(session)
        if result is None:
            return total if total.load is not None else _nothing(session)
        total = total + result
        if not session.batch.is_partial:
            return total
        done |= {file.path for file in session.batch.files}


def replay(
    home: Home,
    *,
    reason: str | None = None,
    source: str | None = None,
    file: str | None = None,
    key: int | None = None,
    sources: Sequence[Source] | None = None,
    now: Callable[[], datetime] = utc_now,
    step: Step = lambda name: None,
    progress: Progress = lambda text: None,
) -> LoadResult:
    """Tries open quarantined records again, each in its place by original landing order."""
    session = LoadSession(
        home, home_sources(home) if sources is None else sources,
        replay=ReplayFilter(reason, source, file, key), command="replay", now=now, step=step,
        progress=progress,
    )  # fmt: skip
    return run(session) or _nothing(session)


def run(session: LoadSession) -> LoadResult | None:
    """All phases of one session; None when there was nothing to do."""
    try:
        return session.release() if session.begin() else None
    finally:
        session.abort()
        session.note_refusals()
        session.close()


def _nothing(session: LoadSession) -> LoadResult:
    load = session.state.manifest.load or None
    refused = tuple((path.name, why) for path, why in session.batch.refused)
    return LoadResult(load=load, changed=False, refused=refused)
