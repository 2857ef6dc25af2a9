"""A home with as many answers as are wanted, made without loading a file for each.

Sites, questions, products, targets and everything else of the small tables come from a simulated
home. Its answers and contacts give way to synthetic ones of five years, drawn by hashes so that
every run has the same, and written into a base by the functions that write every base: sorted as
they sort, keys indexed as they index, cuboids built as they build. What is left out is the way
there: no extract was read, no record checked, and no verbatim lies behind a `text_id`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.homes import FIRST, Network, say, simulated_home
from cubes.lattice import CUBOIDS
from cubes.rollup import builds
from models.base import write_base
from models.connection import give_memory, open_connection
from models.home import Home
from models.lock import writer_lock
from models.manifest import Manifest, read_manifest
from models.merge import as_columns
from models.publish import base_at, no_step, place_base, publish, remove_orphans
from models.retention import with_base
from models.schema import shipped_schema
from models.table import TableSpec, literal

YEARS = 5
SMALL_DAYS = 2  # of the simulated home, from which nothing but its small tables stays
UNTIL = FIRST
SINCE = UNTIL.replace(year=UNTIL.year - YEARS)
SQL = Path(__file__).with_name("star_sql")
PICKS = 65_536

#: Answers a response gives on average, and contacts for each answer.
ANSWERS_A_RESPONSE = 4.4
CONTACTS_AN_ANSWER = 0.2


@dataclass(frozen=True, slots=True)
class Star:
    """A home with about so many answers, and its facts as Parquet files in the order of time."""

    home: Home
    answers: int  # as counted
    parquet: Path

    def files(self, fact: str) -> str:
        """The files of a fact table, as DuckDB reads them."""
        return str(self.parquet / fact / "*.parquet")

    @property
    def base(self) -> Path:
        """The database of its base."""
        manifest = read_manifest(self.home)
        assert manifest is not None
        assert manifest.base is not None
        return base_at(self.home, manifest.base).database


def small_home(place: Path, sites: int) -> Home:
    """The simulated home that a star takes its small tables from."""
    return simulated_home(place, Network(sites, SMALL_DAYS))


def make_star(home: Home, place: Path, answers: int, *, ledger: bool = False) -> Star:
    """Put about so many answers into a home in place of its own.

    With `ledger` their canonical rows and records are there too, as loads look keys up in them.
    """
    say(f"drawing {answers:,} answers")
    place.mkdir()
    current = read_manifest(home)
    assert current is not None
    assert current.base is not None
    con = open_connection("build", spill=home.spill)
    try:
        give_memory(con, None)
        _prepare(con, base_at(home, current.base).database)
        responses = max(1, round(answers / ANSWERS_A_RESPONSE))
        _write_months(con, place, responses, round(answers * CONTACTS_AN_ANSWER), ledger=ledger)
        row = con.execute(
            f"select count(*) from read_parquet({literal(place / 'fact_answer' / '*.parquet')})"
        ).fetchone()
    finally:
        con.close()
    say("writing the base")
    kept = ("fact_answer", "fact_contact", *(("canonical_answer", "record") if ledger else ()))
    _into_base(home, current, {name: place / name / "*.parquet" for name in kept})
    return Star(home, int(row[0]) if row else 0, place)


def _prepare(con: duckdb.DuckDBPyConnection, base: Path) -> None:
    """Which sites and questions are drawn how often: few sites have most of the answers."""
    con.execute(f"attach {literal(base)} as small (read_only)")
    con.execute(f"set variable picks = {PICKS}")
    con.execute((SQL / "drawn.sql").read_text(encoding="utf-8"))
    con.execute("create view dim_question as from small.main.dim_question")


def _months() -> list[tuple[date, date]]:
    found, first = [], SINCE
    while first < UNTIL:
        until = min((first.replace(day=1) + timedelta(days=32)).replace(day=1), UNTIL)
        found.append((first, until))
        first = until
    return found


def _write_months(
    con: duckdb.DuckDBPyConnection, place: Path, responses: int, contacts: int, *, ledger: bool
) -> None:
    """One file of each table and month, so that no step holds more than a month."""
    schema, days = shipped_schema(), (UNTIL - SINCE).days
    model = schema.model("fact_answer").sql
    for name in ("fact_answer", "fact_contact", "canonical_answer", "record"):
        (place / name).mkdir()
    for nth, (first, until) in enumerate(_months()):
        passed, length = (first - SINCE).days, (until - first).days
        low, high = (responses * day // days for day in (passed, passed + length))
        given = {
            "low": low, "high": high, "first": f"date '{first}'", "days": length, "until": UNTIL,
            "contact_low": contacts * passed // days,
            "contact_high": contacts * (passed + length) // days,
        }  # fmt: skip
        con.execute(_script("answers.sql", given))
        canonical = as_columns(
            "select * from answer_month", schema.specs["canonical_answer"].columns
        )
        con.execute(f"create or replace temp table canonical_answer as {canonical}")
        _copy(con, schema.specs["fact_answer"], f"({model})", place, nth)
        _copy(con, schema.specs["fact_contact"], "contact_month", place, nth)
        if ledger:
            _copy(con, schema.specs["canonical_answer"], "canonical_answer", place, nth)
            _copy(con, schema.specs["record"], "record_month", place, nth)


def _script(name: str, given: dict[str, object]) -> str:
    text = (SQL / name).read_text(encoding="utf-8")
    for word, value in given.items():
        text = text.replace(f":{word}:", str(value))
    return text


def _copy(
    con: duckdb.DuckDBPyConnection, spec: TableSpec, rows: str, place: Path, nth: int
) -> None:
    """The rows in the form of a base, in the order of time."""
    columns = as_columns(f"select * from {rows}", spec.columns)
    order = "at_utc, " if any(name == "at_utc" for name, _ in spec.columns) else ""
    path = place / spec.name / f"{nth:02d}.parquet"
    con.execute(
        f"copy (select *, 1::integer as load_from from ({columns}) order by {order}{spec.key[0]})"
        f" to {literal(path)} (format parquet, compression zstd)"
    )


def _into_base(home: Home, current: Manifest, replaced: dict[str, Path]) -> None:
    """A base with these rows and all cuboids, as a compaction makes one, in place of the old."""
    work = home.releases / f".tmp-star-{os.getpid()}"
    work.mkdir()
    assert current.base is not None
    older = base_at(home, current.base)
    made = builds(CUBOIDS, (), {}, "newer.main.{}".format)
    write_base(
        work / "base", older, [home.releases / tail.name for tail in current.tails],
        current.tables, replaced=replaced, spill=home.spill,
        made=tuple((build.cuboid.name, build.sql) for build in made),
    )  # fmt: skip
    with writer_lock(home, "star"):
        name, sums = place_base(home, work / "base", current.revision + 1, no_step)
        after = replace(current, revision=current.revision + 1, tails=(), checksums=sums, kept=())
        publish(home, replace(with_base(home, current, after, name), kept=()))
        remove_orphans(home, read_manifest(home) or after)
