"""What the rewriter calls the same all through a bucket of time is, day by day and in odd zones."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb
import pytest

from cubes.rewrite.binding import bound
from cubes.rewrite.buckets import MONTHS, WIDTHS, bucket_of
from cubes.rewrite.catalogue import parsed
from cubes.rewrite.node import Node, col, rebuild
from cubes.rewrite.normal import normal_of
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import printed
from cubes.rewrite.reading import block_of
from cubes.rewrite.reasoner import Reasoner
from cubes.rewrite.sources import Env
from cubes.rewrite.steady import FORMAT_NEEDS, constant_on, refuse_ranges

UNITS = (*WIDTHS, "week", *MONTHS)
PARTS = (
    "year", "quarter", "month", "day", "dow", "isodow", "weekday", "doy", "week", "isoyear",
    "yearweek", "decade", "century", "millennium", "era", "epoch", "julian", "hour", "minute",
    "second", "millisecond", "microsecond", "timezone", "timezone_hour",
)  # fmt: skip
WIDE = ("7 minutes", "15 minutes", "6 hours", "36 hours", "3 days", "1 week", "2 weeks", "3 months")
LEVELS = (
    *(f"date_trunc('{unit}', d)" for unit in UNITS),
    *(f"date_trunc('{unit}', d)::timestamp" for unit in ("minute", "hour", "month")),
    *("d::date", "date_trunc('month', d)::date"),
    *(f"time_bucket(interval '{by}', d)" for by in WIDE),
)
ENDS = ("1999-12-31", "2000-01-01", "2001-01-01", "2024-02-29", "2024-12-30", "0001-01-01 (BC)")
DAYS = """
    select d::date as d from (values (1899), (1900), (2000), (2024)) v(y),
        unnest(range(make_date(y, 1, 1) - 8, make_date(y + 1, 1, 9), interval 1 day)) r(d)
    union select date '0003-12-29 (BC)' + i::int from range(1100, 1830) r(i)
    union select make_date(y::int, m::int, 1) - k::int from range(-120, 2121, 20) r(y),
        (values (1), (3), (4), (7), (10)) v(m), (values (0), (1)) w(k)
    union select make_date((y * 1000 + x)::int, 1, 1) - k::int from range(-5, 13) r(y),
        (values (-10), (0), (1), (10)) v(x), (values (0), (1)) w(k)
    union select unnest(['infinity'::date, '-infinity'::date])
"""
INSTANTS = f"""
    select d + t as d from ({DAYS}) a, (values (time '00:00:00'), (time '23:59:59.999999'),
        (time '12:30:00'), (time '05:29:30')) v(t)
    where isfinite(d) and (day(d) < 3 or day(d) > 27)
    union select unnest(['infinity'::timestamp, '-infinity'::timestamp])
