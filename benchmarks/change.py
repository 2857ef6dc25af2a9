"""Does a change cost what changes, or what is there? Refresh, build, readers and memory by size.

Extracts of 5,000 answers are loaded into homes of growing size, and the same extracts go into a
hand-written warehouse of the same size: by_hand.sql, then facts and cells by the same expressions,
in one durable transaction. The hand seals no file, keeps no persons apart, and proves no account.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

import duckdb
import psutil

from benchmarks.answers import SOURCE, extracts
from benchmarks.arguments import ANSWERS, MARKDOWN, SITES, Option, parsed
from benchmarks.figures import seconds_of, table
from benchmarks.homes import say, workplace
from benchmarks.load import BY_HAND, warehouse
from benchmarks.machine import machine
from benchmarks.questions import parameters
from benchmarks.site import ASKED
from benchmarks.star import UNTIL, Star, make_star, small_home
from benchmarks.written import written
from cubes.api import connect
from cubes.cube import Cuboid
from cubes.definitions import SATISFACTION
from cubes.lattice import combined, cuboids_of
from cubes.questions import questions
from cubes.refresh import cells_sql, cuboid_specs
from cubes.rollup import builds
from models.connection import build_memory, open_connection
from models.home import open_home
from models.merge import as_columns, in_order
from models.reader import Reader
from models.schema import shipped_schema
from models.table import literal
from pipelines.load import load
from pipelines.source import home_sources

GOALS = (1.3, 1.5, 1.5)  # refresh by size, refresh by hand, all cuboids beside the finest
READERS = (1, 2, 4, 8)
SECONDS = 4.0  # that readers ask
OURS = cuboids_of(SATISFACTION)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one size."""

    answers: int
    ours: float  # seconds a load
    by_hand: float
    finest: float  # seconds to build and store the cuboid all others follow from
    cuboids: float  # seconds to build and store all of the cube
    rates: tuple[float, ...]  # questions a second, by number of readers
    memory: tuple[float, ...]  # MB of all readers together
    peak: float  # MB of this process


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures every size and prints one table."""
    given = parsed(
        "change", __doc__, arguments,
        answers=Option([20_000], [1_000_000, 10_000_000], ANSWERS.about),
        changed=Option(200, 5000, "answers in a load"), loads=Option(2, 8),
        sites=SITES, out=MARKDOWN,
    )  # fmt: skip
    head = machine()
    print(head, flush=True)
    found = []
    for answers in given.answers:
        with workplace() as place:
            home = small_home(place, given.sites)
            star = make_star(home, place / "facts", answers, ledger=True)
            found.append(measure(star, place, given.sites, given.loads, given.changed))
    written(given.out, head, told(found, given.changed))
    return 0


def measure(star: Star, place: Path, sites: int, loads: int, changed: int) -> Measured:
    """One size: build first, as loads leave tails."""
    finest, cuboids = build_seconds(star, place)
    rates, memory = zip(*(readers(star, many) for many in READERS), strict=True)
    ours, by_hand = refresh_seconds(star, place, sites, loads, changed)
    peak = psutil.Process().memory_info().rss / 2**20
    return Measured(star.answers, ours, by_hand, finest, cuboids, rates, memory, peak)


def refresh_seconds(
    star: Star, place: Path, sites: int, loads: int, changed: int
) -> tuple[float, float]:
    """Median seconds of a load both ways, in turns; the first of each warms up."""
    made = extracts(seed=7, sites=sites, first=UNTIL, answers=changed)
    specs = tuple(shipped_schema().specs.values())  # no load reads cells
    sources = home_sources(star.home)
    writer = Reader(star.home, role="writer", specs=specs, kept=0)
    con = hand_warehouse(star, place)
    took: tuple[list[float], list[float]] = ([], [])
    for nth, extract in enumerate(islice(made, loads + 1)):
        path = place / extract.name
        path.write_bytes(extract.content)

        def ours(path: Path = path) -> None:
            load(star.home, named=SOURCE, paths=(path,), sources=sources, reader=writer)

        ways: list[Callable[[], None]] = [ours, lambda path=path: by_hand(con, path)]  # type: ignore[misc]
        for way in (nth % 2, 1 - nth % 2):
            seconds = seconds_of(ways[way])
            if nth:
                took[way].append(seconds)
        path.unlink()
    say(f"{star.answers:,} answers: {median(took[0]):.2f} s a load, by hand {median(took[1]):.2f}")
    writer.close()
    con.close()
    return median(took[0]), median(took[1])


def hand_warehouse(star: Star, place: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse of by_hand.sql with the star's records and answers, and its cells' deltas."""
    con = warehouse(place / "by_hand.duckdb", star.home)
    con.execute(
        "insert into record select record_key::ubigint, content::ubigint, version from"
        f" read_parquet({literal(star.files('record'))})"
    )
    con.execute(
        "insert into answer select answer_key::ubigint, record_key::ubigint, site_key,"
        " question_key, product_key, agent_key, campaign_key, customer_key::ubigint, score, null,"
        " at_utc, local_date, local_minute from"
        f" read_parquet({literal(star.files('canonical_answer'))})"
    )
    link = place / "for_hand.duckdb"
    link.hardlink_to(star.base)
    con.execute(f"attach {literal(link)} as star (read_only)")
    con.execute("create table dim_question as from star.main.dim_question")
    con.execute("create table dim_site as from star.main.dim_site")
    for cuboid in OURS:
        con.execute(f"create table delta_{cuboid.name} as from star.main.{cuboid.name} limit 0")
    con.execute("create table fact_new as from star.main.fact_answer limit 0")
    con.execute("checkpoint")
    return con


