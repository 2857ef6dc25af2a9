"""What do cuboids of the advisor's own choice bring on the star-schema benchmark?

Its 13 questions are asked of DuckDB as they stand and as the rewriter puts them, over one file. The
cuboids are those that the advisor's programme chooses for them in a quarter of the bytes of the
fact table; sizes are estimated from samples, as for any home. Planning is part of every time; a
first plan is told apart.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import perf_counter

import duckdb

from benchmarks.arguments import MARKDOWN, ROUNDS, Option, parsed
from benchmarks.figures import table
from benchmarks.homes import say, workplace
from benchmarks.machine import machine
from benchmarks.same import check_same
from benchmarks.ssb_questions import QUESTIONS, SSB, cuboid_sql, demands
from benchmarks.turns import geometric, in_turns, medians
from benchmarks.written import written
from cubes.candidates import options
from cubes.cube import Cuboid
from cubes.explain import cell_bytes
from cubes.lattice import order_of
from cubes.rewrite import Plan, rewrite
from cubes.selection import exact
from cubes.sizes import Size, draw, estimate, in_blocks, stored_bytes
from cubes.weighing import PACKED, Weighed, problem_of

TABLES = Path(__file__).with_name("ssb.sql")
SHARE, GOAL, FLOOR = 0.25, 5.0, 0.95
KEYS: Mapping[str, tuple[str, ...]] = {
    "calendar": ("d_datekey",),
    "customer": ("c_custkey",),
    "supplier": ("s_suppkey",),
    "part": ("p_partkey",),
}
LINKS = (
    ("lineorder", ("lo_orderdate",), "calendar", ("d_datekey",)),
    ("lineorder", ("lo_custkey",), "customer", ("c_custkey",)),
    ("lineorder", ("lo_suppkey",), "supplier", ("s_suppkey",)),
    ("lineorder", ("lo_partkey",), "part", ("p_partkey",)),
)


@dataclass(frozen=True)
class Star:
    """What the rewriter is told: everything about the tables, and the cuboids that were built."""

    tables: Mapping[str, Mapping[str, str]]
    cuboids: Mapping[str, str]
    sizes: Mapping[str, int]

    @cached_property
    def not_null(self) -> frozenset[tuple[str, str]]:
        """Every column: nothing is missing in this star."""
        return frozenset((name, column) for name, of in self.tables.items() for column in of)

    def plan(self, sql: str) -> Plan:
        """The text to run, what it reads, and why."""
        return rewrite(
            sql, tables=self.tables, cuboids=self.cuboids, sizes=self.sizes, keys=KEYS,
            foreign_keys=LINKS, not_null=self.not_null, prefer="cost",
        )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Generates, chooses, builds, compares, times, prints."""
    scale = Option(0.05, 1.0, "1 has 6 million lines")
    given = parsed("ssb", __doc__, arguments, scale=scale, rounds=ROUNDS, out=MARKDOWN)
    head = machine()
    print(head, flush=True)
    with workplace() as place:
        con = duckdb.connect(str(place / "ssb.duckdb"))
        say(f"generating scale {given.scale}")
        con.execute(TABLES.read_text(encoding="utf-8").replace(":scale:", str(given.scale)))
        con.execute("checkpoint")
        chosen, words = choose(con)
        star = build(con, chosen)
        taken = sum(stored_bytes(con.cursor(), "ssb", cuboid.name) for cuboid in chosen)
        facts = stored_bytes(con.cursor(), "ssb", "lineorder")
        kept = f"{taken / 2**20:.0f} MB of cuboids, {100 * taken / facts:.1f} % of the fact table"
        text = "\n".join((words, kept, told(con, star, given.rounds)))
        con.close()
    written(given.out, head, text)
    return 0


