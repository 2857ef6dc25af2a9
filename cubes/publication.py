"""Which cells are published: decided once for each load, the same wherever it is asked.

A grid's cells are places by month, in all processes together and, above sites, by process. A cell
is open when enough contributors stand behind it, and cells about employees also when enough sites
do and none of them dominates, in months that are over. What could be computed from open cells is
closed too, by `suppression`. Decided is what the release's own rows say, without clock or chance:
every process that reads a load comes to the same cells, so that no two doors differ.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import duckdb
import numpy as np
import polars as pl

from cubes.catalogue import Snapshot
from cubes.cube import Cube, Grid
from cubes.definitions import CUBES
from cubes.scopes import SCOPES, table_of

SITES = 3  # that a cell about employees needs
LARGEST = 0.8  # of such a cell, that one site may have

PLACES = ("site", "site_type", "size_band", "province")
ATOM = (*PLACES, "process", "month")


def aggregates_of(cube: Cube, grid: Grid) -> tuple[str, ...]:
    """The aggregates that the grid's measures read, and those their intervals and n do."""
    from cubes.formula import names_in

    formulas = [f"sum({grid.base})"]
    for name in grid.measures:
        measure = cube.measure(name)
        assert measure is not None
        spread = measure.interval
        parts = () if spread is None else tuple(str(getattr(spread, p)) for p in spread.__slots__)
        formulas += [measure.formula, measure.base, *parts]
    spoken = frozenset().union(*(names_in(text, cube)[0] for text in formulas))
    return tuple(a.name for a in cube.aggregates if a.name in spoken)


def atoms_question(cube: Cube, grid: Grid) -> str:
    """The finest pieces of a grid, as a question over its cube."""
    sums = ", ".join(f"sum({name}) as _{name}" for name in aggregates_of(cube, grid))
    return f"select {', '.join(ATOM)}, {sums} from {cube.name} group by {', '.join(ATOM)}"


def contributors_sql(cube: Cube, grid: Grid) -> str:
    """For each atom how many contribute to it, and the first few of them."""
    base, point = cube.aggregate(grid.base).sql, cube.key("touchpoint_key").sql
    joins = cube.joins_for(cube.key("site_version").sql, base, point)
    lines = [
        "select distinct site.site, site.site_type, site.size_band, site.province, place.process,",
        f"  date_trunc('month', f.local_date)::date as month, {grid.contributor} as contributor",
        f"from {cube.fact} as f",
        *(f"left join {join.table} as {join.alias} on {join.condition}" for join in joins),
        f"left join dim_process as place on place.touchpoint_key = {point}",
        f"where coalesce(({base})::bigint, 0) <> 0",
    ]
    each = "\n".join(lines)
    return (
        f"select {', '.join(ATOM)}, count(contributor) as contributors,"
        f" min(contributor, {grid.least}) as few\nfrom (\n{each}\n)\ngroup by {', '.join(ATOM)}"
    )


def decide(cube: Cube, grid: Grid, atoms: pl.DataFrame, until: date) -> pl.DataFrame:
    """The cells of a grid from its atoms, which of them are open, and nothing in those closed.

    `atoms` has the sums of each atom and its contributors; `until` is the day of the release.
    """
    if grid.employees:
        atoms = atoms.filter(pl.col("month").dt.offset_by("1mo") <= until)
    atoms = atoms.sort("month", *ATOM, nulls_last=True).with_row_index("atom")
    cells = pl.concat([_plane(grid, atoms, *plane) for plane in _planes()], how="diagonal")
    cells = cells.with_columns(is_open=_enough(grid))
    cells = cells.sort("month", maintain_order=True).with_row_index("cell")
    shut = np.zeros(len(cells), bool)
    for (month,), part in cells.group_by("month", maintain_order=True):
        if not part["is_open"].all():
            inside = atoms.filter(pl.col("month") == month)
            shut[part["cell"].to_numpy()] = _shut(part, inside)
    sums = [f"_{name}" for name in aggregates_of(cube, grid)]
    return cells.select(
        "scope",
        "by_process",
        "month",
        *(pl.col(name) for name in (*PLACES, "process")),
        pl.Series("is_open", ~shut),
        *(pl.when(~pl.Series(shut)).then(pl.col(name)).alias(name) for name in sums),
    )


