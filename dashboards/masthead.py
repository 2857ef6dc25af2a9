"""What stands above every screen: views, freshness, language, role; place, process and period."""

from dataclasses import replace
from html import escape
from typing import Final

from dashboards import figures
from dashboards.filters import BOUND, LANGUAGES, PERIODS, ROLES, Selection, View, href, nation
from dashboards.page import Page
from dashboards.warehouse import Desk
from dashboards.wording import Words, clock, count, epoch, local

MENU: Final[tuple[View, ...]] = ("board", "site", "rankings", "explore")


def masthead(words: Words, selection: Selection, freshness: str) -> str:
    """The name, the views, how fresh the numbers are, the language and who is looking."""
    views = "".join(
        figures.anchor(
            href(replace(selection, page=""), view),
            escape(words(f"nav.{view}")),
            current=view == selection.view,
        )
        for view in MENU
    )
    languages = figures.tabs(
        [
            (
                {"ko": "한국어", "en": "English"}[lang],
                href(selection, lang=lang),
                lang == selection.lang,
            )
            for lang in LANGUAGES
        ]
    )
    own = selection.me or selection.site
    roles = "".join(
        figures.anchor(
            href(selection, role=role, me=own if role in BOUND else ""),
            escape(words(f"role.{role}")),
            current=role == selection.role,
        )
        for role in ROLES
    )
    return (
        f'<div class="hc-mast"><span class="hc-brand">{escape(words("brand"))}</span>'
        f'<nav class="hc-nav">{views}</nav><div class="hc-right">{freshness}{languages}'
        f'<details class="hc-menu"><summary>{escape(words(f"role.{selection.role}"))}</summary>'
        f"<div>{roles}</div></details></div></div>"
    )


def freshness(words: Words, desk: Desk) -> str:
    """Load and instant, with an age that ticks in the browser, and when figures were verified."""
    time = clock(desk.as_of)
    ago = escape(words("age.ago", age="{age}"))
    load = escape(words("load", load=count(desk.load)))
    return (
        f'<span class="hc-fresh"><b>{load}</b>, {escape(words("as_of", time=time))} · '
        f'<span data-since="{epoch(desk.as_of)}" data-ago="{ago}"></span>'
        f"{_verified(words, desk)}</span>"
    )


def _verified(words: Words, desk: Desk) -> str:
    """When the shadow check last agreed; nothing before it did."""
    if desk.verified_at is None:
        return ""
    moment = local(desk.verified_at)
    today = moment.date() == local(desk.as_of).date()
    time = f"{moment:%H:%M}" if today else f"{moment:%Y-%m-%d %H:%M}"
    return f" · {escape(words('verified', time=time))}"


def warnings(words: Words, desk: Desk) -> str:
    """What a stale or cut-off screen says of itself; the ear shows it."""
    time = f"{local(desk.as_of):%Y-%m-%d %H:%M:%S}"
    return (
        f'<div class="hc-warn" data-warn="stale">{escape(words("fresh.stale", time=time))}</div>'
        f'<div class="hc-warn" data-warn="lost">{escape(words("fresh.lost"))}</div>'
    )


def way(page: Page) -> str:
    """The way from the nation to the place on screen."""
    s, words = page.selection, page.words
    steps = [(words("own_sites" if page.published else "nation"), href(nation(s)))]
    if s.province:
        steps.append(
            (words.member("province", s.province), href(replace(nation(s), province=s.province)))
        )
    if s.district:
        steps.append((s.district, href(replace(s, site=""))))
    if s.site:
        steps.append((page.place_name(), ""))
    return figures.crumbs(steps)


def process_tabs(page: Page) -> str:
    """All processes, or one of them."""
    s, words = page.selection, page.words
    choices = [(words("process.all"), href(s, process=""), not s.process)]
    choices += [
        (words.member("process", process), href(s, process=process), s.process == process)
        for process in page.processes
    ]
    return figures.tabs(choices, words("level.process"))


def period_tabs(page: Page) -> str:
    """How long a period."""
    s, words = page.selection, page.words
    return figures.tabs([(words(f"period.{p}"), href(s, period=p), p == s.period) for p in PERIODS])


def controls(page: Page) -> str:
    """Place, process and period, above every screen that has them."""
    return f'<div class="hc-bar-top">{way(page)}{process_tabs(page)}{period_tabs(page)}</div>'
