"""The registers: site master, customers, site targets."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Ints
from pipelines.simulate.clock import date_of, day_of
from pipelines.simulate.defects import stamps
from pipelines.simulate.network import ORIGIN, Network, is_open
from pipelines.simulate.people import (
    FRESH,
    birth_years,
    customer_refs,
    move_days,
    names,
    phones,
    profiles,
    residence,
)  # fmt: skip
from pipelines.simulate.versions import master_as_of
from pipelines.simulate.visits import DAY_ZERO, visits

_TARGETS = {"sales": 86.0, "after_sales": 86.0, "product": 82.0}


def master_export(versions: pl.DataFrame, day: int) -> pl.DataFrame:
    """The site master as sent on a day: every version known by then."""
    return master_as_of(versions, day).select(
        "site_code", "valid_from", "closed_on", "site_name", "type", "size", "province",
        "province_en", "district", "head_office", "region_office",
    )  # fmt: skip


def customer_records(
    network: Network, known: Ints, first: int, last: int, as_of: int | None
) -> tuple[pl.DataFrame, Ints]:
    """Entries of the customer register that are new or changed, and the customers known afterwards.

    A customer is entered at the first visit and again after moving house. With `as_of`, all entries
    are as they stand on that day: an extract drawn later.
    """
    seen = pl.concat(
        [
            visits(network, kind, first, last).select("customer", "day")
            for kind in ("sale", "service")
        ]
    )
    entered = seen.group_by("customer").agg(pl.col("day").min()).sort("customer")
    customers, days = entered["customer"].to_numpy(), entered["day"].to_numpy()
    unseen = ~np.isin(customers, known)
    new, born = customers[unseen], days[unseen]
    everyone = np.sort(np.concatenate([known, new]))
    if as_of is not None:
        return _entries(network, new, np.full(len(new), as_of), born), everyone
    since = np.concatenate([np.full(len(known), first - 1, dtype=np.int64), born])
    both = np.concatenate([known, new])
    parts = [_entries(network, new, born, born)]
    for year in range(date_of(first).year, date_of(last).year + 1):
        moving = move_days(network.seed, both, year)
        now = (moving > since) & (moving >= first) & (moving <= last)
        parts.append(_entries(network, both[now], moving[now], moving[now]))
    return pl.concat(parts).sort("_day", "customer_no"), everyone


def _entries(network: Network, customers: Ints, as_of: Ints, day: Ints) -> pl.DataFrame:
    seed = network.seed
    district, moved = residence(network, customers, as_of)
    changed = np.maximum(moved, registered_on(network, customers))
    places = np.asarray([each.district for each in network.regions])
    context = profiles(network, customers, as_of, district)
    year = birth_years(seed, customers)
    birthday = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    birthday += chance.whole(seed, "birthday", 365, customers)
    firm = (context["party_type"] == "organisation").to_numpy()
    born = np.where(firm, "", np.datetime_as_string(birthday))
    entries = pl.DataFrame(
        {
            "_day": day,
            "customer_no": customer_refs(customers),
            "name": names(seed, customers),
            "mobile": phones(seed, customers),
            "birth_date": pl.Series(born, dtype=pl.String),
            "party_type": context["party_type"],
            "segment": context["segment"],
            "tenure": context["tenure_band"],
            "age_band": context["age_band"],
            "province": context["province"],
            "district": pl.Series(places[district], dtype=pl.String),
            "marketing_consent": pl.Series(
                np.where(chance.uniform(seed, "consent", customers) < 0.62, "Y", "N"),
                dtype=pl.String,
            ),
            "_changed": changed,
        }
    )
    return entries.with_columns(modified_at=stamps(pl.col("_changed"), pl.lit(3 * 3600))).drop(
        "_changed"
    )


def registered_on(network: Network, customers: Ints) -> Ints:
    """Day on which each customer first came: long ago, or the day of the first purchase."""
    earlier = ORIGIN - chance.whole(network.seed, "registered", 3000, customers)
    first_visit = (customers - FRESH) // network.sites // 128 + DAY_ZERO
    return np.asarray(np.where(customers < FRESH, earlier, first_visit), dtype=np.int64)


def target_export(network: Network, year: int, month: int) -> pl.DataFrame:
    """Targets of every open site for one month: one for each process it is measured in."""
    start = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    here = np.flatnonzero(is_open(network, day_of(start)))
    parts = []
    for process, level in _TARGETS.items():
        if process in ("sales", "after_sales"):
            sites = here[network.is_sales[here] == (process == "sales")]
        else:
            sites = here
        spread = chance.normal(network.seed, f"target {process}", sites, year)
        value = np.round(level + 1.5 * spread + 1.5 * (year - 2026), 1)
        parts.append(
            pl.DataFrame(
                {
                    "site_code": pl.Series(
                        [network.codes[site] for site in sites.tolist()], dtype=pl.String
                    ),
                    "process": pl.Series([process] * len(sites), dtype=pl.String),
                    "measure": pl.Series(["index"] * len(sites), dtype=pl.String),
                    "period_from": pl.Series([start] * len(sites), dtype=pl.Date),
                    "period_to": pl.Series([after] * len(sites), dtype=pl.Date),
                    "target": value,
                }
            )
        )
    return pl.concat(parts)
