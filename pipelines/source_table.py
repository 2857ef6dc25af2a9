"""One table of a source: whose file it is, how it is cut, and what a change of a record means.

The keys of `[[table]]` in source.toml as frozen values; docs/sources.md explains each of them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

from models.errors import SourceError, did_you_mean
from pipelines.database_table import Pull, read_pull
from pipelines.toml_fields import Fields

Format = Literal["csv", "json", "jsonl", "xlsx", "parquet", "sqlite", "log"]
Mode = Literal["append", "upsert", "snapshot", "events"]
CLASSES = ("pii", "free_text", "quasi")
ENDINGS: Mapping[str, Format] = {
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".xlsx": "xlsx", ".parquet": "parquet",
    ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".log": "log",
}  # fmt: skip
#: Relations of a load that a view of the same name would hide.
RESERVED = frozenset(
    (
        "record", "quarantine", "member", "lookup_value", "file", "load", "load_source", "person",
        "said", "unit", "held", "fresh", "stale", "again", "keyed", "arriving", "wanted", "touched",
        "repeated", "newest", "rejected", "recalled", "lost", "heir", "heirs", "failing", "joined",
        "holiday", "setting", "concerned", "landed_record", "known_record", "known_part",
        "deleted_record", "changed_record", "heir_record", "taken_file", "lookup_new", "member_new",
        "mapped_part", "cut_again", "all_facts", "plus_side", "minus_side", "failing_unit",
    )
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NO_LINES = ("utf_7", "hz", "iso2022", "idna", "punycode", "escape", "undefined", "mbcs", "oem")


@dataclass(frozen=True, slots=True)
class Match:
    """Whose file is this? What is not said is not asked."""

    path: str = ""
    header: bool | None = None
    columns: int | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is decoded and cut into records."""

    format: Format = "csv"
    encoding: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    quote: str = '"'
    names: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()  # patterns of columns that a file may lack
    skip_rows: int = 0
    header_rows: int = 1
    name_row: int = 1
    trailer: str = ""
    sheet: str = ""
    sqlite_table: str = ""
    json_path: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a later record with the same key means."""

    mode: Mode = "append"
    key: tuple[str, ...] = ()
    order: str = ""
    watermark: str = ""
    delete: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """What is usual for a file; beyond it somebody should look."""

    rows_per_file: tuple[int, int] | None = None
    stop_at_quarantined: float | None = (
        None  # undeclared: half of what cannot be read, no limit else
    )


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One shape of file, or one table of a database."""

    name: str
    match: Match = Match()
    read: Reading = Reading()
    change: Change = Change()
    expect: Expect = Expect()
    classes: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shipped: str = ""
    wanted: tuple[str, ...] = ()  # columns that keys, lookups and mappings name
    pull: Pull | None = None  # of a database: what lands of it are extracts of our own


def read_table(fields: Fields, folder: Path, *, alone: bool, pulled: bool = False) -> SourceTable:
    """One [[table]]; the only one of a source needs no name and is called "raw"."""
    fields.only("name", "shipped", "match", "read", "change", "class", "expect", "rename")
    name = fields.text("name", "raw") if alone else fields.needed("name")
    file = f"{folder.name}/source.toml"
    check_name(file, "a table", name)
    place = f"{file}: [table.%s] of '{name}'"
    shipped = fields.text("shipped")
    if shipped and not (folder / shipped).is_file():
        near = did_you_mean(shipped, [path.name for path in folder.iterdir()])
        raise SourceError(f"{file}: '{name}' ships '{shipped}', which is not in the folder{near}")
    change = _change(fields.table("change", place % "change"))
    match, read, pull = _match(fields.table("match", place % "match")), None, None
    if pulled and not shipped:
        if match != Match():
            raise SourceError(f"{place % 'match'} is for files; a table of a database needs none")
        asked = fields.table("read", place % "read")
        pull = read_pull(asked, name, change.mode, change.watermark)
        match, read = Match(path=f"{name}.*.jsonl"), Reading(format="jsonl")
    elif change.watermark:
        raise SourceError(f"{place % 'change'}: a watermark is for tables of a database")
    classes = fields.table("class", place % "class")
    for column in classes.values:
        classes.choice(column, CLASSES, "")
    renames = fields.table("rename", place % "rename")
    return SourceTable(
        name=name,
        match=match,
        read=read or _reading(fields.table("read", place % "read"), match, shipped),
        change=change,
        expect=_expect(fields.table("expect", place % "expect")),
        classes=MappingProxyType({column: classes.text(column) for column in classes.values}),
        rename=MappingProxyType({column: renames.texts(column) for column in renames.values}),
        shipped=shipped,
        pull=pull,
    )


def _match(fields: Fields) -> Match:
    fields.only("path", "header", "columns")
    columns = fields.values.get("columns")
    return Match(
        path=fields.text("path"),
        header=fields.flag("header"),
        columns=(
            None
            if columns is None
            else fields.number("columns", 1, low=1)
            if isinstance(columns, int)
            else fields.texts("columns")
        ),
    )


