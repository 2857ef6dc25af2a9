"""What every view is given, and the parts that all views share: masthead, places, sections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import Any

from cubes.questions import named
from dashboards import figures
from dashboards.compare import NOTHING, Reading, exactly, reading
from dashboards.filters import LANGUAGES, PERIODS, ROLES, Selection, View, href, nation
from dashboards.palette import Palette
from dashboards.periods import Span, ending
from dashboards.warehouse import Desk, Row
from dashboards.wording import Words, clock, count, epoch, local
from models.errors import Forbidden

PROCESSES = ("sales", "after_sales", "product", "contact_centre")
MENU: tuple[View, ...] = ("board", "site", "rankings", "explore")


@dataclass(frozen=True, slots=True)
class Page:
    """One run of one screen: what was chosen, in which words and colours, from which load."""

    selection: Selection
    words: Words
    palette: Palette
    desk: Desk
    sites: Mapping[str, Row]
    days: Sequence[Row]
    touchpoints: Mapping[str, str]

    @property
    def last(self) -> date | None:
        """The last day with an answer: every period ends there."""
        return self.days[-1]["day"] if self.days else None

    @property
    def earliest(self) -> date:
        """The first day with an answer."""
        first: date = self.days[0]["day"]
        return first

    @property
    def span(self) -> Span:
        """The period on screen."""
        return ending(self.last or date(1970, 1, 1), self.selection.days)

    def given(self, *levels: str) -> dict[str, str]:
        """The chosen members of these levels, as parameters of a question."""
        return {level: getattr(self.selection, level) for level in levels}

    @property
    def scope_levels(self) -> tuple[str, ...]:
        """The levels that say which place is meant."""
        return {
            "nation": (),
            "province": ("province",),
            "district": ("province", "district"),
            "site": ("site",),
        }[self.selection.scope]

    @property
    def process_level(self) -> tuple[str, ...]:
        """The process, where one was chosen."""
        return ("process",) if self.selection.process else ()

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels fixed by place and process."""
        return (*self.scope_levels, *self.process_level)

    def member(self, level: str, value: object) -> str:
        """The name of a member; touchpoints are named by their master record."""
        known = self.words.member(level, value)
        if level == "touchpoint" and known == value:
            return self.touchpoints.get(str(value), known)
        return known

    @property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """Names that only master records know, by level and member."""
        sites = {ref: str(site["site_name"] or ref) for ref, site in self.sites.items()}
        return {"site": sites, "touchpoint": self.touchpoints}

    def place_label(self, level: str, row: Row) -> str:
        """The name of a place one level down, as a line shows it."""
        if level == "site":
            return str(row["site_name"] or row["site"])
        return self.words.member(level, row[level])

    def place_name(self) -> str:
        """The name of the place whose numbers are shown."""
        s = self.selection
        if s.site:
            return str(self.sites.get(s.site, {}).get("site_name") or s.site)
        if s.district:
            return f"{self.words.member('province', s.province)} {s.district}"
        return self.words.member("province", s.province) if s.province else self.words("nation")

    def ask(self, group: str, span: Span, levels: tuple[str, ...], **given: str) -> list[Row]:
        """The satisfaction of a span by a group, for the given members."""
        parameters: dict[str, Any] = {"first": span.first, "until": span.until}
        parameters |= self.given(*(level for level in levels if level not in given)) | given
        return self.desk.rows(named(group, levels), **parameters)

    def target(self, span: Span, levels: tuple[str, ...]) -> Reading:
        """What the index is to reach here; empty where no target is set, or none is shown."""
        parameters: dict[str, Any] = {"first": span.first, "until": span.until}
        try:
            row = self.desk.one(named("target", levels), **parameters, **self.given(*levels))
        except Forbidden:
            return NOTHING
        return NOTHING if row is None or row["target"] is None else exactly(row["target"])

    def total(self, span: Span, levels: tuple[str, ...], **given: str) -> Reading:
        """The reading of a span; empty where there is no answer."""
        rows = self.ask("total", span, levels, **given)
        return reading(rows[0]) if rows else NOTHING


def place(selection: Selection, sites: Mapping[str, Row]) -> Selection:
    """The selection with the province and district of its site, so that the way up is known."""
    site = sites.get(selection.site)
    if site is None:
        return selection
    return replace(selection, province=site["province"] or "", district=site["district"] or "")


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
            href(selection, role=role, me=own if role == "site_manager" else ""),
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
    """Load and instant, with an age that ticks in the browser."""
    time = clock(desk.as_of)
    ago = escape(words("age.ago", age="{age}"))
    load = escape(words("load", load=count(desk.load)))
    return (
        f'<span class="hc-fresh"><b>{load}</b>, {escape(words("as_of", time=time))} · '
        f'<span data-since="{epoch(desk.as_of)}" data-ago="{ago}"></span></span>'
    )


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
    steps = [(words("nation"), href(nation(s)))]
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
        for process in PROCESSES
    ]
    return figures.tabs(choices, words("level.process"))


def period_tabs(page: Page) -> str:
    """How long a period."""
    s, words = page.selection, page.words
    return figures.tabs([(words(f"period.{p}"), href(s, period=p), p == s.period) for p in PERIODS])


def controls(page: Page) -> str:
    """Place, process and period, above every screen that has them."""
    return f'<div class="hc-bar-top">{way(page)}{process_tabs(page)}{period_tabs(page)}</div>'
