"""From a range of time to the periods in it, and back: `year(d) = 2024` is a range of d.

Both ways only give what must hold, never more: a wider range proves less.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from cubes.rewrite.buckets import MONDAY, MONTHS, Bucket, bucket_of
from cubes.rewrite.constants import DAY, step_of
from cubes.rewrite.node import Node
from cubes.rewrite.ranges import Domain
from cubes.rewrite.reasoner import Reasoner

ORIGIN = dt.date(1970, 1, 1)
YEAR = Bucket("year")


def period_of(reasoner: Reasoner, term: Node) -> tuple[Node, Bucket, bool] | None:
    """The time a term is a period of, the period, and whether the term is the year's number."""
    if term.op not in ("fn", "cast"):
        return None
    if term.op == "fn" and term.data[0] == "date_part" and len(term.args) == 2:
        part, base = term.args
        plain = part.op == "lit" and part.data[1] == "year"
        if plain and reasoner.type_of(base) in ("DATE", "TIMESTAMP"):
            return base, YEAR, True
        return None
    if any(part.op == "fn" and part.data[0] == "last_day" for part in term.walk()):
        return None
    put = bucket_of(reasoner, term)
    if put is None or reasoner.type_of(put[0]) not in ("DATE", "TIMESTAMP"):
        return None
    return put[0], put[1], False


def start_of(micros: int, bucket: Bucket) -> int | None:
    """The start of the bucket an instant lies in."""
    if bucket.micros:
        return (micros - MONDAY) // bucket.micros * bucket.micros + MONDAY
    day = _day(micros)
    if day is None:
        return None
    months = day.year * 12 + day.month - 1
    return _micros(months - months % MONTHS[bucket.unit])


def next_start(micros: int, bucket: Bucket) -> int | None:
    """The start of the bucket after the one an instant lies in."""
    start = start_of(micros, bucket)
    if start is None or bucket.micros:
        return None if start is None else start + bucket.micros
    day = _day(start)
    if day is None:
        return None
    return _micros(day.year * 12 + day.month - 1 + MONTHS[bucket.unit])


def _day(micros: int) -> dt.date | None:
    try:
        return ORIGIN + dt.timedelta(days=micros // DAY)
    except OverflowError:
        return None


def _micros(months: int) -> int | None:
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        return None
    return (dt.date(year, month + 1, 1) - ORIGIN).days * DAY


def _ends(domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    """The least and greatest value, both belonging."""
    if domain.only:
        values = [value for value in domain.only if isinstance(value, Fraction)]
        return (min(values), max(values)) if len(values) == len(domain.only) else (None, None)
    low = domain.low[0] if domain.low and domain.low[1] else None
    high = domain.high[0] if domain.high and domain.high[1] else None
    return (
        low if isinstance(low, Fraction) else None,
        high if isinstance(high, Fraction) else None,
    )


def of_base(reasoner: Reasoner, term: Node, domain: Domain) -> tuple[Node, Domain] | None:
    """The range of time in which the periods of a domain lie."""
    period = period_of(reasoner, term)
    if period is None:
        return None
    base, bucket, numbered = period
    low, high = _ends(domain)
    step = step_of(reasoner.type_of(base)) or 1
    first = _number_start(low) if numbered else (None if low is None else int(low))
    last = _number_start(high) if numbered else (None if high is None else int(high))
    after = None if last is None else next_start(last, bucket)
    found = Domain(
        low=None if first is None else (Fraction(-(-first // step) * step), True),
        high=None if after is None else (Fraction((after - 1) // step * step), True),
    )
    return (base, found) if found.low or found.high else None


def _number_start(year: Fraction | None) -> int | None:
    return _micros(int(year) * 12) if year is not None and year.denominator == 1 else None


def of_period(reasoner: Reasoner, term: Node, base_domain: Domain) -> Domain | None:
    """The periods that lie in a range of time."""
    period = period_of(reasoner, term)
    if period is None:
        return None
    _, bucket, numbered = period
    ends = []
    for end in _ends(base_domain):
        start = None if end is None else start_of(int(end), bucket)
        day = None if start is None or not numbered else _day(start)
        ends.append(start if not numbered else None if day is None else day.year)
    low, high = ends
    endless = low is None or high is None
    if (low is None and high is None) or (numbered and endless):
        return None  # an infinite date has no year
    return Domain(
        low=None if low is None else (Fraction(low), True),
        high=None if high is None else (Fraction(high), True),
    )
