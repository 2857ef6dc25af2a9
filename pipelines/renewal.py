"""Definitions that changed since the last release, and what has to be made anew because of them.

A manifest names the hash of every model, mapping and cuboid its rows were made with. A changed
mapping or canonical SELECT maps its records again, a changed dimension or fact is computed whole
and compared, a changed cuboid is built anew; everything else stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlglot

from cubes.cube import Cuboid
from cubes.definition_check import check_shipped
from cubes.lattice import CUBOIDS
from cubes.refresh import definition_hashes
from models.connection import MACROS
from models.schema import Schema
from pipelines.mapping import EntityMapping
from pipelines.source import Source


@dataclass(frozen=True, slots=True)
class Renewal:
    """Names of what is defined otherwise now than when the last release was made."""

    models: frozenset[str] = frozenset()
    cuboids: frozenset[str] = frozenset()
    mapped: Mapping[str, frozenset[str]] | None = None  # source → raw tables to map again

    @property
    def is_needed(self) -> bool:
        """Whether anything has to be made anew."""
        return bool(self.models or self.cuboids or self.mapped)


def definitions(
    schema: Schema, sources: Sequence[Source], cuboids: tuple[Cuboid, ...] = CUBOIDS
) -> dict[str, str]:
    """The hash of every definition, comments and layout left out; none is used that is wrong."""
    check_shipped()
    models = {model.name: _hash(model.sql) for model in schema.models}
    mappings = {
        _mapping_name(source, mapping): _hash(mapping.sql, _text(source.folder / "source.toml"))
        for source in sources
        for mapping in source.mappings
    }
    return {**models, **mappings, **definition_hashes(cuboids)}


def renewal(
    before: Mapping[str, str],
    now: Mapping[str, str],
    schema: Schema,
    sources: Sequence[Source],
    cuboids: tuple[Cuboid, ...] = CUBOIDS,
) -> Renewal:
    """What differs; nothing before the first release, when everything is made anyway."""
    if not before:
        return Renewal()
    changed = {name for name, made in now.items() if before.get(name) != made}
    models = frozenset(model.name for model in schema.models if model.name in changed)
    anew = frozenset(cuboid.name for cuboid in cuboids if cuboid.name in changed)
    mapped: dict[str, frozenset[str]] = {}
    for source in sources:
        tables = {
            mapping.table
            for mapping in source.mappings
            if f"canonical_{mapping.entity}" in models or _mapping_name(source, mapping) in changed
        }
        if tables:
            mapped[source.name] = frozenset(tables)
    return Renewal(models, anew, mapped)


def _mapping_name(source: Source, mapping: EntityMapping) -> str:
    return f"{source.name}/{mapping.entity}.{mapping.table}"


@cache
def _hash(sql: str, *others: str) -> str:
    """Of what a SELECT says, with the macros it may use and whatever else decides on its rows."""
    plain = sqlglot.parse_one(sql, dialect="duckdb").sql(dialect="duckdb", comments=False)
    return hashlib.sha256("\0".join((plain, _text(MACROS), *others)).encode()).hexdigest()[:16]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
