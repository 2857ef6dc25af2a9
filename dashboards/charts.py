"""Charts as Vega-Lite: pure functions from rows to a dict, drawn by the browser.

No legend: a line says its name where it ends. A dict costs half of what a chart object costs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from dashboards.compare import Reading, axis, reading
from dashboards.palette import FONT, Palette
from dashboards.periods import Grain
from dashboards.wording import Words, count, figure

Spec = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a trend."""

    step: date
    reading: Reading


def frame(palette: Palette, height: int) -> Spec:
    """What all charts share: no box, thin rules, the page's own font."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "background": "transparent",
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 0, "right": 2, "top": 6, "bottom": 0},
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": palette.muted,
                "titleColor": palette.muted,
                "labelFontSize": 11.5,
                "gridColor": palette.hair,
                "domainColor": palette.rule,
                "tickColor": palette.rule,
                "labelPadding": 5,
            },
            "text": {"font": FONT, "fontSize": 12, "color": palette.ink},
        },
    }


def _rows(words: Words, points: Sequence[Point], grain: Grain) -> list[Row]:
    return [
        {
            "step": milliseconds(p.step),
            "index": p.reading.index,
            "low": p.reading.low,
            "high": p.reading.high,
            "n": p.reading.n,
            "thin": p.reading.is_low_base,
            "when": words(f"level.{grain}") + " " + words.member(grain, p.step),
            "what": f"{figure(p.reading.index)} ± {figure(p.reading.half)}",
            "base": count(p.reading.n),
        }
        for p in points
        if p.reading.index is not None
    ]


def trend(
    words: Words,
    palette: Palette,
    now: Sequence[Point],
    year_ago: Sequence[Point] = (),
    *,
    grain: Grain = "day",
    target: float | None = None,
    since: date | None = None,
    height: int = 250,
) -> Spec:
    """The index over time with its interval; last year and the target on the same axis.

    `year_ago` carries the steps already moved to this year. The part from `since` on is the
    period on screen and stands out. Points under the low base are hollow.
    """
    shown = [p.reading for p in now if not p.reading.is_low_base] or [p.reading for p in now]
    marks = [p.reading for p in year_ago if not p.reading.is_low_base]
    if target is not None:
        marks.append(Reading(target, target, target, 1))
    low, high = axis([*shown, *marks], 8.0)
    scale = {"domain": [low, high], "nice": False, "zero": False, "clamp": True}
    steps = ticks([milliseconds(p.step) for p in now])
    x = {
        "field": "step", "type": "temporal", "title": None,
        "scale": {"type": "utc", "padding": 5},
        "axis": {"grid": False, "values": steps, "labelOverlap": True, "labelSeparation": 8,
                 "format": _date_format(words, grain, now)},
    }  # fmt: skip
    y = {"type": "quantitative", "scale": scale, "title": None, "axis": {"tickCount": 5}}
    tip = [
        {"field": "when", "title": " "},
        {"field": "what", "title": words("index")},
        {"field": "base", "title": words("n.column")},
    ]
    data = _rows(words, now, grain)
    layers: list[Spec] = []
    if since and data:
        start = max(milliseconds(since), data[0]["step"])
        layers.append(_shade(palette, start, data[-1]["step"], x))
    if target is not None:
        layers += _target(words, palette, target, y)
    layers += _last_year(words, palette, _rows(words, year_ago, grain), x, y)
    layers += [
        {"data": {"values": data}, "mark": {"type": "area", "color": palette.ink, "opacity": 0.11,
         "clip": True}, "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}},
        {"data": {"values": data}, "mark": {"type": "line", "color": palette.ink, "strokeWidth": 2,
         "clip": True}, "encoding": {"x": x, "y": {**y, "field": "index"}}},
        {"data": {"values": data}, "mark": {"type": "point", "size": 34 if len(data) < 40 else 9,
         "filled": True, "opacity": 1, "strokeWidth": 1.3, "clip": True},
         "encoding": {"x": x, "y": {**y, "field": "index"}, "tooltip": tip,
                      "fill": _thin(palette.paper, palette.ink),
                      "stroke": _thin(palette.muted, palette.ink)}},
    ]  # fmt: skip
    if data:
        layers += _end(palette, data[-1], x, y)
    return {**frame(palette, height), "layer": layers}


def milliseconds(day: date) -> int:
    """A day as charts count: midnight in UTC, so that no browser's zone can shift it."""
    return (day - date(1970, 1, 1)).days * 86_400_000


