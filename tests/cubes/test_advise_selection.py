"""The exact choice is the best there is; greedy is never better, and nothing unused is chosen."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cubes.selection import Problem, brute, exact, greedy


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    demands, options = draw(st.integers(1, 6)), draw(st.integers(1, 7))
    costs = st.one_of(st.integers(0, 1000).map(float), st.just(float("inf")))
    sizes = st.integers(0, 50)

    def some(each: st.SearchStrategy[float], many: int) -> list[float]:
        return draw(st.lists(each, min_size=many, max_size=many))

    return Problem(
        facts=np.array(some(st.integers(0, 800).map(float), demands)),
        costs=np.array([some(costs, options) for _ in range(demands)]),
        upkeep=np.array(some(sizes.map(float), options)),
        bytes=np.array(some(sizes.map(float), options)),
        grain=[int(each) for each in some(st.integers(0, 4), options)],
        budget=float(draw(st.integers(0, 150))),
    )


@settings(max_examples=150)
@given(problems())
def test_no_choice_is_better_than_the_exact_one(problem: Problem) -> None:
    found, tried, by_greed = exact(problem), brute(problem), greedy(problem)
    assert problem.fits(found.chosen)
    assert problem.fits(by_greed.chosen)
    assert found.cost == tried.cost == problem.cost(found.chosen)
    assert found.cost <= by_greed.cost <= problem.cost(())
    assert found.gap <= 1e-6


@settings(max_examples=80)
@given(problems())
def test_what_would_never_be_read_is_not_chosen(problem: Problem) -> None:
    chosen = exact(problem).chosen
    for option in chosen:
        without = problem.answered([other for other in chosen if other != option])
        assert (problem.costs[:, option] < without).any()


def test_greed_may_take_what_blocks_the_better_pair() -> None:
    """One small option saves most per byte, and then two that would fit together do not."""
    problem = Problem(
        facts=np.array([100.0, 100.0]),
        costs=np.array([[40.0, 0.0, np.inf], [40.0, np.inf, 0.0]]),
        upkeep=np.zeros(3),
        bytes=np.array([5.0, 5.0, 5.0]),
        grain=[0, 1, 2],
        budget=10.0,
    )
    assert greedy(problem).cost == 40.0
    assert exact(problem).cost == 0.0
    assert exact(problem).chosen == (1, 2)


def test_without_time_the_yardstick_answers_and_the_gap_is_told() -> None:
    chance = np.random.default_rng(3)
    problem = Problem(
        facts=np.full(120, 1000.0),
        costs=chance.uniform(1, 1100, (120, 90)),
        upkeep=chance.uniform(0, 300, 90),
        bytes=chance.uniform(1, 100, 90),
        grain=list(range(90)),
        budget=400.0,
    )
    found = exact(problem, seconds=1e-3)
    assert found.cost <= greedy(problem).cost
    assert 0 < found.gap <= 1
