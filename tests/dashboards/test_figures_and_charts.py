"""Drawing: pure functions from readings to markup and to Vega-Lite."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from dashboards import answer_charts, charts, figures, tile_map
from dashboards.compare import Difference, Reading, exactly
from dashboards.palette import DARK, LIGHT, Palette, sheet
from dashboards.wording import Words

EN, KO = Words("en"), Words("ko")
SURE, GREY = Difference(2.4, 1.0, "above"), Difference(0.4, 1.0, "same")


def some(index: float, n: int = 400) -> Reading:
    return Reading(index, index - 2, index + 2, n)


def weeks(count: int, n: int = 400) -> tuple[charts.Point, ...]:
    first = date(2026, 1, 5)
    return tuple(
        charts.Point(first + timedelta(weeks=i), some(70.0 + i % 5, n)) for i in range(count)
    )


def marks(spec: Any, kind: str) -> Iterator[dict[str, Any]]:
    for layer in spec["layer"]:
        if layer["mark"]["type"] == kind:
            yield layer


def test_the_figure_stands_with_its_interval_its_n_and_what_it_is_of() -> None:
    drawn = figures.headline(EN, Reading(78.44, 77.84, 79.04, 12345), "26 Oct – 22 Nov 2026")
    for part in ("78.4", "± 0.6", "n 12,345", "26 Oct – 22 Nov 2026"):
        assert part in drawn
    assert "low base" not in drawn
    assert "low base" in figures.headline(EN, some(78.0, 12), "")


def test_a_figure_that_is_not_there_is_a_dash() -> None:
    assert ">–<" in figures.headline(EN, Reading(None, None, None, 0), "")


def test_texts_from_data_are_escaped() -> None:
    hostile = "<script>alert('1')</script>\"&"
    line = figures.Line(hostile, some(70), link=f"/?site={hostile}", note=hostile, place=hostile)
    tile = tile_map.Tile(hostile, some(70), SURE, f"/?x={hostile}", None)
    drawn = (
        figures.lines(EN, [line], (60, 80), heads=(hostile,), tick=(hostile, 70.0), ranked=True)
        + tile_map.tiles(EN, [tile], some(70))
        + figures.crumbs([(hostile, "/"), (hostile, "")])
        + figures.tabs([(hostile, hostile, True)], hostile)
        + figures.state(hostile, hostile, (hostile, hostile))
        + figures.title(hostile, hostile)
    )
    assert "<script" not in drawn
    assert "alert('1')" not in drawn


def test_below_and_above_are_coloured_only_when_sure() -> None:
    assert "hc-above" in figures.delta(EN, SURE)
    assert "hc-same" in figures.delta(EN, GREY)
    assert "▲" not in figures.delta(EN, GREY)
    assert tile_map.shade(SURE) == "hc-above2"
    assert tile_map.shade(Difference(-1.4, 1.0, "below")) == "hc-below1"
    assert tile_map.shade(GREY) == "hc-same"


def test_a_line_puts_interval_dot_and_marks_on_one_axis() -> None:
    line = figures.Line("x", Reading(75, 70, 80, 400), marks=(figures.Mark(90, "tick"),))
    drawn = figures.track(line, (50.0, 100.0), 60.0)
    assert 'hc-bar hc-unknown" style="left:40.0%;width:20.00%"' in drawn
    assert 'hc-dot hc-unknown" style="left:50.0%"' in drawn
    assert 'hc-tick" style="left:80.0%"' in drawn
    assert 'hc-rule" style="left:20.0%"' in drawn


def test_what_lies_beyond_the_axis_stays_on_it() -> None:
    drawn = figures.track(figures.Line("x", Reading(75, 10, 120, 400)), (50.0, 100.0), None)
    assert "left:0.0%;width:100.00%" in drawn


def test_provinces_keep_their_neighbours_and_other_places_flow() -> None:
    tile = tile_map.Tile("Seoul", some(70), GREY, "/?province=x", (1, 2))
    other = tile_map.Tile("Pará", some(70), GREY, "/?province=y", None)
    assert "grid-row:1;grid-column:2" in tile_map.tiles(EN, [tile], some(70))
    assert "hc-map" not in tile_map.tiles(EN, [other], some(70))


def test_a_trend_says_its_last_figure_and_holds_target_and_last_year_on_its_axis() -> None:
    spec = charts.trend(EN, LIGHT, weeks(20), weeks(20), grain="week", target=88.0)
    low, high = next(marks(spec, "line"))["encoding"]["y"]["scale"]["domain"]
    assert low <= 68
    assert high >= 88
    texts = [layer["data"]["values"][0]["text"] for layer in marks(spec, "text")]
    assert texts == ["Target 88.0", "A year ago", "74.0"]
    assert "legend" not in json.dumps(spec)


def test_a_trend_does_not_make_noise_look_like_news() -> None:
    flat = tuple(charts.Point(p.step, exactly(70.0)) for p in weeks(9))
    low, high = next(marks(charts.trend(EN, LIGHT, flat), "line"))["encoding"]["y"]["scale"][
        "domain"
    ]
    assert high - low >= 8


def test_points_on_few_answers_are_hollow_and_do_not_stretch_the_axis() -> None:
    wild = charts.Point(date(2026, 6, 1), Reading(10.0, 0.0, 60.0, 3))
    spec = charts.trend(EN, LIGHT, (*weeks(9), wild), grain="week")
    assert [row["thin"] for row in next(marks(spec, "line"))["data"]["values"]][-1] is True
    assert next(marks(spec, "line"))["encoding"]["y"]["scale"]["domain"][0] > 60


@pytest.mark.parametrize("points", [(), weeks(1)])
def test_a_trend_of_nothing_or_one_point_still_draws(points: tuple[charts.Point, ...]) -> None:
    assert charts.trend(KO, DARK, points, grain="week", target=80.0, since=date(2026, 1, 5))[
        "layer"
    ]


def test_days_are_drawn_in_utc_so_that_no_browser_shifts_them() -> None:
    spec = charts.trend(EN, LIGHT, weeks(3), grain="week")
    x = next(marks(spec, "line"))["encoding"]["x"]
    assert x["scale"]["type"] == "utc"
    assert x["axis"]["values"][0] == {"year": 2026, "month": 1, "date": 5, "utc": True}
    assert next(marks(spec, "line"))["data"]["values"][0]["step"] == 1767571200000


def answer_row(label: str, value: float | None, time: int | None = None) -> dict[str, Any]:
    return {
        "label": label, "time": time, "value": value, "low": value, "high": value, "n": "40",
        "weight": 40, "link": f"/explore?only=province:{label}",
    }  # fmt: skip


def test_dots_stand_highest_first_and_can_be_clicked() -> None:
    spec = answer_charts.dots(EN, LIGHT, [answer_row("a", 1.0), answer_row("b", 3.0)], "Index")
    assert spec is not None
    assert [row["label"] for row in spec["data"]["values"]] == ["b", "a"]
    assert [p["select"]["fields"] for x in spec["layer"] for p in x.get("params", ())] == [["link"]]


def test_one_member_or_one_step_is_no_chart() -> None:
    assert answer_charts.dots(EN, LIGHT, [answer_row("a", 1.0), answer_row("b", None)], "x") is None
    assert answer_charts.series(EN, LIGHT, [answer_row("a", 1.0, 0)], "x") is None


def test_lines_are_named_where_they_end_and_names_do_not_cover_each_other() -> None:
    rows = [answer_row(x, 70.0 + i / 100, t) for i, x in enumerate("abc") for t in (0, 604800000)]
    spec = answer_charts.series(EN, LIGHT, rows, "Index")
    assert spec is not None
    ends = next(marks(spec, "text"))["data"]["values"]
    assert {row["label"] for row in ends} == set("abc")
    heights = sorted(row["beside"] for row in ends)
    assert all(b > a for a, b in pairwise(heights))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_can_be_read_on_every_colour_it_stands_on(palette: Palette) -> None:
    pairs = [
        (palette.ink, palette.paper), (palette.muted, palette.paper),
        (palette.accent, palette.paper), (palette.above, palette.paper),
        (palette.below, palette.paper), (palette.ink, palette.same), (palette.ink, palette.above1),
        (palette.ink, palette.below1), (palette.on2, palette.above2),
        (palette.on2, palette.below2), (palette.ink, palette.soft),
    ]  # fmt: skip
    for text, ground in pairs:
        light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)


def test_every_colour_of_the_sheet_is_in_the_palette() -> None:
    used = set(re.findall(r"var\(--hc-(\w+)\)", sheet(LIGHT)))
    assert used <= set(Palette.__slots__)
    assert "#" not in sheet(LIGHT).split("\n", 1)[1]
