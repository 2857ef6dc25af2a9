"""A network that goes on: small extracts every few seconds, as systems send them within the day.

A moment's extracts are a pure function of the seed and that moment. Only what was sent before is
remembered: answers that will be corrected or withdrawn, and tickets that are still open.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.simulate import chance
from pipelines.simulate.call_exports import call_export, call_rows
from pipelines.simulate.calls import described
from pipelines.simulate.clock import KOREA_SECONDS
from pipelines.simulate.defects import REPEATED
from pipelines.simulate.formats import asterisk_bytes, log_bytes, write_sqlite
from pipelines.simulate.live_answers import DAY_SECONDS, Moment, answers_at, due_at
from pipelines.simulate.network import build_network, is_open
from pipelines.simulate.questionnaires import QUESTIONNAIRES
from pipelines.simulate.queue_log import queue_rows
from pipelines.simulate.surveys import SOURCES
from pipelines.simulate.tables import tables
from pipelines.simulate.ticket_exports import (
    CREATE,
    history_export,
    reason_export,
    standing,
    ticket_export,
)
from pipelines.simulate.tickets import described as described_tickets
from pipelines.simulate.tickets import events


@dataclass(frozen=True, slots=True)
class Sent:
    """What of earlier moments still matters."""

    changing: tuple[pl.DataFrame, ...] = ()  # answers of one questionnaire each
    open_tickets: pl.DataFrame | None = None
    until: int = 0


def emit_live(
    landing: Path,
    *,
    seed: int,
    sites: int,
    every_seconds: float,
    stop: Callable[[float], bool],
    now: Callable[[], float] = time.time,
    responses: int = 12,
) -> int:
    """Write small extracts into landing/<source>/ until `stop` says so; gives their number.

    `stop` waits for the given seconds and tells whether to end, as `Event().wait` does. A file gets
    its name once it is whole. At most a hundred responses of each questionnaire at a time.
    """
    network, sent, written = build_network(seed, sites), Sent(), 0
    while not stop(every_seconds):
        moment = Moment(network, int(now()), responses)
        if moment.at <= sent.until:
            continue
        extracts, sent = live_extracts(moment, sent)
        for source, name, write in extracts:
            _land(landing / source, name, write)
            written += 1
    return written


Extracts = list[tuple[str, str, Callable[[Path], None]]]


def live_extracts(moment: Moment, sent: Sent) -> tuple[Extracts, Sent]:
    """The extracts of one moment, and what to remember of it."""
    extracts: Extracts = []
    by_form = {form.name: form for form in QUESTIONNAIRES}
    waiting: list[pl.DataFrame] = []
    changed, later = due_at(moment, sent.changing)
    for table in tables():
        if table.source not in SOURCES:
            continue
        parts = [each for each in changed if each["form"][0] in SOURCES[table.source]]
        for name in SOURCES[table.source]:
            made = answers_at(moment, by_form[name])
            repeats = made.filter(pl.col("_defect").is_in(REPEATED))
            waiting.extend([repeats] if len(repeats) else [])
            parts.append(made)
        if not any(len(part) for part in parts):
            continue
        content = table.to_bytes(
            table.export(moment.network, pl.concat(parts, how="diagonal")).drop("_day")
        )
        extracts.append(
            (table.source, f"{table.stem}_{moment.label}.{table.ending}", _bytes(content))
        )
    extracts.extend(_calls(moment))
    tickets, extract = _tickets(moment, sent)
    extracts.extend(extract)
    return extracts, Sent((*later, *waiting), tickets, moment.at)


def _calls(moment: Moment) -> Iterator[tuple[str, str, Callable[[Path], None]]]:
    """Calls that ended just now, in the switch's two files."""
    network = moment.network
    count = int(chance.generator(network.seed, "live calls", moment.at).poisson(4))
    number = moment.numbers(count, 5)
    day, second = divmod(moment.local, DAY_SECONDS)
    offered = described(network, number, np.full(len(number), day)).with_columns(
        second=second - pl.col("wait") - pl.col("talked"), back_after=pl.lit(-1, pl.Int64)
    )
    offered = offered.filter(pl.col("second") >= 0)
    if not len(offered):
        return
    stated = {
        "_day": pl.lit(day),
        "_defect": pl.lit(None, pl.String),
        "_aside": pl.lit(value=False),
    }
    records = call_export(network, call_rows(network, offered).with_columns(**stated)).drop("_day")
    lines = queue_rows(network, offered).sort("epoch", "_key")
    log = lines.select(line=pl.col("epoch") + "|" + pl.col("rest"))["line"]
    yield "network_calls", f"Master_{moment.label}.csv", _bytes(asterisk_bytes(records))
    yield "network_calls", f"queue_log_{moment.label}.log", _bytes(log_bytes(log))


def _tickets(moment: Moment, sent: Sent) -> tuple[pl.DataFrame, Extracts]:
    """New tickets, and what happened to open ones since the moment before."""
    network = moment.network
    drawn = chance.generator(network.seed, "live tickets", moment.at).poisson(0.6)
    number = moment.numbers(int(drawn), 6)
    weight = (
        network.traffic * is_open(network, moment.local // DAY_SECONDS) * np.exp(-network.quality)
    )
    site = chance.pick(network.seed, "live ticket site", weight, number)
    new = described_tickets(network, number, site, np.full(len(number), moment.local))
    quick = 60 + chance.whole(network.seed, "live cycle", 900, number)
    new = new.with_columns(
        answered=pl.col("created") + pl.Series(quick // 6),
        closed=pl.col("created") + pl.Series(quick),
        reopened=pl.lit(-1, pl.Int64),
        transfers=pl.col("transfers").clip(0, 5),
    )
    alive = new if sent.open_tickets is None else pl.concat([sent.open_tickets, new])
    known = events(alive).filter(pl.col("at") <= moment.local)
    happened = known.filter(pl.col("at") > sent.until + KOREA_SECONDS)
    still_open = alive.filter(pl.col("closed") > moment.local)
    if not len(happened):
        return still_open, []
    stated = {"_day": pl.lit(0), "_defect": pl.lit(None, pl.String)}
    stood = standing(alive, known.with_columns(slot=pl.lit(0))).with_columns(
        _key="number", **stated
    )
    stood = stood.filter(pl.col("number").is_in(happened["number"].unique().implode()))
    told = happened.with_columns(_key=pl.col("number") * 16 + pl.col("place"), **stated)
    parts = (
        ticket_export(network, stood).drop("_day"),
        history_export(network, told).drop("_day"),
        reason_export(moment.local // DAY_SECONDS),
    )
    content = {name: (CREATE[name], each) for name, each in zip(CREATE, parts, strict=True)}

    def write(path: Path) -> None:
        write_sqlite(path, content)

    return still_open, [("network_tickets", f"tickets_{moment.label}.sqlite", write)]


def _bytes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _land(folder: Path, name: str, write: Callable[[Path], None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{name}.part"
    write(unfinished)
    unfinished.replace(folder / name)
