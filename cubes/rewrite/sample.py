"""A small, nasty data set for some tables: keys, foreign keys and not-null kept, all else provoked.

NULLs, ties, duplicates, negative numbers, ends of months, a leap day, hours that come twice, and
the constants of question and cuboid with neighbours. The same every time: no clock, no chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from cubes.rewrite.catalogue import Catalogue, ForeignKey, Table
from cubes.rewrite.constants import INTEGERS
from cubes.rewrite.nights import repeated
from cubes.rewrite.node import Node

PARENTS, CHILDREN = 7, 36
DAYS = tuple(
    dt.date.fromisoformat(day)
    for day in ("2023-12-31", "2024-01-01", "2024-01-31", "2024-02-29", "2024-03-01", "2024-03-31")
)
WORDS = ("a", "b", "A", "", "ab")
Row = list[str | None]


def literals_of(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The texts of all constants in some expressions."""
    found = {
        str(part.data[1]): None
        for node in nodes
        for part in node.walk()
        if part.op == "lit" and part.data[0] in ("INTEGER", "NUMERIC", "STRING")
    }
    return tuple(found)


def days_of(literals: Sequence[str]) -> tuple[dt.date, ...]:
    """The days the constants name, with their neighbours."""
    found: dict[dt.date, None] = {}
    for text in literals:
        try:
            day = dt.date.fromisoformat(text[:10])
            for shift in (0, -1, 1):
                found[day + dt.timedelta(days=shift)] = None
        except (ValueError, OverflowError):
            continue
    return (*tuple(found)[:12], *DAYS)


def pool(kind: str, literals: Sequence[str], nights: Sequence[str] = ()) -> tuple[str, ...]:
    """Values of a type as text to be cast to it; empty for a type that is not known here.

    `nights` are instants in hours that come twice where the clock is set back.
    """
    if kind in INTEGERS or kind.startswith("DECIMAL") or kind in ("DOUBLE", "FLOAT"):
        return tuple(_numbers(kind, literals))
    if kind == "VARCHAR":
        words = [*(text.rstrip("%") for text in literals[:10]), *WORDS]
        return tuple(dict.fromkeys(words))
    if kind == "BOOLEAN":
        return ("true", "false")
    if kind == "DATE":
        return tuple(str(day) for day in dict.fromkeys(days_of(literals)))
    if kind == "TIMESTAMP WITH TIME ZONE":
        return (*nights, *_instants(literals))
    if kind.startswith("TIMESTAMP"):
        return tuple(_instants(literals))
    return ()


def _numbers(kind: str, literals: Sequence[str]) -> Iterator[str]:
    unsigned = kind.startswith("U")
    seen: dict[Decimal, None] = {}
    for text in (*literals, "0", "1", "2", "3", "-2"):
        try:
            number = Decimal(text)
        except InvalidOperation:
            continue
        if kind in ("DOUBLE", "FLOAT") and not number.is_finite():
            yield text
        if number.is_finite() and abs(number) < 100:
            for each in (number, number + 1, number - 1)[: 3 if text in literals else 1]:
                seen[each] = None
    if not kind.endswith("INT") and kind != "INTEGER":
        seen[Decimal("0.5")] = None
        seen[Decimal("-1.25")] = None
    for number in seen:
        whole = number == number.to_integral_value()
        if not (unsigned and number < 0) and (whole or kind not in INTEGERS):
            yield f"{number:f}"


def _instants(literals: Sequence[str]) -> Iterator[str]:
    for day in dict.fromkeys(days_of(literals)):
        for clock in ("00:00:00", "23:59:59.999999", "12:30:00")[: 3 if len(literals) < 6 else 2]:
            yield f"{day} {clock}"
    for text in literals[:8]:
        if len(text) > 12 and text[:4].isdigit():
            yield text


