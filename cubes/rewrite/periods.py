"""From a range of time to the periods in it, and back: `year(d) = 2024` is a range of d.

Both ways only give what must hold, never more: a wider range proves less.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from cubes.rewrite import guards
from cubes.rewrite.buckets import MONDAY, MONTHS, Bucket, bucket_of
from cubes.rewrite.constants import DAY, step_of
from cubes.rewrite.node import Node
from cubes.rewrite.ranges import Domain
from cubes.rewrite.reasoner import Reasoner

ORIGIN = dt.date(1970, 1, 1)
YEAR = Bucket("year")
NUMBERS = {"year": (1, 9999), "quarter": (1, 4), "month": (1, 12), "day": (1, 31)}
FORMAT = re.compile("([^%]*)%Y(?:([^%]*)%m(?:([^%]*)%d)?)?")  # wide enough to be read back


def period_of(reasoner: Reasoner, term: Node) -> tuple[Node, Bucket, bool] | None:
    """The time a term is a period of, the period, and whether the term is the year's number."""
    if term.op not in ("fn", "cast"):
        return None
    if term.op == "fn" and term.data[0] == "date_part":
        part = part_of(reasoner, term)
        return (part[0], YEAR, True) if part and part[1] == "year" else None
    plain = term.data == ("TIMESTAMP", False) and term.args[0].op == "col"
    if plain and reasoner.type_of(term.args[0]) == "DATE":
        return term.args[0], Bucket("day"), False
    if any(part.op == "fn" and part.data[0] == "last_day" for part in term.walk()):
        return None
    put = bucket_of(reasoner, term)
    if put is None or reasoner.type_of(put[0]) not in ("DATE", "TIMESTAMP"):
        return None
    return put[0], put[1], False


def part_of(reasoner: Reasoner, term: Node) -> tuple[Node, str] | None:
    """The time a term gives the number of a year, quarter, month or day of."""
    if term.op != "fn" or term.data[0] != "date_part" or len(term.args) != 2:
        return None
    part, base = term.args
    if part.op != "lit" or str(part.data[1]) not in ("year", "quarter", "month", "day"):
        return None
    return (base, str(part.data[1])) if reasoner.type_of(base) in ("DATE", "TIMESTAMP") else None


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


def of_parts(reasoner: Reasoner, domains: Mapping[Node, Domain]) -> Iterator[tuple[Node, Domain]]:
    """The range of time that a year's number and a month's leave together; or a text of them."""
    found: dict[Node, dict[str, tuple[int, int]]] = {}
    for term, domain in domains.items():
        part = part_of(reasoner, term)
        if part is not None:
            low, high = (None if end is None else int(end) for end in _ends(domain))
            least, most = NUMBERS[part[1]]
            kept = (least if low is None else max(low, least), most if high is None else high)
            found.setdefault(part[0], {})[part[1]] = (kept[0], min(kept[1], most))
        day = _written(reasoner, term, domain)
        if day is not None:
            yield term.args[0], _between(reasoner, term.args[0], *day)
    for base, numbers in found.items():
        year, last_year = numbers.get("year", (0, 1))
        one = guards.is_one_year(year == last_year)
        ends = _first_and_after(year, numbers) if one else None
        if ends is not None:
            yield base, _between(reasoner, base, *ends)


def _first_and_after(year: int, numbers: Mapping[str, tuple[int, int]]) -> tuple[int, int] | None:
    """The first instant of the months of one year, and that after the last."""
    first, last = numbers.get("month", NUMBERS["month"])
    low, high = numbers.get("quarter", NUMBERS["quarter"])
    first, last = max(first, low * 3 - 2), min(last, high * 3)
    start, after = _micros(year * 12 + first - 1), _micros(year * 12 + last)
    if first > last or start is None or after is None:
        return None
    if first == last and "day" in numbers:
        day, last_day = numbers["day"]
        start, after = start + (day - 1) * DAY, min(after, start + last_day * DAY)
    return (start, after) if start < after else None


def _between(reasoner: Reasoner, base: Node, start: int, after: int) -> Domain:
    step = step_of(reasoner.type_of(base)) or 1
    return Domain(low=(Fraction(start), True), high=(Fraction(after) - step, True))


def _written(reasoner: Reasoner, term: Node, domain: Domain) -> tuple[int, int] | None:
    """The ends of the one month or day that is written so: strftime(d, '%Y-%m') = '2024-02'."""
    if term.op != "fn" or term.data[0] != "strftime" or len(term.args) != 2:
        return None
    base, shape = term.args
    timed = shape.op == "lit" and reasoner.type_of(base) in ("DATE", "TIMESTAMP")
    if not timed or not domain.only or len(domain.only) != 1:
        return None
    fields = FORMAT.fullmatch(str(shape.data[1]))
    if fields is None:
        return None
    digits = "".join(
        f"{re.escape(between)}([0-9]{{{width}}})"
        for between, width in zip(fields.groups(), (4, 2, 2), strict=True)
        if between is not None
    )
    numbers = re.fullmatch(digits, str(next(iter(domain.only))))
    if numbers is None:
        return None
    year, *rest = (int(number) for number in numbers.groups())
    parts = dict(zip(("month", "day"), ((number, number) for number in rest), strict=False))
    return _first_and_after(year, parts)


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
