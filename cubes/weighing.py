"""What a choice is made from: cuboids with their sizes, and what demands would read of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from cubes.candidates import options
from cubes.catalogue import Snapshot
from cubes.cube import Cube, Cuboid
from cubes.demand import Demand
from cubes.explain import cell_bytes
from cubes.in_use import announced, cuboids_in_use
from cubes.selection import Problem
from cubes.sizes import Size, bounded, draw, estimate, in_blocks, row_count, stored_bytes
from cubes.source import Source, cost_of

#: Keeping a cuboid current costs a load about as much as reading so many rows.
UPKEEP_ROWS = 20_000

#: What a stored cell takes of its plain size where none was measured, and what a fact takes.
PACKED, FACT_BYTES = 0.15, 25
MEASURABLE = 100_000  # rows from which whole blocks say what a cell takes


@dataclass(frozen=True, slots=True)
class Weighed:
    """The options with their sizes; the first `kept` of them are in use."""

    options: tuple[Cuboid, ...]
    kept: int
    sizes: Mapping[str, Size]
    bytes: tuple[int, ...]
    facts: Mapping[str, int]  # rows by cube
    fact_bytes: float


def weigh(
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    demands: Sequence[Demand],
    cubes: Sequence[Cube],
) -> Weighed:
    """The options of a demand in one release, counted where they are stored."""
    waiting = announced(snapshot.manifest)
    kept = tuple(
        cuboid
        for cuboid in cuboids_in_use(snapshot.manifest)
        if cuboid.name in snapshot.tables and cuboid.name not in waiting
    )
    counted = {cuboid: row_count(cursor, cuboid.name) for cuboid in kept}
    sizes = {c.name: Size(rows, rows, rows) for c, rows in counted.items()}
    samples = {cube.name: draw(cursor, cube) for cube in cubes}

    def size(cuboid: Cuboid) -> Size:
        if cuboid.name not in sizes:
            guess = estimate(cursor, samples[cuboid.cube.name], cuboid.keys)
            sizes[cuboid.name] = bounded(guess, cuboid, counted)
        return sizes[cuboid.name]

    facts = {cube.name: samples[cube.name].facts for cube in cubes}
    found = options(cubes, demands, kept, lambda c: size(c).rows, facts)
    base = snapshot.manifest.base
    stored = {c.name: stored_bytes(cursor, base, c.name) for c in counted}
    packed = {cube.name: _packed(cube, counted, stored) for cube in cubes}
    return Weighed(
        options=found,
        kept=len(kept),
        sizes={option.name: size(option) for option in found},
        bytes=tuple(
            stored.get(each.name) or in_blocks(size(each).rows * cell_bytes(each) * packed[name])
            for each in found
            for name in (each.cube.name,)
        ),
        facts=facts,
        fact_bytes=sum(
            stored_bytes(cursor, base, cube.fact) or facts[cube.name] * FACT_BYTES for cube in cubes
        ),
    )


def _packed(cube: Cube, counted: Mapping[Cuboid, int], stored: Mapping[str, int]) -> float:
    """What a stored cell takes of its plain size, as measured of the cube's large cuboids."""
    large = [c for c, rows in counted.items() if c.cube == cube and rows >= MEASURABLE]
    plain = sum(counted[c] * cell_bytes(c) for c in large)
    taken = sum(stored[c.name] for c in large)
    return taken / plain if plain and taken else PACKED


def problem_of(
    weighed: Weighed, demands: Sequence[Demand], room: float, loads_a_day: float
) -> Problem:
    """The choice to be made: what each demand would read of each option, in rows a day."""
    names = list(dict.fromkeys(option.name for option in weighed.options))
    rows = {name: size.rows for name, size in weighed.sizes.items()}
    facts = [
        demand.weight * cost_of(demand.facts(), weighed.facts[demand.cube.name])
        for demand in demands
    ]
    costs = np.full((len(demands), len(weighed.options)), np.inf)
    for place, demand in enumerate(demands):
        for option, cuboid in enumerate(weighed.options):
            source = demand.source(cuboid) if cuboid.cube == demand.cube else None
            if isinstance(source, Source):
                costs[place, option] = demand.weight * cost_of(source, rows[cuboid.name])
    return Problem(
        facts=np.array(facts, float),
        costs=costs,
        upkeep=np.array(
            [
                loads_a_day * UPKEEP_ROWS + rows[each.name] * (1 if option < weighed.kept else 2)
                for option, each in enumerate(weighed.options)  # twice: it is still to be built
            ],
            float,
        ),
        bytes=np.array(weighed.bytes, float),
        grain=[names.index(option.name) for option in weighed.options],
        budget=float(room),
    )
