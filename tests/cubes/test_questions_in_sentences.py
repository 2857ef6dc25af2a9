# ruff: noqa: E501  (tables of SQL read better whole)
"""A question that has no meaning gets one sentence: where, what, and what would work."""

from __future__ import annotations

from functools import cache

import pytest

from cubes.api import Connection
from models.errors import QuestionError
from tests.cubes.star import FakeReader, random_star, released


@cache
def connection() -> Connection:
    return Connection(FakeReader(released(random_star(0))))


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select provnce, measure(index) from satisfaction group by all", "did you mean 'province'?"),
        ("select month, measure(indx) from satisfaction group by all", "did you mean 'index'?"),
        ("select month, measure(contacts) from satisfaction group by all", "satisfaction has no measure 'contacts'"),
        ("select month, index from satisfaction group by all", "write measure(index)"),
        ("select month, n from satisfaction group by all", "write measure(n)"),
        ("select month, top1 from satisfaction group by all", "write sum(top1)"),
        ("select month, measure(index) from satisfaction where p > 3 group by all", "not in WHERE but in HAVING"),
        ("select * from satisfaction", "name the levels and measures"),
        ("from satisfaction", "name the levels and measures"),
        ("select satisfaction.* from satisfaction", "name the levels and measures"),
        ("select site from satisfaction", "group by all"),
        ("select site, row_number() over () from satisfaction", "group by all"),
        ("select distinct on (site) site, month from satisfaction", "group by all"),
        ("select site, avg(n) from satisfaction group by all", "avg() over satisfaction would count cells"),
        ("select site, count(month) from satisfaction group by all", "count() over satisfaction would count cells"),
        ("select site, list(month) from satisfaction group by all", "would count cells"),
        ("select site, mode(month) from satisfaction group by all", "would count cells"),
        ("select site, sum(distinct n) from satisfaction group by all", "would count cells"),
        ("select site, sum(n + 1) from satisfaction group by all", "sum"),
        ("select site, max(month, 2) from satisfaction group by all", "would count cells"),
        ("select site, mad(n) from satisfaction group by all", "mad() over satisfaction would count cells"),
        ("select site, sum(n) over () from satisfaction group by all", "write measure(n)"),
        ("select measure(mean) from satisfaction", "group by question"),
        ("select site, measure(median) from satisfaction group by all", "within one scale only"),
        ("select low(answer_rate), low(asa) from voice", "asa has no interval"),
        ("select low(index, 95) from satisfaction", "between 0 and 1"),
        ("select low(index, $level) from satisfaction", "between 0 and 1"),
        ("select measure('index') from satisfaction", "takes the name of a measure"),
        ("select measure() from satisfaction", "takes the name of a measure"),
        ("select measure(index, 2) from satisfaction", "takes the name of a measure"),
        ("select measure(index) filter (where month > date '2026-01-01') from satisfaction", "takes no FILTER"),
        ("select measure(index)", "needs a cube in its FROM"),
        ("select measure(index) from fact_answer", "needs a cube in its FROM"),
        ("select measure(index) from (select month from satisfaction group by all)", "needs a cube in its FROM"),
        ("select measure(index) from satisfaction as a join satisfaction as b using (site)", "stands twice in one block"),
        ("select measure(index) from satisfaction natural join dim_site", "natural join"),
        ("select measure(index) from satisfaction positional join dim_site", "positional join"),
        ("select measure(index) from satisfaction using sample 10%", "cannot be sampled"),
        ("select measure(index) from satisfaction as s(a, b)", "renamed"),
        ("from satisfaction pivot (sum(n) for site in ('S1'))", "cannot be pivoted"),
        ("select d.channel, count(*) from satisfaction join dim_channel as d using (channel) group by all", "use sum(rows)"),
        ("with dim_site as (select 1 as a) select * from dim_site", "A CTE cannot be called dim_site"),
        ("with satisfaction as (select 1 as a) select * from satisfaction", "A CTE cannot be called satisfaction"),
        ("select reason, measure(index) from satisfaction group by all", "satisfaction has no level 'reason'"),
        ("select selec from", "The question cannot be read"),
        ("select foo from dim_site", 'Referenced column "foo" not found'),
        ("select measure(index) from satisfaction where month = 3", "cannot be answered"),
        ("select site from dim_site where site = $who", "needs a value for $who"),
        ("select site, measure(index) from satisfaction group by month", "must appear in the GROUP BY"),
    ],
)  # fmt: skip
def test_one_sentence_says_what_is_wrong_and_what_would_work(sql: str, says: str) -> None:
    with pytest.raises(QuestionError) as error:
        connection().ask(sql)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert "satisfaction_" not in str(error.value)
    assert "_n" not in str(error.value).replace("date_n", "")


def test_an_error_of_the_engine_names_no_path_and_no_inner_table() -> None:
    from cubes.answer import _sentence
    from cubes.plan import Plan

    plan = Plan("", "", (), (), ())
    message = (
        'IO Error: Cannot open file "/srv/home/releases/base-7.duckdb": No such file\nLINE 1: x'
    )
    assert (
        _sentence(message, plan)
        == "The question cannot be answered: Cannot open file …: No such file"
    )
    message = "Binder Error: Table memory.g12.fact_answer does not have a column named x"
    assert _sentence(message, plan).endswith("Table fact_answer does not have a column named x")


def test_a_question_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    import cubes.answer

    monkeypatch.setattr(cubes.answer, "SECONDS", 0.2)
    with pytest.raises(QuestionError, match="took longer than"):
        connection().ask(
            "select count(*) from range(1000000) as a, range(1000000) as b where a.range + b.range = 7"
        )
