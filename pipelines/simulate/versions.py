"""The site master over time: who each site was from which day on, and when that became known.

Sites are handed to another regional office or re-coded to another district, some of them with a
date in the past; in Incheon the districts themselves changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.clock import date_of, day_of
from pipelines.simulate.network import ORIGIN, SIZES, Network
from pipelines.simulate.regions import (
    REDRAWN_ON,
    REDRAWN_PROVINCE,
    SUCCESSORS,
    District,
    districts,
    provinces,
)  # fmt: skip

MOVES_A_YEAR = 0.06
_LATE_MASTER_DAYS = 3  # a new site does business before the master names it


@dataclass(frozen=True, slots=True)
class _Version:
    site: int
    valid_from: int
    known_on: int
    place: District
    why: str


def site_versions(network: Network, last: int) -> pl.DataFrame:
    """Every version of every site known by the last day, one row each, in the order of codes."""
    versions = [
        version
        for site, months in enumerate(_move_months(network, last))
        for version in _history(network, site, last, months)
    ]
    english = provinces()
    return pl.DataFrame(
        {
            "site_code": [network.codes[v.site] for v in versions],
            "valid_from": [date_of(v.valid_from) for v in versions],
            "known_on": [date_of(v.known_on) for v in versions],
            "site_name": [network.names[v.site] for v in versions],
            "type": [_kind(network, v.site) for v in versions],
            "size": [SIZES[int(network.size[v.site])] for v in versions],
            "province": [v.place.province for v in versions],
            "province_en": [english[v.place.province][1] for v in versions],
            "district": [v.place.district for v in versions],
            "head_office": [_head_office(network, v.site) for v in versions],
            "region_office": [v.place.region_office for v in versions],
            "closed_on": [_closing(network, v.site, last) for v in versions],
            "why": [v.why for v in versions],
        },
        schema_overrides={"closed_on": pl.Date},
    )


def master_as_of(versions: pl.DataFrame, day: int) -> pl.DataFrame:
    """What the site master said at the end of a day; a closing is known two weeks ahead."""
    told = pl.lit(date_of(day + 14))
    return versions.filter(pl.col("known_on") <= date_of(day)).with_columns(
        closed_on=pl.when(pl.col("closed_on") <= told).then(pl.col("closed_on"))
    )


def master_days(versions: pl.DataFrame, first: int, last: int) -> list[int]:
    """Days on which the master is sent: the first, the start of each month, and after changes."""
    changed = {day_of(day) for day in versions["known_on"].to_list()}
    changed |= {day_of(day) - 14 for day in versions["closed_on"].drop_nulls().to_list()}
    span = range(first, last + 1)
    return [day for day in span if day == first or date_of(day).day == 1 or day in changed]


def _history(
    network: Network, site: int, last: int, months: list[tuple[int, int]]
) -> list[_Version]:
    place = network.regions[int(network.district[site])]
    opened = int(network.opened[site])
    known = opened + _LATE_MASTER_DAYS if opened > ORIGIN else opened
    history = [_Version(site, opened, known, place, "opened")]
    events = [_move(network, site, year, month) for year, month in months]
    if place.province == REDRAWN_PROVINCE:
        events.append((REDRAWN_ON, REDRAWN_ON, "redrawn"))
    for valid_from, known_on, why in sorted(events):
        if valid_from <= history[-1].valid_from or known_on > last:
            continue
        place = _successor(network, site, history[-1].place, valid_from, why)
        if place == history[-1].place:
            continue
        history.append(_Version(site, valid_from, known_on, place, why))
    return history if history[0].known_on <= last else []


def _move_months(network: Network, last: int) -> list[list[tuple[int, int]]]:
    """Years and months at whose start each site is re-coded.

    Two sites on a border are handed back and forth each quarter, so that every window has some.
    """
    sites = np.arange(network.sites)
    years = np.arange(date_of(ORIGIN).year, date_of(last).year + 1)
    moves = chance.uniform(network.seed, "moves", sites[:, None], years[None, :]) < MOVES_A_YEAR
    months = 1 + chance.whole(network.seed, "move month", 12, sites[:, None], years[None, :])
    found = [
        [(int(years[at]), int(months[site, at])) for at in np.flatnonzero(moves[site])]
        for site in sites
    ]
    for site in {2, network.sites - 3} & set(sites.tolist()):
        found[site] = [(year, month) for year in years.tolist() for month in (2, 5, 8, 11)]
    return found


def _move(network: Network, site: int, year: int, month: int) -> tuple[int, int, str]:
    """Valid from, known on, and what kind of change; the border site 2 always learns late."""
    valid_from = day_of(date(year, month, 1))
    draw = chance.uniform(network.seed, "move kind", site, year, month)[0]
    dated_back = (draw * 997) % 1 < 0.3 or site == 2
    delay = 5 + int(draw * 991) % 35 if dated_back else 0
    on_border = site in (2, network.sites - 3)
    return (
        valid_from,
        valid_from + delay,
        "district" if draw < 0.4 and not on_border else "region_office",
    )


def _successor(network: Network, site: int, place: District, day: int, why: str) -> District:
    """Where a site belongs after a change."""
    new = districts(redrawn=day >= REDRAWN_ON)
    draw = float(chance.uniform(network.seed, "moves to", site, day)[0])
    if why == "region_office":
        offices = sorted({each.region_office for each in new} - {place.region_office})
        office = offices[int(draw * len(offices))]
        return District(place.province, place.district, place.population, office)
    if why == "redrawn":
        names = SUCCESSORS.get(place.district, (place.district,))
    else:
        names = tuple(
            each.district
            for each in new
            if each.province == place.province and each.district != place.district
        ) or (place.district,)
    chosen = names[int(draw * len(names))]
    found = next(r for r in new if (r.province, r.district) == (place.province, chosen))
    return District(found.province, found.district, found.population, place.region_office)


def _kind(network: Network, site: int) -> str:
    return "sales_branch" if network.is_sales[site] else "service_center"


def _head_office(network: Network, site: int) -> str:
    return "국내영업본부" if network.is_sales[site] else "고객서비스본부"


def _closing(network: Network, site: int, last: int) -> object:
    closed = int(network.closed[site])
    return date_of(closed) if closed - 14 <= last else None