def choose(con: duckdb.DuckDBPyConnection) -> tuple[tuple[Cuboid, ...], str]:
    """The advisor's choice for the 13 questions, and what it says of it."""
    began, asked, cursor = perf_counter(), demands(), con.cursor()
    sample = draw(cursor, SSB)
    known: dict[str, Size] = {}

    def size(cuboid: Cuboid) -> Size:
        if cuboid.name not in known:
            known[cuboid.name] = estimate(cursor, sample, cuboid.keys)
        return known[cuboid.name]

    facts = {SSB.name: sample.facts}
    every = options((SSB,), asked, (), lambda cuboid: size(cuboid).rows, facts)
    fact_bytes = stored_bytes(con.cursor(), "ssb", SSB.fact)
    weighed = Weighed(
        options=every,
        kept=0,
        sizes={option.name: size(option) for option in every},
        bytes=tuple(in_blocks(size(o).rows * cell_bytes(o) * PACKED) for o in every),
        facts=facts,
        fact_bytes=float(fact_bytes),
    )
    found = exact(problem_of(weighed, asked, SHARE * fact_bytes, loads_a_day=0.0))
    chosen = tuple(every[option] for option in found.chosen)
    cursor.close()
    names = "\n".join(f"  {c.name}: {size(c).rows:,} cells estimated" for c in chosen)
    return chosen, (
        f"{sample.facts:,} lines; chosen of {len(known)} candidates in"
        f" {perf_counter() - began:.1f} s, gap {100 * found.gap:.1f} %:\n{names}"
    )


def build(con: duckdb.DuckDBPyConnection, chosen: Sequence[Cuboid]) -> Star:
    """Makes the cuboids, each in its order."""
    made = {}
    for cuboid in chosen:
        say(f"building {cuboid.name}")
        made[cuboid.name] = cuboid_sql(cuboid)
        order = ", ".join(order_of(cuboid))
        con.execute(f"create table {cuboid.name} as {made[cuboid.name]} order by {order}")
    con.execute("checkpoint")
    counted = con.execute(
        "select table_name, estimated_size from duckdb_tables() where database_name = 'ssb'"
    ).fetchall()
    tables = {name: of for name, of in columns_of(con).items() if name not in made}
    return Star(tables, made, dict(counted))


def columns_of(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The columns of the tables of a database and their types, without temporary tables."""
    found: dict[str, dict[str, str]] = {}
    for name, column, kind in con.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = current_database() order by table_name, column_index"
    ).fetchall():
        found.setdefault(name, {})[column] = kind
    return found


def told(con: duckdb.DuckDBPyConnection, star: Star, rounds: int) -> str:
    """The table of the 13 questions, and whether the goals were met."""
    rows: list[list[object]] = []
    ratios: dict[str, float] = {}
    first = {}
    star.plan("select count(*) from lineorder")  # binds the catalogue, once a release
    for name, sql in QUESTIONS.items():
        began = perf_counter()
        star.plan(sql)
        first[name] = 1000 * (perf_counter() - began)
    for name, sql in QUESTIONS.items():
        plan = star.plan(sql)
        check_same(name, con.sql(plan.sql).pl(), con.sql(sql).pl())
        took = medians(in_turns(_ways(con, star, sql), rounds))
        ratios[name] = took["raw"] / took["ours"]
        used = (each for each in plan.reads if each in star.cuboids)
        read = ", ".join(each.removeprefix("ssb_") for each in used) or "lineorder"
        ours, raw = 1000 * took["ours"], 1000 * took["raw"]
        rows.append([name, read, ours, raw, f"{ratios[name]:.2f}x", first[name]])
    worst = min(ratios, key=lambda name: ratios[name])
    mean = geometric(list(ratios.values()))
    listed = table(("question", "read", "ms", "raw DuckDB ms", "ratio", "first plan ms"), rows)
    return (
        f"{listed}\ngeometric mean {mean:.1f}x (goal {GOAL:g}x),"
        f" worst {ratios[worst]:.2f}x, question {worst} (goal {FLOOR:g}x)"
    )


def _ways(
    con: duckdb.DuckDBPyConnection, star: Star, sql: str
) -> dict[str, Callable[[int], object]]:
    return {
        "ours": lambda _: con.execute(star.plan(sql).sql).fetchall(),
        "raw": lambda _: con.execute(sql).fetchall(),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
