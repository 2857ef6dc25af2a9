"""The same questions to Polars and chDB, where they are installed: index and n by level.

Neither is asked for the interval, which spares them work. Polars has the needed columns in memory,
chDB has them in a MergeTree in the order of days; both join sites as of the day.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.arguments import ANSWERS, MARKDOWN, ROUNDS, SITES, parsed
from benchmarks.figures import table
from benchmarks.homes import say, workplace
from benchmarks.machine import machine
from benchmarks.questions import by_month, parameters
from benchmarks.same import check_same
from benchmarks.star import Star, make_star, small_home
from benchmarks.turns import geometric, in_turns, medians
from benchmarks.written import written
from cubes.api import connect
from cubes.questions import questions
from models.table import literal

FACT = ("site_key", "question_key", "local_date", "weight", "points")
DIMENSIONS: Mapping[str, str] = {
    "site": "select site_key, greatest(valid_from, date '1990-01-01') as valid_from,"
    " least(valid_to, date '2049-12-31') as valid_to, site, site_name, site_type, province,"
    " district from dim_site",
    "question": "select question_key, process, touchpoint from dim_question",
}
OF_SITE = ("site", "site_name", "site_type", "province", "district")

#: Per question the levels it groups by, and the level that is fixed.
ASKED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "total": ((), ""),
    "week": (("week",), ""),
    "month": (("month",), ""),
    "process": (("process",), ""),
    "touchpoint": (("process", "touchpoint"), ""),
    "province": (("province",), ""),
    "site": (("site", "site_name", "site_type"), ""),
    "month | province": (("month",), "province"),
    "district | province": (("district",), "province"),
    "site | site_type": (("site", "site_name", "site_type"), "site_type"),
    "week | site": (("week",), "site"),
    "process | site": (("process",), "site"),
    "touchpoint | site": (("process", "touchpoint"), "site"),
}
Ask = Callable[[str, Mapping[str, Any]], pl.DataFrame]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints one table for each size."""
    given = parsed(
        "peers", __doc__, arguments,
        answers=ANSWERS, sites=SITES, rounds=ROUNDS, out=MARKDOWN,
    )  # fmt: skip
    said = [machine()]
    print(said[0], flush=True)
    for answers in given.answers:
        with workplace() as place:
            star = make_star(small_home(place, given.sites), place / "facts", answers)
            said.append(measure(star, place, given.rounds))
        written(given.out, *said)
    return 0


def measure(star: Star, place: Path, rounds: int) -> str:
    """Every question to every peer that is there, compared and then timed in turns."""
    con = by_month(star, place)
    dimensions = {name: con.sql(sql).pl() for name, sql in DIMENSIONS.items()}
    con.close()
    peers: dict[str, Ask] = {"Polars": in_polars(star, dimensions)}
    if find_spec("chdb"):
        peers["chDB"] = in_chdb(star, dimensions, place)
    else:
        say("chDB is not installed and left out; make bench installs it")
    connection, rows, ratios = connect(star.home), [], dict[str, list[float]]()
    for name in ASKED:
        given = next(islice(parameters(connection, name), 1))
        text = questions()[name].text
        ours = connection.ask(text, given).drop("low")
        ways: dict[str, Callable[[int], object]] = {
            "happycall": lambda _, text=text, given=given: connection.ask(text, given)  # type: ignore[misc]
        }
        for peer, ask in peers.items():
            check_same(f"{name} ({peer})", ours, ask(name, given))
            ways[peer] = lambda _, ask=ask, name=name, given=given: ask(name, given)  # type: ignore[misc]
        took = medians(in_turns(ways, rounds))
        row: list[object] = [name, 1000 * took["happycall"]]
        for peer in peers:
            ratios.setdefault(peer, []).append(took[peer] / took["happycall"])
            row += [1000 * took[peer], f"{ratios[peer][-1]:.2f}x"]
        rows.append(row)
    connection.close()
    head = ["question", "happycall ms", *(w for peer in peers for w in (f"{peer} ms", "ratio"))]
    means = (f"{peer}: {geometric(found):.1f}x" for peer, found in ratios.items())
    return "\n".join((f"{star.answers:,} answers", table(head, rows), *means))


