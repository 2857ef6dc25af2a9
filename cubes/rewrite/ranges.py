"""What values an expression can still have, given comparisons with constants."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from cubes.rewrite.constants import Value

Bound = tuple[Value, bool] | None  # value, and whether it belongs


@dataclass(frozen=True, slots=True)
class Domain:
    """A range of values, perhaps only some of it; always without NULL."""

    low: Bound = None
    high: Bound = None
    only: frozenset[Value] | None = None
    never: frozenset[Value] = frozenset()

    def holds(self, value: Value) -> bool:
        """Whether a value is in it."""
        if self.only is not None and value not in self.only:
            return False
        if value in self.never:
            return False
        if self.low and not (
            _less(self.low[0], value) or (self.low[1] and _equal(self.low[0], value))
        ):
            return False
        return not (
            self.high
            and not (_less(value, self.high[0]) or (self.high[1] and _equal(self.high[0], value)))
        )

    def meet(self, other: Domain) -> Domain:
        """What is in both."""
        low = _tighter(self.low, other.low, lower=True)
        high = _tighter(self.high, other.high, lower=False)
        never = self.never | other.never
        values = self.only if other.only is None else other.only
        if self.only is not None and other.only is not None:
            values = self.only & other.only
        whole = Domain(low, high, None, never)
        if values is not None:
            return Domain(low, high, frozenset(v for v in values if whole.holds(v)), never)
        return whole

    def within(self, other: Domain) -> bool:
        """Whether every value of this one is in the other."""
        if self.only is not None:
            return all(other.holds(value) for value in self.only)
        if other.only is not None:
            return False
        if other.low and not _covers(other.low, self.low, lower=True):
            return False
        if other.high and not _covers(other.high, self.high, lower=False):
            return False
        return all(not Domain(self.low, self.high, None, self.never).holds(v) for v in other.never)

    def join(self, other: Domain) -> Domain | None:
        """What is in one of them, where that is a set of values."""
        if self.only is not None and other.only is not None:
            return Domain(only=self.only | other.only)
        return None


def _equal(a: Value, b: Value) -> bool:
    """Whether DuckDB calls two values equal: NaN, of which there is one here, equals itself."""
    return a is b or a == b


def _less(a: Value, b: Value) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        if isinstance(a, float) and math.isnan(a):
            return False
        if isinstance(b, float) and math.isnan(b):
            return True
    return a < b  # type: ignore[operator]


def _tighter(a: Bound, b: Bound, *, lower: bool) -> Bound:
    if a is None or b is None:
        return a or b
    if _equal(a[0], b[0]):
        return (a[0], a[1] and b[1])
    return (b if _less(a[0], b[0]) else a) if lower else (a if _less(a[0], b[0]) else b)


def _covers(wide: tuple[Value, bool], narrow: Bound, *, lower: bool) -> bool:
    if narrow is None:
        return False
    if _equal(wide[0], narrow[0]):
        return wide[1] or not narrow[1]
    return _less(wide[0], narrow[0]) if lower else _less(narrow[0], wide[0])


def compared(operator: str, value: Value, step: Fraction | int | None) -> Domain | None:
    """The values for which `x operator value` is true; whole steps make open ends closed."""
    match operator:
        case "=" | "is not distinct from":
            return Domain(only=frozenset((value,)))
        case "<>":
            return Domain(never=frozenset((value,)))
        case "<" | "<=":
            return Domain(high=_stepped(value, step, down=True, strict=operator == "<"))
        case ">" | ">=":
            return Domain(low=_stepped(value, step, down=False, strict=operator == ">"))
        case _:
            return None


def _stepped(value: Value, step: Fraction | int | None, *, down: bool, strict: bool) -> Bound:
    if step is None or not isinstance(value, Fraction):
        return (value, not strict)
    whole = value / step
    if down:
        count = math.floor(whole) - (1 if strict and whole.denominator == 1 else 0)
    else:
        count = math.ceil(whole) + (1 if strict and whole.denominator == 1 else 0)
    return (Fraction(count * step), True)