def _reading(fields: Fields, match: Match, shipped: str) -> Reading:
    fields.only(*(name for name in Reading.__dataclass_fields__))
    ending = Path(shipped or match.path).suffix.lower()
    format_ = cast(Format, fields.choice("format", get_args(Format), ENDINGS.get(ending, "csv")))
    names, encodings = fields.texts("names"), fields.texts("encoding", ("utf-8",))
    header = match.header if match.header is not None else not names
    rows = fields.number("header_rows", int(header)) if format_ in ("csv", "xlsx") else 0
    reading = Reading(
        format=format_,
        encoding=tuple(_encoding(fields.where, name) for name in encodings),
        delimiter=fields.text("delimiter", "|" if format_ == "log" else ","),
        quote=fields.text("quote", '"'),
        names=names,
        optional=fields.texts("optional"),
        skip_rows=fields.number("skip_rows", 0),
        header_rows=rows,
        name_row=fields.number("name_row", 1, low=1),
        trailer=fields.text("trailer"),
        sheet=fields.text("sheet"),
        sqlite_table=fields.text("sqlite_table"),
        json_path=fields.text("json_path"),
    )
    _check_reading(fields.where, reading, match)
    return reading


def _check_reading(where: str, read: Reading, match: Match) -> None:
    rows, tabular = read.header_rows, read.format in ("csv", "xlsx")
    if not read.delimiter or (read.format == "csv" and len(read.delimiter) > 1):
        raise SourceError(f"{where}: delimiter must be one character, not {read.delimiter!r}")
    if len(read.quote) > 1:
        raise SourceError(f"{where}: quote must be one character, or empty for none")
    if not read.encoding:
        raise SourceError(f"{where}: encoding must name at least one encoding")
    if rows and match.header is False:
        raise SourceError(f"{where}: header_rows = {rows}, but [table.match] says header = false")
    if rows and read.name_row > rows:
        raise SourceError(f"{where}: name_row = {read.name_row} lies outside {rows} header rows")
    if not read.names and (read.format == "log" or (tabular and not rows)):
        raise SourceError(f'{where} needs names = ["…"], because the files have no header')
    if len({name.casefold() for name in read.names}) < len(read.names):
        raise SourceError(f"{where}: names holds one name twice (capital letters do not count)")
    try:
        re.compile(read.trailer)
    except re.error as error:
        raise SourceError(f"{where}: trailer is not a regular expression ({error})") from error


def _encoding(where: str, name: str) -> str:
    """The canonical name of an encoding in which lines can be told apart without decoding all."""
    try:
        known = codecs.lookup(name).name
        plain = "\r\n\t ,;|\"'".encode(known) == b"\r\n\t ,;|\"'"
    except (LookupError, UnicodeError):
        known, plain = "", False
    wide = known.startswith(("utf-16", "utf-32"))
    if any(part in known.replace("-", "_") for part in _NO_LINES) or not (plain or wide):
        raise SourceError(
            f"{where}: '{name}' is not an encoding that files can have here; usual ones are utf-8, "
            "cp949, euc-kr, windows-1252, utf-16"
        )
    return "utf-8" if known == "utf-8-sig" else known


def _change(fields: Fields) -> Change:
    fields.only("mode", "key", "order", "watermark", "delete")
    mode = cast(Mode, fields.choice("mode", get_args(Mode), "append"))
    key = fields.texts("key")
    if mode in ("upsert", "snapshot") and not key:
        raise SourceError(f'{fields.where}: mode "{mode}" needs key = ["…"] to tell records apart')
    return Change(mode, key, fields.text("order"), fields.text("watermark"), fields.text("delete"))


def _expect(fields: Fields) -> Expect:
    fields.only("rows_per_file", "stop_at_quarantined")
    rows = fields.values.get("rows_per_file")
    if rows is not None and not (
        isinstance(rows, list)
        and len(rows) == 2
        and all(isinstance(item, int) for item in rows)
        and 0 <= rows[0] <= rows[1]
    ):
        raise SourceError(f"{fields.where}: rows_per_file must be [least, most], not {rows!r}")
    usual = None if rows is None else (rows[0], rows[1])
    declared = "stop_at_quarantined" in fields.values
    return Expect(usual, fields.share("stop_at_quarantined", 1.0) if declared else None)


def check_name(where: str, what: str, name: str) -> None:
    """Refuse a name that SQL would have to quote."""
    if not _NAME.fullmatch(name):
        raise SourceError(f"{where}: {what} cannot be named '{name}'; use a-z, 0-9 and _")
    if name in RESERVED:
        raise SourceError(
            f"{where}: {what} cannot be named '{name}', a name the loader uses itself; "
            f"'{name}_list' would do"
        )
