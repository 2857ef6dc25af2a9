"""Explore: a visitor's own question, from measures, levels and members; drill by clicking."""

from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import streamlit as st

from cubes.definitions import CUBES, cube_named
from cubes.put_together import put_together
from dashboards import answer_charts, figures
from dashboards.charts import milliseconds
from dashboards.filters import href
from dashboards.masthead import period_tabs
from dashboards.page import Page
from dashboards.pivot import (
    Wish,
    drill,
    markup,
    measure_name,
    name_of,
    read_only,
    table,
    wish,
    write_only,
)
from dashboards.wording import count


def draw(page: Page) -> None:
    """What is asked, the answer as a chart and a table, and the answer to take along."""
    words, s = page.words, page.selection
    cube = cube_named(s.cube) or CUBES[0]
    asked = wish(s, cube)
    page = replace(page, selection=replace(s, cube=cube.name, show=",".join(asked.measures)))
    cubes = figures.tabs(
        [
            (words(f"cube.{c.name}"), href(page.selection, cube=c.name, rows="province",
             column="", show="", only="", by=""), c.name == cube.name)
            for c in CUBES
        ]
    )  # fmt: skip
    st.html(
        f'<div class="hc-bar-top">{cubes}{period_tabs(page)}</div>'
        f'<div class="hc-top">{figures.title(words("title.explore"), level=1)}</div>'
    )
    _choose(page, asked)
    if not page.days:
        st.html(figures.state(words("state.empty")))
        return
    said, add = st.columns([9, 3], vertical_alignment="center")
    with said:
        st.html(_conditions(page, asked))
    with add:
        _add_condition(page, asked)
    span = page.span
    wanted = put_together(cube, asked.levels, asked.measures, asked.only, span.first, span.until)
    answer = page.desk.answer(wanted.text, wanted.given)
    rows = answer.frame.to_dicts()
    if not rows:
        st.html(figures.state(words("state.empty"), words("state.empty.hint")))
        return
    shown = table(asked, rows, s.by)
    drawn = markup(words, page.selection, asked, shown, page.labels)
    if asked.time or asked.column or len(asked.measures) > 1 or len(asked.rows) > 1:
        _chart(page, asked, rows)
        st.html(drawn)
    else:
        beside, chart = st.columns([5, 7], gap="medium")
        with beside:
            st.html(drawn)
        with chart:
            _chart(page, asked, rows)
    _foot(page, answer, len(rows), cut=shown.cut)


def _choose(page: Page, asked: Wish) -> None:
    words = page.words
    levels = list(asked.cube.levels)
    names = {level: words.or_else(f"level.{level}", level) for level in levels}
    rows, column, measures = st.columns([5, 3, 5])
    with rows:
        _many("rows", words("explore.rows"), levels, list(asked.rows), names)
    with column:
        options = ["", *(level for level in levels if level not in asked.rows)]
        key = "explore:column"
        st.session_state[key] = asked.column
        st.selectbox(
            words("explore.columns"),
            options,
            key=key,
            format_func=lambda level: names.get(level, "–"),
            on_change=_write,
            args=("column", key),
        )
    with measures:
        known = {m.name: measure_name(words, m.name) for m in asked.cube.measures}
        _many("show", words("explore.measures"), list(known), list(asked.measures), known)


def _many(
    name: str, label: str, options: list[str], chosen: list[str], names: dict[str, str]
) -> None:
    key = f"explore:{name}"
    st.session_state[key] = chosen
    st.multiselect(
        label, options, key=key, format_func=lambda x: names[x], on_change=_write, args=(name, key)
    )


def _write(name: str, key: str) -> None:
    value = st.session_state[key]
    st.query_params[name] = value if isinstance(value, str) else ",".join(value)


