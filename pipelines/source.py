"""A source is a folder: `source.toml` and one SELECT for each canonical entity it feeds.

This reads such folders strictly, so that a slip is one sentence before anything is taken, and gives
frozen values to the parts that match, cut, map and load. docs/sources.md explains every key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import available_timezones

from models.errors import SourceError, did_you_mean
from models.home import Home
from pipelines.mapping import EntityMapping, read_mappings
from pipelines.personal import refuse_personal
from pipelines.source_table import (
    Change,
    Expect,
    Format,
    Match,
    Reading,
    SourceTable,
    check_name,
    read_table,
)
from pipelines.toml_fields import Fields, read_toml

__all__ = [
    "SOURCES", "Change", "EntityMapping", "Expect", "Format", "Lookup", "Match", "Reading",
    "Source", "SourceTable", "read_source", "read_sources",
]  # fmt: skip

SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The distinct values of some columns over all accepted records of a table so far."""

    name: str
    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One source folder, as read."""

    name: str
    title: str
    kind: str
    namespace: str
    zone: str
    folder: Path
    tables: tuple[SourceTable, ...]
    lookups: tuple[Lookup, ...]
    mappings: tuple[EntityMapping, ...]

    def table(self, name: str) -> SourceTable:
        """The table of that name; a name from elsewhere raises `SourceError`."""
        for table in self.tables:
            if table.name == name:
                return table
        hint = did_you_mean(name, [table.name for table in self.tables])
        raise SourceError(f"source '{self.name}' has no table '{name}'{hint}")


def home_sources(home: Home) -> tuple[Source, ...]:
    """The sources that come with happycall and those a home adds in its folder `sources/`."""
    own = home.root / "sources"
    return read_sources((SOURCES, own) if own.is_dir() else (SOURCES,))


def read_sources(folders: Sequence[Path] = (SOURCES,)) -> tuple[Source, ...]:
    """Every source in the given folders of source folders, by name; a name may stand only once."""
    found: dict[str, Source] = {}
    for parent in folders:
        for folder in sorted(path for path in parent.glob("*") if path.is_dir()):
            if folder.name.startswith((".", "__")):
                continue
            if folder.name in found:
                raise SourceError(
                    f"the source '{folder.name}' stands in both {found[folder.name].folder.parent} "
                    f"and {parent}; rename one of the folders"
                )
            found[folder.name] = read_source(folder)
    return tuple(found[name] for name in sorted(found))


def read_source(folder: Path) -> Source:
    """One source folder; anything that is not as documented raises `SourceError`."""
    if not (folder / "source.toml").is_file():
        raise SourceError(f"{folder} is no source folder: it has no source.toml")
    fields = read_toml(folder / "source.toml").only(
        "title", "kind", "namespace", "timezone", "table", "lookup"
    )
    check_name(fields.where, "the folder", folder.name)
    given = fields.tables("table")
    if not given:
        raise SourceError(f"{fields.where} has no [[table]]; one for each shape of file is needed")
    kind = fields.choice("kind", ("file", "database"), "file")
    tables = tuple(
        read_table(item, folder, alone=len(given) == 1, pulled=kind == "database") for item in given
    )
    lookups = tuple(_lookup(item, tables) for item in fields.tables("lookup"))
    for lookup in lookups:
        _check_lookup(fields.where, lookup, tables)
    _check_unique(fields.where, [table.name for table in tables] + [look.name for look in lookups])
    joinable = [look.name for look in lookups]
    joinable += [table.name for table in tables if table.change.mode == "snapshot"]
    mappings = read_mappings(folder, [table.name for table in tables], joinable)
    classes = {table.name: table.classes for table in tables}
    for mapping in mappings:
        refuse_personal(f"{folder.name}/{mapping.file}", mapping, classes)
    zone = fields.text("timezone")
    if zone and zone not in available_timezones():
        hint = did_you_mean(zone, available_timezones())
        raise SourceError(f"{fields.where}: timezone '{zone}' is not a zone of the IANA list{hint}")
    return Source(
        name=folder.name,
        title=fields.text("title", folder.name),
        kind=kind,
        namespace=fields.text("namespace", folder.name),
        zone=zone,
        folder=folder,
        tables=tuple(_with_wanted(fields.where, table, lookups, mappings) for table in tables),
        lookups=lookups,
        mappings=mappings,
    )


def _lookup(fields: Fields, tables: Sequence[SourceTable]) -> Lookup:
    fields.only("name", "table", "columns")
    name, table = fields.needed("name"), fields.text("table", tables[0].name)
    check_name(fields.where, "a lookup", name)
    known = [item.name for item in tables]
    if table not in known:
        hint = did_you_mean(table, known)
        raise SourceError(f"{fields.where} reads no table of the source: '{table}'{hint}")
    if not fields.texts("columns"):
        raise SourceError(f'{fields.where} needs columns = ["…"]')
    return Lookup(name, table, fields.texts("columns"))


def _with_wanted(
    where: str, table: SourceTable, lookups: Sequence[Lookup], mappings: Sequence[EntityMapping]
) -> SourceTable:
    """The table with the columns that its key, its lookups and its mappings name."""
    named = [*table.change.key, table.change.order]
    named += [name for look in lookups if look.table == table.name for name in look.columns]
    named += [name for each in mappings if each.table == table.name for name in each.columns]
    wanted = {name.casefold(): name for name in reversed(named) if name}
    known = {name.casefold() for name in table.read.names}
    for folded, name in wanted.items() if table.read.names else ():
        if folded not in known:
            hint = did_you_mean(name, table.read.names)
            raise SourceError(f"{where}: '{table.name}' has no column '{name}' in its names{hint}")
    return replace(table, wanted=tuple(sorted(wanted.values())))


def _check_lookup(where: str, lookup: Lookup, tables: Sequence[SourceTable]) -> None:
    """Values of a lookup are kept in releases, where no person may be found."""
    classes = next(table.classes for table in tables if table.name == lookup.table)
    for column in lookup.columns:
        if classes.get(column) in ("pii", "free_text"):
            raise SourceError(
                f"{where}: lookup '{lookup.name}' would keep '{column}', which is of class "
                f"{classes[column]}; a lookup is kept in releases, so leave that column out"
            )


def _check_unique(where: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise SourceError(f"{where}: two tables or lookups are named '{name}'")
