"""One load of one home, phase by phase: land, map, dimensions, facts, cells, release.

The command line, the worker and the Dagster assets make the same calls. Every phase is remembered,
so that asking twice does nothing and a selection of assets may be any subset; `release` runs what
nobody asked for. Nothing is visible to anybody before `release`, and after `abort` nothing has
happened.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cubes.in_use import announced
from models.connection import give_memory
from models.errors import SourceError
from models.home import Home
from models.keys import Keys, open_keys
from models.lock import writer_lock
from models.manifest import ANNOUNCED
from models.reader import Reader
from models.schema import Schema, shipped_schema
from pipelines import accounts, canonical, cells, classify
from pipelines.arrival import Arrival, drop_copies, half_taken, prepare_taking, take_source
from pipelines.batch import MOST_BYTES, Batch, ReplayFilter, next_batch, open_entries
from pipelines.persons import Persons, open_persons
from pipelines.publish import publish
from pipelines.refused import Look, look, note_refused
from pipelines.renewal import Renewal, definitions, renewal
from pipelines.result import Change, Counts, LoadResult
from pipelines.settle import map_source, settle
from pipelines.source import Source
from pipelines.state import State, open_state
from pipelines.take_back import Taken, take_back, undo_batch

Step = Callable[[str], None]
Progress = Callable[[str], None]
WAIT_SECONDS = 60.0


def utc_now() -> datetime:
    """The time of the machine; the only clock of a load, given to the session by its caller."""
    return datetime.now(UTC)


@dataclass(slots=True)
class LoadSession:
    """The phases of one load; see the module. Not for use from several threads."""

    home: Home
    sources: Sequence[Source]
    named: str | None = None
    paths: Sequence[Path] = ()
    replay: ReplayFilter | None = None
    command: str = "load"
    now: Callable[[], datetime] = utc_now
    step: Step = lambda name: None
    progress: Progress = lambda text: None
    hold: Callable[[], None] = lambda: None  # waits, all being ready, until files may be taken
    reader: Reader | None = None
    wait_seconds: float = WAIT_SECONDS
    most_bytes: int = MOST_BYTES
    skip: frozenset[Path] = frozenset()  # files of earlier batches of the same command
    undo: int | None = None  # the load that this one reverses

    schema: Schema = field(init=False, default_factory=shipped_schema)
    state: State = field(init=False)
    keys: Keys = field(init=False)
    persons: Persons = field(init=False)
    batch: Batch = field(init=False)
    as_of: datetime = field(init=False)
    defined: dict[str, str] = field(init=False, default_factory=dict)
    renewal: Renewal = field(init=False, default_factory=Renewal)
    blocks: Iterator[int] = field(init=False, default_factory=lambda: itertools.count(1))
    arrivals: dict[str, Arrival] = field(init=False, default_factory=dict)
    taken_back: Taken | None = field(init=False, default=None)
    _lock: AbstractContextManager[None] | None = field(init=False, default=None)
    _done: dict[str, object] = field(init=False, default_factory=dict)
    _started: float = field(init=False, default=0.0)
    _excluded: set[Path] = field(init=False, default_factory=set)
    _looks: dict[Path, Look] = field(init=False, default_factory=dict)

    # -- begin and end -------------------------------------------------------------------------

    def begin(self) -> bool:
        """Takes the lock and looks what landed; False, with the lock released, when nothing did."""
        self._lock = writer_lock(self.home, self.command, self.wait_seconds)
        self._lock.__enter__()
        try:
            self.keys = open_keys(self.home)
            self.state = open_state(self.home, self.reader, self.schema.specs.values())
            self.hold()
            self._started = time.monotonic()
            self.as_of = self.now()
            self.batch = self._batch()
            self._looks = dict(self.batch.looks)
            if not self.batch.sources:
                self.abort()
                return False
            self._prepare()
        except BaseException:
            self.abort()
            raise
        return True

    def _batch(self) -> Batch:
        if self.replay is not None:
            return open_entries(self.state, self.sources, self.replay)
        if self.undo is not None:
            return undo_batch(self.state, self.sources, self.undo)
        return next_batch(
            self.home, self.state, self.sources, now=self.now().timestamp(), paths=self.paths,
            named=self.named, excluded=self.skip | self._excluded, most_bytes=self.most_bytes,
        )  # fmt: skip

    def _renew(self) -> None:
        """Finds what is defined otherwise than in the last release, to be made anew now."""
        before, cuboids = self.state.manifest.definitions, self.state.cuboids
        waiting = dict.fromkeys(announced(self.state.manifest), ANNOUNCED)
        self.defined = {**definitions(self.schema, self.sources, cuboids), **waiting}
        self.renewal = renewal(before, self.defined, self.schema, self.sources, cuboids)
        loaded = {row[0] for row in self.state.con.execute("select source from file").fetchall()}
        for source in self.sources:
            if source.name in loaded & set(self.renewal.mapped or {}):
                self.batch = self.batch.with_source(source)

    def _prepare(self) -> None:
        self._renew()
        give_memory(self.state.con, None if self.renewal.is_needed else self.batch.bytes)
        self._done.clear()
        self.state.sizes.clear()
        self.arrivals.clear()
        self.persons = open_persons(self.home, self.keys)
        prepare_taking(self.state)
        classify.prepare(self.state)
        canonical.prepare(self.state, tuple(self.schema.entities.values()))

    def is_as_taken(self, path: Path) -> bool:
        """The file looks as it did when this load found it."""
        return look(path) == self._looks.get(path)

    @property
    def source_names(self) -> tuple[str, ...]:
        """The sources with records in this load."""
        return tuple(source.name for source in self.batch.sources)

    def abort(self) -> None:
        """Leaves everything as it was; after `release` it does nothing."""
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.__exit__(None, None, None)

    def close(self) -> None:
        """Gives back the memory of what the load computed; it can be asked no more."""
        if hasattr(self, "state"):
            self.state.con.close()

    def note_refusals(self) -> None:
        """Lists the files that were refused whole, so that they are not tried again unchanged."""
        if hasattr(self, "batch"):
            note_refused(self.home, self.batch.refused, self._looks, self.now())

    # -- phases --------------------------------------------------------------------------------

    def land(self, source: str) -> Counts:
        """Takes and cuts a source's files, and tells repeats from news."""
        if f"land {source}" not in self._done:
            self.progress(f"landing {source}")
            arrival = take_source(self, source)
            self.arrivals[source] = arrival
            for landed in arrival.tables:
                classify.classify(self.state, landed, self.as_of.date())
                classify.vanished(self.state, landed)
            self._done[f"land {source}"] = True
        return accounts.counts(self.state, source)

    def map(self, source: str) -> dict[str, int]:
        """Runs a source's mappings over the records that count; rows by canonical entity."""
        key = f"map {source}"
        if key not in self._done:
            for name in self.source_names:
                self.land(name)
            self.progress(f"mapping {source}")
            self._done[key] = map_source(self, source)
        done = self._done[key]
        assert isinstance(done, dict)
        return done

    def model(self, name: str) -> Change:
        """What this load asserts and retracts of one model, with all it reads computed first."""
        self._settle()
        count = self.state.count
        return Change(asserted=count(f"plus_{name}"), retracted=count(f"minus_{name}"))

    def _settle(self) -> None:
        """Computes the star until no check refuses a record more; then over-refused files go."""
        if "settled" in self._done:
            return
        if self.undo is not None:
            self.taken_back = take_back(self, self.undo)
        settle(self)
        accounts.share_refusals(self.state)
        refused = (*accounts.over_refused(self.state, self.batch), *half_taken(self))
        if refused:
            self._exclude(refused)
            return
        self.state.settle(model.name for model in self.schema.models)
        self._done["settled"] = True

    def _exclude(self, refused: Sequence[tuple[Path, str]]) -> None:
        """Starts the same load again without the files that were refused whole."""
        paths = {path for path, _ in refused}
        drop_copies(self, paths)
        if self.paths and len(paths) == len({file.path for file in self.batch.files}) == 1:
            raise SourceError(refused[0][1])
        for _, sentence in refused:
            self.progress(sentence)
        self._excluded |= paths
        earlier = self.batch.refused
        self.batch = self._batch().with_refused((*earlier, *refused))
        self._looks = dict(self.batch.looks) | self._looks
        self._prepare()
        self._settle()

    def cuboid(self, name: str) -> Change:
        """The signed delta cells of one cuboid; nothing where the release keeps it no longer."""
        self._make(name)
        return cells.change(self.state, name) if self.keeps(name) else Change(0, 0)

    def _make(self, name: str) -> None:
        """Makes the delta cells of a cuboid, after those they are added up from."""
        self._settle()
        if not self.keeps(name) or f"cuboid {name}" in self._done:
            return
        finer = cells.finer(self.state, name)
        for other in finer:
            self._make(other)
        renewed = self.renewal.cuboids
        if name in renewed:
            cells.whole(self.state, name, [other for other in finer if other in renewed])
        else:
            made = [other for other in finer if other not in renewed]
            cells.delta(self.state, self.schema, name, made)
        self._done[f"cuboid {name}"] = True

    def keeps(self, cuboid: str) -> bool:
        """Whether the release keeps a cuboid: its nightly advice may have dropped it since."""
        return any(kept.name == cuboid for kept in self.state.cuboids)

    # -- blocking checks: "" or one sentence -----------------------------------------------------

    def check_accounting(self, source: str) -> str:
        """Landed = accepted + duplicate + quarantined, by count and by key."""
        self._settle()
        return accounts.check(self.state, source)

    def check_keys(self, name: str) -> str:
        """The model's key is unique and not null among the rows this load leaves."""
        self._settle()
        return cells.check_keys(self.state, name)

    def check_totals(self, cuboid: str) -> str:
        """The delta cells count exactly the facts asserted less those retracted."""
        self._make(cuboid)
        if not self.keeps(cuboid):
            return ""
        is_whole = cuboid in self.renewal.cuboids
        return cells.check_totals(self.state, cuboid, is_whole=is_whole)

    # -- release ---------------------------------------------------------------------------------

    def release(self) -> LoadResult:
        """Commits the load; the manifest's rename is the moment it becomes visible."""
        self._settle()
        for cuboid in self.state.cuboids:
            self._make(cuboid.name)
        for source in self.source_names:
            self._hold(self.check_accounting(source))
        for cuboid in self.state.cuboids:
            self._hold(self.check_totals(cuboid.name))
        result = publish(self, seconds=time.monotonic() - self._started)
        self.abort()
        return result

    def _hold(self, sentence: str) -> None:
        if sentence:
            raise SourceError(f"{sentence} Nothing was released.")
