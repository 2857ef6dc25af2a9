"""Does a home stay quick while it is refreshed? A curve over many intraday loads.

A home is loaded again and again with a thousand answers. Every so often a site's questions are
asked of it and of the same release freshly compacted, in turns and in the same process; the ratio
of the two medians is one point of the curve. Nothing is compacted between the loads but what a load
does by itself, so the curve shows the worst that a day without a quiet moment can do.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.answers import SOURCE, Extract, extracts
from benchmarks.arguments import SITES, Option, parsed
from benchmarks.curve import Line, draw
from benchmarks.figures import seconds_of, table
from benchmarks.homes import Network, fresh_copy, say, simulated_home, workplace
from benchmarks.machine import machine
from cubes.api import Connection, connect
from cubes.questions import named, questions
from models.home import Home
from models.manifest import Manifest, read_manifest
from models.reader import Reader
from models.schema import shipped_schema
from pipelines.load import home_sources, load

GOAL = 1.8
PERIOD_DAYS = 91
CURVE = Path(__file__).with_name("results") / "refresh.svg"
ASKED = {group: named(group, ("site",)) for group in ("week", "process", "touchpoint")}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run does."""

    network: Network
    loads: int
    answers: int
    every: int
    asked_sites: int
    rounds: int
    out: Path | None


@dataclass(frozen=True, slots=True)
class Point:
    """The home after so many loads: what a load took, what lies on the base, how quick it is."""

    loads: int
    load_seconds: float
    tails: int
    tail_rows: int
    millis: Mapping[str, tuple[float, float]]  # question: as it stands, freshly compacted

    def ratio(self, question: str) -> float:
        """How much longer the question takes than on a fresh base."""
        stands, fresh = self.millis[question]
        return stands / fresh


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the table, and draws the curve; a small run draws only where told to."""
    settings = read(arguments)
    print(f"refresh: {settings.loads:,} loads of {settings.answers:,} answers; {settings.network}")
    print(machine(), flush=True)
    with workplace() as place:
        points = measure(settings, place)
    print(told(points))
    worst = max(point.ratio(question) for point in points for question in ASKED)
    print(f"largest ratio {worst:.2f}x, goal {GOAL}x: {'met' if worst <= GOAL else 'missed'}")
    if settings.out:
        settings.out.parent.mkdir(parents=True, exist_ok=True)
        settings.out.write_text(drawn(settings, points), encoding="utf-8")
        print(f"the curve is drawn in {settings.out}")
    return 0


def measure(settings: Settings, place: Path) -> list[Point]:
    """All points of the curve, the one before the first load included."""
    network = settings.network
    home = simulated_home(place, network)
    files = extracts(
        seed=network.seed, sites=network.sites, first=network.first, answers=settings.answers
    )
    sources = home_sources(home)
    specs = tuple(shipped_schema().specs.values())  # no load reads cells
    writer = Reader(home, role="writer", specs=specs, kept=0)  # kept, as the worker keeps its own
    points, took = [_point(settings, home, place, 0, [])], list[float]()
    for number, extract in enumerate(islice(files, settings.loads), start=1):
        path = _put(place, extract)
        began = perf_counter()
        load(home, named=SOURCE, paths=(path,), sources=sources, reader=writer)
        took.append(perf_counter() - began)
        path.unlink()
        if number % settings.every == 0 or number == settings.loads:
            points.append(_point(settings, home, place, number, took))
            took.clear()
    writer.close()
    return points


def _put(place: Path, extract: Extract) -> Path:
    path = place / extract.name
    path.write_bytes(extract.content)
    return path


def _point(
    settings: Settings, home: Home, place: Path, number: int, took: Sequence[float]
) -> Point:
    manifest = read_manifest(home)
    assert manifest is not None
    copy = place / "fresh"
    fresh = fresh_copy(home, copy)
    stands_now, stands_fresh = connect(home), connect(fresh)
    try:
        millis = _ask_both(settings, stands_now, stands_fresh)
    finally:
        stands_now.close()
        stands_fresh.close()
        shutil.rmtree(copy)
    point = Point(
        number, median(took) if took else 0.0, len(manifest.tails), _cells(manifest), millis
    )
    worst = max(point.ratio(question) for question in ASKED)
    say(f"load {number:,}: {worst:.2f}x, {point.load_seconds:.2f} s a load")
    return point


def _cells(manifest: Manifest) -> int:
    """Tail rows of the cuboid that has most of them."""
    return max(manifest.tail_rows(spec.name) for spec in manifest.tables if spec.kind == "cell")


def _ask_both(
    settings: Settings, stands: Connection, fresh: Connection
) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each question on either home, asked in turns of the same sites."""
    sites, last = _sites(stands, settings), _last_day(stands)
    given = {"first": last - timedelta(days=PERIOD_DAYS - 1), "until": last + timedelta(days=1)}
    found = {}
    for group, name in ASKED.items():
        text, stood, compacted = questions()[name].text, list[float](), list[float]()
        for turn in range(settings.rounds + 1):
            for site in sites:
                asked = {**given, "site": site}
                as_it_stands, on_a_base = _millis(stands, text, asked), _millis(fresh, text, asked)
                if turn:  # the first turn warms up
                    stood.append(as_it_stands)
                    compacted.append(on_a_base)
        found[group] = (median(stood), median(compacted))
    return found


def _millis(connection: Connection, text: str, given: Mapping[str, Any]) -> float:
    return 1000 * seconds_of(lambda: connection.answer(text, given))


def _sites(connection: Connection, settings: Settings) -> list[str]:
    """Some sites with answers, the same ones in every run."""
    frame = connection.ask("select site from satisfaction group by site order by site")
    known = [site for site in frame["site"] if site]
    return random.Random(settings.network.seed).sample(known, min(settings.asked_sites, len(known)))


def _last_day(connection: Connection) -> date:
    last: date = connection.ask("select max(local_date) as last from fact_answer")["last"][0]
    return last


def told(points: Sequence[Point]) -> str:
    """The table of all points."""
    head = ["loads", "s a load", "tails", "tail cells"]
    for question in ASKED:
        head += [f"{question} ms", "fresh ms", "ratio"]
    rows = []
    for point in points:
        row: list[object] = [point.loads, point.load_seconds, point.tails, point.tail_rows]
        for question in ASKED:
            row += [*point.millis[question], f"{point.ratio(question):.2f}x"]
        rows.append(row)
    return table(head, rows)


def drawn(settings: Settings, points: Sequence[Point]) -> str:
    """The curve: how much longer each question takes than on a fresh base, load by load."""
    lines = [
        Line(name, [(float(point.loads), point.ratio(name)) for point in points]) for name in ASKED
    ]
    title = "How much longer than on a freshly compacted base does a site's question take?"
    return draw(title, f"intraday loads of {settings.answers:,} answers", lines, GOAL)


def read(arguments: Sequence[str] | None) -> Settings:
    """The settings that the command line names."""
    given = parsed(
        "refresh", __doc__, arguments,
        loads=Option(3, 1000), answers=Option(100, 1000),
        every=Option(1, 50, "loads from one point to the next"),
        sites=SITES, days=Option(5, 90, "of its history in the base"),
        out="where the curve is drawn, as SVG",
    )  # fmt: skip
    asked_sites, rounds = (5, 2) if given.small else (20, 7)
    return Settings(
        Network(given.sites, given.days), given.loads, given.answers, given.every,
        asked_sites, rounds, given.out or (None if given.small else CURVE),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
