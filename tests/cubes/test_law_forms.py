# ruff: noqa: E501  (tables of SQL read better whole)
"""Law 1 for forms: what tells a group by other groups is what plain DuckDB says over plain tables."""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.catalogue import read_catalogue
from cubes.definitions import SATISFACTION
from cubes.lattice import cuboids_of
from models.errors import QuestionError
from tests.cubes.oracle import MEANING, VIEWS
from tests.cubes.star import Star, random_star, released
from tests.cubes.test_law_same_answer import World, planned, rows

CUBOIDS = cuboids_of(SATISFACTION)
VIEW = VIEWS["satisfaction"][0]
PLACES = ((), ("site",), ("province",), ("province", "site"), ("process",), ("channel",))
FIGURES = ("measure(index)", "n()", "n(index)", "measure(answers)", "measure(top_box)", "sum(rows)")
ELSEWHERE = ("", "province is distinct from '부산'", "process = 'sales' and site <> 'S1'",
             "(site = 'S1' or process = 'sales')")  # fmt: skip
STRETCHES = {"day": "interval 5 day", "week": "interval 2 week", "month": "interval 3 month",
             "quarter": "interval 6 month", "year": "interval 1 year"}  # fmt: skip

#: Days with holes of weeks and months between them, and leap days among them.
STARTS = (
    date(2023, 2, 26),
    date(2024, 2, 26),
    date(2024, 12, 28),
    date(2025, 2, 27),
    date(2025, 5, 30),
)


def sparse_star(seed: int, answers: int = 90) -> Star:
    star, chance = random_star(seed, answers=answers, contacts=40), random.Random(seed)
    star.tables["dim_date"] = [
        {"day": day, "fiscal_year": date(day.year - (day.month < 4), 4, 1)}
        for day in (date(2022, 12, 1) + timedelta(days=i) for i in range(1000))
    ]
    moved: dict[Any, date] = {}
    for fact, key in (("fact_answer", "response_key"), ("fact_contact", "contact_key")):
        for row in star.tables[fact]:
            day = chance.choice(STARTS) + timedelta(days=chance.randint(0, 5))
            row["local_date"] = moved.setdefault((fact, row[key]), day)
    return star


@cache
def world(seed: int, answers: int = 90) -> World:
    snapshot = released(sparse_star(seed, answers))
    for name, sql in VIEWS.values():
        snapshot.con.execute(f"create view {name} as {sql}")
    return World(snapshot.con, read_catalogue(snapshot, snapshot.con))


def by(*levels: str) -> str:
    return f" group by {', '.join(levels)}" if levels else ""


def where(*conditions: str) -> str:
    said = [condition for condition in conditions if condition]
    return f" where {' and '.join(said)}" if said else ""


def same(levels: tuple[str, ...], one: str, other: str) -> str:
    return (
        " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in levels)
        or "true"
    )


def agrees(here: World, asked: str, plain: str) -> None:
    """The same from the facts, and from every cuboid that may answer."""
    expected = rows(here, plain, {})
    for cuboids in ((), *((cuboid,) for cuboid in CUBOIDS)):
        found = planned(here, asked, cuboids)
        assert rows(here, found.sql, {}) == expected, found.sql


def meaning(figure: str) -> str:
    text = MEANING["satisfaction"][figure]
    return f"{text}::bigint" if text.startswith("count") else text


law = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 2)
places, figures, elsewhere = (
    st.sampled_from(PLACES),
    st.sampled_from(FIGURES[:-1]),
    st.sampled_from(ELSEWHERE),
)


@law
@given(seed=seeds, place=places, figure=figures, other=elsewhere,
       time=st.sampled_from(tuple(STRETCHES)), first=st.sampled_from((None, date(2024, 12, 30), date(2025, 1, 1))))  # fmt: skip
def test_previous_is_the_same_group_one_interval_before(
    seed: int, place: tuple[str, ...], figure: str, other: str, time: str, first: date | None
) -> None:
    back, levels = STRETCHES[time], (time, *place)
    since = f"{time} >= date '{first}'" if first else ""
    asked = (
        f"select {', '.join(levels)}, {figure} as now, previous({figure}, {back}) as before"
        f" from satisfaction{where(since, other)}{by(*levels)}"
    )
    grouped = f"select {', '.join(levels)}, {meaning(figure)} as now from {VIEW}"
    plain = (
        f"with q as ({grouped}{where(since, other)}{by(*levels)}), p as ({grouped}{where(other)}{by(*levels)})"
        f" select q.*, p.now as before from q left join p on p.{time} = (q.{time} - {back})::date and {same(place, 'p', 'q')}"
    )
    agrees(world(seed), asked, plain)


