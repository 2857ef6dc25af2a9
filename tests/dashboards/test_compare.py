"""When two numbers may be called different, and what a rank is worth."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.compare import (
    NOTHING,
    RANKED_FROM,
    Difference,
    Reading,
    axis,
    difference,
    discoveries,
    exactly,
    ranks,
    reading,
)

numbers = st.floats(0, 100)


@st.composite
def readings(draw: st.DrawFn, least: int = RANKED_FROM) -> Reading:
    middle, half = draw(numbers), draw(st.floats(0.01, 20))
    return Reading(middle, middle - half, middle + half, draw(st.integers(least, 5000)))


def test_a_difference_is_called_only_when_its_interval_leaves_zero_out() -> None:
    high, low = Reading(82.0, 81.0, 83.0, 400), Reading(80.0, 79.0, 81.0, 400)
    assert difference(high, low).verdict == "above"
    assert difference(low, high).verdict == "below"
    assert difference(Reading(82.0, 80.0, 84.0, 90), low).verdict == "same"


def test_half_widths_add_in_squares() -> None:
    found = difference(Reading(80.0, 77.0, 83.0, 50), Reading(70.0, 66.0, 74.0, 50))
    assert found.half == pytest.approx(5.0)


def test_nothing_is_compared_with_a_reading_that_has_no_interval() -> None:
    alone = Reading(80.0, None, None, 1)
    assert difference(alone, exactly(70.0)).verdict == "unknown"
    assert difference(NOTHING, exactly(70.0)).delta is None


def test_a_target_has_no_error_of_its_own_and_is_no_low_base() -> None:
    assert difference(Reading(80.0, 79.0, 81.0, 400), exactly(78.9)).verdict == "above"
    assert not exactly(78.9).is_low_base
    assert Reading(80.0, 60.0, 100.0, RANKED_FROM - 1).is_low_base


@given(readings(), readings())
def test_turning_a_comparison_round_turns_its_sign(a: Reading, b: Reading) -> None:
    there, back = difference(a, b), difference(b, a)
    assert there.delta == pytest.approx(-(back.delta or 0.0))
    assert {there.verdict, back.verdict} in ({"same"}, {"above", "below"})


@given(st.lists(readings(least=1), max_size=40))
def test_a_rank_lies_within_what_the_data_leave_open(league: list[Reading]) -> None:
    found = ranks(league)
    ranked = [(r, x) for r, x in zip(league, found, strict=True) if x is not None]
    assert all((r.n >= RANKED_FROM) == (x is not None) for r, x in zip(league, found, strict=True))
    for _, rank in ranked:
        assert 1 <= rank.best <= rank.place <= rank.worst <= len(ranked)
    by_place = sorted(ranked, key=lambda pair: pair[1].place)
    assert all((a.index or 0) >= (b.index or 0) for (a, _), (b, _) in pairwise(by_place))


def test_sites_that_cannot_be_told_apart_share_their_range_of_ranks() -> None:
    blurred = [Reading(80.0 + i / 10, 70.0, 90.0, 40) for i in range(5)]
    assert {(r.best, r.worst) for r in ranks(blurred) if r} == {(1, 5)}
    sharp = [Reading(80.0 - 5 * i, 79.0 - 5 * i, 81.0 - 5 * i, 400) for i in range(3)]
    assert [(r.best, r.worst) for r in ranks(sharp) if r] == [(1, 1), (2, 2), (3, 3)]


def test_among_many_sites_chance_alone_is_no_discovery() -> None:
    # Of 1,300 unchanged sites some 65 leave their own 95 % interval; none of them is news.
    chance = [Difference(2.1, 2.0, "above")] * 65 + [Difference(0.3, 2.0, "same")] * 1235
    assert not any(discoveries(chance))
    assert discoveries([Difference(9.0, 2.0, "above"), *chance])[0]
    assert discoveries([]) == ()


@given(st.lists(readings(least=1), max_size=30), st.floats(1, 30))
def test_an_axis_holds_what_rests_on_enough_and_is_never_narrow(
    shown: list[Reading], least: float
) -> None:
    low, high = axis(shown, least)
    assert high - low >= min(least, 99) - 1
    for value in shown:
        ends = (value.index, value.index) if value.is_low_base else (value.low, value.high)
        assert low <= max(0.0, ends[0] or 0.0)
        assert high >= min(100.0, ends[1] or 0.0)


def test_a_row_without_an_index_is_no_reading() -> None:
    assert reading(None) == NOTHING
    assert reading({"index": None, "low": None, "n": 0}) == NOTHING
    assert reading({"index": 80, "low": None, "n": 1}).half is None


def test_an_interval_is_as_wide_above_as_below_until_the_scale_ends() -> None:
    assert reading({"index": 80, "low": 78, "n": 400}) == Reading(80.0, 78.0, 82.0, 400)
    cut = reading({"index": 97, "low": 92, "n": 40})
    assert (cut.high, cut.half) == (100.0, 5.0)