def _planes() -> Sequence[tuple[str, bool]]:
    """Scopes, each in all processes and by process; sites in all processes alone."""
    return [(scope, by) for scope in SCOPES for by in (False, True) if not (by and scope == "site")]


def _plane(grid: Grid, atoms: pl.DataFrame, scope: str, by_process: bool) -> pl.DataFrame:
    keys = ["month", *SCOPES[scope], *(["process"] if by_process else [])]
    base, sums = pl.col(f"_{grid.base}"), pl.col("^_.*$")
    found = atoms.group_by(keys, maintain_order=True).agg(
        sums.sum(),
        base.sum().alias("weight"),
        pl.col("contributors").max().alias("most"),
        pl.col("few")
        .list.explode(keep_nulls=False, empty_as_null=False)
        .n_unique()
        .alias("together"),
        pl.col("atom").alias("atoms"),
        pl.col("site").filter(base != 0).n_unique().alias("sites"),
    )
    if grid.employees:
        by_site = atoms.group_by([*keys, pl.col("site").alias("at_site")]).agg(s=base.sum())
        largest = by_site.group_by(keys).agg(largest=pl.col("s").max())
        found = found.join(largest, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return found.with_columns(scope=pl.lit(scope), by_process=pl.lit(by_process))


def _enough(grid: Grid) -> pl.Expr:
    """Whether a cell may be seen for itself: nobody stands behind it, or enough do."""
    enough = pl.max_horizontal("most", "together") >= grid.least
    if grid.employees:
        enough &= (pl.col("sites") >= SITES) & (pl.col("largest") <= LARGEST * pl.col("weight"))
    return (pl.col("weight") == 0) | enough


def _shut(cells: pl.DataFrame, atoms: pl.DataFrame) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which cells of one month stay closed, with those that protect them."""
    from scipy.sparse import csr_array

    from cubes.suppression import suppress  # not before it is needed: it takes 40 MB

    lists = cells["atoms"]
    counts = lists.list.len().to_numpy()
    columns = lists.list.explode(keep_nulls=False, empty_as_null=False).to_numpy() - int(
        atoms["atom"][0]
    )
    start = np.concatenate([[0], np.cumsum(counts)])
    matrix = csr_array((np.ones(len(columns)), columns, start), shape=(len(cells), len(atoms)))
    cost = cells["weight"].cast(pl.Float64).to_numpy()
    return suppress(matrix, ~cells["is_open"].to_numpy(), cost)


@dataclass(slots=True)
class Publications:
    """The published cells of the loads at hand, each made when it is first asked for."""

    made: WeakKeyDictionary[Snapshot, dict[str, frozenset[str]]] = field(
        default_factory=WeakKeyDictionary
    )
    guard: threading.Lock = field(default_factory=threading.Lock)

    def ensure(
        self,
        snapshot: Snapshot,
        of: str,
        named: str,
        sql_of: Callable[[str], str],
        without: frozenset[str] = frozenset(),
    ) -> None:
        """Make the table of a cube's grid in this load; `sql_of` plans a question over the cube.

        It is made again when other cuboids are in quarantine than those it was made `without`.
        """
        cube = next(cube for cube in CUBES if cube.name == of)
        grid = next(grid for grid in cube.grids if grid.name == named)
        name = table_of(cube, grid)
        with self.guard:
            if self.made.setdefault(snapshot, {}).get(name) == without:
                return
            cursor = snapshot.cursor()
            try:
                found = _read(cursor, cube, grid, sql_of(atoms_question(cube, grid)))
                cells = decide(cube, grid, found, snapshot.as_of.date())
                cursor.register("decided_cells", cells.to_arrow())
                cursor.execute(f"create or replace table {name} as select * from decided_cells")
                cursor.unregister("decided_cells")
            finally:
                cursor.close()
            self.made[snapshot][name] = without


def _read(
    cursor: duckdb.DuckDBPyConnection, cube: Cube, grid: Grid, atoms_sql: str
) -> pl.DataFrame:
    atoms = cursor.sql(atoms_sql).pl()
    behind = cursor.sql(contributors_sql(cube, grid)).pl()
    found: pl.DataFrame = atoms.join(behind, on=list(ATOM), how="left", nulls_equal=True)
    counted: pl.DataFrame = found.with_columns(pl.col("contributors").fill_null(0))
    return counted
