"""What is worth keeping between questions, shared by all who ask through one reader.

Plans and catalogues outlive a load, but neither its base nor its definitions; what is of one load
is kept by the release's own schema. Everything is dropped at once where there is too much of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import duckdb

from cubes.access_log import AccessLog
from cubes.catalogue import Catalogue, Reader, Snapshot, read_catalogue
from cubes.fence import fence
from cubes.lookups import Known
from cubes.past import Pasts
from cubes.plan import Plan
from cubes.publication import Publications
from cubes.routing import dated
from cubes.shadow import NOTHING, Shadow
from cubes.shadow_record import Record
from models.home import Home

PLANS = 2_000  # kept by text
RELEASES = 8  # of which catalogues are kept, because old ones stay pinned for a while


@dataclass(slots=True)
class Memory:
    """What one reader's questions have in common; its methods make what is not there yet."""

    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    pasts: Pasts = field(default_factory=Pasts)
    publications: Publications = field(default_factory=Publications)
    _catalogues: dict[tuple[Any, ...], Catalogue] = field(default_factory=dict)
    _keys: dict[tuple[str, int], Known] = field(default_factory=dict)
    _dated: dict[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    _logs: dict[Path, AccessLog] = field(default_factory=dict)
    _records: dict[Path, Record] = field(default_factory=dict)

    def keep_plan(self, key: tuple[Any, ...], plan: Plan) -> None:
        """Keep a plan for whoever asks the same."""
        if len(self.plans) >= PLANS:
            self.plans.clear()
        self.plans[key] = plan

    def catalogue(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, home: Home | None
    ) -> Catalogue:
        """The catalogue of a release; the first one also closes the doors of its DuckDB."""
        found = self._catalogues.get(key := release(snapshot))
        if found is None:
            if not self._catalogues:
                fence(cursor, home)
            _room(self._catalogues)
            found = self._catalogues[key] = read_catalogue(snapshot, cursor)
        return found

    def keys(self, snapshot: Snapshot) -> Known:
        """The keys of members that were looked up in this load."""
        if (snapshot.schema, snapshot.load) not in self._keys:
            _room(self._keys)
        return self._keys.setdefault((snapshot.schema, snapshot.load), {})

    def dated(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, home: Home | None
    ) -> frozenset[str]:
        """The facts of this load of which none lacks its date; looked at once a load."""
        found = self._dated.get(key := (snapshot.schema, snapshot.load))
        if found is None:
            _room(self._dated)
            fit = self.catalogue(snapshot, cursor, home).cuboids
            found = self._dated[key] = dated(cursor, fit)
        return found

    def log(self, home: Home) -> AccessLog:
        """The access log of a home."""
        found = self._logs.get(home.log)
        return found or self._logs.setdefault(home.log, AccessLog(home))

    def shadow(self, home: Home | None) -> Shadow:
        """What the shadow check found, as of now."""
        if home is None:
            return NOTHING
        found = self._records.get(home.log)
        return (found or self._records.setdefault(home.log, Record(home))).read()

    def close(self) -> None:
        """Let go of the logs."""
        for log in self._logs.values():
            log.close()


def memory_of(reader: Reader) -> Memory:
    """The memory of all who ask through this reader."""
    return _MEMORIES.setdefault(reader, Memory())


def release(snapshot: Snapshot) -> tuple[Any, ...]:
    """What plans depend on."""
    manifest = snapshot.manifest
    return manifest.base, tuple(sorted(manifest.definitions.items())), tuple(snapshot.tables)


_MEMORIES: WeakKeyDictionary[Reader, Memory] = WeakKeyDictionary()


def _room(kept: dict[Any, Any]) -> None:
    if len(kept) >= RELEASES:
        kept.clear()
