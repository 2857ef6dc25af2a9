# ruff: noqa: E501  (tables of SQL read better whole)
"""Two cubes side by side are the full outer join of their own answers, and no trap lies between."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cubes.definitions import SATISFACTION, VOICE
from cubes.lattice import cuboids_of
from models.errors import QuestionError
from tests.cubes.oracle import MEANING, VIEWS
from tests.cubes.star import Star, random_star, released
from tests.cubes.test_law_forms import world
from tests.cubes.test_law_same_answer import planned, rows

LEFT, RIGHT = VIEWS["satisfaction"][0], VIEWS["voice"][0]
SHARED = (
    "month",
    "week",
    "year",
    "site",
    "province",
    "region",
    "process",
    "channel",
    "hour",
    "segment",
)
ANSWERED = ("measure(index)", "measure(answers)", "n(index)", "measure(top_box)")
CONTACTED = (
    "measure(complaints)",
    "measure(contacts)",
    "measure(cycle_hours)",
    "measure(asa)",
    "sum(transfers)",
)
ELSEWHERE = ("", "site <> 'S1'", "province is null", "month >= date '2024-03-01' and process = 'sales'",
             "(site = 'S1' or process = 'sales')", "channel || site <> 'channel 1S2'")  # fmt: skip
FROM = ("satisfaction, voice", "satisfaction as s, voice as v", "voice join satisfaction using ({})",
        "satisfaction full join voice using ({})", "voice cross join satisfaction")  # fmt: skip

law = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def counted(figure: str) -> str:
    """The plain meaning; a count is one by itself."""
    return {**MEANING["satisfaction"], **MEANING["voice"]}[figure]


def beside(figure: str, column: str) -> str:
    """What a full outer join gives; where a cube has no fact, nothing was counted."""
    return f"coalesce({column}, 0)::bigint" if counted(figure).startswith("count") else column


@law
@given(seed=st.integers(0, 2), levels=st.lists(st.sampled_from(SHARED), min_size=1, max_size=3, unique=True),
       left=st.sampled_from(ANSWERED), right=st.sampled_from(CONTACTED), other=st.sampled_from(ELSEWHERE),
       source=st.sampled_from(FROM), shape=st.sampled_from(("", "having {right} > 1", "rollup")))  # fmt: skip
def test_two_cubes_are_the_full_outer_join_of_their_answers(
    seed: int, levels: list[str], left: str, right: str, other: str, source: str, shape: str
) -> None:
    here, by = world(seed), ", ".join(levels)
    where = f" where {other}" if other else ""
    group = f"rollup({by})" if shape == "rollup" else by
    having = shape.format(right=right) if shape.startswith("having") else ""
    asked = f"select {by}, {left} as l, {right} as r from {source.format(by)}{where} group by {group} {having}"
    grouped = f"select {by}, grouping({by}) as g, {{}} as m from {{}}{where} group by {group}"
    same = " and ".join(f"a.{name} is not distinct from b.{name}" for name in ("g", *levels))
    plain = (
        f"select {', '.join(f'case when a.g is null then b.{n} else a.{n} end as {n}' for n in levels)},"
        f" {beside(left, 'a.m')} as l, {beside(right, 'b.m')} as r"
        f" from ({grouped.format(counted(left), LEFT)}) as a"
        f" full join ({grouped.format(counted(right), RIGHT)}) as b on {same}"
        + (f" where {beside(right, 'b.m')} > 1" if having else "")
    )
    expected = rows(here, plain, {})
    every = (*cuboids_of(SATISFACTION), *cuboids_of(VOICE))
    for cuboids in ((), cuboids_of(SATISFACTION), cuboids_of(VOICE), every):
        found = planned(here, asked, cuboids)
        assert rows(here, found.sql, {}) == expected, found.sql


@law
@given(seed=st.integers(0, 2), place=st.sampled_from(((), ("site",), ("process",))))
def test_forms_go_across(seed: int, place: tuple[str, ...]) -> None:
    by = ", ".join(("month", *place))
    asked = (
        f"select {by}, previous(answers, interval 1 year) as a, cumulative(complaints, 'year') as c,"
        f" rank(contacts) as r from satisfaction, voice group by {by}"
    )
    same = " and ".join(f"{{0}}.{n} is not distinct from q.{n}" for n in place) or "true"
    plain = (
        f"with q as (select {by}, max(n) as n from (select distinct {by}, 0 as n from {LEFT}"
        f" union all select {by}, count(*) from {RIGHT} group by {by}) group by {by})"
        f" select q.month, {''.join(f'q.{n}, ' for n in place)}"
        f" (select case when max(l) > 0 then sum(a)::bigint end from (select *, 1 as a, 1 as l from {LEFT} union all by name select *, 0 as a, 1 as l from {RIGHT}) as p"
        f" where p.month = q.month - interval 1 year and {same.format('p')}) as a,"
        f" (select count(*) from {RIGHT} as o where o.purpose = 'complaint' and o.year = date_trunc('year', q.month)"
        f" and o.month <= q.month and {same.format('o')}) as c,"
        f" (select 1 + count(*) from q as o where {'o.month = q.month and ' if place else ''}o.n > q.n)::bigint as r from q"
    )
    here = world(seed)
    found = planned(here, asked, (*cuboids_of(SATISFACTION), *cuboids_of(VOICE)))
    assert rows(here, found.sql, {}) == rows(here, plain, {}), found.sql


def tiny() -> Star:
    """One site with two answers and three contacts in one month."""
    star = random_star(1)
    answers = [r for r in star.tables["fact_answer"] if r["grade"] is not None][:2]
    contacts = star.tables["fact_contact"][:3]
    for row in (*answers, *contacts):
        row.update(site_key=2, local_date=answers[0]["local_date"], purpose="complaint")
    return Star({**star.tables, "fact_answer": answers, "fact_contact": contacts})


def ask(sql: str) -> list[tuple[Any, ...]]:
    from cubes.api import Connection
    from tests.cubes.star import FakeReader

    return Connection(FakeReader(released(tiny()))).ask(sql).rows()


def test_the_chasm_between_two_facts() -> None:
    """Two facts over one site: joined row by row, each meets all of the other's.

    fact_answer          fact_contact          the join: 2 x 3 = 6 rows
    site | answer        site | contact        site | answer | contact
    S2   | 1             S2   | 1              S2   | 1      | 1, 2, 3
    S2   | 2             S2   | 2              S2   | 2      | 1, 2, 3
                         S2   | 3              6 answers and 6 contacts that never were

    Side by side they are 2 and 3.
    """
    sql = "select site, measure(answers), measure(contacts), measure(voice.complaints) from satisfaction, voice group by site"
    assert ask(sql) == [("S2", 2, 3, 3)]
    with pytest.raises(QuestionError, match="from satisfaction, voice group by levels"):
        ask(
            "select site, measure(answers) from satisfaction join fact_contact using (site) group by all"
        )


def test_the_fan_out_of_versions() -> None:
    """One site with two versions: joined by its name, each answer meets both.

    satisfaction         dim_site                       the join
    site | answers       site | version | is_current    site | answers
    S1   | 1             S1   | 1024    | false         S1   | 1 (east)
                         S1   | 1025    | true          S1   | 1 (west): two, and there was one
    """
    with pytest.raises(QuestionError, match="a row for each version of a site"):
        ask(
            "select max(d.region_office), measure(answers) from satisfaction join dim_site as d using (site)"
        )
    sql = (
        "select d.site_name, measure(answers) from satisfaction as s"
        " join dim_site as d on d.site = s.site and d.is_current group by all"
    )
    assert ask(sql) == [("Site 2", 2)]


def test_the_fan_out_of_a_coarser_level() -> None:
    """A day of a month: joined on the month, each answer meets all thirty days.

    satisfaction            dim_date                 the join
    month   | answers       month   | day            month   | answers
    2026-02 | 2             2026-02 | 02-01 … 02-28  2026-02 | 2 x 28 = 56
    """
    with pytest.raises(QuestionError, match=r"meets it on day alone"):
        ask(
            "select month, measure(answers) from satisfaction join dim_date using (month) group by all"
        )
    assert ask(
        "select measure(answers) from satisfaction join dim_date using (day) group by all"
    ) == [(2,)]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select reason, measure(index), measure(contacts) from satisfaction, voice group by all", "reason is a level of voice alone"),
        ("select month, measure(index) from satisfaction join voice using (question) group by month", "question is a level of satisfaction alone"),
        ("select month, site, measure(index), measure(contacts) from satisfaction join voice using (month) group by all", "site is asked for and is none of using (month)"),
        ("select month, measure(index) from satisfaction left join voice using (month) group by month", "a group of one alone is kept"),
        ("select s.month, measure(index) from satisfaction as s join voice as v on s.month = v.month group by all", "using (month, site)"),
        ("select month, measure(texts), sum(rows) from satisfaction, voice group by month", "say which: sum(satisfaction.rows)"),
        ("select month, measure(median), measure(contacts) from satisfaction, voice group by month", "within one scale only"),
        ("select month, n() from satisfaction, voice group by month", "name a measure"),
        ("select month, count(*) from satisfaction, voice group by month", "use sum(satisfaction.rows)"),
        ("select month, benchmark(index, 'peers') from satisfaction, voice group by month", "one cube alone"),
        ("select month, measure(voice.index) from satisfaction, voice group by month", "voice has no measure 'index'"),
        ("select month, measure(v.contcts) from satisfaction, voice as v group by month", "did you mean 'contacts'?"),
        ("select month, measure(voice.contacts) from satisfaction group by month", "from satisfaction, voice and group by levels"),
        ("select month, measure(contacts) from satisfaction group by month", "contacts is a measure of voice"),
        ("select purpose, measure(index) from satisfaction group by purpose", "purpose is a level of voice"),
        ("select month, measure(complints) from satisfaction group by month", "did you mean 'complaints'? That is of voice"),
        ("select month, measure(index) from satisfaction, voice, dim_site group by month", "side by side with nothing else"),
        ("select measure(index) from satisfaction, unnest([1, 2])", "could count its facts several times"),
        ("select measure(index) from satisfaction, (select 1 as a) as b", "with a as (select site"),
        ("with t as (select 'S1' as site) select measure(index) from satisfaction join t using (site)", "could count its facts several times"),
        ("select measure(index) from satisfaction join fact_answer using (site)", "satisfaction is made of fact_answer"),
        ("select measure(index) from satisfaction as s join dim_process as p on p.process = s.process", "meets it on touchpoint alone"),
        ("select measure(index) from satisfaction, dim_channel", "meets it on channel alone"),
        ("select measure(index) from satisfaction as s join dim_channel as c on c.channel = s.channel or true", "meets it on channel alone"),
    ],
)  # fmt: skip
def test_what_would_count_twice_is_refused_with_the_right_form(sql: str, says: str) -> None:
    with pytest.raises(QuestionError) as error:
        ask(sql)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_cube_beside_a_dimension_keeps_its_sums() -> None:
    whole = ask("select channel, measure(answers) from satisfaction group by all order by all")
    joined = "select d.channel, measure(answers) from {} group by all order by all"
    for source in (
        "satisfaction as s join dim_channel as d on s.channel = d.channel",
        "satisfaction left join dim_channel as d using (channel)",
        "satisfaction as s, dim_channel as d where d.channel = s.channel",
    ):
        assert ask(joined.format(source)) == whole
