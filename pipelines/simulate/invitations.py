"""Happy-call attempts and web invitations after a visit, and what came of each.

After a sale a customer is called on the seventh day, after a service on the third, up to three
times on working days; others get a link to a web survey the day after.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.chance import Flags, Ints
from pipelines.simulate.clock import minutes, next_working, weekday
from pipelines.simulate.network import Network, is_gaming
from pipelines.simulate.visits import Keep, visits

STEP_DAYS = {"sale": 7, "service": 3, "web": 1}
ATTEMPTS = 3
WARM_UP_DAYS = {"sale": 22, "service": 18, "web": 1}  # no invitation comes later after its visit
REACHED = 0.50  # chance that an attempt ends with a completed questionnaire
WEB_ANSWERED = 0.33
_WEB_SHARE = 0.445
_REFUSED, _WRONG, _CALLBACK = 0.06, 0.02, 0.07
OUTCOMES = ("completed", "no_answer", "refused", "wrong_number", "callback", "bounced", "pending")


def invitations(
    network: Network, kind: str, first: int, last: int, keep: Keep | None = None
) -> pl.DataFrame:
    """Attempts (kinds sale, service) or links (kind web) made on the given days, and their outcome.

    A row has the visit's columns and: invitation, mode (phone or web), attempt, step, asked_day,
    asked_second, outcome (position in `OUTCOMES`), answered_day and answered_second (-1 if never).
    """
    start = first - WARM_UP_DAYS[kind]
    visited = "sale" if kind == "sale" else "service"
    found = visits(network, visited, start, last, keep)
    if visited == "service":
        draw = chance.uniform(network.seed, "web share", found["number"].to_numpy())
        found = found.filter(pl.Series((draw < _WEB_SHARE) == (kind == "web")))
    made = _links(network, found) if kind == "web" else _calls(network, found, kind)
    return made.filter(pl.col("asked_day").is_between(first, last))


def _calls(network: Network, found: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Up to three attempts for each visit; each is a row."""
    seed, number = network.seed, found["number"].to_numpy()
    site = found["site"].to_numpy()
    day = found["day"].to_numpy() + STEP_DAYS[kind] - 1
    going = np.ones(len(number), dtype=np.bool_)
    parts = []
    for attempt in range(1, ATTEMPTS + 1):
        day = next_working(day + 1)
        outcome = _call_outcome(network, site, day, number, attempt)
        second = _calling_second(seed, number * 4 + attempt, day)
        made = found.with_columns(
            invitation=pl.Series(number * 4 + attempt),
            mode=pl.lit("phone"),
            attempt=pl.lit(attempt, dtype=pl.Int64),
            step=pl.lit(f"D+{STEP_DAYS[kind]}"),
            asked_day=pl.Series(day),
            asked_second=pl.Series(second),
            outcome=pl.Series(outcome),
            answered_day=pl.Series(np.where(outcome == 0, day, -1)),
            answered_second=pl.Series(second + 90 + chance.whole(seed, "call length", 240, number)),
        )
        parts.append(made.filter(pl.Series(going)))
        going = going & ((outcome == 1) | (outcome == 4))
    return pl.concat(parts)


def _call_outcome(network: Network, site: Ints, day: Ints, number: Ints, attempt: int) -> Ints:
    draw = chance.uniform(network.seed, "call outcome", number, attempt)
    reached = np.clip(REACHED * network.response[site], 0.02, 0.9)
    wrong = np.where(is_gaming(network, site, day), 6 * _WRONG, _WRONG)
    refused = reached + _REFUSED
    edges = np.stack([reached, refused, refused + wrong, refused + wrong + _CALLBACK])
    which = (draw[None, :] >= edges).sum(axis=0)
    return np.asarray(np.asarray([0, 2, 3, 4, 1])[which], dtype=np.int64)


def _calling_second(seed: int, invitation: Ints, day: Ints) -> Ints:
    """Weekdays from half past nine to eight in the evening, Saturdays until three."""
    share = chance.uniform(seed, "calling time", invitation)
    seconds = minutes(share, 9 * 60 + 30, 20 * 60)
    return np.asarray(
        np.where(weekday(day) == 5, minutes(share, 9 * 60 + 30, 15 * 60), seconds), dtype=np.int64
    )


def _links(network: Network, found: pl.DataFrame) -> pl.DataFrame:
    """One web invitation for each visit; a third of them are answered within four days."""
    seed, number, site = network.seed, found["number"].to_numpy(), found["site"].to_numpy()
    asked = found["day"].to_numpy() + STEP_DAYS["web"]
    second = 10 * 3600 + chance.whole(seed, "link sent", 7200, number)
    draw = chance.uniform(seed, "link", number)
    answered: Flags = draw < np.clip(WEB_ANSWERED * network.response[site], 0.01, 0.9)
    outcome = np.where(answered, 0, np.where(draw > 0.985, 5, 6))
    later = chance.pick(seed, "answers later", (55, 25, 12, 8), number)
    evening = minutes(chance.uniform(seed, "web time", number), 7 * 60, 23 * 60 + 55)
    at_once = second + 300 + chance.whole(seed, "web delay", 43_000, number)
    return found.with_columns(
        invitation=pl.Series(number * 4),
        mode=pl.lit("web"),
        attempt=pl.lit(1, dtype=pl.Int64),
        step=pl.lit(f"D+{STEP_DAYS['web']}"),
        asked_day=pl.Series(asked),
        asked_second=pl.Series(second),
        outcome=pl.Series(outcome),
        answered_day=pl.Series(np.where(answered, asked + later, -1)),
        answered_second=pl.Series(np.where(later > 0, evening, at_once)),
    )
