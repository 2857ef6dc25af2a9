"""My site: how do we stand against target, peers and last year, what moved, what is open."""

from html import escape

import streamlit as st

from dashboards import complaints, figures, parts
from dashboards.answers import Row
from dashboards.compare import NOTHING, UNKNOWN, axis, difference, exactly
from dashboards.filters import BOUND, href
from dashboards.league import neighbours, places, rank_line
from dashboards.masthead import controls
from dashboards.page import Page
from dashboards.profile import Profile

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
    mine = page.profile(("site",))
    peers = page.profile(PEERS, **{level: site[level] or "" for level in PEERS})
    league = places(page, site)
    like = peers.of("now", s.process)
    below = rank_line(page, site, league) + parts.published(page)
    parts.hero(page, mine, [(words("peers"), like)], below=below)
    left, right = st.columns([7, 5], gap="medium")
    with left:
        _processes(page, site, mine, peers)
        _moved(page, mine)
        parts.voices(page, words("title.voices.site"))
    with right:
        complaints.open_list(page)
        neighbours(page, site, league)


def choose(page: Page) -> None:
    """A list of all sites to choose one from; typing narrows it."""
    words = page.words
    names = page.site_names()
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
        if page.selection.role in BOUND and not page.selection.me:
            st.query_params["me"] = picked
        st.rerun()


def _processes(page: Page, site: Row, mine: Profile, peers: Profile) -> None:
    """One line a process, against its target, like sites and a year ago."""
    words, aims, lines = page.words, page.targets(), []
    for process in mine.processes():
        value = mine.of("now", process)
        others = (aims.get(process, NOTHING), peers.of("now", process), mine.of("year", process))
        to_first = next((other for other in others if other.index is not None), NOTHING)
        lines.append(
            figures.Line(
                words.member("process", process),
                value,
                link=href(page.selection, process=process),
                differences=tuple(difference(value, other) for other in others),
                marks=(
                    figures.Mark(others[0].index, "tick"),
                    figures.Mark(others[1].index, "ring"),
                    figures.Mark(others[2].index, "diamond"),
                ),
                verdict=difference(value, to_first).verdict,
                strong=process == page.selection.process,
            )
        )
    if not lines:
        st.html(figures.title(words("title.process.site")) + parts.empty(page))
        return
    lines.sort(key=lambda line: -(line.reading.index or 0.0))
    marks = [exactly(mark.value) for line in lines for mark in line.marks if mark.value is not None]
    ends = axis([*(line.reading for line in lines), *marks])
    heads = (words("versus.target"), words("versus.peers"), words("versus.year"))
    about = words(
        "peers.are",
        type=words.in_text("site_type", site["site_type"]),
        band=words.member("size_band", site["size_band"]),
    )
    drawn = figures.lines(words, lines, ends, heads=heads) + figures.marks_key(words, about)
    st.html(figures.title(words("title.process.site")) + drawn)


def _moved(page: Page, mine: Profile) -> None:
    """Touchpoints against the period before: the sure ones first, the rest named in grey."""
    words, lines, rest = page.words, [], []
    for process, touchpoint in mine.touchpoints(page.selection.process):
        value, then = mine.of("now", process, touchpoint), mine.of("before", process, touchpoint)
        moved, name = difference(value, then), page.member("touchpoint", touchpoint)
        if moved.verdict not in {"above", "below"}:
            rest.append(name)
            continue
        lines.append(
            figures.Line(
                name,
                value,
                link=href(page.selection, process=process),
                differences=(moved,),
                marks=(figures.Mark(then.index, "ring"),),
                verdict=moved.verdict,
            )
        )
    lines.sort(key=lambda line: -abs((line.differences[0] or UNKNOWN).delta or 0.0))
    befores = [exactly(line.marks[0].value or 0.0) for line in lines]
    ends = axis([*(line.reading for line in lines), *befores])
    drawn = figures.lines(words, lines, ends, heads=(words("versus.before"),)) if lines else ""
    note = words("moved.rest" if lines else "moved.none") + " " + ", ".join(rest)
    if not rest and not lines:
        note = words("state.empty")
    st.html(
        figures.title(words("title.moved", days=page.span.days))
        + drawn
        + (f'<p class="hc-legend">{escape(note)}</p>' if rest or not lines else "")
    )
