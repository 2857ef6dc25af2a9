"""Cells from finer cells: what a cuboid is built from when another one already holds it.

Merging cells gives what grouping facts gives, because everything stored adds up. Signed cells merge
alike, as long as the dimension rows that lead from key to key are the same on both sides of a load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cubes.cube import Cuboid
from cubes.lattice import answers, over_own, step_to
from cubes.refresh import cells_sql


@dataclass(frozen=True, slots=True)
class Build:
    """How one cuboid is made: from which cuboid, or from its facts when there is none."""

    cuboid: Cuboid
    parent: Cuboid | None
    sql: str


def rolled_up_sql(
    cuboid: Cuboid, parent: Cuboid, cells: str, dim: Callable[[str], str] = str
) -> str:
    """The cells of a cuboid from those of a finer one, which lie in the relation `cells`.

    Cells of which nothing is left are dropped; `dim` names the dimension tables to look keys up in.
    """
    found = {key: step_to(parent, key) for key in cuboid.keys}
    joins = {step.join.alias: step for step in found.values() if step and step.join}
    keys = {
        key: step.sql if step and step.join else over_own(parent, key, "c")
        for key, step in found.items()
    }
    names = [aggregate.name for aggregate in cuboid.cube.aggregates]
    sums = [f"sum(c.{a.name})::{a.type} as {a.name}" for a in cuboid.cube.aggregates]
    lines = [
        f"select {', '.join((*(f'{sql} as {key}' for key, sql in keys.items()), *sums))}",
        f"from {cells} as c",
        *(
            f"left join {dim(step.join.table)} as {alias} on {alias}.{step.match} = c.{step.of}"
            for alias, step in joins.items()
            if step.join
        ),
        *((f"group by {', '.join(keys.values())}",) if keys else ()),
        f"having {' or '.join(f'sum(c.{name}) <> 0' for name in names)}",
    ]
    return "\n".join(lines)


def looked_up(cuboid: Cuboid, parent: Cuboid) -> frozenset[str]:
    """The dimension tables that lead from the parent's keys to those of the cuboid."""
    found = (step_to(parent, key) for key in cuboid.keys)
    return frozenset(step.join.table for step in found if step and step.join)


def builds(
    wanted: Iterable[Cuboid],
    built: Iterable[Cuboid],
    sizes: Mapping[str, int],
    table: Callable[[str], str],
) -> tuple[Build, ...]:
    """The SELECT for each wanted cuboid, in an order in which every parent comes first.

    Each comes from the smallest cuboid that is there already or is made before it; `sizes` are rows
    by name, measured or estimated, and `table` says under which name a table is read.
    """
    held = list(built)
    made: list[Build] = []
    for cuboid in sorted(wanted, key=lambda c: (-_rows(c, sizes), -len(c.keys), c.name)):
        parents = [p for p in held if p.name != cuboid.name and answers(p, cuboid)]
        parent = min(parents, key=lambda p: (_rows(p, sizes), p.name), default=None)
        if parent is None:
            sql = cells_sql(cuboid, table(cuboid.cube.fact), table)
        else:
            sql = rolled_up_sql(cuboid, parent, table(parent.name), table)
        made.append(Build(cuboid, parent, sql))
        held.append(cuboid)
    return tuple(made)


def _rows(cuboid: Cuboid, sizes: Mapping[str, int]) -> float:
    return sizes.get(cuboid.name, float("inf"))
