"""Whether two numbers differ: pure functions over readings with intervals.

Nothing on a screen is called better or worse unless the interval of the difference says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, erfc, floor, hypot, sqrt
from typing import Any, Literal

import numpy as np

Verdict = Literal["above", "below", "same", "unknown"]

LOW_BASE = 30  # below it a number is shown in grey, as a low base
RANKED_FROM = 30  # below it a site is listed and not ranked


@dataclass(frozen=True, slots=True)
class Reading:
    """An index with the ends of its 95 % interval and the responses behind it."""

    index: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def half(self) -> float | None:
        """Half the width of the interval, also where the end of the scale cuts one side off."""
        if self.index is None or self.low is None or self.high is None:
            return None
        return max(self.high - self.index, self.index - self.low)

    @property
    def is_low_base(self) -> bool:
        """Too few answers to be read without a warning; what is exact needs none."""
        return self.n < LOW_BASE and not (self.half == 0 and self.n == 0)


NOTHING = Reading(None, None, None, 0)


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates two readings, and whether it can be told from chance."""

    delta: float | None
    half: float | None
    verdict: Verdict


UNKNOWN = Difference(None, None, "unknown")


def reading(row: Mapping[str, Any] | None) -> Reading:
    """The reading in a row with the columns index, low and n; empty without a row or an index.

    The interval is symmetric until the scale ends: its upper end follows from the lower.
    """
    if row is None or row["index"] is None:
        return NOTHING
    index, low, n = float(row["index"]), row["low"], int(row["n"] or 0)
    if low is None:
        return Reading(index, None, None, n)
    return Reading(index, float(low), min(100.0, 2 * index - float(low)), n)


def exactly(value: float) -> Reading:
    """A reading without error and without answers behind it, such as a target."""
    return Reading(value, value, value, 0)


def difference(of: Reading, to: Reading) -> Difference:
    """How far `of` lies from `to`, taken as independent: half widths add in squares.

    >>> difference(Reading(80.0, 79.0, 81.0, 400), exactly(78.0)).verdict
    'above'
    >>> difference(Reading(80.0, 76.0, 84.0, 40), exactly(78.0)).verdict
    'same'
    """
    if of.index is None or to.index is None:
        return UNKNOWN
    delta = of.index - to.index
    if of.half is None or to.half is None:
        return Difference(delta, None, "unknown")
    half = hypot(of.half, to.half)
    if abs(delta) <= half:
        return Difference(delta, half, "same")
    return Difference(delta, half, "above" if delta > 0 else "below")


def discoveries(differences: Sequence[Difference], share: float = 0.10) -> tuple[bool, ...]:
    """Which differences stand when many are looked at together (Benjamini and Hochberg, 1995).

    Of 1,300 sites without any change 65 would seem to move at 95 %; here at most `share` of those
    called moved are expected to be false.

    >>> sure, chance = Difference(9.0, 3.0, "above"), Difference(2.2, 2.0, "above")
    >>> discoveries([sure, *[chance] * 2, *[Difference(0.1, 2.0, "same")] * 20])
    (True, False, False, ...)
    """
    p = np.array([_p_value(d) for d in differences])
    by_size = np.argsort(p, kind="stable")
    under = p[by_size] <= share * np.arange(1, len(p) + 1) / max(1, len(p))
    kept = int(np.max(np.nonzero(under)[0])) + 1 if under.any() else 0
    found = set(by_size[:kept].tolist())
    return tuple(i in found for i in range(len(p)))


def _p_value(d: Difference) -> float:
    """Two-sided, from the half width of the 95 % interval, taken as normal."""
    if d.delta is None or not d.half:
        return 1.0
    return erfc(abs(d.delta) / d.half * 1.959964 / sqrt(2))


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in a league, and the best and worst place the data leave open."""

    place: int
    best: int
    worst: int


def ranks(readings: Sequence[Reading]) -> tuple[Rank | None, ...]:
    """The rank of each reading among those with enough responses; None for the others.

    The best place left open is one behind all that are surely better, the worst is one before
    all that are surely worse (pairwise 95 %), so two sites whose ranges meet cannot be told apart.
    """
    can = [i for i, r in enumerate(readings) if r.n >= RANKED_FROM and r.half is not None]
    index = np.array([readings[i].index for i in can], dtype=float)
    half = np.array([readings[i].half for i in can], dtype=float)
    ahead = index[None, :] - index[:, None]  # of each, by how much every other is better
    apart = np.hypot(half[None, :], half[:, None])
    better, worse = (ahead > apart).sum(axis=1), (-ahead > apart).sum(axis=1)
    place = 1 + (ahead > 0).sum(axis=1)
    found = {
        i: Rank(int(place[k]), 1 + int(better[k]), len(can) - int(worse[k]))
        for k, i in enumerate(can)
    }
    return tuple(found.get(i) for i in range(len(readings)))


def axis(readings: Sequence[Reading], least: float = 10.0) -> tuple[float, float]:
    """One axis for several readings, never narrower than `least`.

    A narrow axis would make noise look like news. It holds every interval but those of low bases,
    which would press all others together.

    >>> axis([Reading(80.0, 79.0, 81.0, 400), Reading(84.0, 83.5, 84.5, 900)])
    (76.0, 87.0)
    """
    ends = [
        end
        for r in readings
        for end in ((r.index,) if r.is_low_base else (r.low, r.high, r.index))
        if end is not None
    ]
    if not ends:
        return 0.0, 100.0
    low, high = min(ends) - 0.5, max(ends) + 0.5
    short = max(0.0, least - (high - low)) / 2
    low, high = floor(low - short), ceil(high + short)
    over, under = max(0, high - 100), max(0, -low)
    return float(max(0, low - over)), float(min(100, high + under))
