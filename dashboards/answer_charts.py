"""Charts of a visitor's own question: a measure over time, or dot and interval by member.

Rows carry label, time, value, low, high, n as text, weight and the link behind them.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from dashboards.charts import Row, Spec, frame, ticks
from dashboards.palette import Palette
from dashboards.wording import Words

MOST_SERIES: Final = 6
MOST_DOTS: Final = 24
LABEL: Final = 15  # pixels that one label needs


def series(
    words: Words, palette: Palette, rows: Sequence[Row], name: str, height: int = 280
) -> Spec | None:
    """A measure over time, one line a member, each named where it ends; None for less than a line.

    The heaviest member stands in ink and the others in grey: a colour for each would need a legend.
    """
    first = heaviest(rows)
    shown = [
        {**row, "leads": row["label"] == first[0]}
        for row in rows
        if row["label"] in first and row["time"] is not None and row["value"] is not None
    ]
    steps = sorted({row["time"] for row in shown})
    if len(steps) < 2:
        return None
    x = {"field": "time", "type": "temporal", "title": None, "scale": {"type": "utc", "padding": 5},
         "axis": {"grid": False, "values": ticks(steps), "labelOverlap": True,
                  "format": "%Y-%m-%d" if words.lang == "ko" else "%-d %b %Y"}}  # fmt: skip
    y = {"field": "value", "type": "quantitative", "title": name,
         "scale": {"zero": False}, "axis": {"tickCount": 5}}  # fmt: skip
    ink = {"condition": {"test": "datum.leads", "value": palette.ink}, "value": palette.muted}
    data = {"values": shown}
    return {
        **frame(palette, height),
        "layer": [
            {"data": data, "mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.3},
             "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"},
                          "color": ink}},
            {"data": data, "mark": {"type": "line", "strokeWidth": 1.6},
             "encoding": {"x": x, "y": y, "color": ink, "detail": {"field": "label"}}},
            {"data": data, "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1,
             "cursor": "pointer"}, "params": [_pick()],
             "encoding": {"x": x, "y": y, "color": ink, "tooltip": _tip(words, name)}},
            {"data": {"values": _ends(shown, first, height)},
             "mark": {"type": "text", "align": "left", "dx": 7, "limit": 110},
             "encoding": {"x": x, "y": {**y, "field": "beside"}, "color": ink,
                          "text": {"field": "label"}}},
        ],
    }  # fmt: skip


def heaviest(rows: Sequence[Row]) -> list[str]:
    """The labels that rest on most, as many as a chart bears."""
    weights: dict[str, int] = {}
    for row in rows:
        weights[row["label"]] = weights.get(row["label"], 0) + row["weight"]
    return sorted(weights, key=lambda label: -weights[label])[:MOST_SERIES]


def _ends(shown: Sequence[Row], labels: Sequence[str], height: int) -> list[Row]:
    """The last row of each label, with the height its name is written at."""
    lines = [[row for row in shown if row["label"] == label] for label in labels]
    ends = [max(line, key=lambda row: row["time"]) for line in lines if line]
    known = [row[k] for row in shown for k in ("low", "high", "value") if row[k] is not None]
    gap = LABEL / height * (float(max(known) - min(known)) or 1.0)
    beside = apart([row["value"] for row in ends], gap)
    return [{**row, "beside": at} for row, at in zip(ends, beside, strict=True)]


def apart(values: Sequence[float], gap: float) -> tuple[float, ...]:
    """Where labels go so that none covers another: as near to their values as the gap allows.

    >>> apart([74.0, 74.1, 72.0], 0.5)
    (74.0, 74.5, 72.0)
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = list(values)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    return tuple(placed)


def dots(words: Words, palette: Palette, rows: Sequence[Row], name: str) -> Spec | None:
    """One line a member: dot and interval, the highest first; None for less than two."""
    known = [row for row in rows if row["value"] is not None]
    shown = sorted(known, key=lambda row: -row["value"])[:MOST_DOTS]
    if len(shown) < 2:
        return None
    names = {"domain": False, "ticks": False, "labelColor": palette.ink, "labelLimit": 220}
    y = {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": names}
    x = {"type": "quantitative", "title": name, "scale": {"zero": False, "nice": True},
         "axis": {"orient": "top", "tickCount": 6}}  # fmt: skip
    return {
        **frame(palette, 24 * len(shown) + 40),
        "data": {"values": shown},
        "layer": [
            {"mark": {"type": "rule", "strokeWidth": 4, "color": palette.muted, "opacity": 0.4},
             "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
            {"mark": {"type": "point", "filled": True, "size": 75, "opacity": 1,
             "color": palette.ink, "cursor": "pointer"}, "params": [_pick()],
             "encoding": {"y": y, "x": {**x, "field": "value"}, "tooltip": _tip(words, name)}},
        ],
    }  # fmt: skip


def _pick() -> Spec:
    return {"name": "pick", "select": {"type": "point", "fields": ["link"], "on": "click"}}


def _tip(words: Words, name: str) -> list[Spec]:
    return [
        {"field": "label", "title": " "},
        {"field": "value", "title": name, "format": ",.1f"},
        {"field": "low", "title": words("tip.low"), "format": ",.1f"},
        {"field": "high", "title": words("tip.high"), "format": ",.1f"},
        {"field": "n", "title": words("n.column")},
    ]