def ticks(steps: Sequence[int]) -> list[Spec]:
    """Seven steps at most, so that dates never crowd; ticks stand where the points are."""
    days = [date(1970, 1, 1) + timedelta(milliseconds=step) for step in steps]
    return [
        {"year": day.year, "month": day.month, "date": day.day, "utc": True}
        for day in days[:: max(1, ceil(len(days) / 7))]
    ]


def _thin(thin: str, normal: str) -> Spec:
    return {"condition": {"test": "datum.thin", "value": thin}, "value": normal}


def _date_format(words: Words, grain: Grain, points: Sequence[Point]) -> str:
    years = {p.step.year for p in points}
    if grain == "month":
        return "%Y-%m" if words.lang == "ko" else "%b %Y"
    if words.lang == "ko":
        return "%-m월 %-d일" if len(years) < 2 else "%y-%m-%d"
    return "%-d %b" if len(years) < 2 else "%-d %b %y"


def _shade(palette: Palette, first: int, last: int, x: Spec) -> Spec:
    return {
        "data": {"values": [{"step": first, "until": last}]},
        "mark": {"type": "rect", "color": palette.soft},
        "encoding": {"x": x, "x2": {"field": "until"}},
    }


def _target(words: Words, palette: Palette, target: float, y: Spec) -> list[Spec]:
    value = {"values": [{"target": target, "text": f"{words('target')} {figure(target)}"}]}
    at = {**y, "field": "target"}
    return [
        {"data": value, "mark": {"type": "rule", "color": palette.accent, "strokeDash": [5, 3]},
         "encoding": {"y": at}},
        {"data": value, "mark": {"type": "text", "align": "left", "baseline": "bottom", "dy": -3,
         "dx": 2, "color": palette.accent}, "encoding": {"y": at, "x": {"value": 0},
         "text": {"field": "text"}}},
    ]  # fmt: skip


def _last_year(words: Words, palette: Palette, rows: Sequence[Row], x: Spec, y: Spec) -> list[Spec]:
    if not rows:
        return []
    encoding = {"x": x, "y": {**y, "field": "index"}}
    name = {**rows[0], "text": words("last_year")}
    return [
        {"data": {"values": list(rows)}, "mark": {"type": "line", "color": palette.muted,
         "strokeWidth": 1.3, "strokeDash": [2, 2], "clip": True}, "encoding": encoding},
        {"data": {"values": [name]}, "mark": {"type": "text", "align": "left", "baseline": "top",
         "dy": 6, "color": palette.muted, "clip": True},
         "encoding": {**encoding, "text": {"field": "text"}}},
    ]  # fmt: skip


def _end(palette: Palette, row: Row, x: Spec, y: Spec) -> list[Spec]:
    data = {"values": [{**row, "text": figure(row["index"])}]}
    encoding = {"x": x, "y": {**y, "field": "index"}}
    return [
        {"data": data, "mark": {"type": "point", "size": 70, "filled": True, "opacity": 1,
         "color": palette.accent}, "encoding": encoding},
        {"data": data, "mark": {"type": "text", "align": "left", "dx": 8, "dy": 0,
         "fontSize": 13, "fontWeight": 700, "color": palette.accent},
         "encoding": {**encoding, "text": {"field": "text"}}},
    ]  # fmt: skip


def points(rows: Sequence[Row], level: Grain) -> tuple[Point, ...]:
    """Rows of a question grouped by `level` as the steps of a trend."""
    return tuple(
        Point(
            row[level].date() if isinstance(row[level], datetime) else row[level],
            reading(row),
        )
        for row in rows
    )
