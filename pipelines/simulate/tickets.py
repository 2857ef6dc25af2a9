"""Complaints, requests and inquiries in the ticket system, from receipt to resolution."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import agent_code
from pipelines.simulate.calls import reasons
from pipelines.simulate.chance import Flags, Ints
from pipelines.simulate.clock import KOREA_SECONDS, minutes
from pipelines.simulate.network import Network, drift_at
from pipelines.simulate.people import POOL
from pipelines.simulate.verbatims import verbatims
from pipelines.simulate.visits import arrivals

TICKETS_A_DAY = 0.17
TICKET_DAYS = 150  # no ticket changes later than this after its receipt
PURPOSES = ("complaint", "request", "inquiry", "compliment")
CHANNELS = ("phone", "web", "email", "app", "kakao", "fax", "chat")
GROUPS = ("접수", "판매지원", "정비지원", "품질", "보상", "고객보호")
_PURPOSE_SHARES = (58, 23, 16, 3)
_CHANNEL_SHARES = (34, 20, 10, 15, 15, 2, 4)
_TRANSFER_SHARES = (0.62, 0.24, 0.09, 0.03, 0.012, 0.008)
_MEDIAN_HOURS = (26.0, 9.0, 4.0, 3.0)  # until resolved, by purpose
_SPREAD = (1.25, 1.1, 1.0, 0.8)
_REOPENED = 0.07
_DAY = 86_400


def tickets(network: Network, first: int, last: int) -> pl.DataFrame:
    """Tickets received on the given days, with the whole of their future life.

    Times are local seconds since 1970: `created`, `answered`, `closed`, `reopened` (-1: never) and
    `closed_again` (-1: never). Columns besides: number, day, site, customer, purpose, channel,
    reason, owner, transfers, text.
    """
    seed = network.seed
    rate = TICKETS_A_DAY * np.exp(-network.quality) * network.traffic
    everywhere: Flags = np.ones(network.sites, dtype=np.bool_)
    number, day, site, _ = arrivals(network, "case", rate, everywhere, first, last)
    second = minutes(chance.uniform(seed, "ticket time", number), 7 * 60, 23 * 60)
    created = day * _DAY + second + chance.whole(seed, "ticket second", 60, number)
    return described(network, number, site, created)


def described(network: Network, number: Ints, site: Ints, created: Ints) -> pl.DataFrame:
    """What is to be known of the tickets with these numbers, created at these local times."""
    seed, day = network.seed, created // _DAY
    annoyed = drift_at(network, site, day) < -0.3
    purpose = chance.pick(seed, "ticket purpose", _PURPOSE_SHARES, number)
    purpose = np.where(annoyed, 0, purpose)
    answered, closed, reopened, closed_again = _life(seed, number, purpose, created)
    return pl.DataFrame(
        {
            "number": number,
            "day": day,
            "second": created - day * _DAY,
            "site": site,
            "customer": site * POOL + chance.whole(seed, "complainer", POOL, number),
            "purpose": purpose,
            "channel": chance.pick(seed, "ticket channel", _CHANNEL_SHARES, number),
            "reason": _reasons(network, site, number),
            "owner": chance.whole(seed, "owner", network.inbound, number),
            "transfers": chance.pick(seed, "ticket transfers", _TRANSFER_SHARES, number),
            "created": created,
            "answered": answered,
            "closed": closed,
            "reopened": reopened,
            "closed_again": closed_again,
        }
    ).with_columns(text=_texts(network, number, site, purpose))


def events(found: pl.DataFrame) -> pl.DataFrame:
    """Everything that happens to the tickets: number, place in the ticket, what, from, to, when.

    What: created, owner, state, group. Transfers move a ticket from group to group between its
    first answer and its closing.
    """
    parts = [
        _event(found, 0, "created", "", "", pl.col("created")),
        _event(found, 1, "owner", "-", agent_code(pl.col("owner")), pl.col("created") + 60),
        _event(found, 2, "state", "new", "open", pl.col("answered")),
        _event(found, 12, "state", "open", "closed", pl.col("closed")),
    ]
    again = found.filter(pl.col("reopened") >= 0)
    parts.append(_event(again, 13, "state", "closed", "open", pl.col("reopened")))
    parts.append(_event(again, 14, "state", "open", "closed", pl.col("closed_again")))
    for nth in range(1, len(_TRANSFER_SHARES)):
        moved = found.filter(pl.col("transfers") >= nth)
        part = (pl.col("closed") - pl.col("answered")) * nth // (pl.col("transfers") + 1)
        parts.append(
            _event(moved, 2 + nth, "group", _group(nth - 1), _group(nth), pl.col("answered") + part)
        )
    return pl.concat(parts).sort("number", "place")


def utc(local: pl.Expr) -> pl.Expr:
    """A local time as the ticket system keeps it: UTC with milliseconds."""
    return pl.from_epoch(local - KOREA_SECONDS, time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%S.000")


def _life(seed: int, number: Ints, purpose: Ints, created: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """First answer, first closing, reopening and last closing; people work in the daytime."""
    median = np.asarray(_MEDIAN_HOURS)[purpose] * 3600
    spread = np.asarray(_SPREAD)[purpose]
    wait = 40 * 60 * np.exp(0.9 * chance.normal(seed, "ticket wait", number))
    answered = _in_daytime(seed, number, created + wait.astype(np.int64))
    cycle = median * np.exp(spread * chance.normal(seed, "ticket cycle", number))
    latest = created + (TICKET_DAYS - 40) * _DAY
    closed = np.minimum(created + cycle.astype(np.int64), latest)
    closed = _in_daytime(seed, number, np.maximum(closed, answered + 300))
    reopens = chance.uniform(seed, "reopens", number) < _REOPENED
    pause = 20 * 3600 * np.exp(0.8 * chance.normal(seed, "reopened after", number))
    reopened = closed + np.minimum(pause, 15 * _DAY).astype(np.int64)
    more = 15 * 3600 * np.exp(1.0 * chance.normal(seed, "closed again after", number))
    closed_again = _in_daytime(
        seed, number, reopened + np.minimum(more, 20 * _DAY).astype(np.int64)
    )
    return answered, closed, np.where(reopens, reopened, -1), np.where(reopens, closed_again, -1)


def _in_daytime(seed: int, number: Ints, at: Ints) -> Ints:
    """The time itself between eight and eight, else some time the next morning."""
    hour = at % _DAY // 3600
    morning = at // _DAY * _DAY + np.where(hour >= 20, _DAY, 0) + 9 * 3600
    shifted = morning + chance.whole(seed, "next morning", 5400, number)
    return np.asarray(np.where((hour >= 8) & (hour < 20), at, shifted), dtype=np.int64)


def _reasons(network: Network, site: Ints, number: Ints) -> Ints:
    """Branches are blamed for selling, workshops for servicing, both for the car and the centre."""
    weight = {"sales": (5, 0), "after_sales": (0, 5), "product": (2, 2), "contact_centre": (1, 1)}
    sales, service = (
        chance.pick(
            network.seed, f"reason {kind}", [weight[r.process][kind] for r in reasons()], number
        )
        for kind in (0, 1)
    )
    return np.asarray(np.where(network.is_sales[site], sales, service), dtype=np.int64)


def _texts(network: Network, number: Ints, site: Ints, purpose: Ints) -> pl.Series:
    """What the customer writes: in the tone of the branch's or the workshop's business."""
    tone = np.asarray([2, 1, 1, 0])[purpose]
    sales = verbatims(network.seed, "sales", number, tone, network.is_sales[site])
    service = verbatims(network.seed, "after_sales", number, tone, ~network.is_sales[site])
    return sales.fill_null(service)


def _event(
    found: pl.DataFrame,
    place: int,
    what: str,
    before: str | pl.Expr,
    after: str | pl.Expr,
    at: pl.Expr,
) -> pl.DataFrame:
    as_text = [pl.lit(each) if isinstance(each, str) else each for each in (before, after)]
    return found.select(
        "number",
        place=pl.lit(place, pl.Int64),
        what=pl.lit(what),
        before=as_text[0],
        after=as_text[1],
        at=at,
        owner=agent_code(pl.col("owner")),
    )


def _group(nth: int) -> pl.Expr:
    """The group after so many transfers; each ticket begins its way at a place of its own."""
    start = pl.when(pl.lit(nth) == 0).then(0).otherwise(pl.col("number") % 5 + nth)
    position = pl.when(start == 0).then(0).otherwise((start - 1) % 5 + 1)
    return position.replace_strict(dict(enumerate(GROUPS)), return_dtype=pl.String)