def rows_of(
    catalogue: Catalogue, tables: Sequence[Table], literals: Sequence[str]
) -> dict[str, list[Row]] | None:
    """Rows for each table, parents first; None where a column that must be filled cannot be."""
    found: dict[str, list[Row]] = {}
    nights: tuple[str, ...] = ()
    if any("TIMESTAMP WITH TIME ZONE" in dict(table.columns).values() for table in tables):
        named = [day for day in days_of(literals) if day not in DAYS]
        nights = repeated(catalogue, catalogue.cursor(), named)
    for table in _parents_first(catalogue, tables):
        links = [
            link
            for link in catalogue.foreign_keys
            if link.child == table.name and link.parent in found and link.parent != table.name
        ]
        parent = any(link.parent == table.name for link in catalogue.foreign_keys)
        count = PARENTS if parent else CHILDREN
        made = _table(table, links, found, tables, literals, nights, count)
        if made is None:
            return None
        found[table.name] = made
    return found


def _parents_first(catalogue: Catalogue, tables: Sequence[Table]) -> list[Table]:
    names = {table.name for table in tables}
    waiting, ordered = list(tables), list[Table]()
    while waiting:
        done = {table.name for table in ordered}
        ready = [
            table
            for table in waiting
            if all(
                link.parent in done or link.parent not in names or link.parent == table.name
                for link in catalogue.foreign_keys
                if link.child == table.name
            )
        ]
        ordered += ready or waiting
        waiting = [table for table in waiting if table not in ordered]
    return ordered


def _table(
    table: Table,
    links: Sequence[ForeignKey],
    found: Mapping[str, list[Row]],
    tables: Sequence[Table],
    literals: Sequence[str],
    nights: Sequence[str],
    count: int,
) -> list[Row] | None:
    pools = {name: pool(kind, literals, nights) for name, kind in table.columns}
    if any(not pools[name] for name in table.not_null):
        return None
    rows: list[Row] = []
    seen: dict[tuple[str, ...], set[tuple[str | None, ...]]] = {key: set() for key in table.keys}
    for number in range(count * 2):
        values: dict[str, str | None] = {}
        for place, (name, kind) in enumerate(table.columns):
            values[name] = _value(table, name, kind, pools[name], number, place)
        for link in links:
            _refer(table, link, found, tables, values, number)
        if any(values[name] is None for name in table.not_null):
            continue
        keys = {key: tuple(values[name] for name in key) for key in table.keys}
        if any(keys[key] in seen[key] for key in table.keys) or len(rows) >= count:
            continue
        for key in table.keys:
            seen[key].add(keys[key])
        rows.append([values[name] for name, _ in table.columns])
    if rows and not table.keys:
        rows += [list(rows[0]), list(rows[1 % len(rows)])]  # duplicates, where none is forbidden
    return rows


def _value(
    table: Table, name: str, kind: str, values: tuple[str, ...], number: int, place: int
) -> str | None:
    sole = any(key == (name,) for key in table.keys)
    if sole and kind in INTEGERS:
        return str(number + 1)
    if sole and number >= len(values) and kind == "VARCHAR":
        return f"k{number}"
    if not values:
        return None
    if name not in table.not_null and (number * 5 + place * 3) % 7 == 0:
        return None
    return values[(number * (2 * place + 3) + number // len(values) + place) % len(values)]


def _refer(
    table: Table,
    link: ForeignKey,
    found: Mapping[str, list[Row]],
    tables: Sequence[Table],
    values: dict[str, str | None],
    number: int,
) -> None:
    """Point a row at a parent, or at none."""
    parent = next(each for each in tables if each.name == link.parent)
    names = [name for name, _ in parent.columns]
    rows = found[link.parent]
    if not rows or (number % 8 == 3 and not set(link.columns) & table.not_null):
        values.update(dict.fromkeys(link.columns))
        return
    row = rows[(number * 3 + number // len(rows)) % max(1, len(rows) - 1)]  # the last has no child
    for mine, theirs in zip(link.columns, link.referred, strict=True):
        values[mine] = row[names.index(theirs)]
