"""Asked ahead: what the screens of many sites will ask, in one question for all of them.

A release makes every screen of a touched site draw itself again. Each would ask the same five
questions about its own site; asked together they cost little more than once. What is kept here is
what the screens would have been answered, and is dropped with the next load.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cubes.policy import ANALYST
from cubes.questions import named, questions
from dashboards import warehouse
from dashboards.answers import Row
from dashboards.filters import PERIODS, Selection
from dashboards.periods import ending, profile_times, trend

PERIOD = PERIODS[Selection().period]  # what a screen shows unless its visitor chose otherwise
Given = Mapping[str, Any]


def asked_of_a_site(days: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, Given], ...]:
    """The questions a screen of one site asks about it alone, with all but the site."""
    known = [row["day"] for row in days if row["n"]]
    if not known:
        return ()
    now = ending(known[-1], PERIOD)
    shown, grain = trend(known[-1], known[0], PERIOD, few=True)
    span = {"first": now.first, "until": now.until}
    return (
        ("profile", profile_times(now)),
        (grain, {"first": shown.first, "until": shown.until}),
        ("target", span),
        ("voices", span),
        ("open complaints", {}),
    )


def ask_ahead(keys: Iterable[str]) -> int:
    """Ask for all sites of these keys at once and keep each one's rows; the number of sites."""
    with warehouse.desk(ANALYST) as desk:
        by_key = {str(row["site_key"]): row["site"] for row in desk.rows("sites")}
        sites = sorted({by_key[key] for key in keys if key in by_key})
        if not sites:
            return 0
        for group, given in asked_of_a_site(desk.rows("days")):
            text = questions()[named(group, ("sites",))].text
            rows = desk.pinned.ask(text, {**given, "sites": sites}).to_dicts()
            own: dict[str, list[Row]] = {site: [] for site in sites}
            for row in rows:
                own[row["site"]].append(row)
            for site, found in own.items():
                desk.keep(named(group, ("site",)), found, **given, site=site)
    return len(sites)
