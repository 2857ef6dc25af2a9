"""Complaints of the place on screen: what came in, how long it took, what is still open."""

from html import escape
from typing import Final

import streamlit as st

from cubes.questions import named
from dashboards import figures, parts
from dashboards.answers import Row
from dashboards.page import Page
from dashboards.wording import count, epoch, local
from models.errors import Forbidden

MOST: Final = 30  # as many as the question gives; above, they are counted


def sentence(page: Page) -> str:
    """Complaints received, how long they took, and what is open, in one sentence."""
    words, scope = page.words, page.scope_levels
    given = page.given(*scope)
    span = {"first": page.span.first, "until": page.span.until}
    now = page.desk.one(named("complaints", scope), **span, **given)
    received = int((now or {}).get("complaints") or 0)
    still = open_count(page)
    if now is None or not (received or still):
        return ""
    sentence = words("complaints", received=count(received), days=page.span.days, open=count(still))
    if now["cycle_median"] is not None:
        hours = words.age(float(now["cycle_median"]) * 3600)
        sentence += " " + words("complaints.cycle", hours=hours, n=count(now["cycles"] or 0))
    return f'<p class="hc-legend">{escape(sentence)}</p>'


def open_count(page: Page) -> int:
    """Complaints of the place that are open now, however long ago they came."""
    scope = page.scope_levels
    row = page.desk.one(named("open", scope), **page.given(*scope))
    return int((row or {}).get("complaints") or 0)


def open_list(page: Page) -> None:
    """Open complaints, the oldest first, each with a clock that runs."""
    words = page.words
    try:
        rows = page.desk.rows(named("open complaints", ("site",)), site=page.selection.site)
    except Forbidden:
        st.html(figures.title(words("title.open")) + parts.forbidden(page))
        return
    total = open_count(page) if len(rows) >= MOST else len(rows)
    if not rows:
        drawn = f'<p class="hc-note">{escape(words("open.none"))}</p>'
    else:
        said = words("open.count", count=count(total))
        if total > len(rows):
            said += " " + words("open.more", count=len(rows))
        cases = "".join(_case(page, row) for row in rows)
        drawn = f'<p class="hc-note">{escape(said)}</p><div class="hc-cases">{cases}</div>'
    st.html(figures.title(words("title.open")) + drawn)


def _case(page: Page, row: Row) -> str:
    words, at = page.words, row["at_utc"]
    clock = (
        f'<span class="hc-clock" data-since="{epoch(at)}"></span>'
        if at
        else f'<span class="hc-clock">{escape(words.day(row["local_date"]))}</span>'
    )
    about = [row["reason_name"] or row["reason"] or "–", words.member("channel", row["channel"])]
    if row["transfers"]:
        about.append(words("open.transfers", n=row["transfers"]))
    if row["reopens"]:
        about.append(words("open.reopened", n=row["reopens"]))
    since = words("open.since", time=f"{local(at):%m-%d %H:%M}") if at else ""
    return (
        f'<div class="hc-case">{clock}<span>{escape(" · ".join(about))}</span>'
        f"<small>{escape(since)}</small></div>"
    )
