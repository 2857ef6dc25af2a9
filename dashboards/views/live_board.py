"""Live board: how satisfied are customers now, from the nation down to one site."""

from html import escape
from typing import Final

import streamlit as st

from dashboards import complaints, figures, parts, tile_map
from dashboards.answers import Row
from dashboards.compare import (
    RANKED_FROM,
    Reading,
    axis,
    difference,
    discoveries,
    reading,
)
from dashboards.filters import Scope, changed, href
from dashboards.i18n.members import TILES
from dashboards.masthead import controls
from dashboards.page import Page
from dashboards.periods import before
from dashboards.wording import count

SHOWN: Final = 8  # movers on the board; the rankings have them all
BELOW: Final[dict[Scope, str]] = {"nation": "province", "province": "district", "district": "site"}


def draw(page: Page) -> None:
    """The figure, its comparisons and trend, the places below, the processes, the voices."""
    words, s = page.words, page.selection
    name = page.place_name()
    nationwide = s.scope == "nation"
    question = words("title.board") if nationwide else words("title.board.place", place=name)
    st.html(controls(page) + f'<div class="hc-top">{figures.title(question, level=1)}</div>')
    if not page.days:
        st.html(figures.state(words("state.empty")))
        return
    mine = page.profile(page.scope_levels)
    parts.hero(page, mine, below=complaints.sentence(page))
    left, right = st.columns([6, 6], gap="medium")
    if s.scope == "site":
        with left:
            parts.processes(page, mine, words("title.process.site"))
            parts.touchpoints(page, mine)
        with right:
            parts.voices(page, words("title.voices.site"))
        return
    with left:
        _places(page, mine.of("now", s.process))
        if s.scope != "district":
            _movers(page)
    with right:
        parts.processes(page, mine, words("title.process"))
        parts.touchpoints(page, mine)
        parts.voices(page, words("title.voices"))


def _places(page: Page, whole: Reading) -> None:
    """The places one level down, against the place on screen."""
    level = BELOW[page.selection.scope]
    rows = page.ask(level, page.span, page.levels)
    question = page.words(f"title.where.{level}", place=page.place_name())
    if not rows or whole.index is None:
        drawn = parts.empty(page)
    elif level == "province":
        drawn = _map(page, rows, whole)
    else:
        drawn = _list(page, level, rows, whole)
    st.html(figures.title(question) + drawn)


def _into(page: Page, level: str, row: Row) -> str:
    return href(changed(page.selection, {level: row[level] or ""}))


def _map(page: Page, rows: list[Row], whole: Reading) -> str:
    words = page.words
    tiles = [
        tile_map.Tile(
            words.member("province", row["province"])
            if row["province"]
            else words("unknown.place"),
            reading(row),
            difference(reading(row), whole),
            _into(page, "province", row) if row["province"] else "",
            TILES.get(row["province"] or ""),
        )
        for row in rows
    ]
    return tile_map.tiles(words, tiles, whole)


def _list(page: Page, level: str, rows: list[Row], whole: Reading) -> str:
    words = page.words
    lines = [
        figures.Line(
            page.place_label(level, row),
            value,
            link=_into(page, level, row),
            note=words.member("site_type", row["site_type"]) if level == "site" else "",
            differences=(difference(value, whole),),
            verdict=difference(value, whole).verdict,
        )
        for row, value in parts.best_first(rows)
    ]
    ends = axis([line.reading for line in lines if not line.reading.is_low_base] or [whole])
    tick = (page.place_name(), whole.index or 0.0)
    drawn = figures.lines(words, lines, ends, heads=(words("versus.mean"),), tick=tick)
    return drawn + f'<p class="hc-legend">{words("legend.line")}</p>'


def _movers(page: Page) -> None:
    """The sites that moved beyond chance, even when all are looked at: up and down by size."""
    words, now = page.words, page.span
    earlier = {row["site"]: reading(row) for row in page.ask("site", before(now), page.levels)}
    rows = [row for row in page.ask("site", now, page.levels) if row["site"] in earlier]
    changes = [difference(reading(row), earlier[row["site"]]) for row in rows]
    enough = [
        (row, change)
        for row, change in zip(rows, changes, strict=True)
        if (row["n"] or 0) >= RANKED_FROM and earlier[row["site"]].n >= RANKED_FROM
    ]
    found = discoveries([change for _, change in enough])
    moved = [pair for pair, is_found in zip(enough, found, strict=True) if is_found]
    moved.sort(key=lambda pair: -abs(pair[1].delta or 0.0))
    title = figures.title(words("title.movers", days=now.days))
    note = words("movers.found", found=len(moved), of=count(len(enough)))
    if not moved:
        note = words("movers.none", of=count(len(enough)))
    shown = sorted(moved[:SHOWN], key=lambda pair: -(pair[1].delta or 0.0))
    lines = [
        figures.Line(
            page.place_label("site", row),
            reading(row),
            link=href(page.selection, "site", site=row["site"]),
            differences=(change,),
            marks=(figures.Mark(earlier[row["site"]].index, "ring"),),
            verdict=change.verdict,
        )
        for row, change in shown
    ]
    ends = axis([r for row, _ in shown for r in (reading(row), earlier[row["site"]])])
    drawn = figures.lines(words, lines, ends, heads=(words("versus.before"),)) if lines else ""
    st.html(title + drawn + f'<p class="hc-legend">{escape(note)}</p>')
