"""Every table that is simulated: whose it is, how its files are called, and what makes its bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.simulate.call_exports import call_export, call_records, queue_lines
from pipelines.simulate.defects import LAG_DAYS, Rates
from pipelines.simulate.formats import asterisk_bytes, csv_bytes, lime_bytes, log_bytes
from pipelines.simulate.network import Network
from pipelines.simulate.surveys import (
    phone_export,
    phone_head_rows,
    store_export,
    survey_records,
    web_export,
)  # fmt: skip
from pipelines.simulate.trade import (
    REPURCHASE_DAYS,
    invitation_export,
    invitation_records,
    purchase_export,
    purchase_records,
    repurchase_records,
)  # fmt: skip

Records = Callable[[Network, int, int, Rates, int], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of record, and the files it comes in."""

    source: str
    name: str  # of the raw table
    stem: str
    ending: str
    records: tuple[tuple[int, Records], ...]  # each with the lag up to which it delivers
    export: Callable[[Network, pl.DataFrame], pl.DataFrame]
    to_bytes: Callable[[pl.DataFrame], bytes]


def tables() -> tuple[Table, ...]:
    """All tables whose records are events, in the order in which their files are written."""
    return (
        _table("network_purchases", "purchases", "csv", purchase_export, csv_bytes, (
            (LAG_DAYS, purchase_records), (REPURCHASE_DAYS + LAG_DAYS, repurchase_records))),
        _table("network_invitations", "invitations", "csv", invitation_export, csv_bytes, (
            (LAG_DAYS, invitation_records),)),
        _table("network_calls", "Master", "csv", call_export, asterisk_bytes, (
            (LAG_DAYS, call_records),), "calls"),
        _table("network_calls", "queue_log", "log", _lines, _log_bytes, (
            (LAG_DAYS, queue_lines),), "queue_log"),
        _table("network_survey_phone", "happycall", "csv", phone_export, _phone_bytes, _survey("phone")),
        _table("network_survey_web", "survey", "csv", web_export, lime_bytes, _survey("web")),
        _table("network_survey_store", "store", "csv", store_export, _store_bytes, _survey("store")),
    )  # fmt: skip


def _table(
    source: str,
    stem: str,
    ending: str,
    export: Callable[[Network, pl.DataFrame], pl.DataFrame],
    to_bytes: Callable[[pl.DataFrame], bytes],
    records: tuple[tuple[int, Records], ...],
    name: str = "raw",
) -> Table:
    return Table(source, name, stem, ending, records, export, to_bytes)


def _survey(kind: str) -> tuple[tuple[int, Records], ...]:
    def made(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
        return survey_records(network, f"network_survey_{kind}", first, last, rates, end)

    return ((LAG_DAYS, made),)


def _phone_bytes(table: pl.DataFrame) -> bytes:
    return csv_bytes(table, more_heads=phone_head_rows(table.columns))


def _lines(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    del network
    return made.select("_day", "line")


def _log_bytes(table: pl.DataFrame) -> bytes:
    return log_bytes(table["line"])


def _store_bytes(table: pl.DataFrame) -> bytes:
    return csv_bytes(table, encoding="cp949")
