"""Sections that several views share, each asking and drawing for the place on screen."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import escape
from typing import Any

import streamlit as st

from cubes.questions import named
from dashboards import charts, figures
from dashboards.answers import Row
from dashboards.compare import NOTHING, Reading, axis, difference, reading
from dashboards.filters import href
from dashboards.page import Page
from dashboards.periods import YEAR, trend
from dashboards.profile import Profile
from dashboards.wording import count, epoch, figure, local
from models.errors import Forbidden

Comparison = tuple[str, Reading]


def hero(page: Page, mine: Profile, extra: Sequence[Comparison] = (), below: str = "") -> None:
    """The figure with what it is compared with, and where it is heading."""
    words, now, process = page.words, page.span, page.selection.process
    index, target = mine.of("now", process), page.targets().get("", NOTHING)
    left, right = st.columns([5, 7], gap="medium")
    about = words.span(now.first, now.last)
    if process:
        about = f"{words.member('process', process)} · {about}"
    others: list[Comparison] = [(words("target"), target), *extra]
    if page.selection.scope != "nation":
        others.append((words("network"), page.network().of("now", process)))
    others.append((words("prior", days=now.days), mine.of("before", process)))
    others.append((words("last_year"), mine.of("year", process)))
    with left:
        st.html(figures.headline(words, index, about) + compared(page, index, others) + below)
    with right:
        draw_trend(page, index, target)


def compared(page: Page, index: Reading, others: Sequence[Comparison]) -> str:
    """Now and what it is compared with, all on one axis; what is missing is named."""
    words = page.words
    known = [(name, value) for name, value in others if value.index is not None]
    missing = [name for name, value in others if value.index is None]
    lines = [figures.Line(words("now"), index, differences=(None,), strong=True)]
    lines += [
        figures.Line(name, value, differences=(difference(index, value),)) for name, value in known
    ]
    ends = axis([index, *(value for _, value in known)], 6.0)
    drawn = figures.lines(words, lines, ends, heads=(words("gap"),))
    gone = escape(words("none.compare", names=", ".join(missing)))
    return drawn + (f'<p class="hc-legend">{gone}</p>' if missing else "")


def draw_trend(page: Page, index: Reading, target: Reading) -> None:
    """The index over time, with last year's line where there is one."""
    if page.last is None:
        return
    few = index.n < 40 * page.span.days / 7
    span, grain = trend(page.last, page.earliest, page.selection.days, few=few)
    past: list[Row] = []
    if page.earliest < span.until - timedelta(days=YEAR):
        past = page.ask(grain, span.earlier(YEAR), page.levels)
    moved = [{**row, grain: row[grain] + timedelta(days=YEAR)} for row in past]
    spec = charts.trend(
        page.words,
        page.palette,
        charts.points(page.ask(grain, span, page.levels), grain),
        charts.points(moved, grain),
        grain=grain,
        target=target.index,
        since=page.span.first,
    )
    st.vega_lite_chart(spec=spec, theme=None, alt=page.words("title.trend"), key="trend")


def processes(page: Page, mine: Profile, question: str) -> None:
    """One line a process, against all processes and the period before."""
    members = [(process, "") for process in mine.processes()]
    draw_lines(page, mine, members, mine.of("now"), question)


def touchpoints(page: Page, mine: Profile) -> None:
    """One line a touchpoint of the chosen process, against it and the period before."""
    process = page.selection.process
    if process:
        whole, question = mine.of("now", process), page.words("title.touchpoint")
        draw_lines(page, mine, mine.touchpoints(process), whole, question)


