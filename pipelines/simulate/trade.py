"""Purchases, service visits and repurchases, and who was asked about them."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import OUTBOUND, agent_code
from pipelines.simulate.chance import Flags, Ints
from pipelines.simulate.defects import (
    Rates,
    broken,
    delivered,
    impossible,
    site_codes,
    stamps,
    written_site,
)  # fmt: skip
from pipelines.simulate.invitations import OUTCOMES, invitations
from pipelines.simulate.network import Network
from pipelines.simulate.people import customer_refs, profiles
from pipelines.simulate.questionnaires import QUESTIONNAIRES
from pipelines.simulate.responses import scored
from pipelines.simulate.surveys import response_refs
from pipelines.simulate.visits import PRODUCTS, amounts, visits

REPURCHASE = {5: 0.12, 4: 0.02, 3: 0.012, 2: 0.006, 1: 0.003}  # 5s six times as likely as 4s
REPURCHASE_DAYS = 120
_MEAN_DELAY = 25.0
_NUMBERED_FROM = 250_000_000_000
_PURCHASE_DEFECTS = (
    "duplicate", "late", "corrected", "unknown_site", "impossible_date", "broken_encoding",
)  # fmt: skip
_INVITATION_DEFECTS = ("duplicate", "late", "impossible_date")


def purchase_records(
    network: Network, first: int, last: int, rates: Rates, end: int
) -> pl.DataFrame:
    """Sales and services that took place from first to last."""
    parts = [
        visits(network, kind, first, last).with_columns(kind=pl.lit(kind), repurchase=pl.lit("N"))
        for kind in ("sale", "service")
    ]
    found = pl.concat(parts).with_columns(_key=pl.col("number") * 2 + (pl.col("kind") == "sale"))
    return _with_amounts(
        network, delivered(found, network.seed, "purchases", rates, _PURCHASE_DEFECTS, end)
    )


def repurchase_records(
    network: Network, first: int, last: int, rates: Rates, end: int
) -> pl.DataFrame:
    """Sales to customers who had answered from first to last, whenever they came back."""
    seed, parts = network.seed, []
    for form in QUESTIONNAIRES:
        if form.mode == "in_person":
            continue
        found = scored(network, form, first, last, lambda number: _may_come_back(seed, number))
        parts.append(found.select("number", "site", "customer", "product", "day", score=form.main))
    made = pl.concat(parts)
    number = made["number"].to_numpy()
    bought = comes_back_on(seed, number, made["score"].to_numpy(), made["day"].to_numpy())
    sales = pl.DataFrame(
        {
            "number": number + _NUMBERED_FROM,
            "day": bought,
            "site": _branch_near(network, made["site"].to_numpy(), number),
            "customer": made["customer"],
            "second": 36_000 + chance.whole(seed, "comes back at", 30_000, number),
            "product": made["product"],
            "kind": ["sale"] * len(made),
            "repurchase": ["Y"] * len(made),
            "_key": (number + _NUMBERED_FROM) * 2 + 1,
        },
        schema_overrides={"kind": pl.String, "repurchase": pl.String},
    ).filter(pl.col("day").is_between(first, end))
    return _with_amounts(
        network, delivered(sales, seed, "purchases", rates, _PURCHASE_DEFECTS, end)
    )


def comes_back_on(seed: int, number: Ints, score: Ints, day: Ints) -> Ints:
    """Day on which the customer of each answered visit buys again, -1 for most of them."""
    likely = np.asarray([0.0, *(REPURCHASE[each] for each in range(1, 6))])[score]
    waits = -_MEAN_DELAY * np.log(chance.uniform(seed, "comes back after", number))
    delay = 5 + waits.astype(np.int64)
    comes = (chance.uniform(seed, "comes back", number) < likely) & (delay <= REPURCHASE_DAYS)
    return np.asarray(np.where(comes, day + delay, -1), dtype=np.int64)


def _may_come_back(seed: int, number: Ints) -> Flags:
    likely = chance.uniform(seed, "comes back", number) < max(REPURCHASE.values())
    return np.asarray(likely, dtype=np.bool_)


def _branch_near(network: Network, site: Ints, number: Ints) -> Ints:
    """A sales branch in the province of the site, else any."""
    province = np.asarray([network.regions[where].province for where in network.district.tolist()])
    branches = (
        np.flatnonzero(network.is_sales) if network.is_sales.any() else np.arange(network.sites)
    )
    draw, chosen = (
        chance.uniform(network.seed, "branch", number),
        np.empty(len(site), dtype=np.int64),
    )
    for name in np.unique(province).tolist():
        here = np.flatnonzero(province[site] == name)
        near = branches[province[branches] == name]
        options = near if len(near) else branches
        chosen[here] = options[(draw[here] * len(options)).astype(np.int64)]
    return chosen


def _with_amounts(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    number, product = made["number"].to_numpy(), made["product"].to_numpy()
    amount = amounts(network.seed, number, product, (made["kind"] == "sale").to_numpy())
    wrong = ((made["_defect"] == "corrected") & (made["_version"] == 1)).fill_null(value=False)
    customer, day = made["customer"].to_numpy(), made["day"].to_numpy()
    return made.with_columns(
        *profiles(network, customer, day).get_columns(),
        amount=pl.Series(np.where(wrong.to_numpy(), amount * 10, amount)),
        site_code=site_codes(network.codes, made["site"]),
        customer_no=customer_refs(customer),
        product_code=pl.Series(np.asarray(PRODUCTS)[product], dtype=pl.String),
        _changed=pl.when(pl.col("_version") == 2).then(pl.col("_second")).otherwise(pl.col("day")),
    )


def purchase_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The records as the dealer system exports them."""
    del network
    return made.select(
        "_day",
        purchase_no="number",
        kind=pl.col("kind").replace({"sale": "판매", "service": "정비"}),
        site_code=written_site(pl.col("site_code")),
        customer_no="customer_no",
        product_code="product_code",
        purchased_at=impossible(stamps(pl.col("day"), pl.col("second"))),
        amount="amount",
        repurchase="repurchase",
        segment="segment",
        tenure="tenure_band",
        age_band="age_band",
        party_type="party_type",
        province=broken(pl.col("province")),
        modified_at=stamps(pl.col("_changed"), pl.col("second") + 60),
    )


