"""What do accounts, ledger, encryption and cells cost? Records a second beside two plain loads.

The same files go three ways, in turns: into happycall; into a table by a bare `read_csv`; and into
a small warehouse by hand-written SQL that makes the same casts, checks, lookups, hashes,
comparisons and quarantine. That it counts the same as happycall is checked, so that it does not
win by doing less than it says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.answers import SOURCE, Extract, extracts
from benchmarks.arguments import SITES, Option, parsed
from benchmarks.figures import seconds_of, table
from benchmarks.homes import Network, say, simulated_home, workplace
from benchmarks.machine import machine
from cubes.api import connect
from models.connection import open_connection
from models.home import Home
from models.reader import Reader
from models.schema import shipped_schema
from pipelines.load import home_sources, load

BY_HAND = Path(__file__).with_name("by_hand.sql")
WAYS = ("read_csv", "by hand", "happycall")
LISTS = ("site", "agent", "product", "campaign")
Row = tuple[str, float, int, str]
TABLES = """
    create table record (record_key ubigint, content ubigint, version varchar);
    create table quarantine (reason varchar, raw varchar);
    create table answer (
        answer_key ubigint, record_key ubigint, site_key integer, question_key integer,
        product_key integer, agent_key integer, campaign_key integer, customer_key ubigint,
        score integer, verbatim varchar, at_utc timestamp, local_date date, local_minute smallint)
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run does."""

    network: Network
    answers: int
    intraday: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Ways:
    """The three ways a file can go, each over what it loaded before."""

    happycall: Callable[[Path], object]
    by_hand: Callable[[Path], object]
    read_csv: Callable[[Path], object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints one table for large files and one for intraday ones."""
    settings = read(arguments)
    sizes = f"{settings.answers:,} and {settings.intraday:,}"
    print(f"load: files of {sizes} answers; {settings.network}")
    print(machine(), flush=True)
    with workplace() as place:
        for heading, rows in measure(settings, place):
            print(f"\n{heading}")
            print(table(("way", "seconds", "records a second", "times as long as by hand"), rows))
    return 0


def measure(settings: Settings, place: Path) -> Iterator[tuple[str, list[Row]]]:
    """A heading and the rows of its table, for each size of file."""
    home, network = simulated_home(place, settings.network), settings.network
    made = extracts(
        seed=network.seed, sites=network.sites, first=network.first, answers=settings.answers
    )
    large = list(islice(made, settings.rounds + 1))
    later = network.first + timedelta(days=365)  # other days, so that no record comes twice
    made = extracts(seed=network.seed, sites=network.sites, first=later, answers=settings.intraday)
    small = list(islice(made, settings.rounds + 1))
    con = warehouse(place / "by_hand.duckdb", home)
    ways = open_ways(home, con, place / "bare.duckdb")
    before = counted(home, con)
    for files in (large, small):
        yield _heading(files), compared(ways, place, files)
    check_same(before, counted(home, con))
    con.close()


def _heading(files: Sequence[Extract]) -> str:
    timed = files[1:]
    records = sum(file.records for file in timed) // len(timed)
    given = sum(file.answers for file in timed) // len(timed)
    return f"{len(timed)} files of about {records:,} records with {given:,} answers"


def compared(ways: Ways, place: Path, files: Sequence[Extract]) -> list[Row]:
    """Every file all three ways, in turns; the first one warms up."""
    works: Mapping[str, Callable[[Path], object]] = {
        "read_csv": ways.read_csv, "by hand": ways.by_hand, "happycall": ways.happycall,
    }  # fmt: skip
    took: dict[str, list[float]] = {way: [] for way in WAYS}
    for nth, extract in enumerate(files):
        path = place / extract.name
        path.write_bytes(extract.content)
        for way in WAYS[nth % 3 :] + WAYS[: nth % 3]:
            seconds = seconds_of(lambda: works[way](path))  # noqa: B023
            say(f"{extract.name}, {extract.records:,} records, {way}: {seconds:.2f} s")
            if nth:
                took[way].append(seconds)
        path.unlink()
    return [_row(way, files[1:], took[way], took["by hand"]) for way in WAYS]