def draw_lines(
    page: Page, mine: Profile, members: list[tuple[str, str]], whole: Reading, question: str
) -> None:
    """One line a process or touchpoint, the highest first."""
    words = page.words
    if whole.index is None:
        st.html(figures.title(question) + empty(page))
        return
    lines = []
    for process, touchpoint in members:
        value = mine.of("now", process, touchpoint)
        to_whole = difference(value, whole)
        lines.append(
            figures.Line(
                member(page, process, touchpoint),
                value,
                link=href(page.selection, process=process),
                differences=(to_whole, difference(value, mine.of("before", process, touchpoint))),
                verdict=to_whole.verdict,
                strong=not touchpoint and process == page.selection.process,
            )
        )
    lines.sort(key=lambda line: -(line.reading.index or 0.0))
    heads = (words("versus.mean"), words("versus.before"))
    ends = axis([line.reading for line in lines])
    drawn = figures.lines(words, lines, ends, heads=heads, tick=(words("total"), whole.index))
    st.html(figures.title(question) + drawn)


def member(page: Page, process: str, touchpoint: str) -> str:
    """The name of a touchpoint, or of a process where none is meant."""
    return page.member("touchpoint", touchpoint) if touchpoint else page.member("process", process)


def best_first(rows: Sequence[Row]) -> list[tuple[Row, Reading]]:
    """Rows with their readings, the highest index first, those without one last."""
    pairs = [(row, reading(row)) for row in rows]
    return sorted(pairs, key=lambda pair: -(-1 if pair[1].index is None else pair[1].index))


def empty(page: Page) -> str:
    """A section without answers."""
    return f'<p class="hc-note">{escape(page.words("state.empty"))}</p>'


def published(page: Page) -> str:
    """How far figures of other sites go, for whoever knows them by published cells alone."""
    if not page.published:
        return ""
    return f'<p class="hc-legend">{escape(page.words("published"))}</p>'


def forbidden(page: Page) -> str:
    """A section that the visitor's role may not see; the rest of the screen stays."""
    role = page.words(f"role.{page.selection.role}")
    return f'<p class="hc-note">{escape(page.words("state.forbidden.part", role=role))}</p>'


def voices(page: Page, question: str) -> None:
    """What customers wrote last, with the score that came with it."""
    words, now = page.words, page.span
    given = page.given(*page.levels)
    name = named("voices", page.levels)
    try:
        rows = page.desk.rows(name, first=now.first, until=now.until, **given)
        texts = page.desk.texts([row["text_id"] for row in rows])
    except Forbidden:
        st.html(figures.title(question) + forbidden(page))
        return
    said = [_voice(page, row, texts[row["text_id"]]) for row in rows if row["text_id"] in texts]
    said = said[: 12 if page.selection.scope == "site" else 8]
    nothing = f'<p class="hc-note">{escape(words("voices.none"))}</p>'
    drawn = f'<div class="hc-voices">{"".join(said)}</div>' if said else nothing
    st.html(figures.title(question) + drawn)


def _voice(page: Page, row: Mapping[str, Any], text: str) -> str:
    words = page.words
    parts = []
    if row["grade"] is not None and row["span"]:
        share = row["grade"] / row["span"]
        tone = "above" if share >= 0.75 else "below" if share <= 0.25 else "same"
        score = words("voices.score", score=row["grade"] + 1, steps=row["span"] + 1)
        parts.append(f'<span class="hc-grade hc-{tone}">{escape(score)}</span>')
    if page.selection.scope != "site":
        link = href(page.selection, "site", site=row["site"])
        parts.append(figures.anchor(link, escape(row["site_name"] or row["site"])))
    parts.append(escape(words.member("process", row["process"])))
    parts.append(moment(page, row))
    return f'<div class="hc-voice"><p>{escape(text)}</p><small>{" · ".join(parts)}</small></div>'


def moment(page: Page, row: Mapping[str, Any]) -> str:
    """When it happened: an age that ticks, or the day where only that is known."""
    at = row["at_utc"]
    if at is None:
        return escape(page.words.day(row["local_date"]))
    ago = escape(page.words("age.ago", age="{age}"))
    return f'<span data-since="{epoch(at)}" data-ago="{ago}">{local(at):%Y-%m-%d %H:%M}</span>'


def about_n(page: Page, value: Reading) -> str:
    """Index, interval and n in one line of text, for titles and notes."""
    return f"{figure(value.index)} ±{figure(value.half)} · {page.words('n', n=count(value.n))}"
