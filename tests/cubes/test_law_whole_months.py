# ruff: noqa: E501  (tables of SQL read better whole)
"""Law 1 where a stretch of days is whole months of one cuboid and days of another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubes.choice import NONE_ILL
from cubes.judge import judge
from cubes.lattice import CUBOIDS
from cubes.lookups import with_keys
from cubes.plan import Plan, Surroundings, plan
from tests.cubes.oracle import MEANING, TODAY, VIEWS
from tests.cubes.star import AS_OF
from tests.cubes.test_law_same_answer import OFFERED, World, rows, world
from tests.laws import in_memory

LOWER = (
    "day >= $first", "$first <= day", "day > $first", "$first < x.day", "x.day >= $first::date",
    "day >= '2026-02-11'", "day >= '2026-03-01'", "day > timestamp '2026-02-01 12:00'",
    "day >= timestamp '2026-02-01 00:00:01'", "day >= timestamptz '2026-03-01 00:00+09'",
    "day >= date_trunc('month', $first)", "day >= $first - interval 9 day", "day > current_date - 80",
    "day >= null", "day >= '-infinity'::date",
)  # fmt: skip
UPPER = (
    "day < $last", "day <= $last", "$last > day", "$last >= x.day", "day <= '2026-03-31'",
    "day < '2026-04-01'", "day < timestamp '2026-04-01 00:00:01'", "day <= timestamp '2026-03-31 00:00'",
    "day < last_day($last)", "day <= last_day($first)", "day < date_trunc('month', $last) + interval 1 month",
    "day < current_date", "day < 'infinity'::date",
)  # fmt: skip
LEVELS = {
    "satisfaction": ("site", "province", "district", "site_type", "month", "quarter", "year", "process", "touchpoint", "day", "week"),
    "voice": ("site", "province", "district", "site_type", "month", "quarter", "year"),
}  # fmt: skip
MORE = ("site = 'S1'", "province is null", "month >= date '2026-02-01'", "year(day) = 2026", "site_type <> 'sales_branch'")  # fmt: skip
STRETCH = st.dates(date(2026, 1, 25), date(2026, 4, 25)) | st.sampled_from(
    (date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1))
)


@pytest.fixture(autouse=True)
def pieces_whenever_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubes.whole_months.SEAM", -(10**9))


def in_pieces(here: World, text: str, refused: Mapping[str, str] = NONE_ILL) -> Plan:
    """The plan over all cuboids, of which the coarser have fewer cells."""
    sizes = {c.name: 10 ** len(c.keys) * (30 if "day" in c.keys else 1) for c in CUBOIDS}
    around = Surroundings(
        CUBOIDS, {**here.catalogue.sizes, **sizes}, AS_OF, here.catalogue.functions.aggregates,
        refused=refused,
    )  # fmt: skip
    return plan(text, judge(text, here.con, OFFERED, here.catalogue.functions), around)


@in_memory
@given(
    seed=st.integers(0, 3),
    cube=st.sampled_from(sorted(LEVELS)),
    data=st.data(),
    lower=st.sampled_from(("", *LOWER)),
    upper=st.sampled_from(("", *UPPER)),
    more=st.lists(st.sampled_from(MORE), max_size=1),
    bounds=st.tuples(STRETCH, STRETCH),
    typed=st.sampled_from((date, str, datetime)),
)
def test_whole_months_and_the_days_left_over_give_the_answer_of_the_facts(
    seed: int, cube: str, data: st.DataObject, lower: str, upper: str, more: list[str],
    bounds: tuple[date, date], typed: type,
) -> None:  # fmt: skip
    here, by = (
        world(seed),
        data.draw(st.lists(st.sampled_from(LEVELS[cube]), max_size=2, unique=True)),
    )
    call = data.draw(st.sampled_from(sorted(MEANING[cube])))
    where = " and ".join(part for part in (lower, upper, *more) if part) or "true"
    text = f"select {', '.join((*by, f'{call} as m'))} from {{cube}} as x where {where}"
    text += " group by all" if by else ""
    first, last = sorted(bounds)
    given = {"first": _typed(first, typed, text), "last": _typed(last, typed, text)}
    plain = text.replace(call, f"({MEANING[cube][call]})").replace("current_date", TODAY)
    expected = rows(here, plain.format(cube=VIEWS[cube][0]), given)
    found = in_pieces(here, text.format(cube=cube))
    assert rows(here, found.sql, given) == expected, found.sql
    sql, left = with_keys(here.con.cursor(), found.sql, found.lookups, _named(given, found.sql), {})
    assert rows(here, sql, left) == expected, sql


def _named(given: Mapping[str, object], sql: str) -> Mapping[str, object]:
    return {name: value for name, value in given.items() if f"${name}" in sql}


def _typed(day: date, kind: type, text: str) -> object:
    """The bound as a program may give it; where functions are applied to it, it stays a date."""
    plain = not any(word in text for word in ("trunc(", "interval", "last_day("))
    if kind is str and plain:
        return day.isoformat()
    noon = datetime.combine(day, time(12))  # without a zone, as a day has none
    return noon if kind is datetime and plain else day


@pytest.mark.parametrize("lower", LOWER)
@pytest.mark.parametrize("upper", ["", "day < $last"])
def test_every_comparison_with_days_is_read_in_pieces(lower: str, upper: str) -> None:
    text = f"select site, n() from satisfaction as x where {' and '.join(filter(None, (lower, upper)))} group by all"
    block = in_pieces(world(0), text).blocks[0]
    assert (block.source, block.ends) == ("satisfaction_site_month", "satisfaction_site_day")
    assert [c.name for c in block.considered if c.used] == [block.source, block.ends]


def test_the_edges_of_whole_months_are_found_before_the_question_runs() -> None:
    text = "select site, n() from satisfaction where day >= $first and day < $last group by all"
    found = in_pieces(world(0), text)
    given = {"first": date(2026, 2, 3), "last": date(2026, 4, 1)}
    sql, left = with_keys(world(0).con.cursor(), found.sql, found.lookups, given, {})
    assert "c.month >= date '2026-03-01' and c.month < date '2026-04-01'" in sql
    assert left == given


@pytest.mark.parametrize(
    "where",
    [
        "day between $first and $last",  # its sides may change each other's type
        "day >= $first or day < $last",
        "not day >= $first",
        "day >= $first and day >= date '2026-02-02'",  # two of one side
        "day >= month",
        "day = $first",
        "week >= $first",
        "day >= $first and week < $last",
    ],
)
def test_other_conditions_on_days_are_not(where: str) -> None:
    here, given = world(0), {"first": date(2026, 2, 3), "last": date(2026, 4, 2)}
    text = f"select site, n() from {{cube}} where {where} group by all"
    found = in_pieces(here, text.format(cube="satisfaction"))
    assert found.blocks[0].ends == ""
    plain = text.format(cube=VIEWS["satisfaction"][0]).replace("n()", "count(grade) as n")
    assert rows(here, found.sql, given) == rows(here, plain, given)


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select site, week, n() from satisfaction where day >= $first group by all", "weeks cut months"),
        ("select site, rank(answers) from satisfaction where day >= $first group by site", "a form reads its cells in ways of its own"),
        ("select site, n(index), n(contacts) from satisfaction, voice where day >= $first group by all", "several cubes meet in one"),
    ],
)  # fmt: skip
def test_what_needs_days_or_other_times_is_read_in_one_piece(sql: str, why: str) -> None:
    blocks = in_pieces(world(0), sql).blocks
    assert {block.ends for block in blocks} == {""}, why


def test_both_cuboids_are_told_and_neither_answers_in_quarantine() -> None:
    text = "select site, n() from satisfaction where day >= $first group by all"
    found = in_pieces(world(0), text)
    assert set(found.cuboids) == {"satisfaction_site_month", "satisfaction_site_day"}
    assert set(found.cuboids) <= set(found.reads)
    for ill in found.cuboids:
        left = in_pieces(world(0), text, {ill: "it is not what the facts add up to"})
        assert ill not in left.reads
        assert "it is not what" in next(
            c.reason for c in left.blocks[0].considered if c.name == ill
        )
