# ruff: noqa: E501  (names of cases stand whole)
"""Each guard of the rules is there for a reason: without it a case of the corpus goes wrong.

The witness is off, so that the rules stand alone. A guard is a predicate that says True where a
rule is sound; each is answered with True throughout, and its case must then fail.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cubes.rewrite import forget, guards, witness
from tests.cubes.rewrite.corpus import HERE, Case, File, read
from tests.cubes.rewrite.test_corpus import expect_plan, expect_same_answers, plan_of

#: guard: the case that fails without it
CASES = {
    "joins_at_most_one": "redundant_joins: a left join may repeat rows where the key is not unique",
    "is_never_null": "redundant_joins: a left join on a key that may be null keeps rows that an inner one drops",
    "rejects_missing": "outer_joins: a left join with a condition that does not",
    "equal_means_same": "doubles: equal and yet not the same: nought has two signs",
    "is_set_equal": "redundant_joins: all pairs are more than those a cuboid joined",
    "follows": "implication: without the condition",
    "joins_alike": "outer_joins: without the condition another category would be met",
    "only_its_key_is_used": "functional_dependency: a column that the key determines, beside the key",
    "is_constant_in_bucket": "time_buckets: months to weeks: weeks do not nest in months, nor months in weeks",
    "keeps_endless_dates": "time_units: year and month are lost where the day is infinite",
    "shifts_whole_buckets": "time_buckets: a shift of half an hour cuts hours",
    "is_in_same_rows": "filter_and_case: FILTER on what is no level",
    "adds_exactly": "doubles: a sum of a level of DOUBLE is a sum of multiples",
    "cannot_tell_apart": "doubles: nought has two signs in one cell",
    "is_one_cell": "distinct: counts of distinct values are not added",
    "is_one_row": "min_max: cells that each tell the value of their newest day, when days have ties",
    "is_ordered_fully": "having_order_windows: a number among ties is anyone's",
    "is_a_group_only_with_rows": "empty_input: a cuboid of one row for groups: over nothing there is no group",
    "counts_rows": "cuboids_on_cuboids: a number of cells is not a number of rows",
    "hangs_on_no_zone": "zones: the very same expression without a zone",
    "has_a_whole_bucket": "ragged_ends: no whole bucket lies within",
    "met_a_row": "outer_joins: an inner join, where the level is null both for no product and for no category",
    "minds_no_repeats": "union_all: UNION ALL of rows: how often counts",
    "only_selects": "correlated: exists over an aggregate, which always has a row",
    "is_null_alike": "opposites: no value of a level that is NULL for some values too",
    "is_one_year": "periods: two years and a month are two cells",
    "says_no_more": "beginnings: an end as well as a beginning",
}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(witness, "ON", False)
    forget()
    yield
    forget()


def found(place: str) -> tuple[File, Case]:
    name, _, title = place.partition(": ")
    file = read(HERE / f"{name}.sql")
    return file, next(case for case in file.cases if case.title == title)


def expect(file: File, case: Case) -> None:
    plan = plan_of(file, case)
    if plan.sql != case.sql:
        expect_same_answers(file, case, plan)
    expect_plan(file, case, plan)


def test_each_guard_has_a_case() -> None:
    assert set(CASES) == set(guards.GUARDS)


@pytest.mark.parametrize(("guard", "place"), CASES.items(), ids=CASES.keys())
def test_without_a_guard_its_case_goes_wrong(
    guard: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, case = found(place)
    expect(file, case)
    monkeypatch.setattr(guards, guard, lambda *_, **__: True)
    forget()
    with pytest.raises(Exception):  # noqa: B017, PT011 — wrong rows, or SQL that does not run
        expect(file, case)
