"""Days of the network as whole numbers since 1970, its working days, and times within a day."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from pipelines.simulate.chance import Flags, Floats, Ints

EPOCH = date(1970, 1, 1)
KOREA_SECONDS = 9 * 3600  # ahead of UTC; true for every day since 1988


def day_of(day: date) -> int:
    """The day's number."""
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """The day with that number."""
    return EPOCH + timedelta(days=int(number))


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[int]:
    import holidays

    return frozenset(day_of(day) for day in holidays.country_holidays("KR", years=year))


def is_holiday(days: Ints) -> Flags:
    """Whether each day is a public holiday in Korea."""
    known = np.unique(days)
    hits = [int(day) for day in known if int(day) in _holidays(date_of(int(day)).year)]
    return np.isin(days, np.asarray(hits, dtype=np.int64))


def weekday(days: Ints) -> Ints:
    """0 for Monday … 6 for Sunday."""
    return np.asarray((days + 3) % 7, dtype=np.int64)


def next_working(days: Ints) -> Ints:
    """The day itself, or the next one that is neither a Sunday nor a holiday."""
    if not len(days):
        return days
    first, last = int(days.min()), int(days.max()) + 15
    span = np.arange(first, last + 1, dtype=np.int64)
    closed = (weekday(span) == 6) | is_holiday(span)
    following = span.copy()
    for place in range(len(span) - 2, -1, -1):
        if closed[place]:
            following[place] = following[place + 1]
    return np.asarray(following[days - first], dtype=np.int64)


def business(day: int, kind: str) -> float:
    """How busy a day is against the mean: branches live on Saturdays, workshops rest on Sundays."""
    shares = {
        "sale": (0.95, 0.9, 0.95, 0.95, 1.05, 1.5, 0.7),
        "service": (1.35, 1.15, 1.1, 1.1, 1.25, 1.05, 0.0),
        "showroom": (0.7, 0.7, 0.75, 0.75, 0.95, 1.75, 1.4),
        "case": (1.35, 1.15, 1.1, 1.05, 1.05, 0.75, 0.55),
    }[kind]
    one = np.asarray([day], dtype=np.int64)
    share = shares[int(weekday(one)[0])]
    if is_holiday(one)[0]:
        share = share if kind == "case" else 0.2 * share
    month = date_of(day).timetuple().tm_yday / 365.25
    peak = {"sale": 0.97, "service": 0.55, "showroom": 0.3, "case": 0.6}[kind]
    return share * (1.03 + 0.10 * float(np.cos(2 * np.pi * (month - peak))))


def minutes(shares: Floats, opens: int, closes: int) -> Ints:
    """Seconds of the day from uniform numbers: two humps, before noon and in the afternoon."""
    warped = shares + 0.045 * np.sin(4 * np.pi * shares)
    return np.asarray((opens + warped * (closes - opens)) * 60, dtype=np.int64)
