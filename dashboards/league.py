"""A site among its like: its place, how far the data leave it open, and who stands next to it."""

from html import escape
from typing import Final

import streamlit as st

from dashboards import figures
from dashboards.answers import Row
from dashboards.compare import RANKED_FROM, Rank, Reading, axis, difference, ranks, reading
from dashboards.filters import href
from dashboards.page import Page
from dashboards.wording import count

NEAR: Final = 3  # sites shown above and below one's own
Place = tuple[Row, Reading, Rank | None]


def places(page: Page, site: Row) -> list[Place]:
    """All sites of this type with their ranks, the first first."""
    given = ("site_type", *page.process_level)
    s, kind = page.selection, site["site_type"]

    def league() -> list[Place]:
        rows = page.ask("site", page.span, given, site_type=kind)
        values = [reading(row) for row in rows]
        ranked = zip(rows, values, ranks(values), strict=True)
        return sorted(ranked, key=lambda place: (place[2] is None, -(place[1].index or 0.0)))

    return page.desk.derived(f"league of {kind} by {s.process or 'all'}, {s.period}", league)


def rank_line(page: Page, site: Row, league: list[Place]) -> str:
    """The site's place among all of its type, and how far the data leave it open."""
    words = page.words
    own = next((place for place in league if place[0]["site"] == site["site"]), None)
    if own is None or own[2] is None:
        n = own[1].n if own else 0
        text = words("rank.none", n=count(n), least=RANKED_FROM)
        return f'<p class="hc-legend">{escape(text)}</p>'
    kind = words.in_text("site_type", site["site_type"])
    of = sum(rank is not None for _, _, rank in league)
    text = words("rank.of", place=own[2].place, of=count(of), type=kind)
    open_ = words("rank.range", best=own[2].best, worst=own[2].worst)
    link = href(page.selection, "rankings", site_type=site["site_type"])
    shown = f"<strong>{escape(text)}</strong> · {escape(open_)}"
    return f'<p class="hc-ranked-at">{figures.anchor(link, shown)}</p>'


def neighbours(page: Page, site: Row, league: list[Place]) -> None:
    """Who stands just above and below, and whether the difference can be told."""
    words = page.words
    ranked = [place for place in league if place[2] is not None]
    at = next((i for i, place in enumerate(ranked) if place[0]["site"] == site["site"]), None)
    if at is None:
        return
    own = ranked[at][1]
    start = max(0, min(at - NEAR, len(ranked) - 2 * NEAR - 1))
    shown = ranked[start : start + 2 * NEAR + 1]
    lines = [
        figures.Line(
            page.place_label("site", row),
            value,
            link=href(page.selection, site=row["site"]),
            place=str(rank.place) if rank else "",
            differences=(None if row["site"] == site["site"] else difference(own, value),),
            strong=row["site"] == site["site"],
        )
        for row, value, rank in shown
    ]
    ends = axis([line.reading for line in lines])
    drawn = figures.lines(words, lines, ends, heads=(words("versus.us"),), ranked=True)
    st.html(figures.title(words("title.neighbours")) + drawn)
