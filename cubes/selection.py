"""The choice of cuboids under a space budget: exact by integer programme, greedy beside it.

Each demand is answered by the candidate that costs it least, the facts being one; each chosen
candidate costs its upkeep. What no demand would then be answered by is not chosen. Greedy follows
Harinarayan, Rajaraman and Ullman (1996), benefit per byte; it is a yardstick, and the fallback
when time runs out before the programme has found anything better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

SECONDS = 30.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Problem:
    """What there is to choose from; costs are rows read, per demand already times its weight."""

    facts: Floats  # per demand: what answering it from the facts costs
    costs: Floats  # per demand and option; infinite where the option does not answer it
    upkeep: Floats  # per option: what keeping it current costs
    bytes: Floats  # per option
    grain: Sequence[int]  # per option: options of one grain differ in their order, one is enough
    budget: float

    def cost(self, chosen: Sequence[int]) -> float:
        """What all demands and the upkeep of a choice cost."""
        return float(self.answered(chosen).sum() + self.upkeep[list(chosen)].sum())

    def answered(self, chosen: Sequence[int]) -> Floats:
        """What each demand costs under a choice."""
        best: Floats = np.min(self.costs[:, list(chosen)], axis=1, initial=np.inf)
        return np.minimum(self.facts, best)

    def fits(self, chosen: Sequence[int]) -> bool:
        """Whether a choice keeps to the budget, with one order of each grain."""
        grains = [self.grain[option] for option in chosen]
        fits = self.bytes[list(chosen)].sum() <= self.budget
        return bool(fits) and len(set(grains)) == len(grains)


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice, what it costs, and how far it can be from the best one."""

    chosen: tuple[int, ...]
    cost: float
    gap: float  # share of the cost by which the best choice may be cheaper
    seconds: float


def exact(problem: Problem, seconds: float = SECONDS) -> Selection:
    """The best choice there is, or the best found in time with its gap."""
    began = monotonic()
    yardstick = greedy(problem)
    found, bound = _solve(problem, seconds)
    choices = [_needed(problem, each) for each in (found, yardstick.chosen, ()) if each is not None]
    best = min(choices, key=lambda each: (problem.cost(each), len(each), each))
    cost = problem.cost(best)
    gap = max(0.0, (cost - bound) / cost) if cost else 0.0
    return Selection(best, cost, gap if gap > 1e-9 else 0.0, monotonic() - began)


def _solve(problem: Problem, seconds: float) -> tuple[tuple[int, ...] | None, float]:
    """What the integer programme chooses, and below which cost no choice can be.

    Variables: one per option (chosen or not), then one per demand and option that would answer it
    for less than the facts. All is scaled to the cost without any option, so that the solver's
    tolerances mean something.
    """
    whole = float(problem.facts.sum())
    savings = np.maximum(problem.facts[:, None] - problem.costs, 0.0)
    demand, option = np.nonzero(savings > 0)
    many, pairs = len(problem.upkeep), len(demand)
    if not pairs or not whole:
        return (), whole
    values = np.concatenate((problem.upkeep, -savings[demand, option])) / whole
    result = milp(
        values,
        integrality=np.concatenate((np.ones(many), np.zeros(pairs))),
        bounds=Bounds(0, 1),
        constraints=_constraints(problem, demand, option),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    bound = getattr(result, "mip_dual_bound", None)
    least = whole * (1 + float(bound)) if bound is not None and np.isfinite(bound) else 0.0
    if result.x is None:
        return None, least
    chosen = tuple(int(each) for each in np.nonzero(result.x[:many] > 0.5)[0])
    return (chosen if problem.fits(chosen) else None), least


def _constraints(
    problem: Problem, demand: NDArray[np.intp], option: NDArray[np.intp]
) -> list[LinearConstraint]:
    many, pairs = len(problem.upkeep), len(demand)
    place = np.arange(pairs)
    wide = many + pairs
    answered = coo_array((np.ones(pairs), (demand, many + place)), shape=(len(problem.facts), wide))
    offered = coo_array(
        (
            np.concatenate((np.ones(pairs), -np.ones(pairs))),
            (np.concatenate((place, place)), np.concatenate((many + place, option))),
        ),
        shape=(pairs, wide),
    )
    grains = np.asarray(problem.grain)
    orders = coo_array((np.ones(many), (grains, np.arange(many))), shape=(grains.max() + 1, wide))
    scale = max(problem.budget, 1.0)
    room = coo_array(
        (problem.bytes / scale, (np.zeros(many, dtype=int), np.arange(many))), shape=(1, wide)
    )
    return [
        LinearConstraint(answered.tocsr(), -np.inf, 1),
        LinearConstraint(offered.tocsr(), -np.inf, 0),
        LinearConstraint(orders.tocsr(), -np.inf, 1),
        LinearConstraint(room.tocsr(), -np.inf, problem.budget / scale),
    ]


def _needed(problem: Problem, chosen: Sequence[int]) -> tuple[int, ...]:
    """The choice without what is not worth its upkeep once the others are there."""
    kept = sorted(chosen)
    while kept:
        costs = {each: problem.cost([o for o in kept if o != each]) for each in kept}
        worst = min(costs, key=lambda each: (costs[each], each))
        if costs[worst] > problem.cost(kept):
            break
        kept.remove(worst)
    return tuple(kept)


def greedy(problem: Problem) -> Selection:
    """One option after another, each time the one that saves most per byte and still fits."""
    began, chosen = monotonic(), list[int]()
    while True:
        now = problem.cost(chosen)
        gains = {
            option: (now - problem.cost([*chosen, option])) / max(problem.bytes[option], 1.0)
            for option in range(len(problem.upkeep))
            if option not in chosen and problem.fits([*chosen, option])
        }
        best = max(gains, key=lambda option: (gains[option], -option), default=None)
        if best is None or gains[best] <= 0:
            return Selection(tuple(sorted(chosen)), now, 1.0, monotonic() - began)
        chosen.append(best)


def brute(problem: Problem) -> Selection:
    """Every choice tried: what the others are held to on small problems."""
    began, options = monotonic(), range(len(problem.upkeep))
    every = (pick for many in range(len(options) + 1) for pick in combinations(options, many))
    best = min((p for p in every if problem.fits(p)), key=lambda p: (problem.cost(p), len(p)))
    return Selection(best, problem.cost(best), 0.0, monotonic() - began)
