"""Who works for the customer centre: agents for its queues, and callers of happy calls."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.clock import date_of, day_of
from pipelines.simulate.network import ORIGIN, Network
from pipelines.simulate.people import person_names

INBOUND, OUTBOUND = "A", "H"


def agent_code(position: pl.Expr, letter: str = INBOUND) -> pl.Expr:
    """Code of the agent at a position among those of a letter."""
    return pl.lit(letter) + (position + 1).cast(pl.String).str.zfill(3)


def agent_export(network: Network, day: int) -> pl.DataFrame:
    """The centre's agents as of a day; some have changed their team since they came."""
    rows = []
    for letter, count in ((INBOUND, network.inbound), (OUTBOUND, network.outbound)):
        place = np.arange(count)
        person = person_names(network.seed + ord(letter), place).to_list()
        change = day_of(date(2026, 3, 1)) + 31 * chance.whole(
            network.seed, f"team {letter}", 60, place
        )
        for at in place.tolist():
            code, hired = f"{letter}{at + 1:03d}", date_of(ORIGIN - at * 37)
            kind = "contract" if at % 11 in (3, 7) else "regular"
            team = f"{'상담' if letter == INBOUND else '해피콜'}{at % 3 + 1}팀"
            rows.append((code, person[at], team, kind, hired))
            if change[at] <= day:
                rows.append(
                    (
                        code,
                        person[at],
                        team[:-2] + f"{(at + 1) % 3 + 1}팀",
                        kind,
                        date_of(int(change[at])),
                    )
                )
    columns = ["agent_code", "name", "team", "employment", "valid_from"]
    return pl.DataFrame(rows, schema=columns, orient="row")
