"""The lattice of a cube, computed from its keys, and the cuboids a home begins with.

A node is a combination of stored keys; one node answers another when every key of the other is one
of its own or follows from one: month from day, province from the site's version. Weeks do not nest
in months, and no expression leads from one to the other, so none is found.

`CUBOIDS` is what a home keeps until its nightly advice has chosen for it: two fine parents
(question by month, touchpoint by day), then what screens read. Cells of sites lie by site, then
period; those that rankings and maps of all sites read lie by month.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from cubes.cube import Cube, Cuboid, Join, Key, columns_of
from cubes.definitions import SATISFACTION, VOICE

CUBOIDS: tuple[Cuboid, ...] = (
    Cuboid(
        SATISFACTION,
        ("site_version", "question_key", "channel_key", "month"),
        ("site_version", "month"),
    ),
    Cuboid(SATISFACTION, ("site_version", "touchpoint_key", "day"), ("site_version", "day")),
    Cuboid(SATISFACTION, ("site_version", "touchpoint_key", "month"), ("site_version", "month")),
    Cuboid(SATISFACTION, ("site_version", "channel_key", "month"), ("site_version", "month")),
    Cuboid(SATISFACTION, ("site_version", "day"), ("month", "site_version")),
    Cuboid(SATISFACTION, ("site_version", "month"), ("month", "site_version")),
    Cuboid(
        SATISFACTION,
        ("province", "touchpoint_key", "channel_key", "month"),
        ("month", "province"),
    ),
    Cuboid(SATISFACTION, ("province", "touchpoint_key", "day"), ("day", "province")),
    Cuboid(SATISFACTION, ("touchpoint_key", "day"), ("day", "touchpoint_key")),
    Cuboid(
        VOICE,
        ("site_version", "touchpoint_key", "channel_key", "purpose", "month"),
        ("site_version", "month"),
    ),
    Cuboid(VOICE, ("site_version", "purpose", "day"), ("month", "site_version")),
    Cuboid(VOICE, ("site_version", "reason_key", "month"), ("site_version", "month")),
    Cuboid(VOICE, ("site_version", "month"), ("month", "site_version")),
    Cuboid(
        VOICE,
        ("province", "touchpoint_key", "channel_key", "purpose", "month"),
        ("month", "province"),
    ),
    Cuboid(VOICE, ("touchpoint_key", "channel_key", "purpose", "day"), ("day", "touchpoint_key")),
    Cuboid(VOICE, ("channel_key", "purpose", "day", "hour"), ("day", "hour")),
)


def cuboids_of(cube: Cube) -> tuple[Cuboid, ...]:
    """The cuboids of one cube."""
    return tuple(cuboid for cuboid in CUBOIDS if cuboid.cube.name == cube.name)


@dataclass(frozen=True, slots=True)
class Step:
    """How one key follows from another: an expression over it, or a column of the row it finds.

    Without `join`, `sql` is an expression over `{key}`. With it, the key equals `match` in one row
    of the join's table, and `sql` speaks of that row by the join's alias.
    """

    key: str
    of: str
    sql: str
    join: Join | None = None
    match: str = ""


def steps(cube: Cube) -> tuple[Step, ...]:
    """Every way in which one stored key of a cube follows from another.

    Nothing is declared for it: an expression over a plain column follows from the key that is that
    column, and a column of a dimension row follows from the key that finds the row.

    >>> [(step.of, step.key) for step in steps(VOICE)]
    [('site_version', 'province'), ('day', 'month')]
    """
    finders = tuple((d.table, d.key) for d in cube.dimensions if d.key)
    return _steps(cube.keys, cube.joins, finders)


@cache
def _steps(
    keys: tuple[Key, ...], joins: tuple[Join, ...], finders: tuple[tuple[str, str], ...]
) -> tuple[Step, ...]:
    """The steps by what they depend on: a whole cube would be slow to look up."""
    pairs = ((key, of) for key in keys for of in keys if key is not of)
    return tuple(step for key, of in pairs if (step := _step(joins, finders, key, of)))


def _step(
    joins: tuple[Join, ...], finders: tuple[tuple[str, str], ...], key: Key, of: Key
) -> Step | None:
    spoken, plain = set(columns_of(key.sql)), columns_of(of.sql)
    if len(plain) == 1 and of.sql == ".".join(plain[0]) and spoken == set(plain):
        pattern = re.sub(rf"\b{re.escape(of.sql)}\b", "{key}", key.sql)
        return Step(key.name, of.name, pattern) if key.sql != of.sql else None
    for join in joins:
        match = _finds(finders, of, join)
        if match and {alias for alias, _ in spoken} == {join.alias}:
            return Step(key.name, of.name, key.sql, join, match)
    return None


def _finds(finders: tuple[tuple[str, str], ...], key: Key, join: Join) -> str:
    """The column of a join's table that equals the key in exactly one row, or nothing."""
    for table, column in finders:
        if table == join.table and key.sql == f"{join.alias}.{column}":
            return column
    left, _, right = join.condition.partition(" = ")
    return left.removeprefix(f"{join.alias}.") if right == key.sql else ""


