"""Complementary suppression: no closed cell is a linear combination of open ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from cubes.suppression import derivable, suppress


class Span:
    """The rational combinations of some rows, by elimination."""

    def __init__(self, rows: Iterable[list[int]]) -> None:
        self.steps: list[tuple[int, list[Fraction]]] = []
        for row in rows:
            left = self.rest(row)
            column = next((i for i, value in enumerate(left) if value), None)
            if column is not None:
                self.steps.append((column, [value / left[column] for value in left]))

    def rest(self, row: Sequence[int]) -> list[Fraction]:
        left = [Fraction(value) for value in row]
        for column, step in self.steps:
            factor = left[column]
            if factor:
                left = [a - factor * b if b else a for a, b in zip(left, step, strict=True)]
        return left

    def __contains__(self, row: Sequence[int]) -> bool:
        return not any(self.rest(row))


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[list[int]], list[bool], list[int]]:
    """Sites with processes in two trees of classes; every class in all and by process, and more."""
    sites = draw(st.integers(2, 7))
    processes = draw(st.integers(1, 3))
    province = [draw(st.integers(0, 2)) for _ in range(sites)]
    kind = [draw(st.integers(0, 1)) for _ in range(sites)]
    atoms = [(s, p) for s in range(sites) for p in range(processes) if draw(st.integers(0, 5))]
    size = [draw(st.integers(0, 9)) for _ in atoms]
    sets = [
        *(lambda s, p, k=k: s == k for k in range(sites)),
        *(
            lambda s, p, k=k, t=t, q=q: (
                (k is None or province[s] == k)
                and (t is None or kind[s] == t)
                and (q is None or p == q)
            )
            for k, t in ((None, None), *((k, None) for k in range(3)), (None, 0), (None, 1), (0, 0))
            for q in (None, *range(processes))
        ),
        *draw(st.lists(st.sampled_from([lambda s, p: (s + p) % 2 == 0, lambda s, p: s < 3]))),
    ]
    rows = [[int(inside(s, p)) for s, p in atoms] for inside in sets]
    rows = [row for row in rows if any(row)]
    total = [sum(a * b for a, b in zip(row, size, strict=True)) for row in rows]
    return rows, [0 < n < 5 for n in total], total


@settings(max_examples=200)
@given(grids())
def test_no_closed_cell_lies_in_the_span_of_the_open_ones(
    grid: tuple[list[list[int]], list[bool], list[int]],
) -> None:
    rows, closed, cost = grid
    if not rows:
        return
    shut = suppress(csr_array(np.array(rows)), np.array(closed), np.array(cost, float))
    assert all(now for was, now in zip(closed, shut, strict=True) if was)
    left = Span(row for row, is_shut in zip(rows, shut, strict=True) if not is_shut)
    for row, is_shut in zip(rows, shut, strict=True):
        assert not (is_shut and row in left)


@settings(max_examples=100)
@given(grids(), st.randoms(use_true_random=False))
def test_what_can_be_computed_is_found_as_by_elimination(
    grid: tuple[list[list[int]], list[bool], list[int]], chance: object
) -> None:
    rows, *_ = grid
    if not rows:
        return
    shut = np.array([chance.random() < 0.4 for _ in rows])  # type: ignore[attr-defined]
    left = Span(row for row, is_shut in zip(rows, shut, strict=True) if not is_shut)
    expected = [bool(is_shut) and row in left for row, is_shut in zip(rows, shut, strict=True)]
    assert derivable(csr_array(np.array(rows)), shut).tolist() == expected


def test_one_closed_cell_of_a_sum_closes_its_cheapest_companion() -> None:
    """Three sites and their sum: closing the smallest alone would leave it computable.

    site  answers
    A           3   closed
    B           7   the cheapest companion
    C          50
    all        60
    """
    rows = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]))
    shut = suppress(rows, np.array([True, False, False, False]), np.array([3.0, 7, 50, 60]))
    assert shut.tolist() == [True, True, False, False]


def test_the_programme_closes_no_more_than_the_best_of_all_choices() -> None:
    rows = np.array(
        [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1],
         [1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    )  # fmt: skip
    cost = np.array([3.0, 20, 9, 30, 23, 39, 12, 50, 62])
    closed = np.array([True] + [False] * 8)
    shut = suppress(csr_array(rows), closed, cost)

    def safe(more: tuple[int, ...]) -> bool:
        left = Span(row.tolist() for i, row in enumerate(rows) if i and i not in more)
        return not any(rows[i].tolist() in left for i in (0, *more))

    price = 1.0 + cost
    best = min(
        sum(price[list(more)])
        for size in range(1, 9)
        for more in combinations(range(1, 9), size)
        if safe(more)
    )
    assert sum(price[shut & ~closed]) == best


def test_nothing_closed_closes_nothing_and_all_closed_stay() -> None:
    rows = csr_array(np.array([[1, 0], [0, 1], [1, 1]]))
    assert not suppress(rows, np.zeros(3, bool), np.ones(3)).any()
    assert suppress(rows, np.ones(3, bool), np.ones(3)).all()
    assert suppress(rows, np.array([True, True, False]), np.ones(3)).tolist() == [True, True, False]


def test_a_month_of_a_network_is_decided_in_time() -> None:
    """1,300 sites by four processes; a few sites stand alone in what they belong to."""
    chance = np.random.default_rng(3)
    sites = 1300
    province, kind = chance.integers(0, 17, sites), chance.integers(0, 6, sites)
    atoms = [(s, p) for s in range(sites) for p in range(4)]
    site, process = (np.array(column) for column in zip(*atoms, strict=True))
    size = chance.integers(20, 40, len(atoms)).astype(float)
    size[np.isin(site, (5, 17))] = 1
    members = [*(site == s for s in range(sites))]
    for inside in (
        np.ones(len(atoms), bool),
        *(province[site] == k for k in range(17)),
        *(kind[site] == k for k in range(6)),
    ):
        members += [inside, *(inside & (process == p) for p in range(4))]
    rows = csr_array(np.array(members).astype(np.int8))
    cost = rows @ size
    shut = suppress(rows, cost < 5, cost)
    assert 2 <= shut.sum() <= 10
    assert not derivable(rows, shut).any()