@law
@given(
    seed=seeds,
    place=places,
    figure=figures,
    other=elsewhere,
    time=st.sampled_from(tuple(STRETCHES)),
)
def test_rolling_is_of_the_days_up_to_the_end_of_each_period(
    seed: int, place: tuple[str, ...], figure: str, other: str, time: str
) -> None:
    over, levels = STRETCHES[time], (time, *place)
    since = f"{time} >= date '2024-02-26'"
    asked = (
        f"select {', '.join(levels)}, rolling({figure}, {over}) as rolled"
        f" from satisfaction{where(other, since)}{by(*levels)}"
    )
    plain = (
        f"select {', '.join(f'q.{name}' for name in levels)}, (select {meaning(figure)} from {VIEW} as o"
        f"{where(other, same(place, 'o', 'q'), f'o.{time} > q.{time} - {over}', f'o.{time} <= q.{time}')}) as rolled"
        f" from (select distinct {', '.join(levels)} from {VIEW}{where(other, since)}) as q"
    )
    agrees(world(seed), asked, plain)


@law
@given(seed=seeds, place=places, figure=figures, other=elsewhere,
       time=st.sampled_from(("day", "month")), since=st.sampled_from(("quarter", "half", "year", "fiscal_year")))  # fmt: skip
def test_cumulative_is_from_the_first_day_of_the_period(
    seed: int, place: tuple[str, ...], figure: str, other: str, time: str, since: str
) -> None:
    levels = (time, *place)
    shown = f"{time} in (date '2024-03-01', date '2024-02-29', date '2025-02-27', date '2025-03-01', date '2025-06-01')"
    asked = (
        f"select {', '.join(levels)}, cumulative({figure}, '{since}') as so_far"
        f" from satisfaction{where(other, shown)}{by(*levels)}"
    )
    plain = (
        f"select {', '.join(f'q.{name}' for name in levels)}, (select {meaning(figure)} from {VIEW} as o"
        f"{where(other, same((*place, since), 'o', 'q'), f'o.{time} <= q.{time}')}) as so_far"
        f" from (select distinct {', '.join((*levels, since))} from {VIEW}{where(other, shown)}) as q"
    )
    agrees(world(seed), asked, plain)


@law
@given(seed=seeds, figure=figures, place=places)
def test_the_year_to_date_stands_beside_that_of_last_year(
    seed: int, figure: str, place: tuple[str, ...]
) -> None:
    """Also on a day whose day last year had no answer: then it holds what came before."""
    levels = ("day", *place)
    asked = (
        f"select {', '.join(levels)}, cumulative({figure}, 'year') as this,"
        f" previous(cumulative({figure}, 'year'), interval 1 year) as last from satisfaction{by(*levels)}"
    )
    to_date = (
        f"(select case when count(*) > 0 then {meaning(figure)} end from {VIEW} as o"
        f" where {same(place, 'o', 'q')}"
        " and (o.day + interval {years} year)::date between date_trunc('year', q.day) and q.day)"
    )
    plain = (
        f"select {', '.join(f'q.{name}' for name in levels)}, {to_date.format(years=0)} as this, {to_date.format(years=1)} as last"
        f" from (select distinct {', '.join(levels)} from {VIEW}) as q"
    )
    agrees(world(seed), asked, plain)


@law
@given(seed=seeds, other=elsewhere, figure=st.sampled_from(("n()", "measure(answers)", "n(index)")),
       case=st.sampled_from((
           (("month", "province", "site"), "'province'", ("month", "province")),
           (("month", "province", "district", "site"), "'district'", ("month", "province", "district")),
           (("channel", "process", "touchpoint"), "'process'", ("channel", "process")),
           (("year", "month"), "'year'", ("year",)),
           (("month", "site"), "", ("month",)),
           (("site", "channel"), "", ()),
           (("month",), "", ()),
           (("month", "site_type", "site"), "'site_type'", ("month", "site_type")),
       )))  # fmt: skip
def test_shares_of_one_whole_add_up_to_a_hundred(
    seed: int, other: str, figure: str, case: tuple[tuple[str, ...], str, tuple[str, ...]]
) -> None:
    levels, named, apart = case
    given = f", {named}" if named else ""
    asked = f"select {', '.join(levels)}, share({figure}{given}) as part from satisfaction{where(other)}{by(*levels)}"
    over = f"partition by {', '.join(apart)}" if apart else ""
    plain = (
        f"select {', '.join(levels)}, 100.0::double * {meaning(figure)} / nullif(sum({meaning(figure)}) over ({over}), 0) as part"
        f" from {VIEW}{where(other)}{by(*levels)}"
    )
    agrees(world(seed), asked, plain)


