"""Whether two answers are the same: the same rows in any order, but for rounding of ratios."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose
from typing import Any

import polars as pl

#: Relative difference of ratios of the same sums that is rounding alone.
ROUNDING = 1e-9

Row = tuple[Any, ...]


def check_same(what: str, ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    """Stops where two answers differ: then their times cannot be compared."""
    one, other = _sorted(ours.rows()), _sorted(theirs.rows())
    if len(one) != len(other):
        raise SystemExit(f"{what}: {len(one):,} rows against {len(other):,}; no fair comparison")
    for mine, yours in zip(one, other, strict=True):
        if len(mine) != len(yours) or not all(map(_equal, mine, yours)):
            raise SystemExit(f"{what}: {mine} against {yours}; no fair comparison")


def _sorted(rows: Sequence[Row]) -> list[Row]:
    """By what is no ratio, then by all; nulls first."""
    return sorted(rows, key=lambda row: (_order(row, exact=True), _order(row, exact=False)))


def _order(row: Row, *, exact: bool) -> list[tuple[bool, str]]:
    return [(value is not None, str(value)) for value in row if isinstance(value, float) != exact]


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return one is other
        return isclose(float(one), float(other), rel_tol=ROUNDING, abs_tol=ROUNDING)
    return bool(one == other)
