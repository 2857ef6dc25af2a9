"""A visitor's own question: from the names a visitor chose to a text with parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cubes.cube import Cube
from models.errors import QuestionError, did_you_mean

Member = str | int | date


def put_together(
    cube: Cube,
    levels: Sequence[str],
    measures: Sequence[str],
    only: Mapping[str, Sequence[str]],
    first: date,
    until: date,
) -> tuple[str, Mapping[str, Member]]:
    """A visitor's own question: text and parameters.

    Each measure `x` comes with its `x_low` and `x_high` where it has an interval, and with `x_n`.
    Members are parameters, an empty one stands for the unknown; levels and measures must be the
    cube's own, so nothing else gets in.
    """
    for level in (*levels, *only):
        _known(level, cube.levels, "level", cube)
    columns = list(levels)
    for name in measures:
        _known(name, {measure.name: measure for measure in cube.measures}, "measure", cube)
        measure = cube.measure(name)
        columns.append(f"measure({name}) as {name}")
        if measure and measure.interval:
            columns.append(f"low({name}) as {name}_low, high({name}) as {name}_high")
        columns.append(f"n({name}) as {name}_n")
    given: dict[str, Member] = {"first": first, "until": until}
    where = ["day >= $first", "day < $until"]
    for level, members in only.items():
        where.append(_among(cube, level, members, given))
    text = f"select {', '.join(columns)}\nfrom {cube.name}\nwhere " + "\n  and ".join(where)
    if levels:
        text += f"\ngroup by {', '.join(levels)}\norder by {', '.join(levels)}"
    return text, given


def _among(cube: Cube, level: str, members: Sequence[str], given: dict[str, Member]) -> str:
    """The condition that `level` is one of the members, which are put into `given`."""
    named_members = [member for member in members if member]
    holders = [f"only_{level}_{i}" for i in range(len(named_members))]
    kind = cube.levels[level].type
    for holder, member in zip(holders, named_members, strict=True):
        try:
            given[holder] = _typed(kind, member)
        except ValueError:
            raise QuestionError(
                f"{member!r} is no member of the level {level}, whose type is {kind}."
            ) from None
    within = f"{level} in ({', '.join(f'${holder}' for holder in holders)})" if holders else ""
    if len(named_members) < len(members):
        return f"({within} or {level} is null)" if within else f"{level} is null"
    return within


def _typed(kind: str, member: str) -> Member:
    if kind == "DATE":
        return date.fromisoformat(member)
    return int(member) if kind in {"INTEGER", "SMALLINT", "BIGINT"} else member


def _known(name: str, known: Mapping[str, object], kind: str, cube: Cube) -> None:
    if name not in known:
        raise QuestionError(
            f"The cube {cube.name} has no {kind} {name}{did_you_mean(name, known)}."
        )
