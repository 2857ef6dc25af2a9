"""The facts of a cube, one row each, with levels and what each adds to the aggregates.

The same expressions that make cells, without the grouping: what is read here adds up to what is
stored there.
"""

from __future__ import annotations

from cubes.cube import Cube
from cubes.formula import hidden
from cubes.relation import _rows as rows_of
from cubes.source import Source


def key_of(cube: Cube) -> str:
    """The column that tells the facts of a cube apart."""
    return f"{cube.fact.removeprefix('fact_')}_key"


def facts_sql(source: Source, aggregates: frozenset[str], *, as_is: bool) -> str:
    """A SELECT with the fact's key, every level a source has, and these aggregates."""
    cube = source.cuboid.cube
    summed = [each for each in cube.aggregates if each.name in aggregates]
    columns = [f"f.{key_of(cube)} as {hidden(key_of(cube))}"]
    found: dict[tuple[str, str], str] = {}
    joins = []
    for name, way in source.levels:
        key = cube.key(way.key).sql
        if not way.table:
            columns.append(f"{way.sql.format(key=f'({key})')} as {name}")
            continue
        if (way.table, way.key) not in found:
            row = found[way.table, way.key] = f"d{len(found) + 1}"
            rows = rows_of(cube, way.table, way.key, as_is=as_is)
            joins.append(f"left join {rows} as {row} on {row}.{way.match or way.key} = {key}")
        columns.append(f"{found[way.table, way.key]}.{way.sql} as {name}")
    columns += [f"coalesce({a.sql}, 0)::{a.merged_type} as {hidden(a.name)}" for a in summed]
    spoken = (*(cube.key(way.key).sql for _, way in source.levels), *(a.sql for a in summed))
    own = [f"left join {j.table} as {j.alias} on {j.condition}" for j in cube.joins_for(*spoken)]
    return "\n".join((f"select {', '.join(columns)}", f"from {cube.fact} as f", *own, *joins))
