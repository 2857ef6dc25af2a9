"""What customers do at the sites: buy, have their car serviced, look around a showroom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Flags, Floats, Ints
from pipelines.simulate.clock import business, minutes
from pipelines.simulate.network import Network, is_open
from pipelines.simulate.people import FRESH, POOL

Keep = Callable[[Ints], Flags]
DAY_ZERO = 10957  # 1 January 2000: numbers of visits are counted from here
DAY_SIZE = 1_000_000
SALES_A_DAY = 2.42
SERVICES_A_DAY = 5.32
SHOWROOM_ANSWERS_A_DAY = 1.2
PRODUCTS = ("V10", "V11", "V20", "V21", "V30", "V31", "V40", "V41", "V50", "V60")
_PRODUCT_SHARES = (10, 6, 16, 12, 12, 6, 16, 10, 5, 7)
_PRICES = (18, 32, 27, 34, 38, 46, 35, 52, 33, 21)  # million won
_FIRST_OF = {"sale": 0, "service": 300_000, "showroom": 700_000, "case": 0}


def visits(
    network: Network, kind: str, first: int, last: int, keep: Keep | None = None
) -> pl.DataFrame:
    """Visits of one kind that begin on the given days, in the order of their numbers.

    `keep` tells by their numbers which visits are of interest; the others are left out early.
    Kinds: sale, service, and showroom, which counts only visitors who fill in the store's survey.
    """
    rate, sales = {
        "sale": (SALES_A_DAY, True),
        "service": (SERVICES_A_DAY, False),
        "showroom": (SHOWROOM_ANSWERS_A_DAY, True),
    }[kind]
    number, day, site, nth = arrivals(
        network, kind, network.traffic * rate, network.is_sales == sales, first, last
    )
    if keep is not None:
        kept = keep(number)
        number, day, site, nth = number[kept], day[kept], site[kept], nth[kept]
    seed = network.seed
    if kind == "service":
        customer = site * POOL + chance.whole(seed, "regular", POOL, number)
    else:
        turn = (day - DAY_ZERO) * 128 + nth + (64 if kind == "showroom" else 0)
        customer = FRESH + turn * network.sites + site
    opens, closes = (8 * 60 + 30, 18 * 60 + 30) if kind == "service" else (9 * 60 + 30, 20 * 60)
    return pl.DataFrame(
        {
            "number": number,
            "day": day,
            "site": site,
            "customer": customer,
            "second": minutes(chance.uniform(seed, "visit time", number), opens, closes)
            + chance.whole(seed, "visit second", 60, number),
            "product": chance.pick(seed, "product", _PRODUCT_SHARES, customer),
        }
    )


def arrivals(
    network: Network, kind: str, rates: Floats, sites: Flags, first: int, last: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """Number, day, site and place within site and day of whatever arrives at so many a day."""
    days, places, numbers, nths = [], [], [], []
    for day in range(first, last + 1):
        expected = rates * business(day, kind) * (sites & is_open(network, day))
        drawn = chance.generator(network.seed, kind, day).poisson(expected)
        site = np.repeat(np.arange(network.sites), drawn)
        start = np.repeat(np.cumsum(drawn) - drawn, drawn)
        days.append(np.full(len(site), day, dtype=np.int64))
        places.append(site)
        nths.append(np.arange(len(site)) - start)
        numbers.append((day - DAY_ZERO) * DAY_SIZE + _FIRST_OF[kind] + np.arange(len(site)))
    return tuple(
        np.concatenate([*part, np.empty(0, dtype=np.int64)]).astype(np.int64)
        for part in (numbers, days, places, nths)
    )  # type: ignore[return-value]


def amounts(seed: int, number: Ints, product: Ints, is_sale: Flags) -> Ints:
    """What was paid, in won: the car's price with extras, or a lognormal workshop bill."""
    extras = 1.0 + 0.12 * chance.uniform(seed, "extras", number)
    price = np.asarray(_PRICES)[product] * 1_000_000 * extras
    bill = 145_000 * np.exp(0.8 * chance.normal(seed, "bill", number))
    return np.asarray(np.where(is_sale, price, bill) // 1000 * 1000, dtype=np.int64)
