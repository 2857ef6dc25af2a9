"""Which cuboids to keep: sizes, demand and budget put to the choice, and the result in words.

Nothing is changed here. What is advised is made true by the nightly job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import duckdb
import numpy as np

from cubes.candidates import by_period
from cubes.catalogue import Snapshot
from cubes.cube import Cube, Cuboid
from cubes.definitions import CUBES
from cubes.demand import Demand
from cubes.in_use import same
from cubes.lattice import order_of
from cubes.selection import SECONDS, Problem, Selection, exact, greedy
from cubes.sizes import Size
from cubes.weighing import Weighed, problem_of, weigh

State = Literal["in use", "add", "drop", "sort anew"]

#: A choice that saves less than this share of what is read now is not worth a new base.
WORTH = 0.02


@dataclass(frozen=True, slots=True)
class Budget:
    """The space cuboids may take: a share of what their facts take, and at least so many bytes."""

    share: float = 0.25
    at_least: float = 64 * 1024 * 1024

    def room(self, fact_bytes: float) -> float:
        """The budget in bytes."""
        return max(self.share * fact_bytes, self.at_least)


@dataclass(frozen=True, slots=True)
class Line:
    """What is advised for one cuboid; `benefit` is in rows a day that need not be read."""

    cuboid: Cuboid
    size: Size
    bytes: int
    benefit: float
    demands: int  # shapes of questions it answers
    state: State
    why: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole advice; costs are rows read in a day, upkeep included."""

    load: int
    facts: Mapping[str, int]  # rows by cube
    lines: tuple[Line, ...]
    budget: int
    bytes: int
    cost: float
    best: float  # cost of the best choice found; what is in use stays where it is hardly worse
    gap: float
    seconds: float
    greedy: float  # cost of the greedy choice
    present: float  # of the cuboids in use
    nothing: float  # of facts alone
    demands: int
    candidates: int
    counted: bool  # whether the access log counts in the demand

    @property
    def chosen(self) -> tuple[Cuboid, ...]:
        """The cuboids to keep from now on."""
        return tuple(line.cuboid for line in self.lines if line.state != "drop")

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return any(line.state != "in use" for line in self.lines)


DEFAULT = Budget()


def advise(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    demands: Sequence[Demand],
    *,
    budget: Budget = DEFAULT,
    loads_a_day: float = 1.0,
    counted: bool = False,
    seconds: float = SECONDS,
    cubes: Sequence[Cube] = CUBES,
) -> Advice:
    """The best cuboids for a demand, within a budget."""
    weighed = weigh(snapshot, cursor, demands, cubes)
    room = budget.room(weighed.fact_bytes)
    problem = problem_of(weighed, demands, room, loads_a_day)
    present = tuple(range(weighed.kept))
    found = exact(problem, seconds)
    yardstick = greedy(problem)
    settled = _settle(problem, found, present)
    lines = _lines(problem, weighed, settled, present, demands)
    return Advice(
        load=snapshot.load,
        facts=weighed.facts,
        lines=lines,
        budget=int(room),
        bytes=sum(line.bytes for line in lines if line.state != "drop"),
        cost=problem.cost(settled),
        best=found.cost,
        gap=found.gap,
        seconds=found.seconds,
        greedy=yardstick.cost,
        present=problem.cost(present),
        nothing=problem.cost(()),
        demands=len(demands),
        candidates=len({option.name for option in weighed.options}),
        counted=counted,
    )


def _settle(problem: Problem, found: Selection, present: tuple[int, ...]) -> tuple[int, ...]:
    """The choice found, or what is in use where that is hardly worse; what is never read goes."""
    if not problem.fits(present) or problem.cost(present) - found.cost > WORTH * problem.cost(
        present
    ):
        return found.chosen
    best = problem.answered(present)
    return tuple(
        option
        for option in present
        if (problem.answered([o for o in present if o != option]) > best).any()
    )


def _lines(
    problem: Problem,
    weighed: Weighed,
    chosen: tuple[int, ...],
    present: tuple[int, ...],
    demands: Sequence[Demand],
) -> tuple[Line, ...]:
    by_name = {weighed.options[option].name: option for option in chosen}
    gone = [o for o in present if weighed.options[o].name not in by_name]
    made = [_line(problem, weighed, chosen, option, demands) for option in chosen]
    left = [_dropped(problem, weighed, chosen, option) for option in gone]
    order = {cube: place for place, cube in enumerate(weighed.facts)}
    return tuple(
        sorted((*made, *left), key=lambda line: (order[line.cuboid.cube.name], -line.size.rows))
    )


def _line(
    problem: Problem,
    weighed: Weighed,
    chosen: tuple[int, ...],
    option: int,
    demands: Sequence[Demand],
) -> Line:
    cuboid = weighed.options[option]
    best = problem.answered(chosen)
    served = [i for i in range(len(demands)) if problem.costs[i, option] <= best[i] < np.inf]
    top = max(served, key=lambda i: problem.facts[i], default=None)
    benefit = problem.cost([o for o in chosen if o != option]) - problem.cost(chosen)
    before = next((o for o in weighed.options[: weighed.kept] if o.name == cuboid.name), None)
    state: State = "add" if before is None else "in use" if same(before, cuboid) else "sort anew"
    first = "by period" if by_period(cuboid) else f"by {order_of(cuboid)[0].removesuffix('_key')}"
    why = f"lies {first}; " + (
        f"answers {len(served)} shapes of questions, most of all {demands[top].words}"
        if top is not None
        else "answers nothing"
    )
    return Line(
        cuboid, weighed.sizes[cuboid.name], weighed.bytes[option], benefit, len(served), state, why
    )


def _dropped(problem: Problem, weighed: Weighed, chosen: tuple[int, ...], option: int) -> Line:
    cuboid = weighed.options[option]
    others = [o for o in chosen if o != option]
    gain = problem.cost(others) - problem.cost([*others, option])
    answering = (problem.costs[:, option] < problem.answered(others)).any()
    if not answering:
        why = "no question would be answered from it"
    elif gain <= 0:
        why = "saves less reading than keeping it current costs"
    else:
        why = "others save more in the same space"
    size, taken = weighed.sizes[cuboid.name], weighed.bytes[option]
    return Line(cuboid, size, taken, gain, 0, "drop", why)


def with_orders(advice: Advice) -> tuple[Cuboid, ...]:
    """The chosen cuboids with their whole order, as the release is to describe them."""
    return tuple(replace(cuboid, sort=order_of(cuboid)) for cuboid in advice.chosen)
