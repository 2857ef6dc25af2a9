"""The Streamlit script: one run draws one screen from one load."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import streamlit as st

from dashboards import ear, figures
from dashboards.filters import View, href, nation, read
from dashboards.masthead import freshness, masthead, warnings
from dashboards.page import Page, known_processes, place
from dashboards.palette import PALETTES, sheet
from dashboards.views import explore, live_board, my_site, rankings
from dashboards.warehouse import desk, principal_of
from dashboards.wording import Words
from models.errors import Forbidden, HappycallError, HomeError

DRAW: Mapping[View, Callable[[Page], None]] = {
    "board": live_board.draw,
    "site": my_site.draw,
    "rankings": rankings.draw,
    "explore": explore.draw,
}


@st.fragment
def screen(view: View) -> None:
    """One screen; a new load reruns only this."""
    browser = "ko" if (st.context.locale or "ko").startswith("ko") else "en"
    selection = read(view, st.query_params.to_dict(), browser)
    words = Words(selection.lang)
    palette = PALETTES[st.context.theme.type or "light"]
    st.html(sheet(palette))
    now = datetime.now(UTC)
    try:
        with desk(principal_of(selection.role, selection.me)) as asked:
            sites = {row["site"]: row for row in asked.rows("sites")}
            chosen = place(selection, sites)
            key = str(sites[chosen.site]["site_key"]) if chosen.site in sites else ""
            ear.listen(ear.ear_data(words, load=asked.load, as_of=asked.as_of, now=now, site=key))
            st.html(masthead(words, chosen, freshness(words, asked)) + warnings(words, asked))
            points = asked.rows("touchpoints")
            _draw(
                Page(
                    chosen,
                    words,
                    palette,
                    asked,
                    sites,
                    days=[row for row in asked.rows("days") if row["n"]],
                    touchpoints={row["touchpoint"]: row["touchpoint_name"] for row in points},
                    processes=known_processes(points),
                )
            )
    except HomeError:
        ear.listen(ear.ear_data(words, load=0, as_of=None, now=now, site=""))
        st.html(
            masthead(words, selection, "")
            + figures.state(words("state.first"), words("state.first.hint"))
        )


def _draw(page: Page) -> None:
    words, s = page.words, page.selection
    if s.site and s.site not in page.sites:
        back = (words("state.back"), href(nation(s)))
        st.html(figures.state(words("state.unknown_site", site=s.site), link=back))
        return
    try:
        DRAW[s.view](page)
    except Forbidden as refusal:
        st.html(figures.state(words("state.forbidden"), str(refusal)))
    except HappycallError as error:
        st.html(figures.state(str(error)))


def _page(view: View, title: str) -> st.Page:
    def run() -> None:
        screen(view)

    return st.Page(
        run, title=title, url_path="" if view == "board" else view, default=view == "board"
    )


def main() -> None:
    """Choose the view by the path of the URL, and draw it."""
    st.set_page_config(page_title="happycall", page_icon=":material/mood:", layout="wide")
    words = Words("ko" if (st.context.locale or "ko").startswith("ko") else "en")
    pages = [_page(view, words(f"nav.{view}")) for view in DRAW]
    st.navigation(pages, position="hidden").run()


if __name__ == "__main__":
    main()
