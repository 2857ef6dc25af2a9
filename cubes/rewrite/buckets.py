"""Time in buckets: what an expression or a level puts in which, and which lie within which."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from cubes.rewrite import nights
from cubes.rewrite.canonical import constant
from cubes.rewrite.constants import DAY, evaluated
from cubes.rewrite.node import Node, cast, fn, number, text
from cubes.rewrite.reasoner import Reasoner

SECOND = 1_000_000
WIDTHS = {"second": SECOND, "minute": 60 * SECOND, "hour": 3600 * SECOND, "day": DAY}
MONTHS = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12000}
CLOCKLESS = ("second", "minute")  # buckets that do not hang on how the clock is set
MONDAY = 10_959 * DAY  # 2000-01-03, where time_bucket starts to count


@dataclass(frozen=True, slots=True)
class Bucket:
    """A partition of time: a named unit, or so many microseconds from a Monday."""

    unit: str
    width: int = 0

    def refines(self, other: Bucket) -> bool:
        """Whether each bucket lies within one of the other's."""
        if self == other:
            return True
        mine, theirs = self.micros, other.micros
        if mine and theirs:
            return theirs % mine == 0
        if mine:
            return DAY % mine == 0
        if self.unit in MONTHS and other.unit in MONTHS:
            return MONTHS[other.unit] % MONTHS[self.unit] == 0
        return False

    @property
    def micros(self) -> int:
        """Its width, where all its buckets are as wide."""
        return self.width or WIDTHS.get(self.unit, 7 * DAY if self.unit == "week" else 0)


@dataclass(frozen=True, slots=True)
class Source:
    """A level that says in which bucket an expression lies, and an element of the bucket."""

    base: Node
    bucket: Bucket
    element: Node
    finite: bool = False  # it loses an infinite date


@dataclass(frozen=True, slots=True)
class Interval:
    """Months, days and microseconds."""

    months: int
    days: int
    micros: int


def interval_of(reasoner: Reasoner, node: Node) -> Interval | None:
    """The three numbers of a constant interval."""
    if not constant(node):
        return None
    pieces = []
    for part in ("year", "month", "day", "hour", "minute", "microsecond"):
        found = evaluated(
            reasoner.catalogue, reasoner.cursor,
            fn("date_part", text(part), cast(node, "INTERVAL")),
        )  # fmt: skip
        if found is None or not isinstance(found[1], int):
            return None
        pieces.append(found[1])
    year, month, day, hour, minute, micro = pieces
    return Interval(
        year * 12 + month, day, hour * WIDTHS["hour"] + minute * WIDTHS["minute"] + micro
    )


def bucket_of(reasoner: Reasoner, node: Node) -> tuple[Node, Bucket] | None:
    """What an expression puts in buckets, and which: date_trunc, a date, time_bucket."""
    if node.op == "cast" and not node.data[1] and node.data[0] in ("DATE", "TIMESTAMP"):
        inner = bucket_of(reasoner, node.args[0])
        day = Bucket("day")
        if inner is not None and is_zoned(reasoner, inner[0]) and inner[1].unit in CLOCKLESS:
            return None  # two minutes of an hour that comes twice
        if inner is not None:
            wide = inner[1] == day or day.refines(inner[1])
            return inner if wide or node.data[0] == "TIMESTAMP" else None
        if node.data[0] == "DATE" and is_timed(reasoner, node.args[0]):
            return node.args[0], day
        return None
    if node.op != "fn" or not node.args:
        return None
    name, args = node.data[0], node.args
    if name == "date_trunc" and len(args) == 2 and args[0].op == "lit":
        unit = str(args[0].data[1])
        if (unit in WIDTHS or unit in MONTHS or unit == "week") and is_timed(reasoner, args[1]):
            return args[1], Bucket(unit)
    if name == "last_day" and len(args) == 1 and is_timed(reasoner, args[0]):
        return args[0], Bucket("month")
    plain = name == "time_bucket" and len(args) == 2 and is_timed(reasoner, args[1])
    if plain and reasoner.type_of(args[1]) != "TIMESTAMP WITH TIME ZONE":
        bucket = _time_bucket(reasoner, args[0])
        width = bucket.micros if bucket else 0
        if width and DAY % width and width % DAY and reasoner.type_of(args[1]) == "DATE":
            return None  # it begins within a day, and a date is a whole one
        return (args[1], bucket) if bucket else None
    return None


