"""The conditions of a block that speak of levels alone, with their places in the text."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cubes.blocks import Condition, Spot
from cubes.splice import Text, conjuncts, place
from cubes.trees import conjuncts_of

_NOT_BEFORE = (exp.Query, exp.AggFunc, exp.Window, exp.Lambda, exp.Rand, exp.Uuid, exp.Star)
_VOLATILE = {"random", "uuid", "gen_random_uuid"}

#: The level that a column means; None where it means something else.
Level = Callable[[exp.Column], Spot | None]


def read_conditions(where: exp.Expr | None, text: Text, level: Level) -> tuple[Condition, ...]:
    """The conjuncts of WHERE over levels; none where text and tree cannot be matched for sure."""
    starts = [span[0] for node in where.walk() if (span := place(node))] if where else []
    if not where or not starts:
        return ()
    parts = list(conjuncts_of(where.this))
    cuts = conjuncts(text, _after_where(text, min(starts)))
    if len(cuts) != len(parts):
        return ()
    found = []
    for part, (low, high) in zip(parts, cuts, strict=True):
        start, end = text.tokens[low].start, text.tokens[high].end + 1
        spots = _spots_of(part, level)
        if spots and all(start <= spot.start and spot.end <= end for spot in spots):
            found.append(Condition(start, end, spots))
    return tuple(found)


def _after_where(text: Text, start: int) -> int:
    index = text.index_at(start)
    while text.tokens[index - 1].text.lower() != "where":
        index -= 1
    return index


def _spots_of(part: exp.Expr, level: Level) -> tuple[Spot, ...]:
    """The levels of a condition that speaks of levels alone and says the same each time."""
    spots = []
    for node in part.walk():
        if isinstance(node, _NOT_BEFORE) or node.name.lower() in _VOLATILE:
            return ()
        if isinstance(node, exp.Column):
            spot = level(node)
            if spot is None:
                return ()
            whole = place(node.args["table"]) if node.args.get("table") else None
            spots.append(Spot(spot.name, whole[0] if whole else spot.start, spot.end))
    return tuple(spots)
