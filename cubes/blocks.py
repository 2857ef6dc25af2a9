"""What a question refers to, block by block: the words between reading it and planning it.

A block is one SELECT over one cube. Everything in it carries the place where it stands in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cubes.cube import Cube, Measure
from cubes.periods import Span

#: Forms tell a figure of one group by those of others: of other times, or of all groups.
FORMS = ("previous", "rolling", "cumulative", "share", "rank")
#: Functions over measures that a question may call besides DuckDB's own.
CALLS = ("measure", "low", "high", "n", "benchmark", *FORMS)
CONFIDENCE = 0.95

Sign = Literal[">=", ">", "<", "<="]
Figure = Literal["measure", "low", "high", "n"]


@dataclass(frozen=True, slots=True)
class Form:
    """Which other groups a form looks at."""

    back: Span | None = None  # of previous: how far back; None where it reaches back one period
    over: Span | None = None  # of rolling: how long
    since: str = ""  # of cumulative: the period from whose first day
    within: tuple[str, ...] = ()  # of share and rank: the levels whose members stay apart
    named: str = ""  # what the output is called, where that is not the figure and the form


@dataclass(frozen=True, slots=True)
class Call:
    """A call such as measure(index), low(index, 0.90), n() or count(*), and where it stands."""

    kind: Literal[
        "measure", "low", "high", "n", "count", "benchmark",
        "previous", "rolling", "cumulative", "share", "rank",
    ]  # fmt: skip
    start: int
    end: int
    measure: Measure | None = None
    confidence: float = CONFIDENCE
    condition: tuple[int, int] = (0, 0)  # where the FILTER of a count(*) stands
    scope: str = ""  # of a benchmark: whose figure
    figure: Figure = "measure"  # of a benchmark or a form: which one
    form: Form | None = None

    @property
    def plain(self) -> Call:
        """The figure that a form tells by other groups; any other call is what it is."""
        if self.form is None:
            return self
        return Call(self.figure, self.start, self.end, self.measure, self.confidence)

    @property
    def name(self) -> str:
        """What the output is called when the question does not say."""
        if self.form is not None:
            return self.form.named or f"{self.plain.name}_{self.kind}"
        if self.kind == "count":
            return "count_star()"
        if self.measure is None:
            return "n"
        if self.kind == "benchmark":
            end = "" if self.figure == "measure" else f"_{self.figure}"
            return f"{self.measure.name}_{self.scope.split(':')[0]}{end}"
        return self.measure.name if self.kind == "measure" else f"{self.measure.name}_{self.kind}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A column of a cube, as the question names it, and where it stands."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """What a level is compared with, where a condition is a comparison: `level >= operand`."""

    sign: Sign
    start: int  # of the operand
    end: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One conjunct of WHERE over levels alone, which may be applied before cells are merged."""

    start: int
    end: int
    spots: tuple[Spot, ...]
    bound: Bound | None = None

    @property
    def levels(self) -> frozenset[str]:
        """The levels it speaks of."""
        return frozenset(spot.name for spot in self.spots)


@dataclass(frozen=True, slots=True)
class Block:
    """One SELECT block over one cube."""

    cube: Cube
    alias: str
    named: bool  # the question gives the alias itself
    start: int
    end: int
    levels: frozenset[str]  # referred to outside the conditions
    sums: tuple[Spot, ...]  # aggregates, inside sum()
    calls: tuple[Call, ...]
    conditions: tuple[Condition, ...]
    keys: frozenset[str] = frozenset()  # the levels that are grouped by as they are
    simple: bool = False  # nothing but the cube in FROM, and every row in one group
    whole: bool = False  # nothing but levels as they are is grouped by
    conditioned: bool = False  # the conditions are all of WHERE
    renamed: tuple[Spot, ...] = ()  # levels behind the name of one of several cubes

    @property
    def published_only(self) -> bool:
        """Whether every figure of the block is a benchmark, so that no cell of the cube is read."""
        asked = {call.kind for call in self.calls}
        return asked == {"benchmark"} and not self.sums

    @property
    def in_play(self) -> frozenset[str]:
        """Every level that the block speaks of."""
        return self.levels.union(*(condition.levels for condition in self.conditions))
