"""Killed anywhere, the last release stands whole and the next run completes."""

from __future__ import annotations

from collections.abc import Callable

from models.release import verify
from tests.pipelines.load.conftest import QUESTIONS, Bench, answer
from tests.pipelines.load.test_histories import STAR, cells_equal_facts


class Killed(BaseException):
    """What a kill looks like from inside."""


def test_killed_at_every_step_nothing_is_lost_or_half_written(
    new_bench: Callable[[], Bench],
) -> None:
    names: list[str] = []
    whole = new_bench()
    whole.load(whole.write("question1", QUESTIONS))
    whole.load(whole.write("survey1", [answer(1), answer(2, q2="x"), answer(3)]), step=names.append)
    expected = whole.rows(STAR)
    assert len(names) > 3
    for nth in range(len(names)):
        bench = new_bench()
        bench.load(bench.write("question1", QUESTIONS))
        before = bench.rows(STAR)
        survey = bench.write("survey1", [answer(1), answer(2, q2="x"), answer(3)])
        seen: list[str] = []

        def step(name: str, seen: list[str] = seen, nth: int = nth) -> None:
            seen.append(name)
            if len(seen) == nth + 1:
                raise Killed

        try:
            bench.load(survey, step=step)
        except Killed:
            assert bench.rows(STAR) in (before, expected)
        bench.load(survey)
        assert bench.rows(STAR) == expected, f"after a kill at '{names[nth]}'"
        assert bench.rows("select count(*) from quarantine where state = 'open'") == [(1,)]
        assert verify(bench.home) == ()
        cells_equal_facts(bench)
