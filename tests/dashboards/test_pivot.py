"""A visitor's own question: from the URL to a table, and one level down by a click."""

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cubes.cube_question import cube_question
from cubes.definitions import SATISFACTION, VOICE
from cubes.put_together import put_together
from dashboards.filters import Selection, read
from dashboards.pivot import drill, finer, markup, number, read_only, table, wish, write_only
from dashboards.wording import Words
from models.errors import QuestionError

FIRST, UNTIL = date(2026, 10, 26), date(2026, 11, 23)


def row(province: str | None, process: str, index: float | None) -> dict[str, Any]:
    return {
        "province": province, "process": process, "index": index,
        "index_low": None if index is None else index - 1,
        "index_high": None if index is None else index + 1, "index_n": 50,
    }  # fmt: skip


ROWS = [
    row("경기도", "sales", 80.0),
    row("경기도", "product", 70.0),
    row("서울특별시", "sales", 75.0),
    row(None, "sales", None),
]


def test_names_the_cube_does_not_have_are_left_out() -> None:
    asked = wish(
        Selection(rows="province,weather,province", column="month", show="fun"), SATISFACTION
    )
    assert (asked.rows, asked.column, asked.measures) == (("province",), "month", ("index",))
    assert asked.time == "month"


@pytest.mark.parametrize("member", ["경기도", "a~b:c", "", "100 %", "x,y"])
def test_any_member_survives_the_url(member: str) -> None:
    only = {"province": (member,), "process": ("sales", "product")}
    assert read_only(write_only(only)) == only


def test_a_click_goes_one_level_down_and_keeps_where_it_came_from() -> None:
    selection = Selection(view="explore", rows="province", show="index", only="process:sales")
    asked = wish(selection, SATISFACTION)
    link = urlsplit(drill(selection, asked, ROWS[0]))
    found = read("explore", dict(parse_qsl(link.query)))
    assert found.rows == "district"
    assert read_only(found.only) == {"process": ("sales",), "province": ("경기도",)}


def test_where_nothing_is_finer_a_site_goes_on_by_process_and_a_question_stops() -> None:
    assert finer(SATISFACTION, "site", ("site",)) == "process"
    assert finer(SATISFACTION, "question", ()) == ""
    selection = Selection(rows="question", only="question:AS1")
    assert drill(selection, wish(selection, SATISFACTION), {"question": "AS1"}) == ""


def test_a_table_has_a_row_a_group_and_a_column_a_member() -> None:
    asked = wish(Selection(rows="province", column="process", show="index"), SATISFACTION)
    shown = table(asked, ROWS)
    assert shown.heads == ("product", "sales")
    assert [first["province"] for first, _ in shown.body] == ["경기도", "서울특별시", None]
    assert set(shown.body[0][1]) == {"product", "sales"}
    assert not shown.cut


def test_a_table_is_sorted_by_what_its_head_says_and_unknown_values_come_last() -> None:
    asked = wish(Selection(rows="province", show="index"), SATISFACTION)
    rows = [r for r in ROWS if r["process"] == "sales"]
    down = [first["province"] for first, _ in table(asked, rows, "-index").body]
    up = [first["province"] for first, _ in table(asked, rows, "index").body]
    assert down == ["경기도", "서울특별시", None]
    assert up == ["서울특별시", "경기도", None]


def test_every_cell_shows_its_interval_and_its_n() -> None:
    selection = Selection(
        view="explore", lang="en", rows="province", column="process", show="index"
    )
    asked = wish(selection, SATISFACTION)
    drawn = markup(Words("en"), selection, asked, table(asked, ROWS), {})
    assert "<b>80.0</b><small>±1.0 · 50</small>" in drawn
    assert "Gyeonggi" in drawn
    assert "After-sales" not in drawn


def test_numbers_carry_the_unit_of_their_measure() -> None:
    def measure(cube: Any, name: str, value: float) -> str:
        return number(cube.measure(name), value)

    assert measure(SATISFACTION, "top2_box", 81.26) == "81.3 %"
    assert measure(VOICE, "contacts", 12345) == "12,345"
    assert measure(VOICE, "transfers_per_contact", 0.244) == "0.24"
    assert measure(VOICE, "asa", 23.7) == "24"


def test_a_question_is_put_together_from_the_cubes_own_names_alone() -> None:
    asked = put_together(
        SATISFACTION, ("province", "month"), ("index",), {"process": ("sales", "")}, FIRST, UNTIL
    )
    assert asked == cube_question(
        "satisfaction",
        ["index", "low(index)", "high(index)", "n(index)"],
        ["province", "month"],
        {"day >=": FIRST, "day <": UNTIL, "process": ["sales", None]},
        order=["province", "month"],
    )
    with pytest.raises(QuestionError, match="did you mean 'province'"):
        put_together(SATISFACTION, ("provnce",), ("index",), {}, FIRST, UNTIL)
    with pytest.raises(QuestionError, match="no measure x"):
        put_together(SATISFACTION, (), ("x); drop table y",), {}, FIRST, UNTIL)
    with pytest.raises(QuestionError, match="no member of the level month"):
        put_together(SATISFACTION, (), ("index",), {"month": ("May",)}, FIRST, UNTIL)
