"""A simulated month, loaded as it comes and all at once, and what both homes then say."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from cubes.in_use import cuboids_in_use
from models.home import Home, open_home
from models.manifest import NAME, read_manifest
from models.reader import Reader
from models.table import TableSpec, quoted
from pipelines.advise import keep
from pipelines.simulate import Rates, SimulationResult, simulate
from tests.pipelines.acceptance.conftest import Counter, Said

SITES, DAYS, DAILY, SEED = 26, 32, 9, 7
LAST = date(2026, 8, 22)
#: Defects six times as frequent as usual, so that a small month has some of each kind.
RATES = Rates(*(6 * getattr(Rates(), field.name) for field in fields(Rates)))
#: A hand-over to another province that is known only a week later: as the last master tells it.
MASTER = "sites_20260820.csv"
MOVED, MOVED_ON, KNOWN_ON = "S0005", date(2026, 8, 13), date(2026, 8, 20)
MOVED_TO = ("부산광역시", "영도구", "부산경남지역본부")

Look = Mapping[str, tuple[int, int, str]]


@dataclass(frozen=True, slots=True)
class Month:
    """The month by and by, the month at once, the truth, and how the releases looked meanwhile."""

    out: Path
    daily: Counter
    whole: Counter
    loads: tuple[Said, ...]
    looks: tuple[Look, ...]

    def truth(self, name: str) -> pl.DataFrame:
        """One table of what truly happened."""
        folder = self.out / "truth" / name
        files = sorted(folder.glob("*.parquet")) or [folder.with_suffix(".parquet")]
        return pl.concat([pl.read_parquet(file) for file in files], how="diagonal")


def load_month(root: Path) -> Month:
    """Simulate, load by and by into one home with a night in between, and at once into another."""
    made = simulate(
        root / "extracts", sites=SITES, days=DAYS, daily_days=DAILY, seed=SEED, end=LAST,
        rates=RATES,
    )  # fmt: skip
    hand_over(made.out)
    daily, whole = (
        Counter(open_home(root / name / "home"), root / name) for name in ("daily", "whole")
    )
    loads, looks = list[Said](), list[Look]()
    for number, day in enumerate(sorted({file.day for file in made.files})):
        land(made, daily.home, day)
        loads.append(daily.run("nightly" if number == DAILY // 2 else "load"))
        looks.append(look(daily.home))
        land(made, whole.home, day)
    whole.load()
    keep_as(daily.home, whole.home)
    return Month(made.out, daily, whole, tuple(loads), tuple(looks))


def hand_over(out: Path) -> None:
    """Add the hand-over to the master of the day on which it becomes known, and to the truth."""
    path = out / "network_sites" / MASTER
    lines = path.read_text("utf-8").splitlines()
    names = lines[0].split(",")
    last = [line for line in lines if line.startswith(f"{MOVED},")][-1]
    row = dict(zip(names, last.split(","), strict=True))
    row["valid_from"] = MOVED_ON.isoformat()
    row["province"], row["district"], row["region_office"] = MOVED_TO
    path.write_text("\n".join([*lines, ",".join(row[name] for name in names), ""]), "utf-8")
    truth = out / "truth" / "site_versions.parquet"
    known = pl.read_parquet(truth)
    place = zip(("province", "district", "region_office"), MOVED_TO, strict=True)
    more = known.filter(pl.col("site_code") == MOVED).tail(1).with_columns(
        pl.lit(MOVED_ON).alias("valid_from"), pl.lit(KNOWN_ON).alias("known_on"),
        *(pl.lit(value).alias(name) for name, value in place),
    )  # fmt: skip
    pl.concat([known, more]).write_parquet(truth)
    files = out / "truth" / "files.parquet"
    counted = (pl.col(name) + (pl.col("file") == MASTER) for name in ("landed", "accepted"))
    pl.read_parquet(files).with_columns(*counted).write_parquet(files)


def land(made: SimulationResult, home: Home, day: date) -> None:
    """Put the files of a day into landing, in the order in which they were written."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    for number, file in enumerate(made.files):
        place = home.landing / file.source / file.path.name
        if file.day == day and not place.exists():
            place.parent.mkdir(exist_ok=True)
            shutil.copyfile(file.path, place)
            os.utime(place, (at + number, at + number))


