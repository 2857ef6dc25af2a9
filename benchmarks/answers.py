"""Extracts of the phone survey as they arrive within the day: so many answers a file.

They go on where a simulated history ended, day after day, with the network's own rate of late,
corrected, withdrawn and damaged records, in the survey system's own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.simulate import Rates
from pipelines.simulate.clock import day_of
from pipelines.simulate.network import build_network
from pipelines.simulate.surveys import PHONE_QUESTIONS
from pipelines.simulate.tables import Table, tables

SOURCE = "network_survey_phone"
SPAN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Extract:
    """One file: its name and bytes, its records, and the answers that stand in them."""

    name: str
    content: bytes
    records: int
    answers: int


def extracts(*, seed: int, sites: int, first: date, answers: int) -> Iterator[Extract]:
    """Endless files of `answers` answers each (a record more or less) from the day `first` on."""
    network, phone = build_network(seed, sites), _phone()
    (_, records_of), day, number = phone.records[0], day_of(first), 0
    waiting: pl.DataFrame | None = None
    while True:
        last = day + SPAN_DAYS - 1
        made = records_of(network, day, last, Rates(), last)
        rows = phone.export(network, made.sort("_day", maintain_order=True)).drop("_day")
        rows = rows if waiting is None else pl.concat([waiting, rows])
        counted = rows.select(pl.sum_horizontal(_is_given()))["SA1"].to_numpy().cumsum()
        start, total = 0, 0
        while counted[-1] - total >= answers:
            stop = int(np.searchsorted(counted, total + answers)) + 1
            number += 1
            given = int(counted[stop - 1]) - total
            part = phone.to_bytes(rows[start:stop])
            yield Extract(f"happycall_{number:06d}.csv", part, stop - start, given)
            start, total = stop, int(counted[stop - 1])
        waiting, day = rows[start:], last + 1


def _phone() -> Table:
    return next(table for table in tables() if table.source == SOURCE)


def _is_given() -> list[pl.Expr]:
    return [pl.col(code).is_not_null().cast(pl.Int64) for code in PHONE_QUESTIONS]