def _row(
    way: str, files: Sequence[Extract], took: Sequence[float], by_hand: Sequence[float]
) -> Row:
    speed = median(f.records / s for f, s in zip(files, took, strict=True))
    ratio = median(a / b for a, b in zip(took, by_hand, strict=True))
    return way, median(took), round(speed), f"{ratio:.2f}x"


def open_ways(home: Home, con: duckdb.DuckDBPyConnection, bare: Path) -> Ways:
    """All three with their connections open, as a process that stays would have them."""
    sources = home_sources(home)
    specs = tuple(shipped_schema().specs.values())  # no load reads cells
    writer = Reader(home, role="writer", specs=specs, kept=0)
    con.execute(f"attach '{bare}' as bare")
    script = BY_HAND.read_text(encoding="utf-8")

    def happycall(path: Path) -> None:
        load(home, named=SOURCE, paths=(path,), sources=sources, reader=writer)

    def by_hand(path: Path) -> None:
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans; begin")
        con.execute(script.replace(":path", str(path)))
        con.execute("commit")

    def read_csv(path: Path) -> None:
        con.execute(
            f"create or replace table bare.main.raw as"
            f" from read_csv('{path}', header = true, all_varchar = true, ignore_errors = true)"
        )

    return Ways(happycall, by_hand, read_csv)


def warehouse(path: Path, home: Home) -> duckdb.DuckDBPyConnection:
    """The hand-made warehouse: the same lists as in the home, and no answers yet."""
    con = open_connection("writer", spill=path.parent)
    con.execute(f"attach '{path}' as by_hand; use by_hand")
    con.execute(TABLES)
    asked = connect(home)
    for name in LISTS:
        rows = asked.ask(f"select distinct {name} as ref, {name}_key as key from dim_{name}")
        con.register("known", rows.to_arrow())
        con.execute(f"create table {name} as select ref, key from known where ref is not null")
        con.unregister("known")
    rows = asked.ask("select question as ref, question_key as key, low, high from dim_question")
    con.register("known", rows.to_arrow())
    con.execute("create table question as from known")
    con.unregister("known")
    asked.close()
    return con


@dataclass(frozen=True, slots=True)
class Counted:
    """What a way holds: records that were accepted, records refused, answers that count."""

    happycall: tuple[int, int, int]
    by_hand: tuple[int, int, int]


def counted(home: Home, con: duckdb.DuckDBPyConnection) -> Counted:
    """The state of both warehouses."""
    reader = Reader(home)
    cursor = reader.snapshot().cursor()
    of_phone = f"source = '{SOURCE}'"
    ours = (
        _number(cursor, f"record where {of_phone}"),
        _number(cursor, f"quarantine where {of_phone} and state = 'open'"),
        _number(cursor, "fact_answer"),
    )
    cursor.close()
    reader.close()
    return Counted(
        ours, (_number(con, "record"), _number(con, "quarantine"), _number(con, "answer"))
    )


def _number(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    row = con.execute(f"select count(*) from {rows}").fetchone()
    return int(row[0]) if row else 0


def check_same(before: Counted, after: Counted) -> None:
    """Stops when the two loads do not count the same: then their speeds cannot be compared."""
    ours = [b - a for a, b in zip(before.happycall, after.happycall, strict=True)]
    theirs = [b - a for a, b in zip(before.by_hand, after.by_hand, strict=True)]
    words = "accepted records, quarantined records, answers"
    if ours != theirs:
        raise SystemExit(f"{words}: happycall {ours}, by hand {theirs}; no fair comparison")
    say(f"both count the same {words}: {ours}")


def read(arguments: Sequence[str] | None) -> Settings:
    """The settings that the command line names."""
    given = parsed(
        "load", __doc__, arguments,
        answers=Option(2000, 300_000, "in a large file"),
        intraday=Option(100, 1000, "answers in a small file"),
        rounds=Option(2, 5, "files of each size that are timed"),
        sites=SITES, days=Option(3, 14, "of its history in the base"),
    )  # fmt: skip
    return Settings(
        Network(given.sites, given.days), given.answers, given.intraday, given.rounds
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
