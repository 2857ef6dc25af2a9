"""A reader: one in-memory DuckDB that follows the manifest and swaps whole releases.

Whoever asks takes a snapshot and stays on its load, however many releases come meanwhile.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb

from models.connection import Role, give_room, open_connection
from models.errors import HomeError
from models.generation import Generation, Shelf, attach_base, build, shelf_tables
from models.home import Home
from models.lookup import keys_of, select_for
from models.manifest import NAME, NOTHING, Manifest, read_manifest
from models.publish import base_at
from models.table import TableSpec, quoted

#: Older generations that stay attached although nobody holds a snapshot of them.
KEPT = 2

_TRIES = 5

#: What a file that is gone, cut short or damaged comes up as.
_UNREADABLE = (
    OSError,
    HomeError,
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.SerializationException,
)


class Snapshot:
    """One release, readable for as long as the snapshot is held."""

    __slots__ = ("__weakref__", "_con", "_guard", "generation")

    def __init__(
        self, con: duckdb.DuckDBPyConnection, guard: threading.RLock, generation: Generation
    ) -> None:
        self._con = con
        self._guard = guard
        self.generation = generation  # for the reader; what is in it may change its shape

    @property
    def manifest(self) -> Manifest:
        """What the release consists of."""
        return self.generation.manifest

    @property
    def schema(self) -> str:
        """The schema of its views, for whoever must name a table of this release and no other."""
        return f"memory.{self.generation.schema}"

    @property
    def load(self) -> int:
        """The newest load in it."""
        return self.manifest.load

    @property
    def as_of(self) -> datetime:
        """The instant up to which it knows."""
        return self.manifest.as_of

    @property
    def tables(self) -> Mapping[str, TableSpec]:
        """The tables it offers, by name."""
        return self.generation.specs

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor, for one thread, in which plain table names mean this release."""
        with self._guard:
            cursor = self._con.cursor()
        cursor.execute(f"set search_path = '{self.generation.search_path}'")
        return cursor

    def kept_base(self, name: str) -> str | None:
        """The schema of a kept base's tables, None where its file is gone or cannot be read."""
        with self._guard:
            try:
                alias = attach_base(self._con, self.generation.home, name)
            except (duckdb.Error, OSError):
                return None
            self.generation.bases.add(alias)
        return f"{alias}.main"

    def rows_for(
        self, cursor: duckdb.DuckDBPyConnection, table: str, keys_relation: str, into: str
    ) -> None:
        """Put the current rows whose lookup key is in `keys_relation(key)` into a temporary table.

        They are found through the key files, so the cost is that of the keys, not of history.
        """
        keys = keys_of(cursor, keys_relation)
        found = select_for(self.generation.ledgers[table], keys, keys_relation)
        nothing = f"select * from memory.{self.generation.schema}.{quoted(table)} where false"
        cursor.execute(f"create or replace temp table {into} as {found or nothing}")


class Reader:
    """Follows the releases of a home; safe to share between threads.

    With `specs` these tables are offered whether a release has them or not, also before the first;
    those whose name begins with `without` are not, so that a swap costs what is read and no more.
    So many older generations as `kept` says stay at hand beside those somebody still holds.
    """

    def __init__(
        self,
        home: Home,
        role: Role = "reader",
        specs: Sequence[TableSpec] | None = None,
        *,
        without: str | tuple[str, ...] = (),
        kept: int = KEPT,
    ) -> None:
        self._home = home
        self._role = role
        self._without = without
        self._keep = kept
        self._specs = None if specs is None else tuple(specs)
        self._con = open_connection(role, spill=home.spill if home.spill.is_dir() else None)
        self._guard = threading.RLock()
        self._count = 0
        self._seen: tuple[int, int, int] | None = None
        self._kept: list[Snapshot] = []  # oldest first; the last is the one to be given out
        self._held: list[tuple[weakref.ref[Snapshot], Generation]] = []

    def refresh(self) -> bool:
        """Look at the manifest and swap when it has changed; whether it had."""
        with self._guard:
            mark = self._mark()
            if self._kept and mark == self._seen:
                return False
            generation = self._newest()
            self._seen = mark
            if generation is None:
                return False
            self._kept.append(Snapshot(self._con, self._guard, generation))
            self._retire()
            return True

    def snapshot(self) -> Snapshot:
        """The newest release this reader knows; it is not looked for again until `refresh`."""
        with self._guard:
            if not self._kept:
                self.refresh()
            if not self._kept:
                raise HomeError(
                    f"Nothing has been released at {self._home.root} yet; run happycall load first"
                )
            return self._kept[-1]

    def close(self) -> None:
        """Let go of all files."""
        with self._guard:
            self._kept.clear()
            self._held.clear()
            self._con.close()

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = (self._home.releases / NAME).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _newest(self) -> Generation | None:
        """Build the release that stands, once more if a writer removed a file meanwhile."""
        tried: Manifest | None = None
        for _ in range(_TRIES):
            manifest = read_manifest(self._home)
            if manifest is None and self._specs is not None:
                manifest = NOTHING
            if manifest is None or (self._kept and manifest == self._kept[-1].manifest):
                return None
            try:
                specs = [spec for spec in self._specs or manifest.tables if self._wants(spec)]
                self._count += 1
                made = build(
                    self._con, self._home, manifest, specs, f"g{self._count}", self._shelf()
                )
                if self._role == "reader" and manifest.base:
                    give_room(self._con, base_at(self._home, manifest.base).database.stat().st_size)
                return made
            except _UNREADABLE as error:
                if manifest == tried:
                    raise HomeError(
                        f"The release at {self._home.releases} is not whole "
                        f"({str(error).splitlines()[0]}); put back a copy from a backup"
                    ) from error
                tried = manifest
        raise HomeError(f"Releases at {self._home.releases} change faster than they can be read")

    def _wants(self, spec: TableSpec) -> bool:
        return not spec.name.startswith(self._without)

    def _shelf(self) -> Shelf:
        return dict(self._kept[-1].generation.shelf) if self._kept else {}

    def _retire(self) -> None:
        """Drop generations that are neither among the newest nor held by anybody."""
        while len(self._kept) > self._keep + 1:
            old = self._kept.pop(0)
            self._held.append((weakref.ref(old), old.generation))
            del old
        free = [generation for ref, generation in self._held if ref() is None]
        self._held = [(ref, generation) for ref, generation in self._held if ref() is not None]
        used = [*(each.generation for each in self._kept), *(each for _, each in self._held)]
        tables = set().union(*(shelf_tables(each.shelf) for each in used))
        bases = set().union(*(each.bases for each in used))
        for generation in free:
            for schema in generation.schemas:
                self._con.execute(f"drop schema {schema} cascade")
            for name in shelf_tables(generation.shelf) - tables:
                self._con.execute(f"drop table if exists {name}")
            for base in generation.bases - bases:
                self._con.execute(f"detach database if exists {base}")
