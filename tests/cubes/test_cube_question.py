# ruff: noqa: E501, ISC004  (tables of SQL read better whole)
"""A question as values is the question as text: one door, one plan, one answer."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

from cubes.api import Connection
from cubes.cube_question import CubeQuestion, cube_question
from cubes.policy import Principal
from models.errors import Forbidden, QuestionError
from tests.cubes.star import FakeReader, random_star, released


@cache
def connection(*sites: str) -> Connection:
    principal = Principal("site_manager", sites) if sites else Principal()
    return Connection(FakeReader(released(random_star(0, answers=300))), principal)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            {"cube": "satisfaction", "measures": ["index", "n"], "by": ["month"], "order": "month"},
            "select month, measure(index), measure(n) from satisfaction group by month"
            " order by month",
        ),
        (
            {"cube": "satisfaction", "measures": "index", "where": {"site": "S1"}},
            "select measure(index) from satisfaction where site = 'S1'",
        ),
        (
            {"cube": "satisfaction", "by": "site", "measures": ["low(index, 0.9) as low"],
             "where": {"day >=": date(2026, 2, 1), "day <": date(2026, 3, 1), "province": None}},
            "select site, low(index, 0.9) as low from satisfaction where day >= date '2026-02-01'"
            " and day < date '2026-03-01' and province is null group by site",
        ),
        (
            {"cube": "satisfaction", "by": ["site"], "measures": ["answers"],
             "where": {"site": ["S1", "S2"], "channel not in": {"channel 1"}},
             "order": ["answers desc", "site"], "limit": 1},
            "select site, measure(answers) from satisfaction where site in ('S1', 'S2')"
            " and channel not in ('channel 1') group by site order by answers desc, site limit 1",
        ),
        (
            {"cube": ["satisfaction", "voice"], "by": ["month"],
             "measures": ["index", "voice.complaints", "previous(contacts)"]},
            "select month, measure(index), measure(voice.complaints), previous(contacts)"
            " from satisfaction, voice group by month",
        ),
        (
            {"cube": "satisfaction", "by": ["month", "site"], "measures": ["rank(answers)"],
             "having": {"rank(answers) <=": 2}},
            "select month, site, rank(answers) from satisfaction group by all"
            " having rank(answers) <= 2",
        ),
        (
            {"cube": "satisfaction", "by": ["touchpoint"], "measures": ["answers"],
             "where": {"touchpoint": ["sales", None]}},
            "select touchpoint, measure(answers) from satisfaction"
            " where touchpoint = 'sales' or touchpoint is null group by touchpoint",
        ),
        (
            {"cube": "satisfaction", "by": ["channel"], "measures": ["answers"],
             "where": {"channel not in": [None, "channel 1"], "site in": (None,)}},
            "select channel, measure(answers) from satisfaction"
            " where channel <> 'channel 1' and site is null group by channel",
        ),
        (
            {"cube": "satisfaction", "by": ["site"], "measures": ["answers"], "where": {"site": []}},
            "select site, measure(answers) from satisfaction where false group by site",
        ),
    ],
)  # fmt: skip
def test_values_and_text_give_the_same(parts: dict[str, Any], text: str) -> None:
    mine, theirs = connection().question(**parts), connection().ask(text)
    assert mine.schema == theirs.schema
    assert sorted(mine.rows(), key=str) == sorted(theirs.rows(), key=str)


def test_what_is_compared_with_never_becomes_text() -> None:
    asked = cube_question("satisfaction", "n", where={"site": "S1' or true --"})
    assert asked.text == "select measure(n) from satisfaction where site = $where_1"
    assert asked.given == {"where_1": "S1' or true --"}
    assert connection().ask(asked.text, asked.given).rows() == [(0,)]


def test_a_question_is_a_value() -> None:
    one = CubeQuestion("satisfaction", ("index",), by=("month",))
    assert one == cube_question("satisfaction", "index", "month")
    with pytest.raises(AttributeError):
        one.by = ()  # type: ignore[misc]


def test_it_passes_the_same_door() -> None:
    whole = connection().question("satisfaction", "answers", by="site").rows()
    own = connection("S1").question("satisfaction", "answers", by="site").rows()
    assert own == [row for row in whole if row[0] == "S1"]
    with pytest.raises(Forbidden):
        connection("S1").question("satisfaction", "answers", by="agent")


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"cube": "satisfction", "measures": "index"}, "did you mean 'satisfaction'?"),
        ({"cube": "satisfaction", "measures": "indx"}, "did you mean 'index'?"),
        ({"cube": "satisfaction", "measures": "index", "by": "provnce"}, "did you mean 'province'"),
        ({"cube": "satisfaction", "measures": "index", "by": "month, site"}, "is no name of"),
        ({"cube": "satisfaction; select 1", "measures": "index"}, "is no name of"),
        ({"cube": "satisfaction", "measures": "measure(index) from fact_answer"}, "more than one"),
        ({"cube": "satisfaction", "measures": "(select 1)"}, "more than one"),
        ({"cube": "satisfaction", "measures": "index)"}, "cannot be read"),
        ({"cube": "satisfaction"}, "names a cube, and measures"),
        ({"cube": "satisfaction", "measures": "n", "limit": -1}, "limit is a number"),
        ({"cube": "satisfaction", "measures": "n", "where": {"day >=": None}}, "with one value"),
        ({"cube": "satisfaction", "measures": "n", "where": {"site in": "S1"}}, "a list of values"),
        ({"cube": "satisfaction", "measures": "n", "order": "n; drop"}, "more than one"),
    ],
)
def test_a_sentence_says_what_would_work(parts: dict[str, Any], says: str) -> None:
    with pytest.raises((QuestionError, Forbidden)) as error:
        connection().question(**parts)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