@law
@given(seed=seeds, other=elsewhere, figure=st.sampled_from(("index", "answers", "low_box", "top_box")),
       case=st.sampled_from((
           (("site",), "", ()),
           (("year", "site"), "", ("year",)),
           (("province", "site"), "'province'", ("province",)),
           (("year", "site_type", "site"), "'site_type'", ("year", "site_type")),
           (("touchpoint", "process"), "'process'", ("process",)),
       )))  # fmt: skip
def test_ranks_are_among_those_with_answers_enough(
    seed: int, other: str, figure: str, case: tuple[tuple[str, ...], str, tuple[str, ...]]
) -> None:
    """1, 1, 3: who is as good shares the better place; below 30 answers one is shown and not ranked."""
    levels, named, apart = case
    given = f", {named}" if named else ""
    asked = f"select {', '.join(levels)}, rank({figure}{given}) as place from satisfaction{where(other)}{by(*levels)}"
    value = meaning(f"measure({figure})")
    base = {"answers": "30", "index": meaning("n(index)")}.get(figure, "count(grade)")
    better = "<" if figure == "low_box" else ">"
    plain = (
        f"with q as (select {', '.join(levels)}, {value} as v, {base} as n from {VIEW}{where(other)}{by(*levels)}),"
        " r as (select * from q where n >= 30 and v is not null)"
        f" select {', '.join(levels)}, case when n >= 30 and v is not null then"
        f" (select 1 + count(*) from r where r.v {better} q.v and {same(apart, 'r', 'q')}) end::bigint as place from q"
    )
    agrees(world(seed, 400), asked, plain)


def ask(sql: str, seed: int = 0, answers: int = 90) -> list[tuple[Any, ...]]:
    here = world(seed, answers)
    found: list[tuple[Any, ...]] = (
        here.con.cursor().execute(planned(here, sql, CUBOIDS).sql).fetchall()
    )
    return found


