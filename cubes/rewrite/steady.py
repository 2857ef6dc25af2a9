"""What is the same all through a bucket of time, and what keeps to buckets when it is moved.

A level `date_trunc('month', d)` decides every expression that is constant on months: the quarter of
d, `d < '2024-04-01'`, not the ISO week. To evaluate it the bucket's own start stands for d.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cubes.rewrite import guards, nights
from cubes.rewrite.buckets import (
    MONTHS,
    WIDTHS,
    Bucket,
    Interval,
    bucket_of,
    interval_of,
    is_timed,
    is_zoned,
    starts_bucket,
)
from cubes.rewrite.canonical import constant, fixed
from cubes.rewrite.constants import DAY, evaluated, step_of
from cubes.rewrite.functions import unit_of
from cubes.rewrite.node import Node, cast, fn, text
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.reasoner import Reasoner

# centuries are counted from 2001, and truncated to 2000; quarters before Christ towards the end
PART_NEEDS = {
    "year": "year", "decade": "decade", "century": "year", "millennium": "year",
    "era": "year", "quarter": "quarter", "month": "month", "day": "day", "dow": "day",
    "isodow": "day", "doy": "day", "week": "week", "isoyear": "week", "yearweek": "week",
    "julian": None, "hour": "hour", "minute": "minute", "second": "second",
}  # fmt: skip
DIFF_NEEDS = {
    **{unit: unit for unit in WIDTHS}, "month": "month", "quarter": "month", "year": "year",
}  # fmt: skip
FORMAT_NEEDS = {
    "%Y": "year", "%y": "year", "%m": "month", "%B": "month", "%b": "month", "%d": "day",
    "%-d": "day", "%-m": "month", "%a": "day", "%A": "day", "%w": "day", "%u": "day", "%j": "day",
    "%x": "day", "%H": "hour", "%I": "hour", "%p": "hour", "%M": "minute", "%S": "second",
    "%G": "week", "%V": "week", "%U": "day", "%W": "day",
}  # fmt: skip


def constant_on(reasoner: Reasoner, node: Node, base: Node, bucket: Bucket) -> bool:
    """Whether an expression has one value all through a bucket of its base."""
    if bucket.refines(Bucket("day")) and reasoner.type_of(base) == "DATE":
        return True
    if node == base:
        return False
    if not any(part == base for part in node.walk()):
        return True
    if node.op == "cmp":
        whole = _aligned_comparison(reasoner, node, base, bucket)
        if whole is not None:
            return whole
    need = _need(reasoner, node)
    if need is not None:
        argument, unit = need
        if _like_base(reasoner, argument, base, bucket, unit):
            return bucket.refines(unit)
    return bool(node.args) and all(constant_on(reasoner, a, base, bucket) for a in node.args)


def _need(reasoner: Reasoner, node: Node) -> tuple[Node, Bucket] | None:
    """What a function of time reads, and the buckets it is constant on."""
    put = bucket_of(reasoner, node)
    if put is not None:
        return put
    if node.op != "fn":
        return None
    name, args = node.data[0], node.args
    if name == "date_part" and len(args) == 2 and args[0].op == "lit":
        unit = PART_NEEDS.get(str(args[0].data[1]))
        timed = unit and is_timed(reasoner, args[1])
        return (args[1], _on_clock(reasoner, args[1], unit)) if unit and timed else None
    if name in ("monthname", "dayname") and len(args) == 1 and is_timed(reasoner, args[0]):
        return args[0], Bucket("month" if name == "monthname" else "day")
    if name == "date_diff" and len(args) == 3 and args[0].op == "lit" and constant(args[1]):
        need = DIFF_NEEDS.get(unit_of(str(args[0].data[1])))
        return (args[2], Bucket(need)) if need and is_timed(reasoner, args[2]) else None
    if (
        name == "strftime"
        and len(args) == 2
        and args[1].op == "lit"
        and is_timed(reasoner, args[0])
    ):
        unit = _format_need(str(args[1].data[1]))
        return (args[0], _on_clock(reasoner, args[0], unit)) if unit else None
    return None


def _on_clock(reasoner: Reasoner, node: Node, unit: str) -> Bucket:
    """The buckets a field of the clock is the same in, where an hour's name may lie in the next."""
    odd = unit == "hour" and is_zoned(reasoner, node)
    if odd and not nights.names_its_hour(reasoner.catalogue, reasoner.cursor):
        return Bucket("minute")
    return Bucket(unit)


