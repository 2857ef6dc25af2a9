"""The days of a simulation, cut into spans that fit into memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.simulate.clock import date_of, day_of
from pipelines.simulate.defects import Rates
from pipelines.simulate.network import Network, build_network
from pipelines.simulate.versions import site_versions

_SITE_DAYS = 1300 * 4  # a span holds at most so many


@dataclass(frozen=True, slots=True)
class Window:
    """The network, its defects, and the days: history up to the border, then day by day."""

    network: Network
    versions: pl.DataFrame
    first: int
    border: int
    last: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of the window.

    History comes as one file of each kind, drawn on the window's last day; recent days come as they
    were delivered, a file a day.
    """

    first: int
    last: int
    is_history: bool

    def label(self, day: int) -> str:
        """What the name of a file of that day says."""
        if not self.is_history:
            return f"{date_of(day):%Y%m%d}"
        return f"{date_of(self.first):%Y%m%d}-{date_of(self.last):%Y%m%d}"


def open_window(
    *, seed: int, sites: int, end: date, days: int, daily_days: int, rates: Rates
) -> Window:
    """The window of so many days up to `end`."""
    last = day_of(end)
    network = build_network(seed, sites)
    return Window(
        network=network,
        versions=site_versions(network, last),
        first=last - days + 1,
        border=last - min(daily_days, days) + 1,
        last=last,
        rates=rates,
    )


def recent_spans(window: Window) -> tuple[Span, ...]:
    """The days from the border on, in order."""
    longest = _longest(window)
    return tuple(
        Span(first, min(first + longest - 1, window.last), is_history=False)
        for first in range(window.border, window.last + 1, longest)
    )


def history_spans(window: Window) -> tuple[Span, ...]:
    """The days before the border by calendar month, in order."""
    spans, first = [], window.first
    while first < window.border:
        start = date_of(first)
        next_month = day_of(date(start.year + start.month // 12, start.month % 12 + 1, 1))
        after = min(next_month, window.border, first + _longest(window))
        spans.append(Span(first, after - 1, is_history=True))
        first = after
    return tuple(spans)


def _longest(window: Window) -> int:
    return max(1, min(31, _SITE_DAYS // max(1, window.network.sites)))
