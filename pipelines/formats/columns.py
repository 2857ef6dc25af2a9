"""The names of a file's columns, and whether all that are needed are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from models.errors import SourceError, did_you_mean
from pipelines.source_table import SourceTable

#: Columns that the loader adds to a raw table.
RESERVED = ("_record", "_record_key", "_file", "_file_no", "_sha", "_number")


def column_names(header: Sequence[str], rename: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Names under which a header's columns can be read in SQL, each once.

    >>> column_names([" id", "Q7 art", "", "ID"], {"art": ["Q7*"]})
    ('id', 'art', 'column_3', 'ID_2')
    """
    names = [" ".join(name.split()) or f"column_{place}" for place, name in enumerate(header, 1)]
    given: dict[int, str] = {}
    for name, patterns in rename.items():
        place = _first_fit(names, [name, *patterns], given)
        if place is not None:
            given[place] = name
    taken = {name.casefold() for name in (*RESERVED, *given.values())}
    return tuple(given.get(place) or unique(name, taken) for place, name in enumerate(names))


def unique(name: str, taken: set[str]) -> str:
    """The name, or the first of name_2, name_3 … that is not taken; takes it."""
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free.casefold())
    return free


def _first_fit(
    names: Sequence[str], patterns: Iterable[str], given: Mapping[int, str]
) -> int | None:
    for pattern in patterns:
        for place, name in enumerate(names):
            if place not in given and fnmatchcase(name.casefold(), pattern.casefold()):
                return place
    return None


def missing_columns(
    table: SourceTable, columns: Iterable[str], header: Iterable[str] = ()
) -> tuple[str, ...]:
    """Columns that the definition names, that may not be absent, and that are.

    What [table.match] lists may also stand in the header under a name that is then changed.
    """
    there = {name.casefold() for name in columns}
    landed = there | {" ".join(name.split()).casefold() for name in header}
    listed = table.match.columns if isinstance(table.match.columns, tuple) else ()
    missing = [name for name in listed if name.casefold() not in landed]
    missing += [name for name in table.wanted if name.casefold() not in there]
    return tuple(name for name in dict.fromkeys(missing) if not _may_lack(table, name))


def check_columns(
    file: str, table: SourceTable, columns: Sequence[str], header: Sequence[str] = ()
) -> None:
    """Refuse a file that lacks a column the definition counts on."""
    missing = missing_columns(table, columns, header)
    if missing:
        hint = did_you_mean(missing[0], columns) or f"; it has {_some(columns)}"
        raise SourceError(f"{file} has no column '{missing[0]}'{hint}")


def _may_lack(table: SourceTable, name: str) -> bool:
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern.casefold()) for pattern in table.read.optional)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(f"'{name}'" for name in names[:8]) + more
