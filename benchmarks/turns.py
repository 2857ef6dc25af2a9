"""Several ways to the same thing, timed in turns, so that a busy moment meets all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from statistics import median
from time import perf_counter

#: Turns stop here, however many were wanted, once there were three.
SECONDS = 20.0
LEAST = 3

#: A quick thing is repeated within a turn, so that a turn takes about so long.
TURN = 0.05


def in_turns(ways: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each way, turn by turn; every way is told the number of the turn."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    repeats = {}
    for name, work in ways.items():  # warms up, and finds how often a quick thing is repeated
        work(0)
        began = perf_counter()
        work(0)
        repeats[name] = max(1, min(10, round(TURN / max(perf_counter() - began, 1e-6))))
    names, began = list(ways), perf_counter()
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            for _ in range(repeats[name]):
                start = perf_counter()
                ways[name](turn)
                took[name].append(perf_counter() - start)
        if turn + 1 >= LEAST and perf_counter() - began > SECONDS:
            break
    return took


def medians(took: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of each way."""
    return {name: median(values) for name, values in took.items()}


def geometric(ratios: Sequence[float]) -> float:
    """The geometric mean.

    >>> geometric([1.0, 4.0])
    2.0
    """
    return exp(sum(map(log, ratios)) / len(ratios))