def counted(condition: str, answers: int = 90) -> int:
    row = world(0, answers).con.execute(f"select count(*) from {VIEW} where {condition}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_day_that_last_year_did_not_have_has_no_previous() -> None:
    """29 February has none, and 28 February has its own and not two days together."""
    sql = "select day, previous(answers, interval 1 year) from satisfaction group by day"
    found = dict(ask(sql, answers=400))
    assert counted("day = date '2023-02-28'", 400) > 0
    assert found[date(2024, 2, 29)] is None
    assert counted("day = date '2024-02-29'", 400) > 0
    assert found[date(2025, 2, 28)] == counted("day = date '2024-02-28'", 400)


def test_a_month_of_29_days_is_whole_all_the_same() -> None:
    found = ask(
        "select previous(answers, interval 1 year) from satisfaction where month = date '2025-02-01'"
    )
    assert found == [(counted("month = date '2024-02-01'"),)]
    days = "day between date '2025-02-01' and date '2025-02-28'"
    assert ask(f"select previous(answers, interval 1 year) from satisfaction where {days}") == found


def test_a_stretch_of_days_is_compared_with_the_same_stretch() -> None:
    found = ask(
        "select month, previous(answers, interval 1 year) from satisfaction"
        " where day between date '2025-02-01' and date '2025-02-27' group by month"
    )
    assert found == [
        (date(2025, 2, 1), counted("day between date '2024-02-01' and date '2024-02-27'"))
    ]


def test_a_period_before_which_nothing_came_is_null_and_not_the_row_before() -> None:
    found = dict(ask("select month, previous(answers) from satisfaction group by month"))
    assert found[date(2024, 2, 1)] is None
    assert found[date(2024, 3, 1)] == counted("month = date '2024-02-01'")


def test_a_question_that_names_no_interval_goes_back_one_period() -> None:
    for time in ("day", "week", "month", "quarter", "half", "year", "fiscal_year"):
        unit = {"half": "6 month", "fiscal_year": "1 year"}.get(time, f"1 {time}")
        one = f"select {time}, previous(n()) from satisfaction group by {time} order by {time}"
        assert ask(one) == ask(one.replace("n())", f"n(), interval {unit})"))


def test_the_first_of_each_group() -> None:
    """HAVING takes a form as it takes any measure: the two best of each type, with ties."""
    whole = "select month, channel, site, rank(answers) as place from satisfaction group by all"
    found = ask(f"{whole} having rank(answers) <= 2 order by month, place, channel, site", 0, 400)
    every = ask(whole, 0, 400)
    assert sorted(found, key=str) == sorted((r for r in every if r[3] <= 2), key=str)
    assert {row[3] for row in found} == {1, 2}
    assert len(found) < len(every)


def test_outputs_are_called_after_the_figure_and_the_form() -> None:
    here = world(0)
    sql = (
        "select month, previous(index), previous(low(index)), rolling(n(), interval 3 month),"
        " cumulative(answers, 'year'), share(n(index)), measure(rank), rank(nps) from satisfaction group by month"
    )
    cursor = here.con.cursor().execute(planned(here, sql, CUBOIDS).sql)
    assert [d[0] for d in cursor.description or ()] == [
        "month", "index_previous", "index_low_previous", "n_rolling", "answers_cumulative",
        "index_n_share", "rank", "nps_rank",
    ]  # fmt: skip


def test_forms_stay_on_the_cuboid_that_answers_the_block() -> None:
    here = world(0)
    found = planned(
        here,
        "select site, month, measure(index), previous(index), cumulative(index, 'year'), measure(rank)"
        " from satisfaction where month = date '2025-03-01' group by all",
        CUBOIDS,
    )
    assert found.blocks[0].stored
    assert set(found.reads) == {found.blocks[0].source, "dim_site"}
    assert found.blocks[0].measures == ("index",)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select week, previous(index, interval 1 month) from satisfaction group by week", "1 month back is no whole week"),
        ("select month, previous(index, interval 7 day) from satisfaction group by month", "7 days back is no whole month"),
        ("select year, previous(index, interval 1 month) from satisfaction group by year", "interval 1 year"),
        ("select week, previous(index) from satisfaction where month = date '2025-03-01' group by week", "7 days back is no whole month"),
        ("select week, month, previous(index) from satisfaction group by all", "do not nest"),
        ("select site, previous(index) from satisfaction group by site", "needs a time to go back from"),
        ("select site, previous(index) from satisfaction where month = date '2025-03-01' group by site", "say how far"),
        ("select month, previous(index, 1) from satisfaction group by month", "interval 3 month"),
        ("select month, previous(index, interval '1 month 3 days') from satisfaction group by month", "interval of whole"),
        ("select month, rolling(index, interval 28 day) from satisfaction group by month", "28 days are no number of whole months"),
        ("select site, rolling(index, interval 28 day) from satisfaction group by site", "group by day, week or month"),
        ("select month, rolling(index) from satisfaction group by month", "rolling(index, interval 28 day)"),
        ("select month, rolling(index, interval 2 month) from satisfaction where day > date '2025-03-03' group by month", "would cut them"),
        ("select month, rolling(index, interval 2 month) from satisfaction where month > date '2025-03-03' or site = 'S1' group by month", "apart from others"),
        ("select week, cumulative(index, 'month') from satisfaction group by week", "weeks are not within months"),
        ("select month, cumulative(index, 'month') from satisfaction group by month", "months are themselves months"),
        ("select day, cumulative(index, 'moth') from satisfaction group by day", "did you mean 'month'?"),
        ("select site, share(index, 'province') from satisfaction group by site", "an index is no part of another"),
        ("select site, share(answers, 'province') from satisfaction group by site", "group by province too"),
        ("select province, share(answers, 'province') from satisfaction group by province", "nothing that is"),
        ("select province, site, share(answers, 'provnce') from satisfaction group by all", "did you mean 'province'?"),
        ("select month, previous(indx) from satisfaction group by month", "did you mean 'index'?"),
        ("select month, previous() from satisfaction group by month", "takes a measure first"),
        ("select month, previous(rank(index)) from satisfaction group by month", "no rank()"),
        ("select month, previous(index) over () from satisfaction group by month", "takes no OVER"),
        ("select month, previous(index) filter (where site = 'S1') from satisfaction group by month", "takes no FILTER"),
        ("select month, previous(index) from satisfaction group by rollup(month)", "no rollup"),
        ("select month + 1, previous(index) from satisfaction group by all", "no expression"),
        ("select month, rank(index) from satisfaction where site in (select site from dim_site) group by month", "conditions on levels alone"),
        ("select previous(median) from satisfaction where month = date '2025-03-01'", "within one scale only"),
        ("select previous(site) from dim_site", "previous() needs a cube in its FROM"),
        ("select rank(site) from dim_site", "rank() needs a cube in its FROM"),
    ],
)  # fmt: skip
def test_a_form_without_meaning_is_refused_in_a_sentence(sql: str, says: str) -> None:
    with pytest.raises(QuestionError) as error:
        planned(world(0), sql, CUBOIDS)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
