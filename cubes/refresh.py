"""How cells are made: whole from facts, or as signed differences of what a load changed.

Both come from the same expressions, and everything is an integer or DECIMAL(38,0), so that adding
differences gives exactly what building from nothing gives. DECIMAL and not HUGEINT: Parquet would
store a HUGEINT as DOUBLE.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cubes.cube import Aggregate, Cuboid, columns_of
from cubes.lattice import CUBOIDS, sorted_by
from models.table import TableSpec


@dataclass(frozen=True, slots=True)
class Relations:
    """Facts and the dimension rows that belong to them, by the names under which to read them."""

    fact: str
    dims: Callable[[str], str]


def cuboid_specs(cuboids: tuple[Cuboid, ...] = CUBOIDS) -> tuple[TableSpec, ...]:
    """The tables of the cuboids, as the release stores them."""
    return tuple(
        TableSpec(
            name=cuboid.name,
            kind="cell",
            columns=(
                *((name, cuboid.cube.key(name).type) for name in cuboid.keys),
                *((a.name, a.type) for a in cuboid.cube.aggregates),
            ),
            key=cuboid.keys,
            sort=sorted_by(cuboid),
        )
        for cuboid in cuboids
    )


def dimension_columns(cuboid: Cuboid) -> Mapping[str, frozenset[str]]:
    """Per dimension table the columns that decide into which cell a fact falls.

    When one of them changes in a row, the cells of the facts that meet this row change.
    """
    keys = tuple(cuboid.cube.key(name).sql for name in cuboid.keys)
    spoken = (*keys, *(aggregate.sql for aggregate in cuboid.cube.aggregates))
    found: dict[str, set[str]] = {}
    for join in cuboid.cube.joins_for(*spoken):
        columns = columns_of(" ".join((join.condition, *spoken)))
        found.setdefault(join.table, set()).update(c for alias, c in columns if alias == join.alias)
    return {table: frozenset(columns) for table, columns in found.items()}


def cells_sql(cuboid: Cuboid, fact: str, dim: Callable[[str], str]) -> str:
    """The cells of a cuboid from facts: one SELECT with its keys, then its aggregates."""
    return group_sql(cuboid, cuboid.cube.aggregates, fact, dim, keys=cuboid.keys)


def group_sql(
    cuboid: Cuboid,
    aggregates: tuple[Aggregate, ...],
    fact: str,
    dim: Callable[[str], str],
    *,
    keys: tuple[str, ...],
    where: tuple[str, ...] = (),
    named: Callable[[str], str] | None = None,
) -> str:
    """Facts grouped by keys with some aggregates; `named` renames these and widens their types."""
    cube = cuboid.cube
    by = tuple(cube.key(name) for name in keys)
    outputs = [
        (a.sql, named(a.name), a.merged_type) if named else (a.sql, a.name, a.type)
        for a in aggregates
    ]
    select = [f"{key.sql} as {key.name}" for key in by]
    select += [f"coalesce(sum({sql}), 0)::{type_} as {name}" for sql, name, type_ in outputs]
    joins = cube.joins_for(*(key.sql for key in by), *(a.sql for a in aggregates), *where)
    lines = [
        f"select {', '.join(select) or 'true as _'}",
        f"from {fact} as f",
        *(f"left join {dim(join.table)} as {join.alias} on {join.condition}" for join in joins),
        *((f"where {' and '.join(where)}",) if where else ()),
        *((f"group by {', '.join(key.sql for key in by)}",) if by else ()),
        "having count(*) <> 0",
    ]
    return "\n".join(lines)


def delta_sql(cuboid: Cuboid, plus: Relations, minus: Relations) -> str:
    """What a load changes of a cuboid: cells of the facts it asserts less those it retracts.

    A fact whose dimension row changed is in both, each time with the rows of its side. Cells in
    which nothing changed are left out.
    """
    names = [aggregate.name for aggregate in cuboid.cube.aggregates]
    keys = ", ".join(cuboid.keys)
    sums = ", ".join(f"sum({a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates)
    negated = ", ".join((*cuboid.keys, *(f"-{name} as {name}" for name in names)))
    changed = " or ".join(f"sum({name}) <> 0" for name in names)
    return (
        f"with asserted as (\n{cells_sql(cuboid, plus.fact, plus.dims)}\n),\n"
        f"retracted as (\n{cells_sql(cuboid, minus.fact, minus.dims)}\n)\n"
        f"select {keys}, {sums}\n"
        f"from (select * from asserted union all select {negated} from retracted)\n"
        f"group by {keys}\n"
        f"having {changed}"
    )


def definition_hashes(cuboids: tuple[Cuboid, ...] = CUBOIDS) -> Mapping[str, str]:
    """A hash per cuboid of how its cells are made; when it changes, the cuboid is built anew."""
    return {
        cuboid.name: hashlib.sha256(cells_sql(cuboid, "fact", str).encode()).hexdigest()[:16]
        for cuboid in cuboids
    }
