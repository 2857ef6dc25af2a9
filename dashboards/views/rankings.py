"""Rankings: which sites of a type lead, and are we sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Final

import streamlit as st

from dashboards import figures, parts
from dashboards.answers import Row
from dashboards.compare import (
    NOTHING,
    RANKED_FROM,
    Difference,
    Rank,
    Reading,
    axis,
    difference,
    ranks,
    reading,
)
from dashboards.filters import ORDERS, Selection, href
from dashboards.masthead import period_tabs, process_tabs
from dashboards.page import Page
from dashboards.periods import before
from dashboards.wording import count, figure

A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """One site in its league."""

    row: Row
    value: Reading
    to_mean: Difference
    change: Difference
    rank: Rank | None


def standings(rows: Sequence[Row], earlier: Mapping[str, Reading], mean: Reading) -> list[Standing]:
    """Every site with its rank, its distance to the league's mean and its change."""
    values = [reading(row) for row in rows]
    return [
        Standing(
            row,
            value,
            difference(value, mean),
            difference(value, earlier.get(row["site"], NOTHING)),
            rank,
        )
        for row, value, rank in zip(rows, values, ranks(values), strict=True)
    ]


def ordered(league: Sequence[Standing], order: str) -> list[Standing]:
    """The league in the order of a column; sites without a rank come after the others."""
    keys = {
        "rank": lambda s: (s.rank is None, -(s.value.index or 0.0)),
        "n": lambda s: (False, -s.value.n),
        "name": lambda s: (False, str(s.row["site_name"] or s.row["site"])),
        "change": lambda s: (s.change.delta is None, -(s.change.delta or 0.0)),
    }
    return sorted(league, key=keys[order])


def draw(page: Page) -> None:
    """One line a site: dot, interval, n, rank and how far it is open."""
    words = page.words
    types = sorted({str(site["site_type"]) for site in page.sites.values()} - {"unknown"})
    if not types or not page.days:
        st.html(figures.state(words("state.empty")))
        return
    chosen = page.selection.site_type if page.selection.site_type in types else _largest(page)
    page = replace(page, selection=replace(page.selection, site_type=chosen, site="", district=""))
    st.html(_head(page, types))
    levels = ("site_type", *(("province",) if page.selection.province else ()))
    given = (*levels, *page.process_level)
    rows = page.ask("site", page.span, given)
    if not rows:
        st.html(figures.state(words("state.empty"), words("state.empty.hint")))
        return
    mean = reading(page.ask("total", page.span, given)[0])
    earlier = {row["site"]: reading(row) for row in page.ask("site", before(page.span), given)}
    league = standings(rows, earlier, mean)
    st.html(_summary(page, league, mean))
    st.html(_table(page, ordered(league, page.selection.order), mean) + parts.published(page))


def _largest(page: Page) -> str:
    kinds = [str(site["site_type"]) for site in page.sites.values()]
    return max(sorted(set(kinds) - {"unknown"}), key=kinds.count)


def _head(page: Page, types: Sequence[str]) -> str:
    words, s = page.words, page.selection
    kinds = figures.tabs(
        [
            (words.member("site_type", kind), href(s, site_type=kind, page=""), kind == s.site_type)
            for kind in types
        ]
    )
    places = sorted({site["province"] for site in page.sites.values() if site["province"]})
    provinces = figures.tabs(
        [(words("nation"), href(s, province="", page=""), not s.province)]
        + [
            (words.member("province", p), href(s, province=p, page=""), p == s.province)
            for p in places
        ]
    )
    question = words("title.rankings", type=words.in_text("site_type", s.site_type))
    return (
        f'<div class="hc-bar-top">{kinds}{process_tabs(page)}{period_tabs(page)}</div>'
        f'<div class="hc-bar-top hc-second">{provinces}</div>'
        f'<div class="hc-top">{figures.title(question, level=1)}</div>'
    )


def _summary(page: Page, league: Sequence[Standing], mean: Reading) -> str:
    words = page.words
    ranked = [s for s in league if s.rank is not None]
    told = [s.to_mean.verdict for s in ranked]
    text = words(
        "rank.summary",
        ranked=count(len(ranked)),
        above=told.count("above"),
        below=told.count("below"),
        same=told.count("same"),
        mean=figure(mean.index),
    )
    few = len(league) - len(ranked)
    if few:
        text += " " + words("rank.unranked", count=count(few), least=RANKED_FROM)
    span = words.span(page.span.first, page.span.last)
    note = f"{span} · {parts.about_n(page, mean)}"
    return f'<p class="hc-lead">{escape(text)}</p><p class="hc-note">{escape(note)}</p>'


def _table(page: Page, league: Sequence[Standing], mean: Reading) -> str:
    words, s = page.words, page.selection
    start = min(max(0, int(s.page) if s.page.isdigit() else 0), max(0, len(league) - 1))
    start -= start % A_PAGE
    shown = league[start : start + A_PAGE]
    lines = [_line(page, standing) for standing in shown]
    ends = axis([x.value for x in league if x.rank is not None] or [x.value for x in league])
    orders = figures.tabs(
        [
            (words(f"order.{order}"), href(s, order=order, page=""), order == s.order)
            for order in ORDERS
        ]
    )
    drawn = figures.lines(
        words,
        lines,
        ends,
        heads=(words("versus.mean"), words("versus.before")),
        tick=(words("mean"), mean.index or 0.0),
        ranked=True,
    )
    legend = f'<p class="hc-legend">{escape(words("legend.rank"))}</p>'
    return f'<div class="hc-orders">{orders}</div>{drawn}{legend}{_pages(s, len(league), start)}'


def _line(page: Page, standing: Standing) -> figures.Line:
    words, row, rank = page.words, standing.row, standing.rank
    site = page.sites.get(row["site"], {})
    place = " ".join(
        part
        for part in (words.member("province", site.get("province")), site.get("district") or "")
        if part
    )
    return figures.Line(
        str(row["site_name"] or row["site"]),
        standing.value,
        link=href(page.selection, "site", site=row["site"], page=""),
        note=place,
        place=str(rank.place) if rank else words("rank.no"),
        place_note=f"{rank.best}–{rank.worst}" if rank else "",
        differences=(standing.to_mean, standing.change),
        verdict=standing.to_mean.verdict if rank else "unknown",
    )


def _pages(s: Selection, total: int, start: int) -> str:
    if total <= A_PAGE:
        return ""
    choices = [
        (f"{first + 1}–{min(first + A_PAGE, total)}", href(s, page=str(first)), first == start)
        for first in range(0, total, A_PAGE)
    ]
    return figures.tabs(choices)
