"""A whole network through the loader, against the truth that was written beside it.

Every record must fall into the class the truth expects, and the index of each site and process must
be the one computed from the truth by Polars, which knows nothing of happycall's formulas.
"""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

from benchmarks.arguments import SITES, Option, parsed
from benchmarks.homes import Network, land_all, say, workplace
from benchmarks.machine import machine
from cubes.api import connect
from models.home import Home, open_home
from pipelines.load import load
from pipelines.result import LoadResult
from pipelines.simulate import simulate

CLASSES = ("landed", "accepted", "duplicate", "quarantined", "set_aside")
KEY = ["site", "process"]
SAME = 1e-9  # of a mark between 0 and 100


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found beside the truth."""

    sources: int
    wrong_sources: tuple[str, ...]
    cells: int
    answers: int
    wrong_cells: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulates, loads, compares; status 1 where anything differs."""
    given = parsed(
        "whole", __doc__, arguments, sites=SITES, days=Option(5, 90), seed=Option(7, 7)
    )  # fmt: skip
    network = Network(given.sites, given.days, given.seed)
    print(f"whole: {network}")
    print(machine(), flush=True)
    with workplace() as place:
        home, out = open_home(place / "home"), place / "simulated"
        started = perf_counter()
        made = simulate(
            out, sites=network.sites, days=network.days, seed=network.seed, daily_days=1
        )  # fmt: skip
        say(f"simulated in {perf_counter() - started:.0f} s")
        land_all(home, made.files)
        started, used = perf_counter(), process_time()
        result = load(home, progress=say)
        took, used = perf_counter() - started, process_time() - used
        found = compared(home, result, out / "truth")
        shutil.rmtree(out)
        told(result, found, took, used)
    return int(bool(found.wrong_sources or found.wrong_cells))


def compared(home: Home, result: LoadResult, truth: Path) -> Compared:
    """Accounts by source, and the index of every site and process."""
    expected = (
        pl.read_parquet(truth / "files.parquet").group_by("source").agg(pl.col(CLASSES).sum())
    )
    wrong = tuple(
        source
        for source, *numbers in expected.sort("source").iter_rows()
        if [getattr(result.sources[source], name) for name in CLASSES] != numbers
    )
    true = indices(truth)
    connection = connect(home)
    asked = connection.ask(
        "select site, process, measure(index) as found, n(index) as base"
        " from satisfaction group by all"
    )
    answers = connection.ask("select n(index) as n from satisfaction")["n"].item()
    connection.close()
    both = true.join(asked, on=KEY, how="full", coalesce=True)
    differs = pl.any_horizontal(
        pl.col("n").ne_missing(pl.col("base")),
        ((pl.col("index") - pl.col("found")).abs() < SAME).fill_null(False).not_(),
    )
    return Compared(len(expected), wrong, len(both), answers, len(both.filter(differs)))


def indices(truth: Path) -> pl.DataFrame:
    """The index of each site and process as the truth has it: weighted marks out of 100."""
    score, low, high, weight = (pl.col(name) for name in ("score", "low", "high", "weight"))
    good = pl.when(pl.col("direction") == 1).then(score - low).otherwise(high - score)
    mark = 100 * (weight * good / (high - low)).sum() / weight.sum()
    return (
        pl.scan_parquet(truth / "answers" / "*.parquet")
        .filter(pl.col("expect") == "accepted", weight > 0)
        .group_by(site="site_code", process="process")
        .agg(index=mark, n=pl.len())
        .collect()
    )


def told(result: LoadResult, found: Compared, took: float, used: float) -> None:
    """The figures, a line each."""
    counts = result.counts
    print("  ".join(f"{name} {getattr(counts, name):,}" for name in CLASSES))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"loaded in {took:.0f} s ({used:.0f} s of processor time), "
        f"{counts.landed / took:,.0f} records a second, peak {peak:,.0f} MB, load {result.load}"
    )
    right = found.sources - len(found.wrong_sources)
    print(f"accounts as the truth has them: {right} of {found.sources} sources")
    print(
        f"index as the truth has it: {found.cells - found.wrong_cells:,} of {found.cells:,} cells"
        f" of site and process, {found.answers:,} answers"
    )
    for source in found.wrong_sources:
        print(f"differs: {source}")


if __name__ == "__main__":
    sys.exit(main())
