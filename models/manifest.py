"""The manifest: what the newest release consists of; replacing it is the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.errors import HomeError
from models.home import Home
from models.table import TableSpec

FORMAT = 1
NAME = "manifest.json"

#: What stands in the definitions for a table that is announced and not yet built.
ANNOUNCED = "announced"


@dataclass(frozen=True, slots=True)
class Tail:
    """One folder of Parquet files with what the loads `load_from` … `load_to` changed."""

    name: str
    load_from: int
    load_to: int
    rows: Mapping[str, int]
    bytes: int

    @property
    def total(self) -> int:
        """All rows of the tail: its weight when tails are merged."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True)
class Kept:
    """A base that stood before and is kept: the cells of its load, and how they were made."""

    name: str
    load: int
    as_of: datetime
    definitions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One release: a base, the tails on top of it oldest first, and what they hold."""

    load: int
    revision: int
    as_of: datetime
    committed_at: datetime
    base: str | None = None
    tails: tuple[Tail, ...] = ()
    tables: tuple[TableSpec, ...] = ()
    touched_at: Mapping[str, int] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[str, ...] | None = None  # the cell tables kept by advice; None: the default ones
    base_as_of: datetime | None = None  # the instant up to which the base knows
    kept: tuple[Kept, ...] = ()  # older bases, oldest first
    format: int = FORMAT

    @property
    def base_load(self) -> int:
        """The newest load that is in the base; all tail rows are younger."""
        return self.tails[0].load_from - 1 if self.tails else self.load

    def tail_rows(self, table: str) -> int:
        """Rows of one table in all tails."""
        return sum(tail.rows.get(table, 0) for tail in self.tails)


#: What stands before the first release: no load, no files.
NOTHING = Manifest(
    load=0,
    revision=0,
    as_of=datetime(1970, 1, 1, tzinfo=UTC),
    committed_at=datetime(1970, 1, 1, tzinfo=UTC),
)


def read_manifest(home: Home) -> Manifest | None:
    """The manifest that stands now, or None before the first release."""
    path = home.releases / NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise HomeError(f"The manifest {path} cannot be read ({error})") from error
    return parse(text, path)


def parse(text: str, path: Path) -> Manifest:
    """A manifest from its JSON; `path` is only for the sentence when it is none."""
    try:
        raw = json.loads(text)
        form = raw["format"]
    except (ValueError, TypeError, KeyError) as error:
        raise HomeError(_damaged(path)) from error
    if form != FORMAT:
        raise HomeError(
            f"The release at {path.parent} has format {form}, and this happycall reads format "
            f"{FORMAT}; use the version of happycall that wrote it, or upgrade the home"
        )
    try:
        return _manifest(raw)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HomeError(_damaged(path)) from error


def render(manifest: Manifest) -> str:
    """The manifest as JSON that can be read by eye: a line for each field, table and tail."""
    first = ("format", "load", "revision")
    names = (*first, *(each.name for each in fields(manifest) if each.name not in first))
    lines = (f' "{name}": {_rendered(getattr(manifest, name))}' for name in names)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rendered(value: Any) -> str:
    if isinstance(value, tuple) and any(is_dataclass(each) for each in value):
        return "[\n" + ",\n".join(f"  {_rendered(each)}" for each in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False, default=_plain_value)


def _plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return _stamp(value)
    return {each.name: getattr(value, each.name) for each in fields(value)}


def with_specs(manifest: Manifest, specs: tuple[TableSpec, ...]) -> Manifest:
    """The manifest with these tables described as given and its other tables kept."""
    known = {spec.name: spec for spec in manifest.tables} | {spec.name: spec for spec in specs}
    return replace(manifest, tables=tuple(known.values()))


def _damaged(path: Path) -> str:
    return f"The manifest {path} is damaged; put back a copy of the releases folder from a backup"


def _manifest(raw: dict[str, Any]) -> Manifest:
    return Manifest(
        format=FORMAT,
        load=int(raw["load"]),
        revision=int(raw["revision"]),
        as_of=_moment(raw["as_of"]),
        committed_at=_moment(raw["committed_at"]),
        base=None if raw["base"] is None else _plain(raw["base"]),
        tails=tuple(_tail(tail) for tail in raw["tails"]),
        tables=tuple(_spec(table) for table in raw["tables"]),
        touched_at={str(site): int(load) for site, load in raw["touched_at"].items()},
        definitions={str(name): str(value) for name, value in raw["definitions"].items()},
        checksums={str(name): str(value) for name, value in raw["checksums"].items()},
        chosen=_chosen(raw.get("chosen")),
        base_as_of=_moment(raw["base_as_of"]) if raw.get("base_as_of") else None,
        kept=tuple(_kept(kept) for kept in raw.get("kept", ())),
    )


def _chosen(raw: list[str] | None) -> tuple[str, ...] | None:
    return None if raw is None else tuple(_plain(name) for name in raw)


def _kept(raw: dict[str, Any]) -> Kept:
    return Kept(
        name=_plain(raw["name"]),
        load=int(raw["load"]),
        as_of=_moment(raw["as_of"]),
        definitions={str(name): str(value) for name, value in raw["definitions"].items()},
    )


def _tail(raw: dict[str, Any]) -> Tail:
    return Tail(
        name=_plain(raw["name"]),
        load_from=int(raw["load_from"]),
        load_to=int(raw["load_to"]),
        rows={str(table): int(rows) for table, rows in raw["rows"].items()},
        bytes=int(raw["bytes"]),
    )


def _spec(raw: dict[str, Any]) -> TableSpec:
    lookup = raw["lookup"]
    return TableSpec(
        name=_plain(raw["name"]),
        kind=raw["kind"],
        columns=tuple((str(name), str(kind)) for name, kind in raw["columns"]),
        key=tuple(raw["key"]),
        sort=tuple(raw["sort"]),
        lookup=None if lookup is None else (str(lookup[0]), str(lookup[1])),
    )


def _plain(name: str) -> str:
    if not name or "/" in name or name.startswith("."):
        raise ValueError(name)
    return name


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
