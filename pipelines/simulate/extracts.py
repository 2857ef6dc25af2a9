"""The extracts of one span: which records reach which file, and what a loader should find in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate.agents import agent_export
from pipelines.simulate.chance import Ints
from pipelines.simulate.clock import date_of
from pipelines.simulate.formats import csv_bytes, write_sqlite
from pipelines.simulate.registers import customer_records, master_export, target_export
from pipelines.simulate.tables import Records, Table
from pipelines.simulate.ticket_exports import (
    CREATE,
    history_export,
    reason_export,
    ticket_export,
)
from pipelines.simulate.versions import master_days
from pipelines.simulate.window import Span, Window


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One extract of one raw table, with what a loader should count in it."""

    source: str
    table: str
    path: Path
    day: date
    landed: int
    accepted: int
    duplicate: int
    quarantined: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Extract:
    """One file to be written: its tables with their counts, and how it gets its content."""

    day: int
    source: str
    name: str
    counts: tuple[
        tuple[str, int, int, int, int], ...
    ]  # table, accepted, duplicate, quarantined, set aside
    write: Callable[[Path], None]

    def written_to(self, out: Path) -> tuple[WrittenFile, ...]:
        """Write the file; gives an entry for each of its tables."""
        path = out / self.source / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.write(path)
        day = date_of(self.day)
        return tuple(
            WrittenFile(self.source, table, path, day, ok + again + bad, ok, again, bad, aside)
            for table, ok, again, bad, aside in self.counts
        )


def records_of(
    window: Window, span: Span, sources: tuple[tuple[int, Records], ...]
) -> pl.DataFrame:
    """All records of the span's days and, day by day, of earlier days that are still to come."""
    parts = []
    for lag, records in sources:
        first = span.first if span.is_history else max(window.border, span.first - lag)
        parts.append(records(window.network, first, span.last, window.rates, window.last))
    return pl.concat(parts, how="diagonal_relaxed") if len(parts) > 1 else parts[0]


def arriving(window: Window, span: Span, made: pl.DataFrame) -> pl.DataFrame:
    """Those of the records that the span's files hold, in the order of delivery."""
    first = span.first if not span.is_history else window.first
    until = span.last if not span.is_history else window.last
    kept = made.filter(pl.col("_day").is_between(first, until))
    return kept.sort("_day", maintain_order=True)


def event_extracts(
    window: Window, span: Span, table: Table, arrived: pl.DataFrame
) -> Iterator[Extract]:
    """A file for each day, or one for a span of history."""
    exported = table.export(window.network, arrived).drop("_day")
    for day, rows in _slices(span, arrived["_day"].to_numpy()):
        part, content = arrived[rows], exported[rows]

        def write(path: Path, content: pl.DataFrame = content) -> None:
            path.write_bytes(table.to_bytes(content))

        yield Extract(
            day=day,
            source=table.source,
            name=f"{table.stem}_{span.label(day)}.{table.ending}",
            counts=((table.name, *counts_of(part)),),
            write=write,
        )


def ticket_extracts(
    window: Window,
    span: Span,
    tickets: pl.DataFrame,
    histories: pl.DataFrame,
    told: set[str],
) -> Iterator[Extract]:
    """The ticket system's database of each day: three tables in one file."""
    network = window.network
    rows = ticket_export(network, tickets).drop("_day")
    events = history_export(network, histories).drop("_day")
    event_slices = dict(_slices(span, histories["_day"].to_numpy()))
    for day, part in _slices(span, tickets["_day"].to_numpy()):
        happened = event_slices.pop(day, slice(0, 0))
        reasons = reason_export(window.last if span.is_history else day)
        again = _told_again("reasons", reasons, told)

        def write(
            path: Path,
            parts: tuple[pl.DataFrame, ...] = (rows[part], events[happened], reasons),
        ) -> None:
            write_sqlite(
                path, {name: (CREATE[name], each) for name, each in zip(CREATE, parts, strict=True)}
            )

        yield Extract(
            day=day,
            source="network_tickets",
            name=f"tickets_{span.label(day)}.sqlite",
            counts=(
                ("tickets", *counts_of(tickets[part])),
                ("histories", *counts_of(histories[happened])),
                ("reasons", reasons.height - again, again, 0, 0),
            ),
            write=write,
        )


def register_extracts(
    window: Window, span: Span, customers: pl.DataFrame, told: set[str], *, opens: bool
) -> Iterator[Extract]:
    """Site master, targets and customer register; `told` remembers what was already sent."""
    if span.is_history:
        master = [window.border - 1] if opens else []
    else:
        days = master_days(window.versions, window.border, window.last)
        master = [day for day in days if span.first <= day <= span.last]
    for day in master:
        rows = master_export(window.versions, day)
        yield _register(day, "network_sites", f"sites_{date_of(day):%Y%m%d}.csv", rows, told)
        if span.is_history or day == window.border or date_of(day).day == 1:
            agents = agent_export(window.network, day)
            name = f"agents_{date_of(day):%Y%m%d}.csv"
            yield _register(day, "network_calls", name, agents, told, "agents")
    for year, month in sorted({(d.year, d.month) for d in _dates(span)}):
        if (name := f"targets_{year}{month:02d}.csv") not in told:
            rows = target_export(window.network, year, month)
            yield _register(span.first, "network_targets", name, rows, told)
            told.add(name)
    for day, part in _slices(span, customers["_day"].to_numpy()):
        rows = customers[part].drop("_day")
        name = f"customers_{span.label(day)}.csv"
        yield _register(day, "network_customers", name, rows, None)


def counts_of(records: pl.DataFrame) -> tuple[int, int, int, int]:
    """Accepted, duplicate, quarantined and set aside."""
    classes = dict(records["_class"].value_counts().iter_rows())
    aside = int(records["_aside"].sum() or 0) if "_aside" in records.columns else 0
    accepted, again, bad = (classes.get(k, 0) for k in ("accepted", "duplicate", "quarantined"))
    return accepted, again, bad, aside


def known_customers(
    window: Window, span: Span, known: Ints, drawn_on: int
) -> tuple[pl.DataFrame, Ints]:
    """Entries of the customer register that the span's files hold; history as of the given day."""
    as_of = drawn_on if span.is_history else None
    return customer_records(window.network, known, span.first, span.last, as_of)


def _register(
    day: int,
    source: str,
    name: str,
    rows: pl.DataFrame,
    told: set[str] | None,
    table: str = "raw",
) -> Extract:
    again = 0
    if told is not None:
        again = _told_again(f"{source}/{table}", rows, told)
    counts = ((table, len(rows) - again, again, 0, 0),)
    return Extract(day, source, name, counts, lambda path: _write(path, csv_bytes(rows)))


def _told_again(table: str, rows: pl.DataFrame, told: set[str]) -> int:
    """How many of the rows were sent before; all of them are remembered."""
    texts = [table + repr(row) for row in rows.iter_rows()]
    again = sum(text in told for text in texts)
    told.update(texts)
    return again


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _slices(span: Span, days: Ints) -> Iterator[tuple[int, slice]]:
    """Day and rows of each file; the days rise unless they all go into one file."""
    if span.is_history:
        if len(days):
            yield span.last, slice(0, len(days))
        return
    for day in np.unique(days).tolist():
        start, stop = np.searchsorted(days, [day, day + 1]).tolist()
        yield int(day), slice(start, stop)


def _dates(span: Span) -> list[date]:
    return [date_of(day) for day in range(span.first, span.last + 1)]
