"""Calls as Asterisk writes them down: a call detail record for each leg, and their truth."""

from __future__ import annotations

import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import agent_code
from pipelines.simulate.calls import (
    LEGS,
    PURPOSES,
    QUEUES,
    RESULTS,
    calls,
    epoch_of,
    member,
    reasons,
    with_callers,
)
from pipelines.simulate.defects import (
    Rates,
    broken,
    delivered,
    impossible,
    stamps,
    written_site,
)
from pipelines.simulate.network import Network

_RECORD_DEFECTS = (
    "duplicate", "late", "unknown_site", "impossible_date", "broken_encoding", "set_aside",
)  # fmt: skip


def call_records(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
    """Call detail records of calls that began from first to last."""
    found = call_rows(network, calls(network, first, last))
    rows = delivered(found, network.seed, "call records", rates, _RECORD_DEFECTS, end)
    aside = (pl.col("_defect") == "set_aside").fill_null(value=False)
    return rows.with_columns(_aside=aside)


def call_rows(network: Network, offered: pl.DataFrame) -> pl.DataFrame:
    """A row for each leg of each call.

    `leg` 0 is the whole call, further legs are agents it was transferred to, 8 is an agent who did
    not pick up, 9 a callback.
    """
    made = with_callers(network, offered)
    whole = made.with_columns(leg=pl.lit(0), starts=pl.col("second"), agent=pl.col("last_agent"))
    parts = [whole]
    for leg in LEGS[1:]:
        before = pl.sum_horizontal(pl.col(f"talk_{each}") for each in range(leg))
        parts.append(
            made.filter(pl.col("transfers") >= leg).with_columns(
                leg=pl.lit(leg), starts=pl.col("second") + pl.col("wait") + before,
                talked=pl.col(f"talk_{leg}"), agent=pl.col(f"agent_{leg}"),
            )
        )  # fmt: skip
    missed = chance.uniform(network.seed, "no pick-up", made["number"].to_numpy()) < 0.08
    parts.append(
        made.filter(
            pl.Series(missed) & (pl.col("result") == 0) & (pl.col("wait") > 12)
        ).with_columns(
            leg=pl.lit(8),
            starts=pl.col("second") + pl.col("wait") - 12,
            talked=pl.lit(0, pl.Int64),
            agent=pl.col("agent_1"),
        )
    )
    parts.append(
        made.filter(pl.col("back_after") >= 0).with_columns(
            leg=pl.lit(9), starts=pl.col("second") + pl.col("back_after"),
            talked=60 + pl.col("wrap") * 3, agent=pl.col("agent_1"),
        )
    )  # fmt: skip
    return pl.concat(parts, how="vertical_relaxed").with_columns(
        _key=pl.col("number") * 16 + pl.col("leg")
    )


def call_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The 21 columns of Master.csv; times local and without a zone, as the switch has them."""
    del network
    leg = pl.col("leg")
    wait = pl.when(leg == 0).then(pl.col("wait")).when(leg == 8).then(12).otherwise(0)
    spoken = pl.col("talked") > 0
    agent = agent_code(pl.col("agent"))
    code = [each.code for each in reasons()]
    field = (
        pl.lit("purpose=") + member(PURPOSES, "purpose") + ";reason=" + member(code, "reason")
        + ";wrap=" + pl.col("wrap").cast(pl.String)
        + pl.when(leg == 9).then(";callback_of=" + pl.col("linked")).otherwise(pl.lit(""))
    )  # fmt: skip
    own = (
        epoch_of(pl.col("day"), pl.col("starts")).cast(pl.String)
        + "."
        + (pl.col("number") % 1_000_000 + 1_000_000 * leg).cast(pl.String)
    )
    unique = pl.when(leg == 0).then("linked").otherwise(own)
    outbound = leg == 9
    trunk = pl.lit("PJSIP/trunk-") + (pl.col("_key") % 1_048_576).cast(pl.String).str.zfill(8)
    to_agent = (
        pl.lit("PJSIP/")
        + agent
        + pl.lit("-")
        + (pl.col("_key") % 65_521).cast(pl.String).str.zfill(8)
    )
    extension = (600 + pl.col("queue")).cast(pl.String)
    account = (
        pl.when(pl.col("_aside"))
        .then(pl.lit("TEST"))
        .when(pl.col("site") >= 0)
        .then(written_site(pl.col("site_code")))
        .otherwise(pl.lit(""))
    )
    return made.select(
        "_day",
        accountcode=account,
        src=pl.when(outbound).then(agent).otherwise("phone"),
        dst=pl.when(outbound).then("phone").when(leg == 0).then(extension).otherwise(agent),
        dcontext=leg.replace_strict(
            {0: "from-pstn", 8: "from-queue", 9: "callback"}, default="from-internal-xfer",
            return_dtype=pl.String),
        clid=pl.lit('"') + broken(pl.col("shown")) + pl.lit('" <') + pl.col("phone") + pl.lit(">"),
        channel=pl.when(outbound).then(to_agent).otherwise(trunk),
        dstchannel=pl.when(outbound).then(trunk).when(spoken | (leg == 8)).then(to_agent)
        .otherwise(pl.lit("")),
        lastapp=pl.when(outbound).then(pl.lit("Dial")).otherwise(pl.lit("Queue")),
        lastdata=member(QUEUES, "queue") + ",tT,,,300",
        start=impossible(stamps(pl.col("day"), pl.col("starts"))),
        answer=pl.when(spoken).then(stamps(pl.col("day"), pl.col("starts") + wait)),
        end=stamps(pl.col("day"), pl.col("starts") + wait + pl.col("talked")),
        duration=wait + pl.col("talked"),
        billsec=pl.col("talked"),
        disposition=pl.when(spoken).then(pl.lit("ANSWERED")).otherwise(pl.lit("NO ANSWER")),
        amaflags=pl.lit("DOCUMENTATION"),
        uniqueid=unique,
        userfield=field,
        peeraccount=pl.lit(""),
        linkedid=pl.when(outbound).then(own).otherwise("linked"),
        sequence=pl.col("number") % 1_000_000 * 10 + leg,
    )  # fmt: skip


def call_truth(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The calls and callbacks as contacts, from their final records."""
    kept = made.filter(pl.col("_final") & pl.col("leg").is_in((0, 9)))
    exported = call_export(network, kept)
    at = epoch_of(pl.col("day"), pl.col("starts"))
    first_result = pl.col("result").replace_strict(dict(enumerate(RESULTS)), return_dtype=pl.String)
    return kept.select(
        source=pl.lit("network_calls"),
        contact_ref=exported["linkedid"],
        channel=pl.when(pl.col("leg") == 9).then(pl.lit("callback")).otherwise(pl.lit("voice")),
        site_code=exported["accountcode"],
        purpose=member(PURPOSES, "purpose"),
        received_at_utc=pl.from_epoch(at, time_unit="s"),
        wait_seconds=pl.when(pl.col("leg") == 0).then("wait").otherwise(0),
        talk_seconds="talked",
        is_abandoned=(pl.col("leg") == 0) & (pl.col("result") == 1),
        result=pl.when(pl.col("leg") == 0).then(first_result).otherwise(pl.lit("answered")),
        transfers=pl.when(pl.col("leg") == 0).then("transfers").otherwise(0),
        expect=pl.when(pl.col("_class") == "quarantined").then(pl.lit("quarantined"))
        .when("_aside").then(pl.lit("set_aside")).otherwise(pl.lit("accepted")),
        why="_defect",
    )  # fmt: skip
