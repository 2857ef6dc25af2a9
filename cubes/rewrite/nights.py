"""The nights on which a clock is set, where hours and midnights come twice or not at all.

DuckDB names an hour, a day or a longer bucket of an instant by its start on the clock of the zone.
Where that start comes twice it takes the second, so that the bucket begins before its own name;
where there is none it takes one that may lie in the next bucket. Minutes and seconds are the
instants' own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from cubes.rewrite.catalogue import Catalogue

QUARTER = 900_000_000  # clocks are set at quarters of an hour
AROUND = 104  # quarters: a clock is set by a day at most
YEARS = ("1900-01-01", "2100-01-01")  # what the zones' tables hold
TO_COME = ("2020-01-01", "2100-01-01")  # today is one of these days


def parts_time(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, micros: int, unit: str
) -> bool:
    """Whether all instants before one lie in buckets named before it, and no others do."""
    text = (
        f"select bool_and((epoch_us(date_trunc('{unit}', make_timestamptz(t))) < {micros})"
        f" = (t < {micros})) from (select {micros} + s * {QUARTER} - d as t"
        f" from range(-{AROUND}, {AROUND}) r(s), (values (0), (1)) e(d))"
    )
    return _yes(catalogue, cursor, text)


def names_its_start(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, unit: str) -> bool:
    """Whether no bucket of any day to come begins before its own name."""
    early = f"date_trunc('{unit}', t) > t"
    return _yes(catalogue, cursor, f"select not bool_or({early}) from ({_changes(*TO_COME)})")


def names_its_hour(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection) -> bool:
    """Whether the name of each hour lies in that hour on the clock."""
    same = "date_part('hour', date_trunc('hour', t)) = date_part('hour', t)"
    return _yes(catalogue, cursor, f"select bool_and({same}) from ({_changes(*YEARS)})")


def repeated(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, days: Sequence[dt.date]
) -> tuple[str, ...]:
    """Instants in the first hours that come twice near one of some days, or else in 2024."""
    if catalogue.timezone is None:
        return ()
    near = [day for day in days if 1900 <= day.year < 2100]
    return (near and _twice(catalogue, cursor, near, 3)) or _twice(
        catalogue, cursor, [dt.date(2024, 1, 1)], 366
    )


def _twice(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, days: Sequence[dt.date], length: int
) -> tuple[str, ...]:
    """The quarters before and after a clock is first set back within so many days of some."""
    firsts = ", ".join(f"(timestamptz '{day} 00:00:00+00')" for day in days)
    text = (
        "select epoch_us(t) from (select d + to_minutes(15 * s) as t"
        f" from (values {firsts}) v(d), range(-96, {96 * length}) r(s))"
        " where (t + to_minutes(15))::timestamp <= t::timestamp order by 1 limit 1"
    )
    if text not in catalogue.constants:
        row = cursor.execute(text).fetchone()
        catalogue.constants[text] = ("BIGINT", row[0] if row else None)
    found = catalogue.constants[text][1]
    if not isinstance(found, int):
        return ()
    last = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=found)  # noqa: DTZ001 — UTC
    return tuple(f"{last + dt.timedelta(minutes=m)}+00" for m in (-45, 0, 20, 50))


def _changes(first: str, last: str) -> str:
    """Quarters of an hour about the days on which the zone's clock is set."""
    clock = "timezone('UTC', d::timestamp)"
    offset = "epoch_us({0}::timestamp) - epoch_us({0})"
    days = f"select unnest(range(date '{first}', date '{last}', interval 1 day)) as d"
    now, then = offset.format(clock), offset.format(f"({clock} + interval 24 hour)")
    return (
        f"select {clock} + to_minutes(15 * s) - to_microseconds(m) as t from ({days})"
        f" join range(-{AROUND}, {2 * AROUND}) r(s) on {now} <> {then}, (values (0), (1)) e(m)"
    )


def _yes(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, text: str) -> bool:
    if text not in catalogue.constants:
        try:
            row = cursor.execute(text).fetchone()
        except duckdb.Error:
            row = None
        catalogue.constants[text] = ("BOOLEAN", bool(row and row[0] is not False))
    return catalogue.constants[text][1] is True
