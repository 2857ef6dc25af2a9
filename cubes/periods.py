"""How far something lies back, and at which levels of date that has a meaning.

A month is moved by months and a week by weeks: moved by days, a month would be cut in two. What is
finer decides what is coarser, along the hierarchies of the date: weeks do not nest in months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from cubes.definitions.dimensions import DATE
from models.errors import QuestionError

TIMES = tuple(level.name for level in DATE.levels)

#: What each unit of an interval is.
_UNITS = {"DAY": (0, 1), "WEEK": (0, 7), "MONTH": (1, 0), "QUARTER": (3, 0), "YEAR": (12, 0)}

#: The length of a period, in months and days.
_LENGTHS = {
    "day": (0, 1),
    "week": (0, 7),
    "month": (1, 0),
    "quarter": (3, 0),
    "half": (6, 0),
    "year": (12, 0),
    "fiscal_year": (12, 0),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A number of months, or of days; never both."""

    months: int = 0
    days: int = 0

    @property
    def sql(self) -> str:
        """The span as an interval of DuckDB."""
        return f"interval '{self.months} months {self.days} days'"

    @property
    def within(self) -> str:
        """How far its first day lies before its last."""
        return f"interval '{self.months} months {self.days - 1} days'"

    @property
    def words(self) -> str:
        """The span as people say it."""
        number, unit = (self.months, "month") if self.months else (self.days, "day")
        return f"{number} {unit}{'' if number == 1 else 's'}"


def read_span(node: exp.Expr, call: str) -> Span:
    """The span that an INTERVAL in a question names."""
    amount = node.this if isinstance(node, exp.Interval) else None
    unit = str(node.args.get("unit") or "").upper().removesuffix("S")
    if isinstance(amount, exp.Literal) and amount.name.isdigit() and unit in _UNITS:
        number, (months, days) = int(amount.name), _UNITS[unit]
        if 0 < number <= 1_000:
            return Span(number * months, number * days)
    raise QuestionError(
        f"How far {call}() reaches is an interval of whole days, weeks, months, quarters or years: "
        f"{call}(index, interval 3 month)"
    )


def length_of(level: str) -> Span:
    """The span of one period of a level."""
    return Span(*_LENGTHS[level])


def fits(level: str, span: Span) -> bool:
    """Whether a span is a number of whole periods of a level.

    >>> fits("quarter", Span(months=6)), fits("week", Span(months=1)), fits("day", Span(months=1))
    (True, False, True)
    """
    months, days = _LENGTHS[level]
    if level == "day":
        return True
    return span.days == 0 and span.months % months == 0 if months else not (
        span.months or span.days % days
    )  # fmt: skip


def is_within(fine: str, coarse: str) -> bool:
    """Whether each period of one level lies within one period of the other.

    >>> is_within("month", "fiscal_year"), is_within("week", "month"), is_within("day", "week")
    (True, False, True)
    """
    return any(
        fine in found and coarse in found and found.index(coarse) < found.index(fine)
        for found in (hierarchy.levels for hierarchy in DATE.hierarchies)
    )


def finest(levels: Iterable[str]) -> str | None:
    """The level of date that decides all others among these; None where there is none."""
    times = [level for level in levels if level in TIMES]
    return next(
        (one for one in times if all(other == one or is_within(one, other) for other in times)),
        None,
    )