def _format_need(pattern: str) -> str | None:
    """The widest unit all of a format's fields are constant on."""
    needs, position = [], 0
    while position < len(pattern):
        if pattern[position] != "%":
            position += 1
            continue
        field = pattern[
            position : position + (3 if pattern[position + 1 : position + 2] == "-" else 2)
        ]
        if field not in FORMAT_NEEDS:
            return None
        needs.append(Bucket(FORMAT_NEEDS[field]))
        position += len(field)
    fitting = [unit for unit in needs if all(unit.refines(other) for other in needs)]
    if fitting:
        return fitting[0].unit
    return "day" if needs and all(Bucket("day").refines(unit) for unit in needs) else None


def _like_base(reasoner: Reasoner, node: Node, base: Node, bucket: Bucket, unit: Bucket) -> bool:
    """Whether it is the base, cast or shifted by whole buckets."""
    if node == base:
        return True
    if node.op == "cast" and not node.data[1]:
        whole = node.data[0] == "TIMESTAMP" or (
            node.data[0] == "DATE" and (unit == Bucket("day") or Bucket("day").refines(unit))
        )
        zoned = reasoner.type_of(node.args[0]) == "TIMESTAMP WITH TIME ZONE"
        return whole and not zoned and _like_base(reasoner, node.args[0], base, bucket, unit)
    if node.op == "fn" and node.data[0] in ("+", "-") and len(node.args) == 2:
        left, right = node.args
        if node.data[0] == "+" and constant(left):
            left, right = right, left
        if not constant(right) or reasoner.type_of(left) == "TIMESTAMP WITH TIME ZONE":
            return False
        shift = shift_of(reasoner, left, right)
        inner = _like_base(reasoner, left, base, bucket, unit)
        return shift is not None and inner and keeps_buckets(shift, bucket)
    return False


def shift_of(reasoner: Reasoner, moved: Node, by: Node) -> Interval | None:
    """By how much `moved + by` moves."""
    kind = reasoner.type_of(by)
    if kind == "INTERVAL":
        return interval_of(reasoner, by)
    if kind in ("INTEGER", "BIGINT", "SMALLINT", "TINYINT") and reasoner.type_of(moved) == "DATE":
        found = evaluated(reasoner.catalogue, reasoner.cursor, by)
        if found and isinstance(found[1], int):
            return Interval(0, found[1], 0)
    return None


def keeps_buckets(shift: Interval, bucket: Bucket) -> bool:
    """Whether what lies in one bucket lies in one bucket after the shift."""
    if bucket.unit in MONTHS:
        rest = shift.days or shift.micros
        return not rest and guards.shifts_whole_buckets(shift.months, MONTHS[bucket.unit])
    if bucket.unit == "week" or bucket.micros > DAY:
        moved = shift.days * DAY + shift.micros
        return not shift.months and guards.shifts_whole_buckets(moved, bucket.micros)
    if DAY % bucket.micros:
        return False
    return guards.shifts_whole_buckets(shift.micros, bucket.micros)


def _aligned_comparison(reasoner: Reasoner, node: Node, base: Node, bucket: Bucket) -> bool | None:
    """Whether a comparison of the base itself parts time where buckets part; None: not of it."""
    left, right = node.args
    days = left.op == "cast" and left.data[0] == "DATE" and left.args[0] == base
    if left != base and not days:
        return None
    atom = reasoner.atom(node)
    kind = reasoner.type_of(left)
    step = step_of(kind)
    if constant(right) and _infinite(reasoner, right, kind):
        return True
    if atom is not None and step is not None:
        domain = atom[1]
        if domain.only is not None or domain.never:
            return False
        ends = []
        if domain.low:
            ends.append(domain.low[0])
        if domain.high and isinstance(domain.high[0], Fraction):
            ends.append(domain.high[0] + step)
        return all(
            isinstance(end, Fraction) and starts_bucket(reasoner, end, bucket, kind) for end in ends
        )
    if fixed(right) and node.data[0] in ("<", ">="):
        zoned = kind == "TIMESTAMP WITH TIME ZONE"
        same = is_zoned(reasoner, right) == zoned
        return same and _starts_some_bucket(reasoner, right, bucket)
    return None


