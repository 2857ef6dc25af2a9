"""What a question names, found before it runs: members by their keys, edges of its time by dates.

With `site_version = 1024` DuckDB leaves out whole row groups by the smallest and largest key in
each; with a query in its place it first has to run that, and by then the scan is planned. A plan is
kept for many loads and values, so the keys are looked up anew each time it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

#: What lookups found in one release, by their SQL and what they were given.
Known = dict[tuple[str, str], str]
_MOST_KNOWN = 20_000

#: Keys that are put into a question's text; where there are more, nothing would be left out.
MOST = 64


@dataclass(frozen=True, slots=True)
class Lookup:
    """A condition `column in (query)` whose query finds the keys of the members that are meant."""

    column: str
    query: str

    @property
    def sql(self) -> str:
        """The condition as it stands in the plan."""
        return f"{self.column} in ({self.query})"

    def with_found(self, keys: str) -> str:
        """The condition with the keys themselves."""
        return f"{self.column} {keys}" if keys != _NONE else _NONE


@dataclass(frozen=True, slots=True)
class Moment:
    """A date that follows from a question's parameters alone: shorter than the way to it."""

    sql: str

    @property
    def query(self) -> str:
        """What finds it."""
        return f"select {self.sql}"

    def with_found(self, day: str) -> str:
        """The date itself."""
        return day


def with_keys(
    cursor: duckdb.DuckDBPyConnection,
    sql: str,
    lookups: Iterable[Lookup | Moment],
    given: Mapping[str, Any],
    known: Known,
) -> tuple[str, Mapping[str, Any]]:
    """A plan's SQL with the keys themselves, and those of its parameters that are left."""
    found: dict[str, str] = {}
    for lookup in lookups:
        text = found.get(lookup.query)
        if text is None:
            text = found[lookup.query] = _known(cursor, lookup.query, given, known)
        if text:
            sql = sql.replace(lookup.sql, lookup.with_found(text))
    return sql, (_used(sql, given) if any(found.values()) else given)


_NONE = "false"
_PARAMETER, _WORDS = re.compile(r"\$([A-Za-z_]\w*)"), re.compile(r"'(?:[^']|'')*'")


def _known(
    cursor: duckdb.DuckDBPyConnection, query: str, given: Mapping[str, Any], known: Known
) -> str:
    used = _used(query, given)
    place = (query, repr(sorted(used.items())))
    if place not in known:
        if len(known) >= _MOST_KNOWN:
            known.clear()
        known[place] = _keys(cursor, query, used)
    return known[place]


def _keys(cursor: duckdb.DuckDBPyConnection, query: str, used: Mapping[str, Any]) -> str:
    """What a key is compared with; empty where the query is better left to DuckDB."""
    asked = f"select distinct * from ({query}) limit {MOST + 1}"
    rows = (cursor.execute(asked, used) if used else cursor.execute(asked)).fetchall()
    if len(rows) == 1 and isinstance(rows[0][0], date):
        return f"date '{rows[0][0].isoformat()}'"
    keys = sorted(row[0] for row in rows if isinstance(row[0], int))
    if len(keys) != len(rows) or len(keys) > MOST:
        return ""
    if not keys:
        return _NONE
    return f"= {keys[0]}" if len(keys) == 1 else f"in ({', '.join(map(str, keys))})"


def _used(sql: str, given: Mapping[str, Any]) -> dict[str, Any]:
    named = {name.casefold() for name in _PARAMETER.findall(_WORDS.sub("", sql))}
    return {name: value for name, value in given.items() if name.casefold() in named}
