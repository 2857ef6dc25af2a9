"""How large cuboids are: counted where they are stored, estimated from samples where they are not.

Few facts are counted whole. Of many, samples are drawn once per cube:

- *Clusters*: all facts of some (site, month) pairs, and the same for every key with many members.
  A grain that tells the pairs apart has its cells within them, so that cells per fact carry over
  from a pair to others of its size: a stratified ratio estimator, with a class for each doubling
  of the facts, because large clusters have fewer cells per fact. Twice its standard error is given.
- *Rows*, for every other grain: the guaranteed-error estimator of Charikar and others (2000),
  √(n/r)·f₁ + Σ_{i≥2} f_i over r of n rows, where f_i cells were met i times. At least what was
  met, and at most n/r for each cell that was met once, and for one more.

What is stored bounds both: a coarser grain has no more cells than a finer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, sqrt

import duckdb

from cubes.cube import Cube, Cuboid
from cubes.lattice import answers, steps

BLOCK_BYTES = 262_144

#: Facts that are counted whole, and about how many a sample has else.
SAMPLED = 250_000
SEED = 7

#: A key with as many members makes clusters; no more than so many such keys do.
MANY, MOST_CLUSTERED = 200, 3


@dataclass(frozen=True, slots=True)
class Size:
    """Rows of a cuboid, and between which bounds they lie; equal where they were counted."""

    rows: int
    low: int
    high: int

    @property
    def error(self) -> float:
        """Half the span of the bounds, as a share of the rows."""
        return (self.high - self.low) / 2 / max(self.rows, 1)


@dataclass(frozen=True, slots=True)
class Clusters:
    """A table with all facts of some clusters, and the keys that make one.

    Beside the keys it has the cluster's class (`size_class`), and how many clusters and facts that
    class has in all (`class_clusters`, `class_facts`).
    """

    table: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """Samples of a cube's facts as tables of a connection, with the columns of all keys."""

    cube: Cube
    facts: int  # in the warehouse
    rows: str  # the table of sampled rows, or of all
    drawn: int  # rows in it
    clusters: tuple[Clusters, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the facts were so few that nothing had to be left out."""
        return self.drawn == self.facts


def draw(cursor: duckdb.DuckDBPyConnection, cube: Cube, most: int = SAMPLED) -> Sample:
    """Draw the samples of a cube's facts; the same facts give the same samples."""
    facts = row_count(cursor, cube.fact)
    rows = f"sample_{cube.name}"
    part = f" using sample reservoir({most} rows) repeatable ({SEED})" if facts > most else ""
    cursor.execute(
        f"create or replace temp table {rows} as {_keyed(cube, f'(from {cube.fact}{part})')}"
    )
    drawn = row_count(cursor, rows)
    sample = Sample(cube, facts, rows, drawn)
    if sample.is_whole:
        return sample
    clusters = tuple(
        _draw_clusters(cursor, sample, by, most) for by in _cluster_keys(cursor, sample)
    )
    return replace(sample, clusters=clusters)


def _draw_clusters(
    cursor: duckdb.DuckDBPyConnection, sample: Sample, by: tuple[str, ...], most: int
) -> Clusters:
    """Of each class as many clusters as its share in the sample, but at least two."""
    table, names = f"clusters_{sample.cube.name}_{by[0]}", ", ".join(by)
    match = " and ".join(f"k.{name} is not distinct from p.{name}" for name in by)
    keyed = _keyed(sample.cube, sample.cube.fact)
    cursor.execute(
        f"""
        create or replace temp table {table} as
        with cluster as (
            select {names}, count(*) as facts, floor(log2(count(*)))::integer as size_class
            from ({keyed}) group by {names}
        ),
        ranked as (
            select {names}, size_class,
                row_number() over (partition by size_class order by hash({names}), {names})
                    as place,
                count(*) over (partition by size_class) as class_clusters,
                sum(facts) over (partition by size_class)::bigint as class_facts
            from cluster
        ),
        picked as (
            select * exclude (place) from ranked
            where place <= greatest(2, ceil(class_clusters * {most / sample.facts!r}))
        )
        select k.*, p.size_class, p.class_clusters, p.class_facts
        from ({keyed}) as k join picked as p on {match}
        """
    )
    return Clusters(table, by)


def _keyed(cube: Cube, facts: str) -> str:
    """Facts as nothing but the keys of their cells."""
    keys = ", ".join(f"{key.sql} as {key.name}" for key in cube.keys)
    joins = (f"left join {j.table} as {j.alias} on {j.condition}" for j in cube.joins)
    return "\n".join((f"select {keys}", f"from {facts} as f", *joins))


def _cluster_keys(cursor: duckdb.DuckDBPyConnection, sample: Sample) -> tuple[tuple[str, ...], ...]:
    """Each key with many members, with the periods that follow from a finer one."""
    periods = sorted({step.key for step in steps(sample.cube) if step.join is None})
    others = [key.name for key in sample.cube.keys if key.type != "DATE"]
    counts = ", ".join(f"approx_count_distinct({name})" for name in others)
    found = cursor.execute(f"select {counts} from {sample.rows}").fetchone() or ()
    most = sorted(zip(found, others, strict=True), reverse=True)[:MOST_CLUSTERED]
    return tuple((name, *periods) for count, name in most if count >= MANY)


def estimate(cursor: duckdb.DuckDBPyConnection, sample: Sample, keys: Iterable[str]) -> Size:
    """How many cells a grain has."""
    grain = tuple(keys)
    if sample.is_whole:
        rows = row_count(cursor, f"(select distinct {', '.join(grain)} from {sample.rows})")
        return Size(rows, rows, rows)
    for clusters in sample.clusters:
        if answers(Cuboid(sample.cube, grain), Cuboid(sample.cube, clusters.by)):
            return _by_clusters(cursor, sample, clusters, grain)
    return _by_rows(cursor, sample, grain)


def _by_clusters(
    cursor: duckdb.DuckDBPyConnection, sample: Sample, clusters: Clusters, grain: tuple[str, ...]
) -> Size:
    by = ", ".join(clusters.by)
    finest = ", ".join(dict.fromkeys((*clusters.by, *grain)))
    row = cursor.execute(
        f"""
        with cells as (
            select size_class, class_clusters, class_facts, {finest}, count(*) as facts
            from {clusters.table} group by all
        ),
        cluster as (
            select size_class, class_clusters, class_facts, {by},
                count(*)::double as cells, sum(facts)::double as facts
            from cells group by all
        ),
        rated as (
            select *, sum(cells) over (partition by size_class)
                / sum(facts) over (partition by size_class) as rate
            from cluster
        ),
        class as (
            select class_clusters as many, count(*) as drawn, sum(cells) as cells,
                class_facts * any_value(rate) as estimated,
                sum(pow(cells - rate * facts, 2)) / greatest(count(*) - 1, 1) as variance
            from rated group by size_class, class_clusters, class_facts
        )
        select sum(cells), sum(estimated), sum(many * (many - drawn) / drawn * variance) from class
        """
    ).fetchone()
    cells, rows, variance = (float(value or 0) for value in row or (0, 0, 0))
    spread = 2 * sqrt(variance)
    return _size(rows, max(cells, rows - spread), min(sample.facts, rows + spread))


def _by_rows(cursor: duckdb.DuckDBPyConnection, sample: Sample, grain: tuple[str, ...]) -> Size:
    names = ", ".join(grain)
    row = cursor.execute(
        f"select count(*), count(*) filter (seen = 1)"
        f" from (select count(*) as seen from {sample.rows} group by {names})"
    ).fetchone()
    cells, once = row or (0, 0)
    scale = sample.facts / max(sample.drawn, 1)
    often = cells - once
    return _size(often + sqrt(scale) * once, cells, min(sample.facts, often + scale * (once + 1)))


def _size(rows: float, low: float, high: float) -> Size:
    least, most = int(low), ceil(high)
    return Size(min(max(round(rows), least), most), least, most)


def bounded(size: Size, cuboid: Cuboid, counted: Mapping[Cuboid, int]) -> Size:
    """The estimate within what stored cuboids say: no more than finer, no fewer than coarser."""
    high = min((n for c, n in counted.items() if answers(c, cuboid)), default=size.high)
    low = max((n for c, n in counted.items() if answers(cuboid, c)), default=size.low)
    high = max(min(high, size.high), low)
    low = min(max(low, size.low), high)
    return Size(min(max(size.rows, low), high), low, high)


def row_count(cursor: duckdb.DuckDBPyConnection, relation: str) -> int:
    """How many rows a table has, or a query in brackets."""
    row = cursor.execute(f"select count(*) from {relation}").fetchone()
    return int(row[0]) if row else 0


def stored_bytes(cursor: duckdb.DuckDBPyConnection, base: str | None, table: str) -> int:
    """Bytes of a table in a base: whole blocks; 0 where the base does not have it."""
    alias = (base or "").replace("-", "_")
    found = cursor.execute(
        "select 1 from duckdb_tables() where database_name = ? and table_name = ?", [alias, table]
    ).fetchone()
    if found is None:
        return 0
    row = cursor.execute(
        "select count(distinct block_id) filter (where persistent and block_id >= 0)"
        f" from pragma_storage_info('{alias}.main.{table}')"
    ).fetchone()
    return int(row[0]) * BLOCK_BYTES if row else 0


def in_blocks(size: float) -> int:
    """Bytes rounded up to whole blocks, of which every table takes at least one."""
    return max(1, ceil(size / BLOCK_BYTES)) * BLOCK_BYTES
