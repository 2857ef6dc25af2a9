"""Calls to the customer centre: waits, talks, transfers, calls given up, and promised callbacks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Floats, Ints
from pipelines.simulate.clock import KOREA_SECONDS, is_holiday, minutes, weekday
from pipelines.simulate.defects import site_codes
from pipelines.simulate.network import Network, is_open
from pipelines.simulate.people import FRESH, POOL, is_organisation, names, phones
from pipelines.simulate.visits import DAY_SIZE, DAY_ZERO

CALLS_AN_AGENT = 110  # answered calls of one agent on a weekday
LEGS = range(6)
QUEUES = ("general", "service", "sales")
PURPOSES = ("inquiry", "request", "complaint", "compliment", "promotion")
RESULTS = ("answered", "abandoned", "key", "timeout")  # key: the caller asked to be called back
_PURPOSE_SHARES = (60, 23, 11, 2, 4)
_RESULT_SHARES = (0.92, 0.06, 0.015, 0.005)
_TRANSFER_SHARES = (0.88, 0.085, 0.02, 0.008, 0.004, 0.003)
_CALLED_BACK = 0.86


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a contact."""

    code: str
    name: str
    category: str
    process: str
    touchpoint: str


@lru_cache(maxsize=1)
def reasons() -> tuple[Reason, ...]:
    """The centre's reasons for contacts."""
    path = Path(__file__).parent / "reasons.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(
            Reason(r["code"], r["name"], r["category"], r["process"], r["touchpoint"])
            for r in csv.DictReader(lines)
        )


def calls(network: Network, first: int, last: int) -> pl.DataFrame:
    """Calls offered to the centre's queues on the given days.

    Columns: number, day, second, site (-1: none named), customer, queue, purpose, reason, result,
    wait, transfers, talk_0 … talk_5 (seconds with each agent, 0 beyond the last), agent_0 …
    agent_5, last_agent, talked, wrap, and back_after (seconds until the caller is called back, -1:
    never).
    """
    return described(network, *_offered(network, first, last))


def described(network: Network, number: Ints, day: Ints) -> pl.DataFrame:
    """What is to be known of the calls with these numbers on these days."""
    seed = network.seed
    site = _sites(network, number, day)
    regular = site * POOL + chance.whole(seed, "caller regular", POOL, number)
    stranger = FRESH + (number % 50_000) * network.sites + np.maximum(site, 0)
    result = chance.pick(seed, "call result", _RESULT_SHARES, number)
    share = chance.uniform(seed, "call time", number)
    second = np.where(
        weekday(day) == 5, minutes(share, 9 * 60, 13 * 60), minutes(share, 9 * 60, 18 * 60)
    )
    transfers = chance.pick(seed, "transfers", _TRANSFER_SHARES, number) * (result == 0)
    talk, agent = _talks(seed, number, transfers, result), _agents(network, number)
    return pl.DataFrame(
        {
            "number": number,
            "day": day,
            "second": second + chance.whole(seed, "call second", 60, number),
            "site": site,
            "customer": np.where(site >= 0, regular, stranger),
            "queue": chance.pick(seed, "queue", (5, 3, 2), number),
            "purpose": chance.pick(seed, "purpose", _PURPOSE_SHARES, number),
            "reason": chance.whole(seed, "reason", len(reasons()), number),
            "result": result,
            "wait": _waits(seed, number, result),
            "transfers": transfers,
            **{f"talk_{leg}": talk[:, leg] for leg in LEGS},
            **{f"agent_{leg}": agent[:, leg] for leg in LEGS},
            "talked": talk.sum(axis=1),
            "last_agent": agent[np.arange(len(number)), transfers],
            "wrap": (10 + 30 * np.exp(0.5 * chance.normal(seed, "wrap", number))).astype(np.int64),
            "back_after": _called_back(seed, number, result),
        }
    )


