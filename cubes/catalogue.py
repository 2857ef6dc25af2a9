"""What one release can be asked: its tables, the cuboids that may answer, and how large each is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import duckdb

from cubes.cube import Cuboid
from cubes.definition_check import check_shipped
from cubes.in_use import cuboids_in_use
from cubes.judge import Functions, read_functions
from cubes.refresh import definition_hashes
from models.manifest import Manifest
from models.table import TableSpec

#: How the names of canonical records begin; nobody who asks is offered one, so readers leave them.
RECORDS = ("canonical_", "record")


class Snapshot(Protocol):
    """One release, as a reader of the models gives it."""

    @property
    def manifest(self) -> Manifest:
        """What the release consists of."""

    @property
    def schema(self) -> str:
        """The schema of its tables, for whoever must name one of this release and no other."""

    @property
    def load(self) -> int:
        """The newest load in it."""

    @property
    def as_of(self) -> datetime:
        """The instant up to which it knows."""

    @property
    def tables(self) -> Mapping[str, TableSpec]:
        """Its tables by name."""

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor in which plain table names mean this release."""

    def kept_base(self, name: str) -> str | None:
        """The schema of a kept base's tables, None where it is not at hand."""


class Reader(Protocol):
    """Whatever gives out snapshots."""

    def snapshot(self) -> Snapshot:
        """The newest release known."""

    def refresh(self) -> bool:
        """Look for a newer one."""

    def close(self) -> None:
        """Let go of all files."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tables of a release with their columns, and the cuboids whose definitions are ours."""

    tables: Mapping[str, frozenset[str]]
    cuboids: tuple[Cuboid, ...]
    foreign: tuple[str, ...]  # cuboids the release made by another definition, or not at all
    sizes: Mapping[str, int]
    functions: Functions


def read_catalogue(snapshot: Snapshot, con: duckdb.DuckDBPyConnection) -> Catalogue:
    """The catalogue of a release.

    A cuboid that was made by another definition does not answer: its cells may mean something else.
    """
    kept, stored = cuboids_in_use(snapshot.manifest), snapshot.manifest.definitions
    ours = definition_hashes(kept)
    if any(stored.get(name, made) != made for name, made in ours.items()):
        check_shipped()
    fit = tuple(c for c in kept if c.name in snapshot.tables and stored.get(c.name) == ours[c.name])
    names = {cuboid.name for cuboid in fit}
    return Catalogue(
        tables={name: frozenset(spec.names) for name, spec in snapshot.tables.items()},
        cuboids=fit,
        foreign=tuple(c.name for c in kept if c.name not in names),
        sizes=_sizes(snapshot, con),
        functions=read_functions(con),
    )


def _sizes(snapshot: Snapshot, con: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """Rows of every table, base and tails: as DuckDB knows them without counting."""
    rows = con.execute(
        "select table_name, max(estimated_size) from duckdb_tables() group by table_name"
    ).fetchall()
    known = {str(name): int(size) for name, size in rows}
    return {
        name: known.get(name, 0) + snapshot.manifest.tail_rows(name) for name in snapshot.tables
    }