def is_timed(reasoner: Reasoner, node: Node) -> bool:
    """Whether it is a day or an instant of a row, of a type whose buckets are known."""
    if node.op != "col" and not node.args:
        return False
    kind = reasoner.type_of(node)
    zone = kind == "TIMESTAMP WITH TIME ZONE" and reasoner.catalogue.timezone is not None
    return kind in ("DATE", "TIMESTAMP") or zone


def is_zoned(reasoner: Reasoner, node: Node) -> bool:
    """Whether it is an instant, whose buckets hang on the zone."""
    return reasoner.type_of(node) == "TIMESTAMP WITH TIME ZONE"


def _time_bucket(reasoner: Reasoner, width: Node) -> Bucket | None:
    found = interval_of(reasoner, width)
    if found is None:
        return None
    if found.months and not (found.days or found.micros):
        return next((Bucket(u) for u, m in MONTHS.items() if m == found.months and m <= 12), None)
    if found.months:
        return None
    micros = found.days * DAY + found.micros
    for unit, each in WIDTHS.items():
        if micros == each:
            return Bucket(unit)
    return Bucket("week") if micros == 7 * DAY else Bucket("every", micros) if micros > 0 else None


def sources_of(reasoner: Reasoner, levels: Mapping[Node, Node]) -> tuple[Source, ...]:
    """The buckets that levels, alone or together, tell of."""
    found: list[Source] = []
    parts: dict[Node, dict[str, Node]] = {}
    for level, column in levels.items():
        if not any(part.op == "col" for part in level.walk()):
            continue
        put = bucket_of(reasoner, level)
        if put is not None:
            kind = reasoner.type_of(put[0])
            last = any(p.op == "fn" and p.data[0] == "last_day" for p in level.walk())
            found.append(Source(put[0], put[1], cast(column, kind), last))
        part = level.op == "fn" and level.data[0] == "date_part" and level.args[0].op == "lit"
        if part and is_timed(reasoner, level.args[1]):
            parts.setdefault(level.args[1], {})[str(level.args[0].data[1])] = column
    for base, columns in parts.items():
        if reasoner.type_of(base) != "TIMESTAMP WITH TIME ZONE":
            found += _from_parts(base, reasoner.type_of(base), columns, tuple(found))
    return tuple(found)


def _from_parts(
    base: Node, kind: str, columns: Mapping[str, Node], others: tuple[Source, ...]
) -> list[Source]:
    """Year and month together name a month; a day and an hour name an hour."""
    found = []
    if "year" in columns:
        year = columns["year"]
        first = number(1)
        made = [("year", fn("make_date", year, first, first))]
        if "quarter" in columns:
            month = fn("-", fn("*", columns["quarter"], number(3)), number(2))
            made.append(("quarter", fn("make_date", year, month, first)))
        if "month" in columns:
            made.append(("month", fn("make_date", year, columns["month"], first)))
            if "day" in columns:
                made.append(("day", fn("make_date", year, columns["month"], columns["day"])))
        found += [Source(base, Bucket(unit), cast(node, kind), finite=True) for unit, node in made]
    if "hour" in columns and kind == "TIMESTAMP":
        for source in (*others, *found):
            if source.base == base and source.bucket == Bucket("day"):
                day = fn("date_trunc", text("day"), source.element)
                hour = fn("+", day, fn("to_hours", columns["hour"]))
                found.append(Source(base, Bucket("hour"), hour, finite=True))
                break
    return found


def starts_bucket(reasoner: Reasoner, value: Fraction, bucket: Bucket, kind: str) -> bool:
    """Whether a bucket starts at that instant."""
    if value.denominator != 1:
        return False
    micros = int(value)
    if kind == "TIMESTAMP WITH TIME ZONE":
        if bucket.unit == "every":
            return False
        return nights.parts_time(reasoner.catalogue, reasoner.cursor, micros, bucket.unit)
    if bucket.micros:
        return (micros - MONDAY) % bucket.micros == 0
    if micros % DAY:
        return False
    try:
        day = dt.date(1970, 1, 1) + dt.timedelta(days=micros // DAY)
    except OverflowError:
        return False
    return day.day == 1 and (day.year * 12 + day.month - 1) % MONTHS[bucket.unit] == 0
