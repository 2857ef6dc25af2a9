"""The ticket system's database: each day's file has what changed that day in three tables."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.agents import agent_code
from pipelines.simulate.calls import member, reasons
from pipelines.simulate.clock import KOREA_SECONDS, day_of
from pipelines.simulate.defects import Rates, broken, delivered, site_codes, written_site
from pipelines.simulate.network import Network
from pipelines.simulate.people import customer_refs
from pipelines.simulate.tickets import CHANNELS, GROUPS, PURPOSES, events, tickets, utc

_DAY = 86_400
_TICKET_DEFECTS = (
    "duplicate", "late", "unknown_site", "impossible_date", "broken_encoding",
)  # fmt: skip
_HISTORY_DEFECTS = ("duplicate", "late")
RECODED_ON = day_of(date(2026, 9, 15))
CREATE = {
    "tickets": (
        "create table tickets (id integer not null, number text not null, title text,"
        " group_name text, owner text, state text, priority text, site_code text,"
        " customer_no text, reason_id integer, type text, channel text, body text,"
        " first_response_at text, close_at text, last_close_at text, created_at text,"
        " updated_at text)"
    ),
    "histories": (
        "create table histories (id integer not null, o_id integer not null, history_type text,"
        " attribute text, value_from text, value_to text, created_by text, created_at text)"
    ),
    "reasons": (
        "create table reasons (id integer not null, code text, name text, category text,"
        " process text, touchpoint text, updated_at text)"
    ),
}


def history_records(
    network: Network, first: int, last: int, rates: Rates, end: int
) -> pl.DataFrame:
    """History of the tickets received from first to last, up to the end of the window."""
    made = events(tickets(network, first, last)).filter(pl.col("at") < (end + 1) * _DAY)
    found = made.with_columns(
        _key=pl.col("number") * 16 + pl.col("place"),
        day=pl.col("at") // _DAY,
        second=pl.col("at") % _DAY,
    )
    return delivered(found, network.seed, "histories", rates, _HISTORY_DEFECTS, end)


def ticket_records(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
    """A row for each ticket and day on which something happened to it, as it stood that night.

    Only the last row of a ticket may be one that cannot be read; the others are replaced anyway.
    """
    found = tickets(network, first, last)
    happened = events(found).filter(pl.col("at") < (end + 1) * _DAY)
    stood = standing(found, happened.with_columns(slot=pl.col("at") // _DAY)).with_columns(
        day=pl.col("slot"),
        second=pl.col("updated") % _DAY,
        _key=pl.col("number") * 256 + (pl.col("slot") - pl.col("created") // _DAY),
        _born=pl.col("created") // _DAY,
        _replaced=pl.col("slot") < pl.col("slot").max().over("number"),
    )
    return delivered(stood, network.seed, "tickets", rates, _TICKET_DEFECTS, end)


def standing(found: pl.DataFrame, happened: pl.DataFrame) -> pl.DataFrame:
    """How each ticket stood at the end of each `slot` of events."""
    state = pl.col("what") == "state"
    closing = state & (pl.col("after") == "closed")
    answering = state & (pl.col("before") == "new")
    moving = pl.col("what") == "group"
    last = ("state", "group_name", "first_response", "close", "last_close")
    told = happened.sort("number", "at", "place").with_columns(
        state=_latest(state, "after").fill_null("new"),
        group_name=_latest(moving, "after").fill_null(GROUPS[0]),
        first_response=_latest(answering, "at"),
        close=pl.when(closing).then("at").cum_min().forward_fill().over("number"),
        last_close=_latest(closing, "at"),
    )
    by_slot = told.group_by("number", "slot", maintain_order=True)
    stood = by_slot.agg(pl.col(*last).last(), updated=pl.col("at").last())
    rest = found.drop("day", "second", "owner")
    return stood.join(rest, on="number", how="left", maintain_order="left")


def _latest(when: pl.Expr, column: str) -> pl.Expr:
    return pl.when(when).then(column).forward_fill().over("number")


def ticket_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table tickets, times in UTC."""
    customer = made["customer"].to_numpy()
    owner = chance.whole(network.seed, "owner", network.inbound, made["number"].to_numpy())
    created = (
        pl.when(pl.col("_defect") == "impossible_date")
        .then(pl.lit("0000-00-00 00:00:00"))
        .otherwise(utc(pl.col("created")))
    )
    about = [each.name for each in reasons()]
    return made.select(
        "_day",
        id="number",
        number=pl.col("number").cast(pl.String),
        title=member(about, "reason"),
        group_name="group_name",
        owner=agent_code(pl.lit(pl.Series(owner))),
        state="state",
        priority=pl.when((pl.col("purpose") == 0) & (pl.col("number") % 4 == 0))
        .then(pl.lit("3 high")).otherwise(pl.lit("2 normal")),
        site_code=written_site(pl.lit(site_codes(network.codes, made["site"]))),
        customer_no=pl.lit(customer_refs(customer)),
        reason_id=pl.col("reason") + 1,
        type=member(PURPOSES, "purpose"),
        channel=member(CHANNELS, "channel"),
        body=broken(pl.col("text")),
        first_response_at=utc(pl.col("first_response")),
        close_at=utc(pl.col("close")),
        last_close_at=utc(pl.col("last_close")),
        created_at=created,
        updated_at=utc(pl.col("updated")),
    )  # fmt: skip


