"""Figures of many measurements, and how they are printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median, quantiles


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes, by the wall's clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty exceeds; of fewer than two values the only one.

    >>> p95([1.0] * 96 + [9.0] * 4)
    1.0
    """
    if len(values) < 2:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[94]


def spread(values: Sequence[float], unit: str = "s", digits: int = 2) -> str:
    """Median, 95th percentile, largest and number of values, as one text.

    >>> spread([1.0, 2.0, 3.0])
    'p50 2.00 s, p95 2.90 s, max 3.00 s, n 3'
    """
    if not values:
        return "none"
    parts = (("p50", median(values)), ("p95", p95(values)), ("max", max(values)))
    told = ", ".join(f"{name} {value:.{digits}f} {unit}" for name, value in parts)
    return f"{told}, n {len(values)}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table for a terminal and for Markdown alike: the first column left, the others right.

    >>> print(table(("what", "s"), [("one", 1.5), ("three", 10)]))
    | what  |    s |
    |-------|-----:|
    | one   | 1.50 |
    | three |   10 |
    """
    texts = [[_text(value) for value in row] for row in (head, *rows)]
    widths = [max(len(row[nth]) for row in texts) for nth in range(len(head))]
    lines = [f"| {' | '.join(_aligned(row, widths))} |" for row in texts]
    rule = "|".join("-" * (w + 1) + ("-" if nth == 0 else ":") for nth, w in enumerate(widths))
    return "\n".join((lines[0], f"|{rule}|", *lines[1:]))


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
