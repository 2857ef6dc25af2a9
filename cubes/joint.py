"""Several cubes asked together: one cube of the levels they share, with the measures of each.

Its cells are those of every cube, each merged by keys on its own and then laid one under the other:
grouped by common levels that is the full outer join of the cubes' own answers, null beside null.
Rows of one cube never meet rows of another, so neither can multiply the other's sums.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar

from sqlglot import exp

from cubes.cube import Aggregate, Cube, Interval, Measure
from cubes.definitions import cube_named
from cubes.unknown import unknown_measure
from models.errors import QuestionError

#: The name under which the cells of several cubes stand in FROM.
TOGETHER = "_cubes"

_NAMES = re.compile(r"\b([a-z_][a-z_0-9]*)\b(?!\s*\()")
_Part = TypeVar("_Part", bound=Interval)


@cache
def joint(cubes: tuple[Cube, ...]) -> Cube:
    """The cube of all these: an aggregate is called by its cube, a measure as it always is.

    A measure that several cubes have is reached by its cube alone: measure(voice.texts).
    """
    first, *others = cubes
    names = [measure.name for cube in cubes for measure in cube.measures]
    return Cube(
        name=" and ".join(cube.name for cube in cubes),
        title=" · ".join(cube.title for cube in cubes),
        fact="",
        base="",
        joins=(),
        keys=(),
        dimensions=tuple(d for d in first.dimensions if all(d in o.dimensions for o in others)),
        aggregates=tuple(
            replace(a, name=prefixed(cube, a.name)) for cube in cubes for a in cube.aggregates
        ),
        measures=tuple(
            of_side(cube, m) for cube in cubes for m in cube.measures if names.count(m.name) == 1
        ),
        sides=cubes,
    )


def prefixed(cube: Cube, aggregate: str) -> str:
    """The name of a cube's aggregate beside those of other cubes."""
    return f"{cube.name}_{aggregate}"


def own_aggregates(cube: Cube, names: frozenset[str]) -> frozenset[str]:
    """Those of the names that are a cube's own aggregates, as the cube calls them."""
    return frozenset(a.name for a in cube.aggregates if prefixed(cube, a.name) in names)


def of_side(cube: Cube, measure: Measure) -> Measure:
    """A measure over the aggregates as they are called beside those of other cubes."""
    said = _renamed(cube)

    def interval(given: _Part) -> _Part:
        values = {f.name: getattr(given, f.name) for f in fields(given)}
        names: dict[str, Any] = {k: said(v) for k, v in values.items() if isinstance(v, str)}
        return replace(given, **names)

    return replace(
        measure,
        formula=said(measure.formula),
        base=said(measure.base),
        interval=interval(measure.interval) if measure.interval else None,
        interval_by=(),
    )


def _renamed(cube: Cube) -> Callable[[str], str]:
    own = {aggregate.name for aggregate in cube.aggregates}

    def said(formula: str) -> str:
        return _NAMES.sub(lambda m: prefixed(cube, m[1]) if m[1] in own else m[1], formula)

    return said


def measure_of(cube: Cube, column: exp.Column, sides: Mapping[str, Cube]) -> Measure:
    """The measure that a call names; `sides` are the cubes of FROM by alias and name."""
    name = column.name.casefold()
    found = cube.measure(name)
    if column.table:
        side = sides.get(column.table.casefold())
        if side is None:
            raise QuestionError(_not_in_from(column, cube))
        found = side.measure(name)
        if found is not None:
            return of_side(side, found) if cube.sides else found
        cube = side
    if found is not None:
        return found
    having = [side.name for side in cube.sides if side.measure(name)]
    if having:
        raise QuestionError(
            f"{' and '.join(having)} each have a measure {name}; say which: "
            f"measure({having[0]}.{name})"
        )
    raise QuestionError(unknown_measure(cube, column.name))


def _not_in_from(column: exp.Column, cube: Cube) -> str:
    other = cube_named(column.table)
    if other is None:
        return f"There is no cube {column.table} in FROM; measures are those of {cube.name}"
    return (
        f"{column.name} is asked of {other.name}, which is not in FROM: say "
        f"from {cube.name}, {other.name} and group by levels that both have"
    )


def aggregate_of(cube: Cube, column: exp.Column, sides: Mapping[str, Cube]) -> Aggregate | None:
    """The aggregate inside a sum(), by its cube's name where several cubes have it."""
    name = column.name.casefold()
    named = sides.get(column.table.casefold()) if column.table else None
    if not cube.sides:
        return next((a for a in cube.aggregates if a.name == name), None)
    having = [s for s in cube.sides if any(a.name == name for a in s.aggregates)]
    having = [side for side in having if named in (None, side)]
    if len(having) > 1:
        raise QuestionError(
            f"{' and '.join(side.name for side in having)} each have an aggregate {name}; say "
            f"which: sum({having[0].name}.{name})"
        )
    return cube.aggregate(prefixed(having[0], name)) if having else None
