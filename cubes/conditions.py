"""The conditions of a block that speak of levels alone, with their places in the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from cubes.blocks import Bound, Condition, Sign, Spot
from cubes.splice import Text, conjuncts, place
from cubes.trees import conjuncts_of

_NOT_BEFORE = (exp.Query, exp.AggFunc, exp.Window, exp.Lambda, exp.Rand, exp.Uuid, exp.Star)
_VOLATILE = {"random", "uuid", "gen_random_uuid"}
_COMPARED = (exp.GTE, exp.GT, exp.LT, exp.LTE)
_TURNED: dict[str, Sign] = {">=": "<=", ">": "<", "<": ">", "<=": ">="}
_SIGNS: dict[str, Sign] = {sign: sign for sign in _TURNED.values()}

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
            bound = _bound(part, spots, text.tokens[low : high + 1])
            found.append(Condition(start, end, spots, bound))
    return tuple(found)


def _bound(part: exp.Expr, spots: tuple[Spot, ...], tokens: Sequence[Token]) -> Bound | None:
    """The comparison that a condition is: one level on one side, no level on the other."""
    if not isinstance(part, _COMPARED) or len(spots) != 1:
        return None
    before = [token for token in tokens if token.end < spots[0].start]
    after = [token for token in tokens if token.start >= spots[0].end]
    if isinstance(part.this, exp.Column) and not before and len(after) > 1:
        sign, operand = _SIGNS.get(after[0].text), after[1:]
    elif isinstance(part.expression, exp.Column) and not after and len(before) > 1:
        sign, operand = _TURNED.get(before[-1].text), before[:-1]
    else:
        return None
    return Bound(sign, operand[0].start, operand[-1].end + 1) if sign else None


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
