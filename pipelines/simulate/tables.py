"""Every table of events: whose it is, how its files are called, and what makes their bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.simulate.call_exports import call_export, call_records
from pipelines.simulate.defects import LAG_DAYS, Rates
from pipelines.simulate.formats import asterisk_bytes, csv_bytes, lime_bytes, log_bytes
from pipelines.simulate.network import Network
from pipelines.simulate.queue_log import queue_lines
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

Export = Callable[[Network, pl.DataFrame], pl.DataFrame]
Records = Callable[[Network, int, int, Rates, int], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of record, and the files it comes in."""

    source: str
    name: str  # of the raw table
    stem: str
    ending: str
    records: tuple[tuple[int, Records], ...]  # each with the lag up to which it delivers
    export: Export
    to_bytes: Callable[[pl.DataFrame], bytes]


def tables() -> tuple[Table, ...]:
    """All tables of events, in the order in which their files are written."""
    bought = ((LAG_DAYS, purchase_records), (REPURCHASE_DAYS + LAG_DAYS, repurchase_records))
    return (
        Table("network_purchases", "raw", "purchases", "csv", bought, purchase_export, csv_bytes),
        Table(
            "network_invitations", "raw", "invitations", "csv",
            ((LAG_DAYS, invitation_records),), invitation_export, csv_bytes,
        ),
        Table(
            "network_calls", "calls", "Master", "csv",
            ((LAG_DAYS, call_records),), call_export, asterisk_bytes,
        ),
        Table(
            "network_calls", "queue_log", "queue_log", "log",
            ((LAG_DAYS, queue_lines),), _lines, _log_bytes,
        ),
        _survey("network_survey_phone", "happycall", phone_export, _phone_bytes),
        _survey("network_survey_web", "survey", web_export, lime_bytes),
        _survey("network_survey_store", "store", store_export, _store_bytes),
    )  # fmt: skip


def _survey(
    source: str, stem: str, export: Export, to_bytes: Callable[[pl.DataFrame], bytes]
) -> Table:
    def made(network: Network, first: int, last: int, rates: Rates, end: int) -> pl.DataFrame:
        return survey_records(network, source, first, last, rates, end)

    return Table(source, "raw", stem, "csv", ((LAG_DAYS, made),), export, to_bytes)


def _phone_bytes(table: pl.DataFrame) -> bytes:
    return csv_bytes(table, more_heads=phone_head_rows(table.columns))


def _lines(network: Network, made: pl.DataFrame) -> pl.DataFrame:
    del network
    return made.select("_day", "line")


def _log_bytes(table: pl.DataFrame) -> bytes:
    return log_bytes(table["line"])


def _store_bytes(table: pl.DataFrame) -> bytes:
    return csv_bytes(table, encoding="cp949")
