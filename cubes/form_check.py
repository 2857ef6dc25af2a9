"""Whether the forms of a block have a meaning at its grain; a sentence where they have none.

A form tells a group by other groups, so groups must be whole members of levels: nothing computed,
nothing rolled up, no condition that cuts a period in two.
"""

from __future__ import annotations

from dataclasses import dataclass

from cubes.blocks import Block, Call, Condition
from cubes.cube import Cube
from cubes.definitions.dimensions import SYNONYMS
from cubes.periods import TIMES, Span, finest, fits, is_within, length_of
from models.errors import QuestionError


@dataclass(frozen=True, slots=True)
class Meant:
    """What a form looks at, once its grain is known."""

    call: Call
    time: str = ""  # the level of date that orders the groups
    back: Span | None = None
    apart: tuple[str, ...] = ()  # the levels whose members share and rank keep apart
    anytime: bool = False  # the conditions on time say which groups are shown, not what they hold


def plain_name(level: str) -> str:
    """The level's own name, where a synonym was written."""
    return SYNONYMS.get(level, level)


def meant(call: Call, block: Block) -> Meant:
    """What a form of a block looks at; QuestionError where it has no meaning there."""
    _check_block(call, block)
    assert call.form is not None
    if call.kind in ("share", "rank"):
        return Meant(call, apart=_apart(call, block))
    time = finest(block.keys) or ""
    rolls = call.form.over is not None or bool(call.form.since)
    if rolls:
        _check_rolling(call, block, time)
    back = _back(call, block, time) if call.kind == "previous" else None
    return Meant(call, time, back, anytime=rolls)


def _check_block(call: Call, block: Block) -> None:
    if not (block.simple and block.whole):
        raise QuestionError(
            f"{call.kind}() needs a block over {block.cube.name} alone, grouped by levels as they "
            "are: no join, no rollup, no expression; put it into a subquery and go on from there"
        )
    if not block.conditioned:
        raise QuestionError(
            f"{call.kind}() needs conditions on levels alone, joined by AND; put what else WHERE "
            "says around it: select … from (select … group by …) where …"
        )


def _check_rolling(call: Call, block: Block, time: str) -> None:
    form, name = call.form, call.kind
    assert form is not None
    if not time:
        raise QuestionError(
            f"{_called(call)} goes on from one period to the next, and the question groups by "
            f"{_several(block)}; group by day, week or month"
        )
    if form.over is not None and not fits(time, form.over):
        raise QuestionError(
            f"{form.over.words} are no number of whole {time}s; {_instead(time, 'rolling')}"
        )
    if form.since and not is_within(time, form.since):
        why = "are not within" if form.since != time else "are themselves"
        raise QuestionError(
            f"{time}s {why} {form.since}s, so cumulative(…, '{form.since}') has no meaning by "
            f"{time}; group by day, or by something else within {form.since}s"
        )
    for condition in block.conditions:
        levels = {plain_name(level) for level in condition.levels}
        times = levels & set(TIMES)
        cut = next((one for one in sorted(times) if one != time and not is_within(time, one)), None)
        if cut:
            raise QuestionError(
                f"{name}() goes by whole {time}s, and the condition on {cut} would cut them; "
                f"filter by {time} or what is coarser, or group by {cut}"
            )
        if times and times != levels:
            raise QuestionError(
                f"{name}() needs its conditions on time apart from others, joined by AND"
            )


def _back(call: Call, block: Block, time: str) -> Span:
    """How far a previous() reaches back, checked against every level of date in play."""
    assert call.form is not None
    keys = {level for level in block.keys if level in TIMES}
    asked = {level for c in block.conditions for level in c.levels if level in TIMES}
    if not keys | asked:
        raise QuestionError(
            "previous() needs a time to go back from: group by month, or filter on one"
        )
    back = call.form.back
    if back is None:
        if not time:
            raise QuestionError(
                f"previous() goes back one period, and the question groups by {_several(block)}; "
                "say how far: previous(index, interval 1 month)"
            )
        back = length_of(time)
    for level in sorted(keys | asked):
        held = keys if level in keys else keys | asked
        if not any(
            fits(one, back) and (one == level or is_within(one, level)) for one in sorted(held)
        ):
            raise QuestionError(
                f"{back.words} back is no whole {level}, by which the question goes; "
                f"{_instead(level, 'previous')}"
            )
    return back


def _apart(call: Call, block: Block) -> tuple[str, ...]:
    """The levels that share and rank keep apart: what they name, what is above, other dimensions.

    Where none is named, all but the levels of date are taken together.
    """
    assert call.form is not None
    keys, cube = sorted(block.keys), block.cube
    named = call.form.within
    for level in named:
        if level not in {plain_name(key) for key in keys}:
            raise QuestionError(
                f"{call.kind}(…, '{level}') needs the {level} of each group: group by {level} too"
            )
    if named:
        below = {
            key
            for key in keys
            if plain_name(key) not in named
            and any(_is_below(cube, plain_name(key), level) for level in named)
        }
        if not below:
            raise QuestionError(
                f"{call.kind}(…, '{named[0]}') takes together what is below {named[0]}, and the "
                f"question groups by nothing that is; group by a finer level as well"
            )
        return tuple(key for key in keys if key not in below)
    times = tuple(key for key in keys if key in TIMES)
    return times if len(times) < len(keys) else ()


def _is_below(cube: Cube, level: str, other: str) -> bool:
    """Whether a level is taken together with others to have the members of another.

    Below are the finer levels of its hierarchies. What stands in no hierarchy describes the finest
    member, as a site's type does: all else of its dimension is below it, and it is below them.
    """
    chains = [h.levels for d in cube.dimensions for h in d.hierarchies]
    if any(other in c and level in c and c.index(other) < c.index(level) for c in chains):
        return True
    alike = any({level, other} <= {each.name for each in d.levels} for d in cube.dimensions)
    describes = not any(level in c for c in chains) or not any(other in c for c in chains)
    return alike and describes and not any(c[-1] == other for c in chains)


def is_timely(condition: Condition) -> bool:
    """Whether a condition speaks of dates."""
    return any(level in TIMES for level in condition.levels)


def _called(call: Call) -> str:
    assert call.form is not None
    return "rolling()" if call.form.over is not None else "cumulative()"


def _several(block: Block) -> str:
    times = [level for level in sorted(block.keys) if level in TIMES]
    return f"{' and '.join(times)}, which do not nest" if times else "no level of date"


def _instead(level: str, call: str) -> str:
    unit = {"half": "6 month", "fiscal_year": "1 year"}.get(level, f"1 {level}")
    return f"say {call}(…, interval {unit}), or a multiple of it"
