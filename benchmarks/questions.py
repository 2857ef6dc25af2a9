"""How much faster than plain SQL over the facts do the dashboards' questions come back?

The 24 benchmarked questions are asked of happycall through its own door, and by hand of DuckDB over
the same star: its facts sorted by time, and sorted as happycall sorts them, by month and site. A
ratio above 1 says that happycall is faster. Answers are compared before anything is timed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import polars as pl

from benchmarks.arguments import ANSWERS, MARKDOWN, ROUNDS, SITES, parsed
from benchmarks.figures import table
from benchmarks.hand import answered, hand_sql
from benchmarks.homes import say, workplace
from benchmarks.machine import machine
from benchmarks.same import check_same
from benchmarks.star import UNTIL, Star, make_star, small_home
from benchmarks.turns import geometric, in_turns, medians
from benchmarks.written import written
from cubes.api import Connection, connect
from cubes.questions import AGGREGATING, BENCHMARKED, questions
from models.table import literal

GOALS = (("time", 20.0), ("month, site", 10.0))  # of the aggregating questions, geometric mean
FLOOR = 0.9  # of any question
DAYS, MONTHLY = 364, 728  # the longest period of a screen, and what is shown by month
ASKED_SITES = 5
FACTS = ("fact_answer", "fact_contact")

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One question: what answered it, the milliseconds of each way, and of its first plan."""

    name: str
    read: str
    millis: Mapping[str, float]
    first_plan: float

    def ratio(self, way: str) -> float:
        """How many times as long as happycall a peer takes."""
        return self.millis[way] / self.millis["happycall"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints one table for each size."""
    given = parsed(
        "questions", __doc__, arguments,
        answers=ANSWERS, sites=SITES, rounds=ROUNDS, out=MARKDOWN,
    )  # fmt: skip
    said = [machine()]
    print(said[0], flush=True)
    for answers in given.answers:
        with workplace() as place:
            star = make_star(small_home(place, given.sites), place / "facts", answers)
            text = told(star, measure(star, place, given.rounds))
        said.append(text)
        written(given.out, *said)
    return 0


def measure(star: Star, place: Path, rounds: int) -> list[Line]:
    """Every question, compared and then timed on all ways in turns."""
    peers = {"time": by_time(star, place), "month, site": by_month(star, place)}
    plans = first_plans(star)
    connection = connect(star.home)
    lines = []
    for name in BENCHMARKED:
        asked = list(islice(cycle(parameters(connection, name)), ASKED_SITES))
        for way, con in peers.items():
            for given in asked:
                mine = connection.ask(questions()[name].text, given)
                check_same(f"{name} ({way})", mine, by_hand(con, name, given))
        lines.append(_line(connection, peers, name, asked, rounds, plans[name]))
        say(f"{name}: {lines[-1].ratio('time'):.1f}x, {lines[-1].ratio('month, site'):.1f}x")
    connection.close()
    for con in peers.values():
        con.close()
    return lines


def _line(
    connection: Connection,
    peers: Mapping[str, duckdb.DuckDBPyConnection],
    name: str,
    asked: Sequence[Given],
    rounds: int,
    first_plan: float,
) -> Line:
    text = questions()[name].text

    def hand(way: str, turn: int) -> object:
        return by_hand(peers[way], name, asked[turn % len(asked)])

    ways = {
        "happycall": lambda turn: connection.ask(text, asked[turn % len(asked)]),
        "time": lambda turn: hand("time", turn),
        "month, site": lambda turn: hand("month, site", turn),
    }
    took = medians(in_turns(ways, rounds))
    planned = connection.plan(text)
    read = ", ".join(planned.cuboids) or next((f for f in FACTS if f in planned.reads), "?")
    return Line(name, read, {way: 1000 * s for way, s in took.items()}, first_plan)


def by_hand(con: duckdb.DuckDBPyConnection, name: str, given: Given) -> pl.DataFrame:
    """The answer of a plain DuckDB, in the form in which happycall gives its own."""
    return answered(con, hand_sql(name), given)


def by_time(star: Star, place: Path) -> duckdb.DuckDBPyConnection:
    """The star with its facts in the order of time, on DuckDB as it comes."""
    con = duckdb.connect(str(place / "by_time.duckdb"))
    con.execute(f"attach {literal(_linked(star, place, 'for_time'))} as star (read_only)")
    rows = con.execute("select table_name from duckdb_tables() where database_name = 'star'")
    for (name,) in rows.fetchall():
        if name.startswith("dim_") or name == "fact_target":
            con.execute(f"create table {name} as from star.main.{name}")
    for fact in FACTS:
        con.execute(f"create table {fact} as from read_parquet({literal(star.files(fact))})")
    con.execute("detach star; checkpoint; set timezone = 'UTC'")
    return con


def by_month(star: Star, place: Path) -> duckdb.DuckDBPyConnection:
    """The star as happycall's base has it, sorted by month and site; its cuboids are not asked."""
    con = duckdb.connect(str(_linked(star, place, "by_month")), read_only=True)
    con.execute("set timezone = 'UTC'")
    return con


def _linked(star: Star, place: Path, name: str) -> Path:
    """The base under another name: DuckDB opens a file once in a process."""
    path = place / f"{name}.duckdb"
    path.hardlink_to(star.base)
    return path


def first_plans(star: Star) -> dict[str, float]:
    """Milliseconds until a question that was never asked is planned, the release being known."""
    connection = connect(star.home)
    connection.plan("select 1 as one from dim_date limit 1")
    found = {}
    for name in BENCHMARKED:
        began = perf_counter()
        connection.plan(questions()[name].text)
        found[name] = 1000 * (perf_counter() - began)
    connection.close()
    return found


def parameters(connection: Connection, name: str) -> Iterator[Given]:
    """What a screen gives: a period, and some places of middling size or the largest province."""
    days = MONTHLY if name.startswith("month") else DAYS
    first, needed = UNTIL - timedelta(days=days), questions()[name].parameters
    times: dict[str, date] = {
        "first": first, "until": UNTIL, "before": first - timedelta(days=days),
        "year_first": first - timedelta(days=364), "year_until": UNTIL - timedelta(days=364),
    }  # fmt: skip
    places = connection.ask(
        "select site, province, site_type, n(index) as n from satisfaction"
        " where site is not null group by all order by n desc, site"
    )
    middle = places[len(places) // 4 :]
    for row in middle.head(ASKED_SITES).iter_rows(named=True):
        known = {**times, **row, "province": places["province"][0]}
        yield {key: known[key] for key in needed}


def told(star: Star, lines: Sequence[Line]) -> str:
    """The table of all questions, and whether the goals were met."""
    head = ["question", "read", "ms", "by time ms", "ratio", "by month, site ms", "ratio"]
    rows: list[list[object]] = []
    for line in lines:
        row: list[object] = [line.name, line.read, line.millis["happycall"]]
        for way, _ in GOALS:
            row += [line.millis[way], f"{line.ratio(way):.2f}x"]
        rows.append([*row, line.first_plan])
    parts = [f"{star.answers:,} answers", table([*head, "first plan ms"], rows)]
    grouped = [line for line in lines if line.name in AGGREGATING]
    for way, goal in GOALS:
        mean = geometric([line.ratio(way) for line in grouped])
        parts.append(f"18 that aggregate, against facts by {way}: {mean:.1f}x (goal {goal:g}x)")
    worst = min((line.ratio(way), line.name, way) for line in lines for way, _ in GOALS)
    parts.append(f"worst of all 24: {worst[0]:.2f}x, {worst[1]} by {worst[2]} (goal {FLOOR:g}x)")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