"""
NIGHTS = {
    "America/New_York": ("2024-11-03 06:00", "2024-03-10 07:00"),
    "Australia/Lord_Howe": ("2024-04-06 15:00", "2024-10-05 15:30"),
    "America/St_Johns": ("2024-11-03 04:30", "1987-04-05 03:31", "2006-10-29 02:31"),
    "Asia/Gaza": ("2010-03-26 22:01", "2024-10-25 23:00"),
    "America/Sao_Paulo": ("2018-02-18 02:00", "2018-11-04 03:00"),
    "America/Havana": ("2024-11-03 05:00", "2024-03-10 05:00"),
    "Pacific/Apia": ("2011-12-30 10:00",),
    "Asia/Kolkata": ("2024-01-01 00:00",),
    "Asia/Seoul": ("1988-10-08 17:00", "1954-03-20 15:30"),
}


def clock(zone: str) -> str:
    """Every five minutes about the nights on which a zone sets its clock."""
    return " union ".join(
        f"select unnest(range(timestamptz '{at}+00' - interval 30 hour,"
        f" timestamptz '{at}+00' + interval 30 hour, interval 5 minute)) as d"
        for at in NIGHTS[zone]
    )


def asked(kind: str, ends: tuple[str, ...]) -> list[str]:
    """Expressions of a time `d`."""
    found = [f"date_part('{part}', d)" for part in PARTS]
    found += [f"date_trunc('{unit}', d)" for unit in UNITS]
    found += [f"date_trunc('{unit}', d)::date" for unit in UNITS]
    found += [f"date_trunc('{unit}', d)::timestamp" for unit in UNITS]
    found += [f"strftime(d, '{field}')" for field in FORMAT_NEEDS]
    found += ["strftime(d, '%Y-%V')", "strftime(d, '%G-W%V')", "strftime(d, '%Y%m%d%H')"]
    units = (*UNITS, "isoyear", "yearweek")
    found += [f"date_diff('{u}', {kind} '{end}', d)" for u in units for end in ends[:2]]
    found += [f"date_sub('{u}', {kind} '{end}', d)" for u in UNITS[3:] for end in ends[:1]]
    found += ["last_day(d)", "monthname(d)", "dayname(d)", "d::date", "d::timestamp", "isfinite(d)"]
    shifts = ("1 month", "3 month", "1 year", "1 day", "7 day", "1 hour", "30 minute", "6 hour")
    for unit in ("hour", "day", "week", "month", "quarter", "year", "century"):
        found += [f"date_trunc('{unit}', d + interval {by})" for by in shifts]
        found += [f"date_part('{unit}', d - interval {by})" for by in shifts]
    for end in ends:
        found += [f"d {op} {kind} '{end}'" for op in ("<", "<=", ">", ">=", "=", "<>")]
        found += [f"d::date {op} '{end[:10]}'::date" for op in ("<", ">=") if "BC" not in end]
        found += [f"date_trunc('{u}', d) {op} {kind} '{end}'" for u in UNITS for op in ("=", ">=")]
    buckets = ("1 week", "2 weeks", "1 month", "3 months", "1 year", "3 days", "15 minutes")
    return found + [f"time_bucket(interval '{by}', d)" for by in buckets]


@dataclass(frozen=True)
class Case:
    """A kind of time, in a zone or in none, with rows."""

    kind: str
    zone: str | None
    rows: str
    ends: tuple[str, ...] = ENDS


CASES = [
    Case("DATE", None, DAYS),
    Case("TIMESTAMP", None, INSTANTS),
    *(
        Case("TIMESTAMPTZ", zone, clock(zone), tuple(f"{at}:00+00" for at in NIGHTS[zone]))
        for zone in NIGHTS
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.zone or ''}".strip())
def test_the_start_of_a_bucket_stands_for_all_of_it(case: Case) -> None:
    catalogue = bound({"t": {"d": case.kind}}, {}, {}, (), frozenset(), {}, case.zone)
    cursor = catalogue.cursor()
    data = duckdb.connect(config={"threads": 1})
    data.execute(f"set timezone = '{case.zone or 'UTC'}'")
    data.execute(f"create table t as {case.rows}")
    base, claimed = col("_0", "d"), 0
    wrong: list[tuple[str, str, str]] = []
    table = catalogue.tables["t"]
    reasoner = Reasoner(catalogue, cursor, {"_0": table})
    nodes: list[tuple[str, Node]] = []
    for sql in (*LEVELS, *asked(case.kind, case.ends)):
        tree = parsed(cursor, f"select {sql} as x from t")
        assert tree is not None, sql
        try:
            block = normal_of(catalogue, block_of(catalogue, tree, Env(), lambda *_: "")).block
            node = block.items[0][1]
            refuse_ranges(reasoner, [node])
            reasoner.type_of(node)
            data.execute(f"select count({sql}) from t")
        except (Unanswered, duckdb.Error):
            continue
        nodes.append((sql, node))
    for level, made in [(sql, node) for sql, node in nodes if sql in LEVELS]:
        put = bucket_of(reasoner, made)
        within_a_day = case.kind == "DATE" and re.search("second|minute|hour", level)
        if put is None or within_a_day:
            continue
        told = [(sql, node) for sql, node in nodes if constant_on(reasoner, node, base, put[1])]
        claimed += len(told)
        element = f"{level}::{case.kind} as e"
        counts = []
        for _, node in told:
            at_start = rebuild(node, lambda part: col("_0", "e") if part == base else None)
            differ = f"{printed(node)} is distinct from {printed(at_start)}"
            counts.append(f"min(d) filter (where {differ})::varchar")
        row = data.execute(f"select {', '.join(counts)} from (select d, {element} from t) as _0")
        seen = row.fetchone() or ()
        wrong += [(level, sql, at) for (sql, _), at in zip(told, seen, strict=True) if at]
    assert not wrong, wrong
    assert claimed > 500 if case.zone is None else claimed > 300
