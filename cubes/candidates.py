"""The cuboids worth choosing from: for each demand the coarsest grains that answer it, combined.

A grain that answers no demand better than a coarser one does cannot be part of a best choice, so
that of thousands of grains in a lattice a few hundred are looked at, each in the orders in which
conditions could leave rows out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product

from cubes.cost import pins
from cubes.cube import Cube, Cuboid
from cubes.definitions import level_of
from cubes.demand import Demand
from cubes.in_use import same
from cubes.lattice import answers, combined, normal, order_of, steps
from cubes.source import Source

#: Grains of one cube that are looked at; the most asked for come first.
MOST_GRAINS = 160

#: Orders of one grain that are looked at.
MOST_ORDERS = 3

Grain = tuple[str, ...]


def coarsest(demand: Demand) -> tuple[Grain, ...]:
    """The grains that answer a demand and no coarser grain does.

    >>> from cubes.definitions import SATISFACTION
    >>> coarsest(Demand(SATISFACTION, frozenset({"week", "process"})))
    (('touchpoint_key', 'day'),)
    """
    cube = demand.cube
    wanted = demand.levels.union(*demand.filters)
    keys = [_keys(cube, level) for level in sorted(wanted)]
    grains = dict.fromkeys(normal(cube, pick) for pick in product(*keys))
    fits = [g for g in grains if g and isinstance(demand.source(Cuboid(cube, g)), Source)]
    return tuple(
        g
        for g in fits
        if not any(g != o and answers(Cuboid(cube, g), Cuboid(cube, o)) for o in fits)
    )


def _keys(cube: Cube, level: str) -> tuple[str, ...]:
    found = level_of(cube, level)
    assert found is not None, level
    names = {key.name for key in cube.keys}
    return tuple(dict.fromkeys(way.key for way in found.ways if way.key in names))


def grains_of(cube: Cube, demands: Iterable[Demand]) -> tuple[Grain, ...]:
    """The coarsest grain of each demand, and what answers several of them at once."""
    mine = sorted((d for d in demands if d.cube == cube), key=lambda d: -d.weight)
    found = dict.fromkeys(grain for demand in mine for grain in coarsest(demand))
    fresh = list(found)
    while fresh and len(found) < MOST_GRAINS:
        pairs = (combined(cube, one, other) for one in fresh for other in tuple(found))
        fresh = [grain for grain in dict.fromkeys(pairs) if grain not in found]
        fresh = fresh[: MOST_GRAINS - len(found)]
        found |= dict.fromkeys(fresh)
    return tuple(found)


def orders(cube: Cube, grain: Grain, demands: Sequence[Demand]) -> tuple[Cuboid, ...]:
    """A grain in each order that begins with a key by which demands leave rows out.

    First comes the order most often asked for; behind its first key the others follow by how much
    they are asked for, so that cells lie by (site, period) or by (period, site). Days come first
    by their months: a stretch leaves out as much, and within a month a member still lies together.
    """
    weights: dict[str, float] = {}
    for demand in demands:
        source = demand.source(Cuboid(cube, grain)) if demand.cube == cube else None
        if isinstance(source, Source):
            for key in pins(cube, source.early):
                if key in grain:
                    weights[key] = weights.get(key, 0.0) + demand.weight
    leading = sorted(weights, key=lambda key: (-weights[key], grain.index(key)))
    first = leading[:MOST_ORDERS] or [_period(cube, grain)]
    return tuple(Cuboid(cube, grain, _led_by(cube, key, leading, grain)) for key in first)


def _led_by(cube: Cube, key: str, leading: Sequence[str], grain: Grain) -> tuple[str, ...]:
    others = [each for each in leading if each != key]
    period = next(
        (s.key for s in steps(cube) if s.of == key and cube.key(s.key).type == "DATE"), None
    )
    head = (period, *others, key) if period and others else (key, *others)
    return tuple(dict.fromkeys((*head, *grain)))


def _period(cube: Cube, grain: Grain) -> str:
    return next((k for k in grain if cube.key(k).type == "DATE"), grain[0])


def options(
    cubes: Iterable[Cube],
    demands: Sequence[Demand],
    kept: Sequence[Cuboid],
    rows: Callable[[Cuboid], int],
    facts: Mapping[str, int],
) -> tuple[Cuboid, ...]:
    """Every cuboid to choose from: those kept now as they lie, then the candidates.

    A grain with nearly as many cells as there are facts is left out: reading it saves nothing.
    """
    found = list(kept)
    for cube in cubes:
        for grain in grains_of(cube, demands):
            plain = Cuboid(cube, grain)
            if rows(plain) >= 0.8 * facts[cube.name]:
                continue
            new = (each for each in orders(cube, grain, demands))
            found += [each for each in new if not any(same(each, old) for old in found)]
    return tuple(found)


def by_period(cuboid: Cuboid) -> bool:
    """Whether the cells lie by period first."""
    order = order_of(cuboid)
    return bool(order) and cuboid.cube.key(order[0]).type == "DATE"
