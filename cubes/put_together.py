"""A visitor's own question: from the names and members a visitor chose to a question's parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cubes.cube import Cube
from cubes.cube_question import CubeQuestion
from models.errors import QuestionError, did_you_mean

Member = str | int | date


def put_together(
    cube: Cube,
    levels: Sequence[str],
    measures: Sequence[str],
    only: Mapping[str, Sequence[str]],
    first: date,
    until: date,
) -> CubeQuestion:
    """A visitor's own question, by day from `first` up to `until`.

    Each measure `x` comes with its `x_low` and `x_high` where it has an interval, and with `x_n`.
    An empty member stands for the unknown; levels and measures must be the cube's own, because
    they come from an address that anybody may write.
    """
    for level in (*levels, *only):
        _known(level, cube.levels, "level", cube)
    figures: list[str] = []
    for name in measures:
        _known(name, {measure.name: measure for measure in cube.measures}, "measure", cube)
        measure = cube.measure(name)
        ends = [f"low({name})", f"high({name})"] if measure and measure.interval else []
        figures += [name, *ends, f"n({name})"]
    members = {
        level: [_typed(level, cube.levels[level].type, each) for each in chosen]
        for level, chosen in only.items()
    }
    days = {"day >=": first, "day <": until}
    return CubeQuestion(
        cube.name, tuple(figures), tuple(levels), {**days, **members}, order=tuple(levels)
    )


def _typed(level: str, kind: str, member: str) -> Member | None:
    if not member:
        return None
    try:
        if kind == "DATE":
            return date.fromisoformat(member)
        return int(member) if kind in {"INTEGER", "SMALLINT", "BIGINT"} else member
    except ValueError:
        raise QuestionError(
            f"{member!r} is no member of the level {level}, whose type is {kind}."
        ) from None


def _known(name: str, known: Mapping[str, object], kind: str, cube: Cube) -> None:
    if name not in known:
        raise QuestionError(
            f"The cube {cube.name} has no {kind} {name}{did_you_mean(name, known)}."
        )