def _infinite(reasoner: Reasoner, node: Node, kind: str) -> bool:
    """Whether a constant is the end of all time, which no bucket holds but its own."""
    found = evaluated(reasoner.catalogue, reasoner.cursor, cast(cast(node, kind), "VARCHAR"))
    return bool(found and found[1] in ("infinity", "-infinity"))


def _starts_some_bucket(reasoner: Reasoner, node: Node, bucket: Bucket) -> bool:
    """Whether a value that is not known yet starts a bucket, whatever it will be."""
    if node.op == "cast" and not node.data[1] and node.data[0] in ("DATE", "TIMESTAMP"):
        inner_day = node.data[0] == "DATE" and bucket.refines(Bucket("day"))
        return inner_day or _starts_some_bucket(reasoner, node.args[0], bucket)
    if node.op == "named" and node.data[0] == "current_date":
        return bucket.refines(Bucket("day"))
    if node.op != "fn":
        return False
    if node.data[0] == "current_date":
        return bucket.refines(Bucket("day"))
    if node.data[0] == "date_trunc" and node.args[0].op == "lit":
        unit = str(node.args[0].data[1])
        known = unit in WIDTHS or unit in MONTHS or unit == "week"
        return known and bucket.refines(Bucket(unit)) and _named_by_start(reasoner, node, unit)
    if node.data[0] in ("+", "-") and len(node.args) == 2:
        moved, by = node.args
        if node.data[0] == "+" and constant(moved):
            moved, by = by, moved
        if not constant(by):
            return False
        shift = shift_of(reasoner, moved, by)
        return (
            shift is not None
            and keeps_buckets(shift, bucket)
            and _named_by_start(reasoner, node, bucket.unit if shift.micros else "day")
            and _starts_some_bucket(reasoner, moved, bucket)
        )
    return False


def _named_by_start(reasoner: Reasoner, node: Node, unit: str) -> bool:
    """Whether the names of buckets are their starts, on whichever day to come."""
    named = not is_zoned(reasoner, node)
    return named or nights.names_its_start(reasoner.catalogue, reasoner.cursor, unit)


def refuse_ranges(reasoner: Reasoner, nodes: Iterable[Node]) -> None:
    """Raise where DuckDB itself asks for a range that is not the bucket it was asked for.

    It turns `date_trunc('hour', at) = x` into a range of `at`, which is another one in an hour that
    comes twice.
    """
    if reasoner.catalogue.timezone is None:
        return
    for node in nodes:
        for part in node.walk():
            if part.op in ("cmp", "in") and not _ranges_are_buckets(reasoner, part):
                raise Unanswered(
                    "bucket", "It compares a bucket of a night on which the clock is set",
                    "compare the instants themselves",
                )  # fmt: skip


def _ranges_are_buckets(reasoner: Reasoner, node: Node) -> bool:
    """Whether buckets that are compared with constants are whole ranges of time."""
    units = []
    for term in node.args:
        if constant(term) or any(part.op in ("agg", "win", "unknown") for part in term.walk()):
            continue
        put = bucket_of(reasoner, term)
        if put is not None and is_zoned(reasoner, put[0]) and is_zoned(reasoner, term):
            units.append(put[1].unit)
    for unit in units:
        for value in filter(constant, node.args):
            at = cast(value, "TIMESTAMP WITH TIME ZONE")
            if _infinite(reasoner, value, "TIMESTAMP WITH TIME ZONE"):
                continue
            start = fn("date_trunc", text(unit), at)
            after = fn("+", start, cast(text(f"1 {unit}"), "INTERVAL"))
            for end in (start, after):
                found = evaluated(reasoner.catalogue, reasoner.cursor, fn("epoch_us", end))
                micros = found[1] if found else None
                if not isinstance(micros, int) or not nights.parts_time(
                    reasoner.catalogue, reasoner.cursor, micros, unit
                ):
                    return False
    return True
