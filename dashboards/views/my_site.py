"""My site: how do we stand against target, peers and last year, what moved, what is open."""

from html import escape

import streamlit as st

from cubes.questions import named
from dashboards import complaints, figures, parts
from dashboards.compare import (
    NOTHING,
    Reading,
    axis,
    difference,
    exactly,
    reading,
)
from dashboards.filters import href
from dashboards.league import neighbours, places, rank_line
from dashboards.page import Page, controls
from dashboards.periods import before, year_before
from dashboards.warehouse import Row
from models.errors import Forbidden

PEERS = ("site_type", "size_band")


def draw(page: Page) -> None:
    """The site's figure, place in its league, processes, movers, open complaints, voices."""
    words, s = page.words, page.selection
    if not s.site:
        st.html(f'<div class="hc-top">{figures.title(words("title.site.none"), level=1)}</div>')
        choose(page)
        return
    site = page.sites[s.site]
    kind = " · ".join(
        words.member(level, site[level])
        for level in ("site_type", "size_band", "province", "district")
        if site[level]
    )
    question = words("title.site", site=page.place_name())
    st.html(controls(page))
    left, right = st.columns([8, 4], vertical_alignment="bottom")
    with left:
        st.html(f'<div class="hc-top">{figures.title(question, kind, level=1)}</div>')
    with right:
        choose(page)
    if not page.days:
        st.html(figures.state(words("state.empty")))
        return
    peers = page.total(page.span, (*PEERS, *page.process_level), **_league(site))
    league = places(page, site)
    parts.hero(page, [(words("peers"), peers)], below=rank_line(page, site, league))
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _processes(page, site)
        _moved(page)
        parts.voices(page, words("title.voices.site"))
    with right:
        complaints.open_list(page)
        neighbours(page, site, league)


def choose(page: Page) -> None:
    """A list of all sites to choose one from; typing narrows it."""
    words = page.words
    names = {
        ref: f"{site['site_name']} ({words.member('province', site['province'])})"
        for ref, site in page.sites.items()
    }
    picked = st.selectbox(
        words("choose.site"),
        list(names),
        index=None,
        format_func=lambda ref: names[ref],
        key=f"choose:{page.selection.site}",
        label_visibility="collapsed",
        placeholder=words("choose.site") if not page.selection.site else words("choose.other"),
    )
    if picked and picked != page.selection.site:
        st.query_params["site"] = picked
        st.rerun()


def _league(site: Row) -> dict[str, str]:
    return {level: site[level] or "" for level in PEERS}


def _processes(page: Page, site: Row) -> None:
    words, now = page.words, page.span
    rows = page.ask("process", now, ("site",))
    peers = {
        row["process"]: reading(row) for row in page.ask("process", now, PEERS, **_league(site))
    }
    year = {
        row["process"]: reading(row) for row in page.ask("process", year_before(now), ("site",))
    }
    aims = _targets(page)
    if not rows:
        st.html(figures.title(words("title.process.site")) + parts.empty(page))
        return
    lines = []
    for row, value in parts.best_first(rows):
        like, then = peers.get(row["process"], NOTHING), year.get(row["process"], NOTHING)
        aim = aims.get(row["process"], NOTHING)
        lines.append(
            figures.Line(
                words.member("process", row["process"]),
                value,
                link=href(page.selection, process=row["process"]),
                differences=(
                    difference(value, aim),
                    difference(value, like),
                    difference(value, then),
                ),
                marks=(
                    figures.Mark(aim.index, "tick"),
                    figures.Mark(like.index, "ring"),
                    figures.Mark(then.index, "diamond"),
                ),
                verdict=difference(value, aim if aims else like).verdict,
                strong=row["process"] == page.selection.process,
            )
        )
    shown = [line.reading for line in lines] + [
        Reading(mark.value, None, None, 1) for line in lines for mark in line.marks
    ]
    heads = (words("versus.target"), words("versus.peers"), words("versus.year"))
    drawn = figures.lines(words, lines, axis(shown), heads=heads)
    about = words(
        "peers.are",
        type=words.in_text("site_type", site["site_type"]),
        band=words.member("size_band", site["size_band"]),
    )
    st.html(figures.title(words("title.process.site")) + drawn + figures.marks_key(words, about))


def _targets(page: Page) -> dict[str, Reading]:
    """What each process of the site is to reach; nothing where targets are not shown."""
    now, name = page.span, named("target by process", ("site",))
    try:
        rows = page.desk.rows(name, first=now.first, until=now.until, site=page.selection.site)
    except Forbidden:
        return {}
    return {row["process"]: exactly(row["target"]) for row in rows if row["target"] is not None}


def _moved(page: Page) -> None:
    """Touchpoints against the period before: the sure ones first, the rest named in grey."""
    words, now = page.words, page.span
    rows = page.ask("touchpoint", now, page.levels)
    then = {r["touchpoint"]: reading(r) for r in page.ask("touchpoint", before(now), page.levels)}
    moves = [
        (row, reading(row), difference(reading(row), then.get(row["touchpoint"], NOTHING)))
        for row in rows
    ]
    sure = [move for move in moves if move[2].verdict in {"above", "below"}]
    rest = [page.member("touchpoint", move[0]["touchpoint"]) for move in moves if move not in sure]
    sure.sort(key=lambda move: -abs(move[2].delta or 0))
    lines = [
        figures.Line(
            page.member("touchpoint", row["touchpoint"]),
            value,
            link=href(page.selection, process=row["process"]),
            differences=(moved,),
            marks=(figures.Mark(then[row["touchpoint"]].index, "ring"),),
            verdict=moved.verdict,
        )
        for row, value, moved in sure
    ]
    ends = axis([*(line.reading for line in lines), *(then[r["touchpoint"]] for r, _, _ in sure)])
    drawn = figures.lines(words, lines, ends, heads=(words("versus.before"),)) if lines else ""
    note = words("moved.rest" if sure else "moved.none") + " " + ", ".join(rest)
    st.html(
        figures.title(words("title.moved", days=now.days))
        + drawn
        + f'<p class="hc-legend">{escape(note)}</p>'
    )
