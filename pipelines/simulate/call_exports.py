"""Calls as Asterisk writes them down: call detail records and the log of its queues."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.calls import (
    LEGS,
    PURPOSES,
    QUEUES,
    RESULTS,
    calls,
    epoch_of,
    reasons,
)
from pipelines.simulate.clock import date_of, day_of
from pipelines.simulate.defects import (
    MARK,
    Rates,
    broken,
    delivered,
    impossible,
    site_codes,
    stamps,
    written_site,
)
from pipelines.simulate.network import ORIGIN, Network
from pipelines.simulate.people import customer_refs, is_organisation, names, person_names, phones

_RECORD_DEFECTS = (
    "duplicate", "late", "unknown_site", "impossible_date", "broken_encoding", "set_aside",
)  # fmt: skip
_LINE_DEFECTS = ("duplicate", "late", "impossible_date", "broken_encoding")


def call_records(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
    """Call detail records of calls that began from first to last."""
    found = call_rows(network, calls(network, first, last))
    rows = delivered(found, network.seed, "call records", rates, _RECORD_DEFECTS, end)
    aside = (pl.col("_defect") == "set_aside").fill_null(value=False)
    return rows.with_columns(_aside=aside)


def call_rows(network: Network, offered: pl.DataFrame) -> pl.DataFrame:
    """A row for each leg of each call.

    `leg` 0 is the whole call, further legs are agents it was transferred to, 8 is an agent who did not
    pick up, 9 a callback.
    """
    made = _with_people(network, offered)
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


def _with_people(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    customer = made["customer"].to_numpy()
    firm = pl.Series(is_organisation(network.seed, customer))
    shown = names(network.seed, customer)
    return made.with_columns(
        phone=phones(network.seed, customer),
        shown=pl.select(pl.when(firm).then(shown).otherwise(pl.lit(""))).to_series(),
        customer_no=customer_refs(customer),
        site_code=site_codes(network.codes, made["site"]),
        linked=pl.select(
            epoch_of(pl.lit(made["day"]), pl.lit(made["second"])).cast(pl.String)
            + "." + pl.lit(made["number"] % 1_000_000).cast(pl.String)
        ).to_series(),
    )  # fmt: skip


def call_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The 21 columns of Master.csv; times local and without a zone, as the switch has them."""
    leg = pl.col("leg")
    wait = pl.when(leg == 0).then(pl.col("wait")).when(leg == 8).then(12).otherwise(0)
    spoken = pl.col("talked") > 0
    agent = _agent_code(pl.col("agent"))
    code = [each.code for each in reasons()]
    field = (
        pl.lit("purpose=") + _member(PURPOSES, "purpose") + ";reason=" + _member(code, "reason")
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
        dst=pl.when(outbound).then("phone").when(leg == 0).then(600 + pl.col("queue")).otherwise(agent),
        dcontext=leg.replace_strict(
            {0: "from-pstn", 8: "from-queue", 9: "callback"}, default="from-internal-xfer",
            return_dtype=pl.String),
        clid=pl.lit('"') + broken(pl.col("shown")) + pl.lit('" <') + pl.col("phone") + pl.lit(">"),
        channel=pl.when(outbound).then(to_agent).otherwise(trunk),
        dstchannel=pl.when(outbound).then(trunk).when(spoken | (leg == 8)).then(to_agent).otherwise(pl.lit("")),
        lastapp=pl.when(outbound).then(pl.lit("Dial")).otherwise(pl.lit("Queue")),
        lastdata=_member(QUEUES, "queue") + ",tT,,,300",
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
    """A row for each line of the queue log about these calls: `epoch`, and the `rest` of the line."""
    made = _with_people(network, offered)
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
        agent = _agent_code(pl.col(f"agent_{leg}"))
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
        _line(rang, 1, ends - 1, _agent_code(pl.col("agent_1")), pl.lit("RINGNOANSWER|11000"))
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
        rest=pl.col("linked") + "|" + _member(QUEUES, "queue") + "|" + agent + "|" + what,
    )


def _parting(leg: int, hold: pl.Expr, talk: pl.Expr) -> pl.Expr:
    """How an agent's part ends: a transfer of either kind while more agents follow, else the end."""
    spent = pl.lit("|") + hold + "|" + talk.cast(pl.String) + "|1"
    follower = _agent_code(pl.col(f"agent_{min(leg + 1, LEGS[-1])}"))
    blind = pl.lit("BLINDTRANSFER|") + follower + "|from-internal" + spent
    attended = pl.lit("ATTENDEDTRANSFER|BRIDGE|") + pl.col("linked") + spent
    over = (
        pl.when(pl.col("number") % 3 == 0)
        .then(pl.lit("COMPLETEAGENT"))
        .otherwise(pl.lit("COMPLETECALLER"))
    )
    moved = pl.when(pl.col("number") % 5 < 3).then(blind).otherwise(attended)
    return pl.when(pl.col("transfers") > leg).then(moved).otherwise(over + spent)


def agent_export(network: Network, day: int) -> pl.DataFrame:
    """The centre's agents as of a day; some have changed their team since they came."""
    rows = []
    for letter, count in (("A", network.inbound), ("H", network.outbound)):
        place = np.arange(count)
        person = person_names(network.seed + ord(letter), place).to_list()
        change = day_of(date(2026, 3, 1)) + 31 * chance.whole(
            network.seed, f"team {letter}", 60, place
        )
        for at in place.tolist():
            code, hired = f"{letter}{at + 1:03d}", date_of(ORIGIN - at * 37)
            kind = "contract" if at % 11 in (3, 7) else "regular"
            team = f"{'상담' if letter == 'A' else '해피콜'}{at % 3 + 1}팀"
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
        purpose=_member(PURPOSES, "purpose"),
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


def _agent_code(position: pl.Expr) -> pl.Expr:
    return pl.lit("A") + (position + 1).cast(pl.String).str.zfill(3)


def _member(members: tuple[str, ...] | list[str], column: str) -> pl.Expr:
    return pl.col(column).replace_strict(dict(enumerate(members)), return_dtype=pl.String)
