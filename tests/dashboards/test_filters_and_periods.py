"""A link is a view, and spans of days that may be compared."""

from dataclasses import fields, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.filters import CHOICES, PATHS, PERIODS, Selection, href, nation, read
from dashboards.periods import Span, before, ending, trend, year_before

texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=12)
days = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    chosen = {
        field.name: draw(st.sampled_from(CHOICES[field.name]) if field.name in CHOICES else texts)
        for field in fields(Selection)
        if field.name != "view"
    }
    return Selection(view=draw(st.sampled_from(sorted(PATHS))), **chosen)


@given(selections())
def test_a_link_is_a_view(selection: Selection) -> None:
    link = urlsplit(href(selection))
    view = next(view for view, path in PATHS.items() if path == link.path)
    assert read(view, dict(parse_qsl(link.query, keep_blank_values=True))) == selection


def test_unknown_values_fall_back_and_unknown_names_are_left_out() -> None:
    found = read("board", {"period": "a week", "role": "king", "view": "x", "sql": "1"}, "en")
    assert found == Selection(lang="en")


def test_the_scope_is_the_deepest_place_chosen() -> None:
    s = Selection(province="경기도")
    assert s.scope == "province"
    assert replace(s, district="수원시").scope == "district"
    assert replace(s, site="C0012").scope == "site"
    assert nation(replace(s, site="C0012")).scope == "nation"


@pytest.mark.parametrize("period", PERIODS)
def test_every_period_holds_whole_weeks(period: str) -> None:
    assert Selection(period=period).days % 7 == 0


@given(days, st.sampled_from(sorted(PERIODS.values())))
def test_spans_that_are_compared_have_the_same_weekdays_and_do_not_meet(
    last: date, length: int
) -> None:
    now = ending(last, length)
    assert (now.last, now.days) == (last, length)
    assert before(now).until == now.first
    assert before(now).days == year_before(now).days == length
    assert year_before(now).first.weekday() == now.first.weekday()


@given(days, st.integers(0, 2000), st.sampled_from(sorted(PERIODS.values())), st.booleans())
def test_a_trend_shows_whole_steps_of_what_is_there(
    last: date, history: int, length: int, few: bool
) -> None:
    earliest = last - timedelta(days=history)
    span, grain = trend(last, earliest, length, few=few)
    assert earliest <= span.first <= span.until == last + timedelta(days=1)
    assert grain != "week" or span.first.weekday() == 0
    assert grain != "month" or span.first.day == 1
    steps = {"day": 1, "week": 7, "month": 31}[grain]
    assert span.days <= 110 * steps


def test_a_short_history_is_shown_by_day() -> None:
    last = date(2026, 11, 22)
    assert trend(last, last - timedelta(days=13), 28, few=True)[1] == "day"
    assert trend(last, last - timedelta(days=400), 28, few=True)[1] == "week"
    assert trend(last, last - timedelta(days=1500), 364, few=False)[1] == "month"
    assert Span(last, last).days == 0
