"""The simulated network as the input of a home that has none: first days, older months, then live.

Extracts are made aside and moved into landing when they are whole. The first days come at once;
each older file waits until the one before it has been loaded, so that what is live stays quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from models.home import Home
from models.manifest import read_manifest
from pipelines.refused import unchanged_refusals
from pipelines.worker_place import has_worker

if TYPE_CHECKING:
    from pipelines.simulate import WrittenFile

DAYS_OF_MONTH = 30
EVERY_SECONDS = 8.0
PAUSE_SECONDS = 0.5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Feed:
    """Which network a home is fed with, and how many batches it has been given."""

    sites: int
    seed: int
    end: date
    first_days: int
    months: int
    given: int = 0
    complete: bool = False

    @property
    def days(self) -> int:
        """Days of the network's history, the first ones included."""
        return self.first_days + DAYS_OF_MONTH * self.months


def is_fed(home: Home) -> bool:
    """Whether this home lives on a simulated network; an untouched home may begin to."""
    if _place(home).is_file():
        return True
    return read_manifest(home) is None and not _has_extracts(home)


def has_fed(home: Home) -> bool:
    """Whether the first days have landed."""
    feed = _read(home)
    return feed is not None and feed.given > 0


def feed(home: Home, wanted: Feed, stop: Callable[[float], bool], say: Say) -> None:
    """Give what has not been given yet, then go on live until `stop` says so.

    A feed that began with other settings goes on as it began.
    """
    from pipelines.simulate import emit_live

    begun = _read(home) or wanted
    _write(home, begun)
    months = _older_months(home, begun, say)
    if not begun.given:
        next(months)
    while not has_worker(home):
        if stop(PAUSE_SECONDS):
            return

    def attend(seconds: float) -> bool:
        """Live comes first: an older file is given only between live extracts."""
        for _ in range(round(seconds / PAUSE_SECONDS)):
            next(months, None)
            if stop(PAUSE_SECONDS):
                return True
        return False

    say(f"live: extracts every {EVERY_SECONDS:g} s")
    emit_live(
        home.landing, seed=begun.seed, sites=begun.sites, every_seconds=EVERY_SECONDS, stop=attend
    )


def _older_months(home: Home, feed: Feed, say: Say) -> Iterator[None]:
    """The first days at once; then one older file at each turn at which none waits to be loaded."""
    from pipelines.simulate import simulate_batches

    if feed.complete:
        return
    batches = simulate_batches(
        home.root / "simulated", sites=feed.sites, days=feed.days, seed=feed.seed,
        end=feed.end, first_days=feed.first_days,
    )  # fmt: skip
    for _ in range(feed.given):
        _drop(next(batches, ()))
    while (files := next(batches, None)) is not None:
        at_once = feed.given == 0
        for path, source in {file.path: file.source for file in files}.items():
            landed = _land(home, path, source)
            while not at_once and _is_waiting(home, landed):
                yield
        feed = replace(feed, given=feed.given + 1)
        _write(home, feed)
        days, records = {file.day for file in files}, sum(file.landed for file in files)
        say(f"{min(days)} to {max(days)}: {records:,} records in {len(files)} tables")
        yield
    _write(home, replace(feed, complete=True))


def _is_waiting(home: Home, path: Path) -> bool:
    return path.exists() and path not in unchanged_refusals(home)


def _has_extracts(home: Home) -> bool:
    """Whether files lie in landing that were not refused as they are."""
    refused = unchanged_refusals(home)
    return any(
        path.is_file() and path not in refused
        for folder in home.landing.iterdir()
        if not folder.name.startswith(".")
        for path in (folder.iterdir() if folder.is_dir() else (folder,))
    )


def _land(home: Home, path: Path, source: str) -> Path:
    folder = home.landing / source
    folder.mkdir(exist_ok=True)
    return path.replace(folder / path.name)


def _drop(files: Iterable[WrittenFile]) -> None:
    for file in files:
        file.path.unlink(missing_ok=True)


def _place(home: Home) -> Path:
    return home.root / "simulated" / "feed.json"


def _read(home: Home) -> Feed | None:
    try:
        found = json.loads(_place(home).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Feed(**{**found, "end": date.fromisoformat(found["end"])})


def _write(home: Home, feed: Feed) -> None:
    place = _place(home)
    place.parent.mkdir(exist_ok=True)
    temporary = place.with_suffix(".tmp")
    temporary.write_text(
        json.dumps({**asdict(feed), "end": feed.end.isoformat()}), encoding="utf-8"
    )
    temporary.replace(place)
