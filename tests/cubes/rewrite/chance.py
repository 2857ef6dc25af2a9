"""Choices that Hypothesis makes, so that a failing star, cuboid or question shrinks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Chance:
    """What a generator asks for: one of several, some of several, yes in so many of a hundred."""

    __slots__ = ("_draw",)

    def __init__(self, draw: Any) -> None:
        self._draw = draw

    def number(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def one(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""
        return options[self.number(0, len(options) - 1)]

    def yes(self, hundredths: int) -> bool:
        return self.number(0, 99) >= 100 - hundredths

    def some(self, options: Sequence[T], low: int, high: int) -> tuple[T, ...]:
        """Between `low` and `high` different options, in the order drawn."""
        left = list(options)
        count = self.number(min(low, len(left)), min(high, len(left)))
        return tuple(left.pop(self.number(0, len(left) - 1)) for _ in range(count))