def _conditions(page: Page, asked: Wish) -> str:
    """The members that are meant; a click drops one."""
    words, s = page.words, page.selection
    span = words.span(page.span.first, page.span.last)
    chips = [f"<span>{escape(span)}</span>"]
    for level, members in asked.only.items():
        rest = {k: v for k, v in read_only(s.only).items() if k != level}
        named = ", ".join(name_of(words, page.labels, level, m or None) for m in members)
        text = f"{words.or_else(f'level.{level}', level)}: {named}"
        chips.append(
            figures.anchor(href(s, only=write_only(rest), by=""), f"{escape(text)} <b>×</b>")
        )
    return f'<div class="hc-chips">{"".join(chips)}</div>'


def _add_condition(page: Page, asked: Wish) -> None:
    """Choose the members that are meant: a level, then those of its members that have numbers."""
    words, span = page.words, page.span
    with st.popover(words("explore.filters"), width="stretch"):
        names = {level: words.or_else(f"level.{level}", level) for level in asked.cube.levels}
        level = st.selectbox(
            words("explore.level"), list(names), format_func=lambda x: names[x], key="explore:level"
        )
        every = put_together(asked.cube, (level,), asked.measures[:1], {}, span.first, span.until)
        members = [row[level] for row in page.desk.answer(every.text, every.given).frame.to_dicts()]
        known = {
            "" if m is None else str(m): name_of(words, page.labels, level, m) for m in members
        }
        key = f"explore:only:{level}"
        st.session_state[key] = [m for m in asked.only.get(level, ()) if m in known]
        st.multiselect(
            names[level],
            list(known),
            format_func=lambda m: known[m],
            key=key,
            on_change=_mean,
            args=(page.selection.only, level, key),
        )


def _mean(only: str, level: str, key: str) -> None:
    meant = {**read_only(only), level: tuple(st.session_state[key])}
    st.query_params["only"] = write_only(meant)


def _chart(page: Page, asked: Wish, rows: list[dict[str, Any]]) -> None:
    words, name = page.words, asked.measures[0]
    others = [x for x in asked.levels if x != asked.time]
    drawn = [
        {
            "label": " · ".join(name_of(words, page.labels, x, row[x]) for x in others),
            "time": milliseconds(row[asked.time]) if asked.time and row[asked.time] else None,
            "value": None if row[name] is None else float(row[name]),
            "low": row.get(f"{name}_low", row[name]),
            "high": row.get(f"{name}_high", row[name]),
            "n": count(int(row[f"{name}_n"] or 0)),
            "weight": int(row[f"{name}_n"] or 0),
            "link": drill(page.selection, asked, row),
        }
        for row in rows
    ]
    draw_chart = answer_charts.series if asked.time else answer_charts.dots
    spec = draw_chart(words, page.palette, drawn, measure_name(words, name))
    if spec is None:
        return
    event = st.vega_lite_chart(
        spec=spec, theme=None, on_select="rerun", key=f"chart:{href(page.selection)}"
    )
    chosen: list[dict[str, str]] = event.selection.get("pick", [])
    picked = chosen[0].get("link") if chosen else ""
    if picked:
        st.query_params.from_dict(dict(parse_qsl(urlsplit(picked).query)))
        st.rerun()


def _foot(page: Page, answer: Any, rows: int, *, cut: bool) -> None:
    words = page.words
    reads = ", ".join(answer.reads)
    note = words("explore.cells", rows=count(rows), reads=reads)
    note += f" · {words('load', load=count(answer.load))}"
    if answer.truncated or cut:
        note += " · " + words("explore.truncated", rows=count(rows))
    left, right = st.columns([9, 3], vertical_alignment="center")
    with left:
        st.html(f'<p class="hc-legend">{escape(words("explore.drill"))} {escape(note)}</p>')
    with right:
        frame = answer.frame
        st.download_button(
            words("explore.download"),
            lambda: frame.write_csv(include_bom=True).encode(),
            file_name=f"happycall_load_{answer.load}.csv",
            mime="text/csv",
            on_click="ignore",
            width="stretch",
        )