def landed(home: Home) -> list[Path]:
    """Plain files in landing."""
    return [
        path
        for path in home.landing.rglob("*")
        if path.is_file() and home.taken not in path.parents
    ]


def look(home: Home) -> Look:
    """Every file of the releases but the manifest: inode, time of writing, content."""
    return {
        str(path.relative_to(home.releases)): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in sorted(home.releases.rglob("*"))
        if path.is_file() and path.name != NAME
    }


# -- two homes compared --------------------------------------------------------------------------

#: Columns that are numbers given by chance or by arrival, and what they stand for.
_STANDS_FOR = {
    "site_version": "(select (site, valid_from) from dim_site as d"
    " where d.site_version = t.site_version)",
    "agent_version": "(select (agent, valid_from) from dim_agent as d"
    " where d.agent_version = t.agent_version)",
    "profile_key": "(select (segment, tenure_band, age_band, party_type, customer_province)"
    " from dim_customer_profile as d where d.profile_key = t.profile_key)",
    "customer_key": "(select first_seen from person where person.customer_key = t.customer_key)",
    "text_id": "t.text_id is not null",
    "file_no": "(select path from file where file.file_no = t.file_no)",
}  # fmt: skip
_BY_ARRIVAL = ("entry", "stored_load", "landed_day")
#: Facts whose sources name the customer by reference. Who called is told by telephone alone, and
#: whose telephone that is depends on what was known when the call landed.
_OF_PERSONS = ("fact_answer", "fact_invitation", "fact_purchase")
_OF_CALLERS = ("canonical_contact", "canonical_contact_event", "fact_contact", "fact_contact_event")


def keep_as(kept: Home, other: Home) -> None:
    """Let the other home keep the same cuboids, made anew: the night chose them for the first."""
    manifest = read_manifest(kept)
    assert manifest is not None
    wanted = cuboids_in_use(manifest)
    assert keep(other, wanted, {cuboid.name: len(cuboid.keys) for cuboid in wanted}) is not None


def said_by(home: Home) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """Every ledger and every cuboid of a home in references instead of surrogate numbers."""
    with closing(Reader(home)) as reader:
        snapshot = reader.snapshot()
        cursor = snapshot.cursor()
        keys = {name: spec.key[0] for name, spec in snapshot.tables.items() if spec.key}
        seen = " union all ".join(
            f"select customer_key, {keys[fact]} as seen from {fact}" for fact in _OF_PERSONS
        )
        cursor.execute(f"""
            create temp table person as
            select customer_key, min(seen) as first_seen from ({seen}) group by all
        """)
        dimensions = {row[0] for row in cursor.execute("from member select dimension").fetchall()}
        sums = {
            c.name: [a.name for a in c.cube.aggregates] for c in cuboids_in_use(snapshot.manifest)
        }
        for name, spec in snapshot.tables.items():
            if spec.kind != "log":
                sql = _select(spec, dimensions, sums.get(name, ()))
                yield name, cursor.execute(sql).fetchall()


def _select(spec: TableSpec, dimensions: set[str], sums: Sequence[str]) -> str:
    outputs = [
        _reference(name, dimensions)
        for name in spec.names
        if name not in sums
        and name not in _BY_ARRIVAL
        and not (name == "customer_key" and spec.name in _OF_CALLERS)
    ]
    having = " having sum(rows) <> 0" if sums else ""
    outputs += [f"sum({quoted(name)})" for name in sums]
    where = f" where {spec.key[0]} <> 0" if spec.name == "dim_customer_profile" else ""
    group = f" group by all{having}" if sums else ""
    return f"select {', '.join(outputs)} from {spec.name} as t{where}{group} order by all"


def _reference(column: str, dimensions: set[str]) -> str:
    if column in _STANDS_FOR:
        return f"{_STANDS_FOR[column]} as {column}"
    dimension = column.removesuffix("_key")
    if column.endswith("_key") and dimension in dimensions:
        return (
            f"(select ref from member as m where m.dimension = '{dimension}'"
            f" and m.key = t.{column}) as {column}"
        )
    return f"t.{quoted(column)}"
