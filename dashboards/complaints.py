"""Complaints of the place on screen: what came in, how long it took, what is still open."""

from html import escape

import streamlit as st

from cubes.questions import named
from dashboards import figures, parts
from dashboards.page import Page
from dashboards.warehouse import Row
from dashboards.wording import count, epoch, local
from models.errors import Forbidden


def sentence(page: Page) -> str:
    """Complaints received, how long they took, and what is open, in one sentence."""
    words, scope = page.words, page.scope_levels
    name, given = named("complaints", scope), page.given(*scope)
    now = page.desk.one(name, first=page.span.first, until=page.span.until, **given)
    ever = page.desk.one(name, first=page.earliest, until=page.span.until, **given)
    if not now or not ever or not (now["complaints"] or ever["open_complaints"]):
        return ""
    sentence = words(
        "complaints",
        received=count(now["complaints"] or 0),
        days=page.span.days,
        open=count(ever["open_complaints"] or 0),
    )
    if now["cycle_median"] is not None:
        hours = words.age(float(now["cycle_median"]) * 3600)
        sentence += " " + words("complaints.cycle", hours=hours, n=count(now["cycles"] or 0))
    return f'<p class="hc-legend">{escape(sentence)}</p>'


def open_list(page: Page) -> None:
    """Open complaints, the oldest first, each with a clock that runs."""
    words = page.words
    try:
        rows = page.desk.rows(named("open complaints", ("site",)), site=page.selection.site)
    except Forbidden:
        st.html(figures.title(words("title.open")) + parts.forbidden(page))
        return
    name = named("complaints", ("site",))
    every = page.desk.one(
        name, first=page.earliest, until=page.span.until, site=page.selection.site
    )
    total = max(len(rows), int((every or {}).get("open_complaints") or 0))
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
