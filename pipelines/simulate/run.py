"""A whole simulation: extracts by source and day, and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate.call_exports import call_truth
from pipelines.simulate.chance import Ints
from pipelines.simulate.clock import date_of
from pipelines.simulate.defects import LAG_DAYS, Rates
from pipelines.simulate.extracts import (
    Extract,
    WrittenFile,
    arriving,
    event_extracts,
    known_customers,
    records_of,
    register_extracts,
    ticket_extracts,
)  # fmt: skip
from pipelines.simulate.tables import tables
from pipelines.simulate.ticket_exports import history_records, ticket_records, ticket_truth
from pipelines.simulate.tickets import TICKET_DAYS
from pipelines.simulate.truth import (
    write_answers,
    write_contacts,
    write_defects,
    write_files,
    write_network,
    write_repurchases,
)  # fmt: skip
from pipelines.simulate.window import Span, Window, history_spans, open_window, recent_spans

LAST_DAY = date(2026, 9, 28)  # where a simulation ends unless told otherwise
SITES = 1300
DAYS = 90
SEED = 7


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What was written, in the order of writing."""

    out: Path
    first: date
    last: date
    files: tuple[WrittenFile, ...]

    @property
    def records(self) -> int:
        """Records in all extracts."""
        return sum(each.landed for each in self.files)


def simulate(
    out: Path,
    *,
    sites: int = SITES,
    days: int = DAYS,
    seed: int = SEED,
    end: date | None = None,
    daily_days: int | None = None,
    rates: Rates | None = None,
    progress: Callable[[str], None] | None = None,
) -> SimulationResult:
    """Write extracts for so many days up to `end` to out/<source>/, and the truth to out/truth/.

    The last `daily_days` come as one file per source and day (all of them by default), older ones
    as one file per source and month, or less for a large network. The same arguments give the same
    bytes.
    """
    batches = simulate_batches(
        out, sites=sites, days=days, seed=seed, end=end, first_days=daily_days or days,
        rates=rates, newest_first=False, progress=progress,
    )  # fmt: skip
    files = tuple(each for batch in batches for each in batch)
    last = end or LAST_DAY
    first = date.fromordinal(last.toordinal() - days + 1)
    return SimulationResult(out, first, last, files)


def simulate_batches(
    out: Path,
    *,
    sites: int = SITES,
    days: int = DAYS,
    seed: int = SEED,
    end: date | None = None,
    first_days: int = 14,
    rates: Rates | None = None,
    newest_first: bool = True,
    progress: Callable[[str], None] | None = None,
) -> Iterator[tuple[WrittenFile, ...]]:
    """Like `simulate`, batch by batch: the newest days first, then older months, newest to oldest.

    A batch is complete when it is given, so that it can be loaded while the next one is made. The
    records of all batches together do not depend on their order.
    """
    window = open_window(
        seed=seed, sites=sites, end=end or LAST_DAY, days=days, daily_days=first_days,
        rates=rates or Rates(),
    )  # fmt: skip
    recent, history = recent_spans(window), history_spans(window)
    batches = [recent, *((span,) for span in reversed(history))]
    write_network(out, window)
    known: Ints = np.empty(0, dtype=np.int64)
    told: set[str] = set()
    files: list[WrittenFile] = []
    drawn_on = window.last if newest_first else window.border - 1
    opens = True
    for batch in batches if newest_first else [(span,) for span in (*history, *recent)]:
        start = len(files)
        for span in batch:
            if progress:
                progress(f"{date_of(span.first)} to {date_of(span.last)}")
            customers, known = known_customers(window, span, known, drawn_on)
            told_of = register_extracts(window, span, customers, told, opens=opens)
            made = chain(told_of, _events(out, window, span), _tickets(out, window, span, told))
            files.extend(entry for each in made for entry in each.written_to(out))
            opens = False
        write_files(out, files)
        yield tuple(files[start:])


def _events(out: Path, window: Window, span: Span) -> Iterator[Extract]:
    """The files of every table of events, one table after the other, after their truth."""
    for table in tables():
        made = records_of(window, span, table.records)
        if table.name == "calls":
            write_contacts(out, span, table.stem, call_truth(window.network, made))
        if table.source.startswith("network_survey"):
            write_answers(out, span, table.stem, made)
            write_repurchases(out, window, span, table.stem, made)
        arrived = arriving(window, span, made)
        write_defects(out, span, table.stem, arrived)
        del made
        yield from event_extracts(window, span, table, arrived)


def _tickets(out: Path, window: Window, span: Span, told: set[str]) -> Iterator[Extract]:
    made, arrived = {}, {}
    for name, records in (("tickets", ticket_records), ("histories", history_records)):
        made[name] = records_of(window, span, ((TICKET_DAYS + LAG_DAYS, records),))
        arrived[name] = arriving(window, span, made[name])
        write_defects(out, span, name, arrived[name])
    received = made["tickets"].filter(pl.col("_born").is_between(span.first, span.last))
    write_contacts(out, span, "tickets", ticket_truth(window.network, received))
    yield from ticket_extracts(window, span, arrived["tickets"], arrived["histories"], told)
