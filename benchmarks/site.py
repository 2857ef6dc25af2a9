"""What does happycall add to the cuboid itself, when a site's screen asks?

The questions of a site are asked of happycall, and by hand of the cuboid that suits each best, in
the same base. First on a fresh base, then with as many tail cells on it as a load may leave. The
ratio holds planning by DuckDB, the view of base and tail, the access log and the way to a frame.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.arguments import MARKDOWN, ROUNDS, SITES, Option, parsed
from benchmarks.figures import table
from benchmarks.hand import answered, over_cuboid
from benchmarks.homes import workplace
from benchmarks.machine import machine
from benchmarks.questions import ASKED_SITES, by_month, parameters
from benchmarks.same import check_same
from benchmarks.star import Star, make_star, small_home
from benchmarks.turns import in_turns, medians
from benchmarks.written import written
from cubes.api import Connection, connect
from cubes.questions import questions
from cubes.refresh import cuboid_specs
from models.lock import writer_lock
from models.manifest import read_manifest
from models.reader import Reader
from models.release import LARGE_LOAD, commit

ASKED = ("week | site", "process | site", "touchpoint | site")
GOALS = (("compacted", 1.3), ("with the largest tail", 1.8))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints one table."""
    given = parsed(
        "site", __doc__, arguments,
        answers=Option(20_000, 1_000_000), sites=SITES, rounds=ROUNDS, out=MARKDOWN,
    )  # fmt: skip
    head = machine()
    print(head, flush=True)
    with workplace() as place:
        star = make_star(small_home(place, given.sites), place / "facts", given.answers)
        text = told(star, measure(star, place, given.rounds))
    written(given.out, head, text)
    return 0


def measure(star: Star, place: Path, rounds: int) -> dict[str, dict[str, tuple[float, float]]]:
    """State of the home, question: seconds of happycall and of the hand on the cuboid."""
    con = by_month(star, place)
    found = {"compacted": _timed(star, con, rounds, compare=True)}
    put_tail(star)
    found["with the largest tail"] = _timed(star, con, rounds, compare=False)
    con.close()
    return found


def _timed(
    star: Star, con: duckdb.DuckDBPyConnection, rounds: int, *, compare: bool
) -> dict[str, tuple[float, float]]:
    connection, found = connect(star.home), {}
    for name in ASKED:
        given = list(islice(parameters(connection, name), ASKED_SITES))
        if compare:
            for each in given:
                mine = connection.ask(questions()[name].text, each)
                check_same(name, mine, _by_hand(con, name, each))
        took = medians(in_turns(_ways(connection, con, name, given), rounds))
        found[name] = (took["happycall"], took["hand"])
    connection.close()
    return found


def _ways(
    connection: Connection,
    con: duckdb.DuckDBPyConnection,
    name: str,
    given: Sequence[Mapping[str, object]],
) -> dict[str, Callable[[int], object]]:
    text = questions()[name].text
    return {
        "happycall": lambda turn: connection.ask(text, given[turn % len(given)]),
        "hand": lambda turn: _by_hand(con, name, given[turn % len(given)]),
    }


def _by_hand(
    con: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]
) -> pl.DataFrame:
    return answered(con, over_cuboid(name), given)


def put_tail(star: Star) -> None:
    """A load whose cells are as many as a tail may hold: some of each cuboid, once more."""
    before = read_manifest(star.home)
    assert before is not None
    specs = cuboid_specs()
    reader = Reader(star.home, role="writer")
    with writer_lock(star.home, "tail"):
        cursor = reader.snapshot().cursor()
        for spec in specs:
            cursor.execute(
                f"create temp table tail_{spec.name} as select * from {spec.name}"
                f" order by hash({', '.join(spec.key)}) limit {LARGE_LOAD - 1}"
            )
        now = datetime.now(UTC)
        commit(
            star.home, cursor, before, load=before.load + 1, as_of=now, committed_at=now,
            tables={spec.name: f"tail_{spec.name}" for spec in specs}, specs=before.tables,
        )  # fmt: skip
        cursor.close()
    reader.close()


def told(star: Star, found: Mapping[str, Mapping[str, tuple[float, float]]]) -> str:
    """The table, and whether the goals were met."""
    rows, lines = [], []
    for state, goal in GOALS:
        for name, (ours, hand) in found[state].items():
            rows.append([state, name, 1000 * ours, 1000 * hand, f"{ours / hand:.2f}x"])
        worst = max(ours / hand for ours, hand in found[state].values())
        lines.append(f"{state}: at most {worst:.2f}x (goal {goal:g}x)")
    head = ("base", "question", "happycall ms", "by hand ms", "ratio")
    return "\n".join((f"{star.answers:,} answers", table(head, rows), *lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
