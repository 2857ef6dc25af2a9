"""What every view is given: what was chosen, in which words and colours, from which load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from cubes.questions import named
from dashboards.answers import Row
from dashboards.compare import Reading, exactly
from dashboards.filters import PUBLISHED, Selection
from dashboards.palette import Palette
from dashboards.periods import Span, ending, months_ending, profile_times
from dashboards.profile import Profile, profile
from dashboards.warehouse import Desk
from dashboards.wording import Words
from models.errors import Forbidden

ORDER: Final = ("sales", "after_sales", "product", "contact_centre")


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
    processes: tuple[str, ...]

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
        """The period on screen: whole months where others are known by published cells alone."""
        last = self.last or date(1970, 1, 1)
        return (months_ending if self.published else ending)(last, self.selection.days)

    @property
    def published(self) -> bool:
        """Whether the visitor sees places that are not their own only as published cells."""
        return self.selection.role in PUBLISHED

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

    def site_names(self) -> Mapping[str, str]:
        """Every site's name with its province, for a list to choose from."""
        return self.desk.derived(
            f"site names in {self.words.lang}",
            lambda: {
                ref: f"{site['site_name']} ({self.words.member('province', site['province'])})"
                for ref, site in self.sites.items()
            },
        )

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
        if s.province:
            return self.words.member("province", s.province)
        return self.words("own_sites" if self.published else "nation")

    def ask(self, group: str, span: Span, levels: tuple[str, ...], **given: str) -> list[Row]:
        """The satisfaction of a span by a group, for the given members.

        A league of sites, to whoever may not read their cells, is what is published of it.
        """
        if self.published and "site_type" in levels:
            kind = given.get("site_type") or self.selection.site_type
            name = named(f"published {group}", ("site_type",))
            return self.desk.rows(name, first=span.first, until=span.until, site_type=kind)
        parameters: dict[str, Any] = {"first": span.first, "until": span.until}
        parameters |= self.given(*(level for level in levels if level not in given)) | given
        return self.desk.rows(named(group, levels), **parameters)

    def profile(self, levels: tuple[str, ...], **given: str) -> Profile:
        """The place of these levels now, before and a year ago, by process and touchpoint."""
        if self.published and "site_type" in levels:
            return self._published_profile(levels, given)
        times = profile_times(self.span)
        rows = self.desk.rows(named("profile", levels), **times, **(given or self.given(*levels)))
        return profile(rows)

    def network(self) -> Profile:
        """All sites together, as far as the visitor may know of them."""
        return self._published_profile((), {}) if self.published else self.profile(())

    def _published_profile(self, levels: tuple[str, ...], given: Mapping[str, str]) -> Profile:
        span = {"first": self.span.first, "until": self.span.until}
        return profile(self.desk.rows(named("published profile", levels), **span, **given))

    def targets(self) -> Mapping[str, Reading]:
        """What the index is to reach here, by process; under "" in the chosen process or in all.

        Empty where no target is set, and where the visitor's role is shown none.
        """
        levels, now = self.scope_levels, self.span
        try:
            rows = self.desk.rows(
                named("target", levels), first=now.first, until=now.until, **self.given(*levels)
            )
        except Forbidden:
            return {}
        aims = {row["process"]: exactly(row["target"]) for row in rows if row["n"]}
        chosen = self.selection.process
        meant = [row for row in rows if row["n"] and chosen in {"", row["process"]}]
        n = sum(row["n"] for row in meant)
        if n:
            aims[""] = exactly(sum(row["target"] * row["n"] for row in meant) / n)
        return aims


def known_processes(touchpoints: Sequence[Row]) -> tuple[str, ...]:
    """The processes there are: those of a car maker in the order of its journey, then others."""
    found = {row["process"] for row in touchpoints} - {"unknown", None}
    return (*(p for p in ORDER if p in found), *sorted(found - set(ORDER)))


def place(selection: Selection, sites: Mapping[str, Row]) -> Selection:
    """The selection with its site's province and district, so that the way up is known.

    Who looks as somebody of a site sees that site where none is named.
    """
    if selection.view == "site" and not selection.site and selection.me:
        selection = replace(selection, site=selection.me)
    site = sites.get(selection.site)
    if site is None:
        return selection
    return replace(selection, province=site["province"] or "", district=site["district"] or "")
