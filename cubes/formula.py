"""Measures of a block as SQL over the columns that take its cube's place in FROM."""

from __future__ import annotations

import re

from cubes.blocks import Block, Call
from cubes.cube import Cube, Interval, Measure
from cubes.statistics.intervals import bound_sql
from models.errors import QuestionError

_NAME = re.compile(r"\b([a-z_][a-z_0-9]*)\b(?!\s*\()")


def hidden(aggregate: str) -> str:
    """The column of an aggregate in FROM: a name of its own, so that `n(index) as n` stays free."""
    return f"_{aggregate}"


def formula_of(call: Call, block: Block) -> str:
    """A call as a formula over aggregates and levels, with the cube's own names.

    The formula of a form is that of the figure it tells.
    """
    call = call.plain
    measure = call.measure
    if call.kind == "count":
        return "sum(rows)"
    if measure is None:
        return f"coalesce({block.cube.base}, 0)::bigint"
    if measure.needs and not block.in_play & set(measure.needs):
        raise QuestionError(
            f"{measure.name} has a meaning within one scale only: group by {measure.needs[0]}, or "
            f"filter on it (where {measure.needs[0]} = '…')"
        )
    if call.kind == "n":
        return f"coalesce({measure.base}, 0)::bigint"
    value = (
        f"coalesce({measure.formula}, 0)::bigint" if measure.unit == "count" else measure.formula
    )
    if call.kind == "measure":
        return value
    interval = _interval(measure, block)
    assert interval is not None
    return bound_sql(value, interval, call.confidence, upper=call.kind == "high")


def _interval(measure: Measure, block: Block) -> Interval | None:
    in_play = block.in_play
    return next((i for level, i in measure.interval_by if level in in_play), measure.interval)


def names_in(formula: str, cube: Cube) -> tuple[frozenset[str], frozenset[str]]:
    """The aggregates and the levels a formula reads."""
    names = frozenset(_NAME.findall(formula))
    return names & {a.name for a in cube.aggregates}, names & set(cube.levels)


def over_columns(formula: str, cube: Cube, alias: str) -> str:
    """The formula with each aggregate and level as a column of `alias`."""
    aggregates, levels = names_in(formula, cube)

    def column(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in aggregates:
            return f"{alias}.{hidden(name)}"
        return f"{alias}.{name}" if name in levels else name

    return _NAME.sub(column, formula)
