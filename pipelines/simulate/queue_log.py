"""The queue log as Asterisk writes it: what happened to each call in its queue, line by line."""

from __future__ import annotations

import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import agent_code
from pipelines.simulate.calls import (
    LEGS,
    QUEUES,
    calls,
    epoch_of,
    member,
    with_callers,
)
from pipelines.simulate.defects import MARK, Rates, delivered
from pipelines.simulate.network import Network

_LINE_DEFECTS = ("duplicate", "late", "impossible_date", "broken_encoding")


def queue_lines(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
    """Lines of the queue log about calls that began from first to last, with their `line`."""
    found = queue_rows(network, calls(network, first, last))
    rows = delivered(found, network.seed, "queue lines", rates, _LINE_DEFECTS, end)
    unset = pl.col("_defect") == "impossible_date"  # a switch without a clock writes 0
    epoch = pl.when(unset).then(pl.lit("0")).otherwise("epoch")
    broken_off = pl.col("_defect") == "broken_encoding"
    rest = pl.when(broken_off).then(pl.col("rest") + MARK).otherwise("rest")
    return rows.with_columns(line=epoch + "|" + rest)


def queue_rows(network: Network, offered: pl.DataFrame) -> pl.DataFrame:
    """A row for each line of the log about these calls: `epoch`, and the `rest` of the line."""
    made = with_callers(network, offered)
    parts = [
        _line(
            made,
            0,
            pl.col("second"),
            pl.lit("NONE"),
            pl.lit("ENTERQUEUE||") + pl.col("phone") + "|1",
        )
    ]
    ends = pl.col("second") + pl.col("wait")
    gone = made.filter(pl.col("result") > 0)
    waited = pl.col("wait").cast(pl.String)
    what = pl.col("result").replace_strict(
        {1: "ABANDON|1|1|", 2: "EXITWITHKEY|1|1|1|", 3: "EXITWITHTIMEOUT|1|1|"},
        default="",
        return_dtype=pl.String,
    )
    parts.append(_line(gone, 1, ends, pl.lit("NONE"), what + waited))
    for leg in LEGS:
        here = made.filter((pl.col("result") == 0) & (pl.col("transfers") >= leg))
        before = pl.sum_horizontal(
            pl.lit(0, pl.Int64), *(pl.col(f"talk_{each}") for each in range(leg))
        )
        talk = pl.col(f"talk_{leg}")
        agent = agent_code(pl.col(f"agent_{leg}"))
        hold = waited if leg == 0 else pl.lit("0")
        parts.append(
            _line(
                here,
                10 * leg + 2,
                ends + before,
                agent,
                pl.lit("CONNECT|") + hold + "|" + pl.col("linked") + "|3",
            )
        )
        parts.append(
            _line(here, 10 * leg + 4, ends + before + talk, agent, _parting(leg, hold, talk))
        )
    missed = pl.Series(chance.uniform(network.seed, "no pick-up", made["number"].to_numpy()) < 0.08)
    rang = made.filter(missed & (pl.col("result") == 0) & (pl.col("wait") > 12))
    parts.append(
        _line(rang, 1, ends - 1, agent_code(pl.col("agent_1")), pl.lit("RINGNOANSWER|11000"))
    )
    return pl.concat(parts)


def _line(
    made: pl.DataFrame, place: int, at: pl.Expr, agent: pl.Expr, what: pl.Expr
) -> pl.DataFrame:
    return made.select(
        _key=pl.col("number") * 64 + place,
        day="day",
        second=at,
        epoch=epoch_of(pl.col("day"), at).cast(pl.String),
        rest=pl.col("linked") + "|" + member(QUEUES, "queue") + "|" + agent + "|" + what,
    )


def _parting(leg: int, hold: pl.Expr, talk: pl.Expr) -> pl.Expr:
    """How an agent's part ends: a transfer while more agents follow, else the end."""
    spent = pl.lit("|") + hold + "|" + talk.cast(pl.String) + "|1"
    follower = agent_code(pl.col(f"agent_{min(leg + 1, LEGS[-1])}"))
    blind = pl.lit("BLINDTRANSFER|") + follower + "|from-internal" + spent
    attended = pl.lit("ATTENDEDTRANSFER|BRIDGE|") + pl.col("linked") + spent
    over = (
        pl.when(pl.col("number") % 3 == 0)
        .then(pl.lit("COMPLETEAGENT"))
        .otherwise(pl.lit("COMPLETECALLER"))
    )
    moved = pl.when(pl.col("number") % 5 < 3).then(blind).otherwise(attended)
    return pl.when(pl.col("transfers") > leg).then(moved).otherwise(over + spent)
