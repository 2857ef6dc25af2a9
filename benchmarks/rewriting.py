"""How long does the rewriter take for a text it never saw, and for one that it knows?

The 13 questions of the star-schema benchmark are put over fifty cuboids, with the last look over
small data that every rewriting ends with. Each time the text is a little different, so that
nothing but the bound catalogue is known. What is said of every cuboid is worked out when it is
read, and timed apart. No data is read: a time of the machine, not a ratio.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from itertools import combinations, islice
from time import perf_counter

import duckdb

from benchmarks.arguments import MARKDOWN, Option, parsed
from benchmarks.machine import machine
from benchmarks.ssb import TABLES, Star, columns_of
from benchmarks.ssb_questions import QUESTIONS, SSB, cuboid_sql, demands
from benchmarks.written import written
from cubes.candidates import options
from cubes.cube import Cuboid

CUBOIDS = 50
MEDIAN, P95, CACHED = 25.0, 50.0, 0.3  # ms


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints."""
    given = parsed("rewriting", __doc__, arguments, rounds=Option(2, 20), out=MARKDOWN)
    head = machine()
    print(head, flush=True)
    star = star_of_fifty()
    cold, known, told, used = measure(star, given.rounds)
    p95 = statistics.quantiles(cold, n=20)[-1]
    text = (
        f"{len(star.cuboids)} cuboids; {used} of {len(QUESTIONS)} questions answered from one\n"
        f"never seen before: median {statistics.median(cold):.1f} ms (goal {MEDIAN:g} ms), "
        f"p95 {p95:.1f} ms (goal {P95:g} ms), {len(cold)} texts\n"
        f"from the plan cache: median {statistics.median(known):.3f} ms (goal {CACHED:g} ms)\n"
        f"and why, of all cuboids, when it is asked: median {statistics.median(told):.1f} ms"
    )
    written(given.out, head, text)
    return 0


def star_of_fifty() -> Star:
    """The star without data, and fifty grains: what its questions ask for, and pairs of these."""
    con = duckdb.connect()
    con.execute(TABLES.read_text(encoding="utf-8").replace(":scale:", "0.001"))
    columns = columns_of(con)
    con.close()
    grains = [c.keys for c in options((SSB,), demands(), (), lambda _: 1000, {SSB.name: 10**7})]
    grains += [tuple(dict.fromkeys(one + other)) for one, other in combinations(grains, 2)]
    cuboids = (Cuboid(SSB, keys) for keys in {frozenset(each): each for each in grains}.values())
    made = {cuboid.name: cuboid_sql(cuboid) for cuboid in islice(cuboids, CUBOIDS)}
    sizes = {**dict.fromkeys(made, 1000), **dict.fromkeys(columns, 6_000_000)}
    return Star(columns, made, sizes)


def measure(star: Star, rounds: int) -> tuple[list[float], list[float], list[float], int]:
    """Milliseconds of texts never seen, of known ones, of why; and how many found a cuboid."""
    star.plan("select count(*) from lineorder")  # binds the catalogue, once a release
    cold, known, told, used = list[float](), list[float](), list[float](), 0
    for number in range(rounds):
        for sql in QUESTIONS.values():
            text = sql + " " * (number + 1)
            for into in (cold, known):
                began = perf_counter()
                plan = star.plan(text)
                into.append(1000 * (perf_counter() - began))
            used += not number and any(name in star.cuboids for name in plan.reads)
            began = perf_counter()
            assert len(plan.considered) == len(star.cuboids)
            told.append(1000 * (perf_counter() - began))
    return cold, known, told, used


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
