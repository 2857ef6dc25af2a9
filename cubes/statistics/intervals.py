"""Confidence intervals as SQL, because DuckDB has no quantiles of t or of the normal distribution.

The level of a question is a literal, so the quantiles are computed when it is planned: exactly for
few degrees of freedom, as a list, and beyond by the Cornish–Fisher expansion of t around z
(Abramowitz and Stegun 26.7.5), which then differs by less than 1e-6.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from cubes.cube import Interval, Share, Spread

EXACT = 60  # degrees of freedom up to which the quantile stands in the list


@cache
def normal_quantile(level: float) -> float:
    """The two-sided normal quantile of a confidence level.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))


@cache
def t_quantile_sql(level: float, freedom: str) -> str:
    """The two-sided quantile of t as SQL over an expression for its degrees of freedom, from 1."""
    from scipy.special import stdtrit

    z = normal_quantile(level)
    exact = ", ".join(f"{float(stdtrit(df, (1 + level) / 2)):.12f}" for df in range(1, EXACT + 1))
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    inner = ""
    for term in reversed(terms):
        inner = f"({term:.12e} + {inner}) / ({freedom})" if inner else f"{term:.12e} / ({freedom})"
    return (
        f"case when ({freedom}) <= {EXACT} then ('[{exact}]'::double[])[({freedom})::integer]"
        f" else {z:.12e} + {inner} end"
    )


def bound_sql(value: str, interval: Interval, level: float, *, upper: bool) -> str:
    """One end of the interval of a measure with the formula `value`; null where it has none."""
    if isinstance(interval, Share):
        return _wilson(interval, level, upper=upper)
    return _around(value, interval, level, upper=upper)


def _around(value: str, spread: Spread, level: float, *, upper: bool) -> str:
    """Value, variance and freedom are said once, and named: a database reads the text anew for each
    question, and to repeat them took longer than to add up the cells.
    """
    named = {"value_": value, "variance_": spread.variance}
    if spread.freedom:
        named["freedom_"] = spread.freedom
    given = ", ".join(f"'{name}': {formula}" for name, formula in named.items())
    inside = replace(
        spread, variance="one_.variance_", freedom="one_.freedom_" if spread.freedom else ""
    )
    end = _end("one_.value_", inside, level, upper=upper)
    return f"list_transform([{{{given}}}], lambda one_: {end})[1]"


def _end(value: str, spread: Spread, level: float, *, upper: bool) -> str:
    quantile = (
        t_quantile_sql(level, spread.freedom) if spread.freedom else _double(normal_quantile(level))
    )
    bound = f"({value}) {'+' if upper else '-'} ({quantile}) * sqrt({spread.variance})"
    limit = spread.high if upper else spread.low
    if limit is not None:
        bound = f"{'least' if upper else 'greatest'}({bound}, {float(limit)}::double)"
    guard = f"({spread.freedom}) >= 1" if spread.freedom else f"({value}) is not null"
    if limit is None or not spread.freedom:
        return f"case when {guard} then {bound} end"
    unseen = _unseen(value, spread, level, limit)
    end = f"case when ({spread.variance}) < 1e-12 then {unseen} else {bound} end"
    return f"case when {guard} then {end} end"


def _unseen(value: str, spread: Spread, level: float, limit: float) -> str:
    """The end of an interval where all answers agree, whose spread says nothing of those not seen.

    The share of others that n answers in a row can hide is 1 - a^(1/n), exactly as for a proportion
    of 0 of n (Clopper and Pearson); at worst they lie at the end of the scale.
    """
    hidden = f"(1 - pow({(1 - level) / 2:.15e}, 1.0::double / (({spread.freedom}) + 1)))"
    return f"({value}) + ({float(limit)}::double - ({value})) * {hidden}"


def _wilson(share: Share, level: float, *, upper: bool) -> str:
    """Wilson's interval in percent: never Wald's, which has no width at 10 of 10."""
    z, n = _double(normal_quantile(level)), f"({share.whole})::double"
    part = f"(({share.part}) / {n})"
    centre = f"{part} + {z} * {z} / (2 * {n})"
    half = f"{z} * sqrt({part} * (1 - {part}) / {n} + {z} * {z} / (4 * {n} * {n}))"
    bound = f"100 * ({centre} {'+' if upper else '-'} {half}) / (1 + {z} * {z} / {n})"
    clipped = f"least({bound}, 100.0::double)" if upper else f"greatest({bound}, 0.0::double)"
    return f"case when ({share.whole}) > 0 then {clipped} end"


def _double(number: float) -> str:
    """A DOUBLE literal: without the exponent DuckDB would read a DECIMAL and round products."""
    return f"{number:.15e}"
