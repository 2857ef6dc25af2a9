"""A release as one of its earlier loads left it: the same names, the rows of that load.

Facts and dimensions are the ledger's rows that stood then. Cells are those of now, or of a kept
base, whichever is nearer, and for each cuboid that is read what lies between that and then:
aggregated from the ledger when it is first asked and held in memory as long as this past is at
hand, never stored.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from cubes.catalogue import Snapshot
from cubes.change import change_sql
from cubes.cube import Cuboid
from cubes.definitions import CUBES
from models.history import Load, as_known, every_row, load_numbered, stood
from models.manifest import Manifest
from models.table import TableSpec, column_list, quoted

#: Pasts that stay at hand although nobody asks them.
KEPT = 4


@dataclass(frozen=True, slots=True)
class Near:
    """Cells at hand to start from: those of a load, by the schema they lie in."""

    load: int
    schema: str
    cuboids: frozenset[str]  # which of them are made as they are made now


@dataclass(slots=True, eq=False, weakref_slot=True)
class Past:
    """What a snapshot offers, as known at an earlier load of it."""

    now: Snapshot
    moment: Load
    schema: str
    tables: Mapping[str, TableSpec]
    near: Mapping[str, tuple[Near, ...]]  # by cube, the nearest first; the last is now
    _made: set[str] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def manifest(self) -> Manifest:
        """What the release consists of by now."""
        return self.now.manifest

    @property
    def load(self) -> int:
        """The load as of which it is known."""
        return self.moment.number

    @property
    def as_of(self) -> datetime:
        """The instant up to which that load knew."""
        return self.moment.as_of

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor in which plain table names mean this past."""
        cursor = self.now.cursor()
        cursor.execute(f"set search_path = '{self.schema},memory.main'")
        return cursor

    def kept_base(self, name: str) -> str | None:
        """As of the release by now, which is the one that attaches it."""
        return self.now.kept_base(name)

    def prepare(self, reads: tuple[str, ...], cuboids: tuple[Cuboid, ...]) -> None:
        """Make the cells that a plan reads, where they are not made yet."""
        wanted = [cuboid for cuboid in cuboids if cuboid.name in reads]
        with self._guard:
            missing = [cuboid for cuboid in wanted if cuboid.name not in self._made]
            if not missing:
                return
            cursor = self.now.cursor()
            for cuboid in missing:
                near = next(n for n in self.near[cuboid.cube.name] if cuboid.name in n.cuboids)
                change = f"{self.schema}.{quoted(f'{cuboid.name} change')}"
                since = change_sql(cuboid, self._ever, near.load, self.load)
                columns = column_list(self.tables[cuboid.name].columns)
                cursor.execute(f"create table {change} as {since}")
                cursor.execute(
                    f"create view {self.schema}.{cuboid.name} as"
                    f" select {columns} from {near.schema}.{cuboid.name}"
                    f" union all select {columns} from {change}"
                )
                self._made.add(cuboid.name)
            cursor.close()

    def _ever(self, table: str) -> str:
        return every_row(self.now.schema, table)


def open_past(now: Snapshot, load: int) -> Past:
    """The release as known at a load of it; QuestionError where there is no such load."""
    cursor = now.cursor()
    moment = load_numbered(cursor, load)
    schema = f"{now.schema}_at_{load}"
    ledgers = [
        spec
        for spec in now.tables.values()
        if spec.kind == "ledger" and spec.name.startswith(("fact_", "dim_"))
    ]
    cursor.execute("begin")
    try:
        cursor.execute(f"create schema {schema}")
        for spec in ledgers:
            rows = as_known(spec, every_row(now.schema, spec.name), load)
            cursor.execute(f"create view {schema}.{quoted(spec.name)} as {rows}")
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise
    near, dear = _ways(cursor, now, load)
    cursor.close()
    tables = {name: spec for name, spec in now.tables.items() if name not in dear}
    return Past(now, moment, schema, tables, near)


def _ways(
    cursor: duckdb.DuckDBPyConnection, now: Snapshot, load: int
) -> tuple[Mapping[str, tuple[Near, ...]], frozenset[str]]:
    """By cube the cells to start from; and the cuboids that the facts of then undercut.

    Between two loads lie the facts that stood after one of them alone. Where these are more than
    there were facts then, even from the nearest cells, the facts themselves are less to read.
    """
    ways: dict[str, tuple[Near, ...]] = {}
    dear: set[str] = set()
    cells = {spec.name for spec in now.tables.values() if spec.kind == "cell"}
    known = _at_hand(cursor, now, cells)
    for cube in (cube for cube in CUBES if cube.fact in now.tables):
        apart = ", ".join(f"count(*) filter ({stood(load)} <> {stood(n.load)})" for n in known)
        row = cursor.execute(
            f"select count(*) filter ({stood(load)}), {apart}"
            f" from {every_row(now.schema, cube.fact)}"
        ).fetchone()
        then, *between = row or (0,)
        nearest = sorted(zip(between, known, strict=True), key=lambda pair: pair[0])
        ways[cube.name] = tuple(near for _, near in nearest)
        for name in (name for name in cells if name.startswith(f"{cube.name}_")):
            if next(count for count, near in nearest if name in near.cuboids) > then:
                dear.add(name)
    return ways, frozenset(dear)


def _at_hand(cursor: duckdb.DuckDBPyConnection, now: Snapshot, cells: set[str]) -> tuple[Near, ...]:
    """The cells of now and of every kept base, where they were made as they are made now."""
    found = [Near(now.load, now.schema, frozenset(cells))]
    made = now.manifest.definitions
    for kept in now.manifest.kept:
        same = {name for name in cells if kept.definitions.get(name, "") == made.get(name)}
        schema = now.kept_base(kept.name) if same else None
        if schema is None:
            continue
        rows = cursor.execute(
            "select table_name from duckdb_tables() where database_name = ?",
            [schema.partition(".")[0]],
        ).fetchall()
        held = same & {str(name) for (name,) in rows}
        found.append(Near(kept.load, schema, frozenset(held)))
    return tuple(found)


class Pasts:
    """The pasts of one reader: the last few asked stay at hand, others as long as someone asks."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[str, Past] = {}  # by schema, the one asked last at the end
        self._held: dict[str, weakref.ref[Past]] = {}

    def known_at(self, now: Snapshot, load: int) -> Snapshot:
        """The snapshot as known at a load, which is the snapshot itself for its own."""
        if isinstance(now, Past) and load != now.load:
            now = now.now
        if load == now.load:
            return now
        schema = f"{now.schema}_at_{load}"
        with self._guard:
            held = self._held.get(schema)
            found = self._kept.pop(schema, None) or (held() if held else None)
            if found is None:
                self._forget(now)
                found = open_past(now, load)
            self._held[schema] = weakref.ref(found)
            self._kept[schema] = found
            return found

    def _forget(self, now: Snapshot) -> None:
        """Let go of all but the last few of this release, and drop what nobody holds any more."""
        stale = [name for name, past in self._kept.items() if past.now is not now]
        stale += list(self._kept)[: max(0, len(self._kept) - KEPT + 1)]
        for name in stale:
            self._kept.pop(name, None)
        free = [name for name, ref in self._held.items() if ref() is None]
        cursor = now.cursor()
        for name in free:
            cursor.execute(f"drop schema if exists {name} cascade")
            del self._held[name]
        cursor.close()
