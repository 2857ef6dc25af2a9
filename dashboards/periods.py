"""Spans of days: the period on screen, the one before, the same one a year ago, the trend."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "week", "month"]
YEAR = 364  # 52 weeks: the same weekdays meet


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to, but not including, `until`."""

    first: date
    until: date
    months: int = 0  # so many calendar months, the last perhaps not over; 0: days as they are

    @property
    def last(self) -> date:
        """The last day inside."""
        return self.until - timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of days inside."""
        return (self.until - self.first).days

    def earlier(self, days: int) -> "Span":
        """The same length, `days` earlier."""
        back = timedelta(days=days)
        return Span(self.first - back, self.until - back)


def ending(last: date, days: int) -> Span:
    """The span of `days` that ends with `last`.

    >>> ending(date(2026, 11, 22), 7).first
    datetime.date(2026, 11, 16)
    """
    return Span(last - timedelta(days=days - 1), last + timedelta(days=1))


def months_ending(last: date, days: int) -> Span:
    """About so many days in whole months, which is how figures of others are published.

    >>> months_ending(date(2026, 11, 22), 91).first
    datetime.date(2026, 9, 1)
    """
    months = max(1, round(days / 30.4))
    return Span(_months(last, 1 - months), last + timedelta(days=1), months)


def _months(day: date, by: int) -> date:
    """The first day of the month so many months later."""
    count = day.year * 12 + day.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def before(span: Span) -> Span:
    """The span of the same length just before."""
    if span.months:
        return Span(_months(span.first, -span.months), span.first, span.months)
    return span.earlier(span.days)


def year_before(span: Span) -> Span:
    """The same weekdays 52 weeks earlier, so that weekends compare with weekends; or months."""
    if span.months:
        return Span(_months(span.first, -12), _months(span.first, span.months - 12), span.months)
    return span.earlier(YEAR)


def profile_times(span: Span) -> dict[str, date]:
    """The three times that a profile compares, as the parameters of its question."""
    year = year_before(span)
    return {
        "first": span.first,
        "until": span.until,
        "before": before(span).first,
        "year_first": year.first,
        "year_until": year.until,
    }


def trend(last: date, earliest: date, days: int, *, few: bool) -> tuple[Span, Grain]:
    """What a trend shows: how far back, and in which steps.

    A line needs enough points to be a trend and enough answers a point to mean something: weeks
    for a place with few answers, days where the history is still short.
    """
    back, grain = _wanted(days, few=few)
    shown = ending(last, back)
    first = max(shown.first, earliest)
    days_shown = (shown.until - first).days
    if grain == "month" and days_shown < 200:
        grain = "week"
    if grain == "week" and days_shown < 35:
        grain = "day"
    return Span(_whole(first, grain), shown.until), grain


def _whole(first: date, grain: Grain) -> date:
    """The first day of the first whole step: half a week would look like news."""
    if grain == "week":
        return first + timedelta(days=-first.weekday() % 7)
    if grain == "month" and first.day > 1:
        return date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first


def _wanted(days: int, *, few: bool) -> tuple[int, Grain]:
    if days <= 7:
        return (91, "week") if few else (28, "day")
    if days <= 28:
        return 182, "week"
    if days <= 91:
        return 364, "week"
    return 1092, "month"