def in_polars(star: Star, dimensions: Mapping[str, pl.DataFrame]) -> Ask:
    """Lazy questions over columns in memory."""
    fact = pl.read_parquet(star.files("fact_answer"), columns=list(FACT)).lazy()
    site, question = (dimensions[name].lazy() for name in ("site", "question"))
    day, weight = pl.col("local_date"), pl.col("weight").cast(pl.Int64)
    periods = {
        "week": day.dt.truncate("1w").alias("week"),
        "month": day.dt.truncate("1mo").alias("month"),
    }
    p, w = (weight * pl.col("points")).sum(), weight.sum()
    index = pl.when(w > 0).then(p / (126 * w)).alias("index")
    n = (weight > 0).sum().cast(pl.Int64).alias("n")

    def ask(name: str, given: Mapping[str, Any]) -> pl.DataFrame:
        levels, fixed = ASKED[name]
        rows = fact.filter(day >= given["first"], day < given["until"])
        if fixed == "site":
            keys = dimensions["site"].filter(pl.col("site") == given["site"])["site_key"].unique()
            rows = rows.filter(pl.col("site_key").is_in(keys.to_list()))
        elif {fixed, *levels} & {*OF_SITE}:
            rows = rows.join(site, on="site_key").filter(
                day >= pl.col("valid_from"), day < pl.col("valid_to")
            )
            rows = rows.filter(pl.col(fixed) == given[fixed]) if fixed else rows
        if "process" in levels:
            rows = rows.join(question, on="question_key")
        if not levels:
            return rows.select(index, n).collect()
        by = [periods.get(level, pl.col(level)) for level in levels]
        return rows.group_by(by).agg(index, n).collect()

    return ask


def in_chdb(star: Star, dimensions: Mapping[str, pl.DataFrame], place: Path) -> Ask:
    """SQL over tables of a session of its own."""
    session = import_module("chdb.session").Session(str(place / "chdb"))
    session.query("create database star")
    columns = ", ".join(FACT)
    session.query(
        "create table star.fact engine = MergeTree order by (local_date, site_key)"
        " settings allow_nullable_key = 1 as"
        f" select {columns} from file({literal(star.files('fact_answer'))}, Parquet)"
    )
    for name, frame in dimensions.items():
        frame.write_parquet(place / f"{name}.parquet")
        session.query(
            f"create table star.{name} engine = Memory as"
            f" select * from file({literal(place / f'{name}.parquet')}, Parquet)"
        )

    def ask(name: str, given: Mapping[str, Any]) -> pl.DataFrame:
        found = session.query(_in_clickhouse(name, given), "ArrowTable")
        frame = pl.from_arrow(found)
        assert isinstance(frame, pl.DataFrame)
        return frame.with_columns(pl.col(pl.Binary).cast(pl.String), pl.col("n").cast(pl.Int64))

    return ask


def _in_clickhouse(name: str, given: Mapping[str, Any]) -> str:
    levels, fixed = ASKED[name]
    spelt = {
        "week": "toMonday(f.local_date) as week",
        "month": "toStartOfMonth(f.local_date) as month",
    }
    spelt |= {level: f"s.{level} as {level}" for level in OF_SITE}
    listed = "".join(f"{spelt.get(level, f'q.{level} as {level}')}, " for level in levels)
    joins, where = "", f"f.local_date >= '{given['first']}' and f.local_date < '{given['until']}'"
    if fixed == "site":
        where += (
            f" and f.site_key in (select site_key from star.site where site = '{given['site']}')"
        )
    elif {fixed, *levels} & {*OF_SITE}:
        joins += " join star.site as s on s.site_key = f.site_key"
        where += " and f.local_date >= s.valid_from and f.local_date < s.valid_to"
        where += f" and s.{fixed} = '{given[fixed]}'" if fixed else ""
    if "process" in levels:
        joins += " join star.question as q on q.question_key = f.question_key"
    by = f" group by {', '.join(levels)}" if levels else ""
    return (
        f"select {listed}sum(toInt64(f.weight) * f.points) / nullIf(126 * sum(f.weight), 0) as"
        f" index, countIf(f.weight > 0) as n from star.fact as f{joins} where {where}{by}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