def answers(finer: Cuboid, coarser: Cuboid) -> bool:
    """Whether the cells of one cuboid add up to those of another."""
    return finer.cube == coarser.cube and _reach(finer.cube, finer.keys) >= set(coarser.keys)


def _reach(cube: Cube, keys: Iterable[str]) -> set[str]:
    held = set(keys)
    return held | {step.key for step in steps(cube) if step.of in held}


def step_to(cuboid: Cuboid, key: str) -> Step | None:
    """How a key follows from those of a cuboid; None where the cuboid has the key itself."""
    if key in cuboid.keys:
        return None
    return next(s for s in steps(cuboid.cube) if s.key == key and s.of in cuboid.keys)


def normal(cube: Cube, keys: Iterable[str]) -> tuple[str, ...]:
    """The keys in the cube's order, without those that follow from another one.

    >>> normal(VOICE, ("month", "day", "province", "site_version"))
    ('site_version', 'day')
    """
    held = set(keys)
    follow = {key for key in held if key in _reach(cube, held - {key})}
    return tuple(key.name for key in cube.keys if key.name in held - follow)


def grains(cube: Cube) -> Iterator[tuple[str, ...]]:
    """Every combination of stored keys in which none follows from another: the lattice's nodes.

    >>> sum(1 for _ in grains(VOICE))
    9216
    """
    names, pairs = [key.name for key in cube.keys], [(s.key, s.of) for s in steps(cube)]
    for many in range(len(names) + 1):
        for keys in combinations(names, many):
            if not any(key in keys and of in keys for key, of in pairs):
                yield keys


def combined(cube: Cube, one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """The coarsest grain that answers whatever either of two grains answers."""
    return normal(cube, (*one, *other))


def covers(cuboids: Iterable[Cuboid]) -> tuple[tuple[Cuboid, Cuboid], ...]:
    """The pairs of a lattice's picture: finer, coarser, and none of the others between them."""
    every = tuple(cuboids)
    below = {c.name: [d for d in every if d.name != c.name and answers(c, d)] for c in every}
    return tuple(
        (finer, coarser)
        for finer in every
        for coarser in below[finer.name]
        if not any(coarser in below[middle.name] for middle in below[finer.name])
    )


def order_of(cuboid: Cuboid) -> tuple[str, ...]:
    """The whole order in which the cells lie: what was decided, then the remaining keys.

    Cells may also lie by a key that follows from one of theirs, those of days by month.
    """
    return (*cuboid.sort, *(key for key in cuboid.keys if key not in cuboid.sort))


def sorted_by(cuboid: Cuboid) -> tuple[str, ...]:
    """The order as columns and expressions over them.

    >>> sorted_by(Cuboid(VOICE, ("site_version", "day"), ("month", "site_version")))
    ("date_trunc('month', day)::date", 'site_version', 'day')
    """
    return tuple(over_own(cuboid, key) for key in order_of(cuboid))


def named_order(cube: Cube, keys: tuple[str, ...], terms: Iterable[str]) -> tuple[str, ...]:
    """The keys that the columns and expressions of an order stand for."""
    names = {over_own(Cuboid(cube, keys), key.name): key.name for key in cube.keys}
    return tuple(names.get(term, term) for term in terms)


def over_own(cuboid: Cuboid, key: str, alias: str = "") -> str:
    """A key as an expression over a cuboid's own; nothing where it takes a table to find it."""
    of = f"{alias}." if alias else ""
    if key in cuboid.keys:
        return f"{of}{key}"
    found = (s for s in steps(cuboid.cube) if (s.key, s.join) == (key, None))
    step = next((s for s in found if s.of in cuboid.keys), None)
    return step.sql.format(key=f"{of}{step.of}") if step else ""