def with_callers(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The calls with their callers' numbers, the name a switch shows, and the call's own id."""
    customer = made["customer"].to_numpy()
    firm = pl.Series(is_organisation(network.seed, customer))
    shown = names(network.seed, customer)
    return made.with_columns(
        phone=phones(network.seed, customer),
        shown=pl.select(pl.when(firm).then(shown).otherwise(pl.lit(""))).to_series(),
        site_code=site_codes(network.codes, made["site"]),
        linked=pl.select(
            epoch_of(pl.lit(made["day"]), pl.lit(made["second"])).cast(pl.String)
            + "." + pl.lit(made["number"] % 1_000_000).cast(pl.String)
        ).to_series(),
    )  # fmt: skip


def epoch_of(day: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Seconds since 1970 in UTC of a Korean day and time."""
    return day * 86_400 + second - KOREA_SECONDS


def member(members: tuple[str, ...] | list[str], column: str) -> pl.Expr:
    """Names of members by their position in a column."""
    return pl.col(column).replace_strict(dict(enumerate(members)), return_dtype=pl.String)


def _offered(network: Network, first: int, last: int) -> tuple[Ints, Ints]:
    days = np.arange(first, last + 1, dtype=np.int64)
    closed = (weekday(days) == 6) | is_holiday(days)
    load = np.where(weekday(days) == 5, 0.3, 1.0 + 0.12 * (weekday(days) == 0))
    staff = min(network.inbound, network.sites / 65)  # in a small network they do other work too
    duty = staff * CALLS_AN_AGENT / _RESULT_SHARES[0] * load * ~closed
    counts = [
        int(chance.generator(network.seed, "calls", day).poisson(expected))
        for day, expected in zip(days.tolist(), duty.tolist(), strict=True)
    ]
    day = np.repeat(days, counts)
    place = np.concatenate([np.empty(0, dtype=np.int64), *(np.arange(each) for each in counts)])
    return (day - DAY_ZERO) * DAY_SIZE + place, day


def _sites(network: Network, number: Ints, day: Ints) -> Ints:
    """The site a call is about: seven in ten name one; the busy and the bad come up more often."""
    weight = network.traffic * np.exp(-network.quality)
    site = chance.pick(network.seed, "call site", weight, number)
    named = chance.uniform(network.seed, "names site", number) < 0.7
    for each in np.unique(day).tolist():
        named &= (day != each) | is_open(network, each)[site]
    return np.asarray(np.where(named, site, -1), dtype=np.int64)


def _waits(seed: int, number: Ints, result: Ints) -> Ints:
    queued = -38 * np.log(chance.uniform(seed, "wait", number))
    at_once = chance.uniform(seed, "at once", number) < 0.55
    answered = np.where(at_once, 2 + queued % 4, 4 + queued)
    patience = 4 - 55 * np.log(chance.uniform(seed, "patience", number))
    key, timeout = 32.0 + queued, 300.0
    wait = np.select([result == 0, result == 1, result == 2], [answered, patience, key], timeout)
    return np.asarray(wait, dtype=np.int64)


def _talks(seed: int, number: Ints, transfers: Ints, result: Ints) -> Ints:
    """Seconds with each agent: short before a transfer, longer with the one who helps."""
    leg = np.asarray(LEGS)[None, :]
    drawn: Floats = chance.normal(seed, "talk", number[:, None], leg)
    is_last = leg == transfers[:, None]
    seconds = np.where(is_last, 128 * np.exp(0.6 * drawn), 48 * np.exp(0.4 * drawn))
    spoken = (leg <= transfers[:, None]) & (result == 0)[:, None]
    return np.asarray(np.where(spoken, np.clip(seconds, 8, 3600), 0), dtype=np.int64)


def _agents(network: Network, number: Ints) -> Ints:
    """The agents of each leg; two legs that follow each other have different ones."""
    leg = np.asarray(LEGS)
    start = chance.whole(network.seed, "agent", network.inbound, number)
    stride = 1 + chance.whole(network.seed, "next agent", max(1, network.inbound - 1), number)
    return np.asarray((start[:, None] + stride[:, None] * leg) % network.inbound, dtype=np.int64)


def _called_back(seed: int, number: Ints, result: Ints) -> Ints:
    wait = 600 + chance.whole(seed, "back after", 6000, number)
    kept = (result == 2) & (chance.uniform(seed, "called back", number) < _CALLED_BACK)
    return np.asarray(np.where(kept, wait, -1), dtype=np.int64)