def history_export(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table histories, times in UTC."""
    del network
    is_new = pl.col("what") == "created"
    return made.select(
        "_day",
        id="_key",
        o_id="number",
        history_type=pl.when(is_new).then(pl.lit("created")).otherwise(pl.lit("updated")),
        attribute=pl.when(is_new).then(pl.lit("")).otherwise("what"),
        value_from="before",
        value_to="after",
        created_by="owner",
        created_at=utc(pl.col("at")),
    )  # fmt: skip


def reason_export(day: int) -> pl.DataFrame:
    """The table reasons as of a day; from 15 September 2026 two of them have another category."""
    rows = []
    for place, each in enumerate(reasons()):
        moved = each.code in ("AS06", "SL07") and day >= RECODED_ON
        category = "예약" if moved else each.category
        stamp = "2026-09-15 00:00:00.000" if moved else "2018-01-01 00:00:00.000"
        rows.append(
            (place + 1, each.code, each.name, category, each.process, each.touchpoint, stamp)
        )
    columns = ["id", "code", "name", "category", "process", "touchpoint", "updated_at"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def ticket_truth(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    """The tickets as contacts, with their cycle to the last closing.

    A ticket whose last row cannot be read is still known by the row before and by its history.
    """
    told = made.filter(pl.col("_class") != "duplicate").with_columns(
        fine=pl.col("_class") == "accepted"
    )
    readable = pl.col("fine").any().over("number")
    by_ticket = told.with_columns(readable=readable).sort("number", "updated")
    last = by_ticket.group_by("number", maintain_order=True).last()
    is_closed = pl.col("state") == "closed"
    found = ticket_export(network, last)
    at = pl.from_epoch(pl.col("created") - KOREA_SECONDS, time_unit="s")
    resolved = pl.from_epoch(pl.col("last_close") - KOREA_SECONDS, time_unit="s")
    is_reopened = (pl.col("reopened") >= 0) & (pl.col("reopened") <= pl.col("updated"))
    return last.select(
        source=pl.lit("network_tickets"),
        contact_ref=pl.col("number").cast(pl.String),
        channel=member(CHANNELS, "channel"),
        site_code=found["site_code"],
        purpose=member(PURPOSES, "purpose"),
        received_at_utc=at,
        resolved_at_utc=pl.when(is_closed).then(resolved),
        cycle_minutes=pl.when(is_closed).then(
            pl.col("last_close") // 60 - pl.col("created") // 60
        ),
        reopens=is_reopened.cast(pl.Int64),
        state="state",
        transfers_planned="transfers",
        expect=pl.when("readable").then(pl.lit("accepted")).otherwise(pl.lit("quarantined")),
        why="_defect",
    )  # fmt: skip
