"""Law 4: what is pinned comes from one load, whatever is released between two questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cubes.api import Connection
from tests.cubes.star import FakeReader, FakeSnapshot, released
from tests.cubes.test_law_as_known import LOADS, rounded, rows_of, tables_of, told
from tests.cubes.test_law_same_answer import Asked, questions
from tests.laws import SEEDS, in_memory


@lru_cache(maxsize=12)
def releases(seed: int) -> tuple[FakeSnapshot, ...]:
    """The release after each load, as a reader would have given it then."""
    made = []
    for load, star in enumerate(told(seed).plain, start=1):
        as_of, schema = told(seed).as_of(load), "memory.main"
        made.append(replace(released(star), load=load, as_of=as_of, schema=schema))
    return tuple(made)


def answer_of(seed: int, load: int, asked: Asked, given: dict[str, Any]) -> Counter[Any]:
    """The answer at a load, by plain DuckDB over the tables of then."""
    today = f"date '{told(seed).as_of(load):%Y-%m-%d}'"
    plain = asked.plain.replace("date '2026-05-01'", today)
    return rows_of(tables_of(seed)[load - 1], plain, given)


@in_memory
@given(
    seed=SEEDS, asked=questions(), also=questions(),
    first=st.integers(1, LOADS), then=st.integers(1, LOADS),
)  # fmt: skip
def test_all_numbers_of_a_pinned_connection_come_from_one_load(
    seed: int, asked: Asked, also: Asked, first: int, then: int
) -> None:
    reader = FakeReader(releases(seed)[first - 1])
    con = Connection(reader)
    with con.pinned() as pinned:
        for question, load in ((asked, first), (also, then)):
            reader.held = releases(seed)[load - 1]  # released while the screen is being drawn
            used = {k: v for k, v in question.given.items() if f"${k}" in question.text}
            found = pinned.answer(question.text, used)
            assert (found.load, found.as_of) == (first, told(seed).as_of(first))
            assert Counter(map(rounded, found.frame.rows())) == answer_of(
                seed, first, question, used
            )
    used = {k: v for k, v in also.given.items() if f"${k}" in also.text}
    free = con.answer(also.text, used)
    assert free.load == then
    assert Counter(map(rounded, free.frame.rows())) == answer_of(seed, then, also, used)
