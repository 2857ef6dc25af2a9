"""Customers who do not exist: names, telephone numbers, where they live and when they move.

A customer is a whole number; everything about it follows from the seed and that number, so that no
list of customers has to be kept. Numbers below `FRESH` belong to the workshops' regular customers,
the others first bought in the simulated window.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Flags, Ints
from pipelines.simulate.clock import date_of
from pipelines.simulate.network import Network

POOL = 400  # regular customers of each site
FRESH = 100_000_000
MOVING_A_YEAR = 0.25
FIRST_YEAR = 2014
SEGMENTS = ("first_car", "family", "business", "senior")
AGE_BANDS = ("20s", "30s", "40s", "50s", "60+")
TENURE_BANDS = ("0-1", "1-3", "3-5", "5+")
PARTY_TYPES = ("person", "organisation")
_SURNAMES = tuple("김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심")
_FIRSTS = tuple("민서지현수영은정하준도예윤성재승태시유주나가다소진경인우혜")
_SECONDS = tuple("준서연우현민지은아영호진수희원빈율경훈석미선란철복자혁규상")
_FIRMS = ("물산", "상사", "건설", "운수", "택배", "식품", "렌트카", "산업")


def customer_refs(customers: Ints) -> pl.Series:
    """References as the customer register writes them, such as C000123456."""
    return pl.Series(customers).cast(pl.String).str.zfill(10).str.replace("^", "C")


def is_organisation(seed: int, customers: Ints) -> Flags:
    """One in twelve customers is a firm or an office."""
    return chance.uniform(seed, "organisation", customers) < 1 / 12


def names(seed: int, customers: Ints) -> pl.Series:
    """An invented name for each customer; firms have a firm's name."""
    firm = _syllables(seed, customers)
    firms = firm[1] + firm[2] + _chosen(_FIRMS, chance.whole(seed, "firm", len(_FIRMS), customers))
    organisation = pl.Series(is_organisation(seed, customers))
    return firms.zip_with(organisation, person_names(seed, customers))


def person_names(seed: int, people: Ints) -> pl.Series:
    """An invented personal name for each of them."""
    first, second, third = _syllables(seed, people)
    return first + second + third


def _syllables(seed: int, people: Ints) -> tuple[pl.Series, pl.Series, pl.Series]:
    draws = [
        _chosen(members, chance.whole(seed, f"name {place}", len(members), people))
        for place, members in enumerate((_SURNAMES, _FIRSTS, _SECONDS))
    ]
    return draws[0], draws[1], draws[2]


def phones(seed: int, customers: Ints) -> pl.Series:
    """A mobile number for each customer: digits only, mostly in use by no one else."""
    number = 20_000_000 + (chance.bits(seed, "phone", customers) % np.uint64(79_999_999)).astype(
        np.int64
    )
    return pl.Series(number).cast(pl.String).str.replace("^", "010")


def birth_years(seed: int, customers: Ints) -> Ints:
    """Year of birth: between twenty and eighty years old."""
    age = 44 + 13 * chance.normal(seed, "age", customers)
    return (2024 - np.clip(age, 20, 80)).astype(np.int64)


def move_days(seed: int, customers: Ints, year: int) -> Ints:
    """Day of the year's move for each customer; -1 for those who stay."""
    moves = chance.uniform(seed, "moves house", customers, year) < MOVING_A_YEAR
    start = (np.datetime64(f"{year}-01-01") - np.datetime64("1970-01-01")).astype(int)
    day = start + chance.whole(seed, "moving day", 365, customers, year)
    return np.asarray(np.where(moves, day, -1), dtype=np.int64)


def residence(network: Network, customers: Ints, days: Ints) -> tuple[Ints, Ints]:
    """District (position in the list) of each customer on each day, and the last moving day."""
    seed, size = network.seed, len(network.regions)
    home = network.district[_home_site(network, customers)]
    anywhere = chance.pick(seed, "first home", [r.population for r in network.regions], customers)
    district = np.where(chance.uniform(seed, "lives near", customers) < 0.75, home, anywhere)
    moved = np.full(len(customers), -1, dtype=np.int64)
    if not len(customers):
        return district, moved
    weights = [r.population for r in network.regions]
    near = np.asarray(
        [[r.province == s.province for s in network.regions] for r in network.regions]
    )
    neighbours = [np.flatnonzero(row) for row in near]
    padded = np.asarray([np.resize(each, size) for each in neighbours])
    for year in range(FIRST_YEAR, date_of(int(days.max())).year + 1):
        moving = move_days(seed, customers, year)
        gone = np.flatnonzero((moving >= 0) & (moving <= days))
        if not len(gone):
            continue
        far = chance.pick(seed, "moves far", weights, customers[gone], year)
        count = np.asarray([len(each) for each in neighbours])[district[gone]]
        close = padded[
            district[gone], chance.whole(seed, "moves close", count, customers[gone], year)
        ]
        stays = chance.uniform(seed, "stays in province", customers[gone], year) < 0.7
        district[gone] = np.where(stays, close, far)
        moved[gone] = moving[gone]
    return district, moved


def profiles(
    network: Network, customers: Ints, days: Ints, district: Ints | None = None
) -> pl.DataFrame:
    """Segment, tenure band, age band, party type and province of each customer on each day."""
    seed = network.seed
    if district is None:
        district, _ = residence(network, customers, days)
    year = 1970 + days // 365.2425
    age = np.clip((year - birth_years(seed, customers)).astype(np.int64) // 10 - 2, 0, 4)
    tenure = np.where(customers >= FRESH, 0, chance.pick(seed, "tenure", (1, 2, 2, 3), customers))
    segment = chance.pick(seed, "segment", (2, 4, 3, 2), customers, age)
    organisation = is_organisation(seed, customers)
    province = np.asarray([each.province for each in network.regions])
    return pl.DataFrame(
        {
            "segment": _chosen(SEGMENTS, np.where(organisation, 2, segment)),
            "tenure_band": _chosen(TENURE_BANDS, tenure),
            "age_band": pl.Series(
                np.where(organisation, "", np.asarray(AGE_BANDS)[age]), dtype=pl.String
            ),
            "party_type": _chosen(PARTY_TYPES, organisation.astype(np.int64)),
            "province": pl.Series(province[district], dtype=pl.String),
        }
    )


def _home_site(network: Network, customers: Ints) -> Ints:
    """The site whose customer this first was."""
    return np.where(
        customers < FRESH, (customers // POOL) % network.sites, (customers - FRESH) % network.sites
    )


def _chosen(members: tuple[str, ...], position: Ints) -> pl.Series:
    return pl.Series(np.asarray(members)[position], dtype=pl.String)