def invitation_records(
    network: Network, first: int, last: int, rates: Rates, end: int
) -> pl.DataFrame:
    """Happy-call attempts and links sent from first to last, and later answers to the links."""
    kinds = ("sale", "service", "web")
    made = pl.concat([invitations(network, kind, first, last) for kind in kinds])
    open_links = (pl.col("mode") == "web") & (pl.col("outcome") == 0)
    asked = made.with_columns(
        outcome=pl.when(open_links).then(OUTCOMES.index("pending")).otherwise("outcome"),
        day="asked_day", second="asked_second", _key="invitation",
        _replaced=open_links & (pl.col("answered_day") <= end),
    )  # fmt: skip
    answered = made.filter(open_links).with_columns(
        day="answered_day", second="answered_second", _key=pl.col("invitation") + 3
    )
    found = pl.concat([asked, answered.filter(pl.col("day") <= end)], how="diagonal_relaxed")
    return delivered(found, network.seed, "invitations", rates, _INVITATION_DEFECTS, end)


def invitation_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The records as the campaign system exports them, times as ISO 8601 without a zone."""
    sale = pl.Series(network.is_sales)[made["site"].to_numpy()]
    key = (
        made["number"] * 4
        + pl.select(pl.when(made["mode"] == "phone").then(made["attempt"]).otherwise(0)).to_series()
    )
    phone_ref = response_refs(network, "sales_call", key)
    done = pl.col("outcome") == 0
    iso = "%Y-%m-%dT%H:%M:%S"
    agents = chance.whole(network.seed, "caller", network.outbound, key.to_numpy())
    campaign = (
        pl.when(pl.col("mode") == "web")
        .then(pl.lit("WEB-SERVICE"))
        .otherwise(pl.when(sale).then(pl.lit("HC-SALES")).otherwise(pl.lit("HC-SERVICE")))
    )
    agent = agent_code(pl.lit(pl.Series(agents)), OUTBOUND)
    ref = (
        pl.when(pl.col("mode") == "web").then(pl.col("number").cast(pl.String)).otherwise(phone_ref)
    )
    completed = stamps(pl.col("answered_day"), pl.col("answered_second"), iso)
    return made.select(
        "_day",
        invitation_no="invitation",
        purchase_no="number",
        customer_no=customer_refs(made["customer"].to_numpy()),
        site_code=site_codes(network.codes, made["site"]),
        product_code=pl.Series(np.asarray(PRODUCTS)[made["product"].to_numpy()], dtype=pl.String),
        campaign=campaign,
        step="step",
        attempt="attempt",
        channel=pl.when(pl.col("mode") == "web").then(pl.lit("sms")).otherwise(pl.lit("phone")),
        agent_code=pl.when(pl.col("mode") == "phone").then(agent).otherwise(pl.lit("")),
        invited_at=impossible(stamps(pl.col("asked_day"), pl.col("asked_second"), iso)),
        outcome=pl.col("outcome").replace_strict(dict(enumerate(OUTCOMES)), return_dtype=pl.String),
        completed_at=pl.when(done).then(completed).otherwise(pl.lit("")),
        response_id=pl.when(done).then(ref).otherwise(pl.lit("")),
        modified_at=stamps(pl.col("day"), pl.col("second") + 30, iso),
    )