def by_hand(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """One extract in one transaction: answers, facts, and the cells of every cuboid."""
    schema = shipped_schema()
    spec = schema.specs["canonical_answer"]
    rows = (
        "select (a.answer_key >> 2)::bigint as answer_key, (a.record_key >> 2)::bigint as"
        " response_key, 1 as channel_key, a.site_key, a.question_key, a.product_key, a.agent_key,"
        " a.campaign_key, (a.customer_key >> 2)::bigint as customer_key, a.score, a.at_utc,"
        " a.local_date, a.local_minute from answer as a"
        " where a.record_key in (select record_key from new_record)"
    )
    con.execute("drop table if exists reject_errors; drop table if exists reject_scans; begin")
    con.execute(BY_HAND.read_text(encoding="utf-8").replace(":path", str(path)))
    canonical = as_columns(rows, spec.columns)
    con.execute(f"create or replace temp table canonical_answer as {canonical}")
    con.execute(f"create or replace temp table fact as {schema.model('fact_answer').sql}")
    con.execute("insert into fact_new by name select *, 1 as load_from from fact")
    for cuboid in OURS:
        cells = cells_sql(cuboid, "fact", str)
        con.execute(f"insert into delta_{cuboid.name} by name {cells}")
    con.execute("commit")


def build_seconds(star: Star, place: Path) -> tuple[float, float]:
    """Seconds to build and store the finest cuboid of answers sorted, and all that are kept."""
    keys: tuple[str, ...] = ()
    for cuboid in OURS:
        keys = combined(SATISFACTION, keys, cuboid.keys)
    finest = Cuboid(SATISFACTION, keys, ("site_version", "day"))
    one = builds((finest,), (), {}, "star.main.{}".format)
    fact = {SATISFACTION.fact, "dim_site", "dim_question"}

    def named(table: str) -> str:
        return f"star.main.{table}" if table in fact else f"newer.main.{table}"

    every = builds(OURS, (), cuboid_rows(star, place), named)
    took = []
    for nth, steps in enumerate((one, every)):
        con = open_connection("build", spill=star.home.spill)
        con.execute(f"set global memory_limit = '{build_memory(0)[-1]}MiB'")
        link = place / f"for_build_{nth}.duckdb"
        link.hardlink_to(star.base)
        con.execute(f"attach {literal(link)} as star (read_only)")
        con.execute(f"attach {literal(place / f'built_{nth}.duckdb')} as newer")
        con.execute("select sum(weight), sum(lead_points) from star.main.fact_answer").fetchall()
        began = time.perf_counter()
        for step in steps:
            (spec,) = cuboid_specs((step.cuboid,))
            con.execute(f"create table newer.main.{spec.name} as {in_order(spec, step.sql)}")
        con.execute("checkpoint newer")
        took.append(time.perf_counter() - began)
        con.close()
        (place / f"built_{nth}.duckdb").unlink()
    say(f"{star.answers:,} answers: finest {took[0]:.1f} s, all {len(OURS)} {took[1]:.1f} s")
    return took[0], took[1]


def cuboid_rows(star: Star, place: Path) -> dict[str, int]:
    """The rows of every cuboid, by which the builder picks the smallest parent."""
    link = place / "for_rows.duckdb"
    link.hardlink_to(star.base)
    con = duckdb.connect(str(link), read_only=True)
    rows = con.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
    con.close()
    return {str(name): int(size) for name, size in rows}


def readers(star: Star, many: int) -> tuple[float, float]:
    """Questions of sites a second of so many processes, and the memory they take together."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(many) as pool:
        pool.map(_ask, [(str(star.home.root), 0.5, nth) for nth in range(many)], chunksize=1)
        told = pool.map(
            _ask, [(str(star.home.root), SECONDS, nth) for nth in range(many)], chunksize=1
        )
    return sum(count for count, _ in told) / SECONDS, sum(memory for _, memory in told)


def _ask(given: tuple[str, float, int]) -> tuple[int, float]:
    """One reader: the questions of a few sites, over and over; how many, and its memory in MB."""
    root, seconds, seed = given
    connection = connect(open_home(Path(root)))
    asked = [(questions()[n].text, each) for n in ASKED for each in parameters(connection, n)]
    random.Random(seed).shuffle(asked)
    for text, each in asked:
        connection.ask(text, each)
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        connection.ask(*asked[count % len(asked)])
        count += 1
    connection.close()
    return count, psutil.Process(os.getpid()).memory_full_info().pss / 2**20


def told(found: Sequence[Measured], changed: int) -> str:
    """The table of all sizes, and whether the goals were met."""
    first = found[0]
    head = ["answers", "s a load", "to the first", "by hand s", "to by hand"]
    head += ["finest s", "all cuboids s", "ratio"]
    head += [f"{many} reading, q/s" for many in READERS]
    head += [f"{READERS[0]} reading, MB", f"{READERS[-1]} reading, MB", "loader MB"]
    return f"loads of {changed:,} answers\n" + table(head, [list(_row(m, first)) for m in found])


def _row(one: Measured, first: Measured) -> Iterator[object]:
    yield from (one.answers, one.ours, f"{one.ours / first.ours:.2f}x (goal {GOALS[0]}x)")
    yield from (one.by_hand, f"{one.ours / one.by_hand:.2f}x (goal {GOALS[1]}x)")
    yield from (one.finest, one.cuboids, f"{one.cuboids / one.finest:.2f}x (goal {GOALS[2]}x)")
    yield from (round(rate) for rate in one.rates)
    yield from (round(one.memory[0]), round(one.memory[-1]), round(one.peak))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
