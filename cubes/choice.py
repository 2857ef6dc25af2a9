"""Which cells can answer a block: cuboids that have all its levels, else the facts.

The facts are treated as the cuboid that is not stored: the same expressions group them, so that
both give the same answer by construction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cubes.blocks import Block, Condition
from cubes.cost import FACT_COST, FACT_ORDER, pins, read_cost, scanned
from cubes.cube import Cube, Cuboid, Level, Way
from cubes.definitions import level_of
from cubes.lattice import order_of

#: Where every cuboid may answer.
NONE_ILL: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Source:
    """Cells that can answer a block: a cuboid as stored, or the facts grouped by its keys."""

    cuboid: Cuboid
    stored: bool
    levels: tuple[tuple[str, Way], ...]  # what the block sees, by its spelling
    early: tuple[tuple[Condition, tuple[Way, ...]], ...]  # conditions applied to the cells
    own: Way | None = None  # the way to the site, where only the principal's own sites are read
    moved: str = ""  # the interval by which every fact is taken to have happened later
    same_day: bool = False  # only facts of days that are the same day of the month after it

    @property
    def name(self) -> str:
        """The table that is read."""
        return self.cuboid.name if self.stored else self.cuboid.cube.fact


@dataclass(frozen=True, slots=True)
class Considered:
    """What was thought of one candidate."""

    name: str
    used: bool
    reason: str
    rows: int | None = None
    read: int | None = None  # of the rows, those that are scanned, about


def choose(
    block: Block,
    levels: frozenset[str],
    cuboids: Iterable[Cuboid],
    sizes: Mapping[str, int],
    *,
    as_is: bool,
    own: bool = False,
    ill: Mapping[str, str] = NONE_ILL,
) -> tuple[Source, tuple[Considered, ...]]:
    """The cheapest source that has all levels, and a reason for every other.

    Those in `ill` may not answer, for the reason given.
    """
    fits: list[tuple[float, Source]] = []
    refused: list[Considered] = []
    for cuboid in cuboids:
        source = ill.get(cuboid.name) or fit(block, levels, cuboid, as_is=as_is, own=own)
        rows = sizes.get(cuboid.name)
        if isinstance(source, str):
            refused.append(Considered(cuboid.name, used=False, reason=source, rows=rows))
        else:
            fits.append((cost_of(source, rows), source))
    facts = facts_source(block, levels, as_is=as_is, own=own)
    fits.sort(key=lambda fit: (fit[0], sizes.get(fit[1].name, 0)))
    if fits and fits[0][0] <= cost_of(facts, sizes.get(facts.name)):
        best, reason = fits[0][1], "the least to read that has every level"
    else:
        best = facts
        reason = (
            "less to read than any cuboid that has every level"
            if fits
            else f"no cuboid{' that may answer' if ill else ''} has every level"
        )
    others = [(s, "more to read than what was chosen") for _, s in fits] + [
        (facts, "the cells are less to read")
    ]
    return best, (
        _considered(best, sizes.get(best.name), reason, used=True),
        *(_considered(s, sizes.get(s.name), why, used=False) for s, why in others if s is not best),
        *refused,
    )


def _considered(source: Source, rows: int | None, reason: str, *, used: bool) -> Considered:
    read = None if rows is None else round(scanned(rows, _order(source), _pinned(source)))
    return Considered(source.name, used=used, reason=reason, rows=rows, read=read)


def _order(source: Source) -> tuple[str, ...]:
    return order_of(source.cuboid) if source.stored else FACT_ORDER


def _pinned(source: Source) -> Mapping[str, float]:
    return pins(source.cuboid.cube, source.early)


def cost_of(source: Source, rows: int | None) -> float:
    """What reading a source costs, in rows; the planner and the advisor compare by it."""
    if rows is None:
        return float("inf")
    cost = read_cost(source.cuboid.cube, rows, _order(source), source.early)
    return cost if source.stored else FACT_COST * cost


def fit(
    block: Block,
    levels: frozenset[str],
    cuboid: Cuboid,
    *,
    as_is: bool = False,
    own: bool = False,
) -> Source | str:
    """How a stored cuboid gives all levels of a block, or the reason why it does not."""
    return _fit(block, levels, cuboid, cuboid.keys, as_is=as_is, own=own, stored=True)


def facts_source(block: Block, levels: frozenset[str], *, as_is: bool, own: bool = False) -> Source:
    """The facts, grouped by the fewest keys that give all levels."""
    cube = block.cube
    every = tuple(key.name for key in cube.keys)
    whole = _fit(block, levels, Cuboid(cube, every), every, as_is=as_is, own=own, stored=False)
    assert not isinstance(whole, str), whole
    used = _keys_used(whole)
    for key in sorted(used, key=lambda name: name not in ("month", "province", "touchpoint_key")):
        fewer = tuple(name for name in every if name in used and name != key)
        smaller = _fit(
            block, levels, Cuboid(cube, fewer), fewer, as_is=as_is, own=own, stored=False
        )
        if not isinstance(smaller, str) and len(smaller.early) == len(whole.early):
            used, whole = _keys_used(smaller), smaller
    keys = tuple(name for name in every if name in used)
    return Source(
        Cuboid(cube, keys), stored=False, levels=whole.levels, early=whole.early, own=whole.own
    )


def _keys_used(source: Source) -> frozenset[str]:
    return frozenset(
        (
            *(way.key for _, way in source.levels),
            *(way.key for _, ways in source.early for way in ways),
            *((source.own.key,) if source.own else ()),
        )
    )


def _fit(
    block: Block,
    levels: frozenset[str],
    cuboid: Cuboid,
    keys: tuple[str, ...],
    *,
    as_is: bool,
    own: bool,
    stored: bool,
) -> Source | str:
    """How a cuboid gives all levels, or the reason why it does not."""
    early: list[tuple[Condition, tuple[Way, ...]]] = []
    wanted = set(levels)
    for condition in block.conditions:
        ways = _ways_of(block.cube, condition, keys, as_is=as_is)
        if ways:
            early.append((condition, ways))
        else:
            wanted |= condition.levels
    found: list[tuple[str, Way]] = []
    missing: list[str] = []
    for name in sorted(wanted):
        way = _way(_level(block.cube, name), keys, as_is=as_is)
        if way is None:
            missing.append(name)
        else:
            found.append((name, way))
    mine = _way(_level(block.cube, "site"), keys, as_is=as_is) if own else None
    if own and mine is None:
        missing.append("site")
    if missing:
        return f"has no {' and no '.join(missing)}"
    return Source(cuboid, stored=stored, levels=tuple(found), early=tuple(early), own=mine)


def _ways_of(
    cube: Cube, condition: Condition, keys: tuple[str, ...], *, as_is: bool
) -> tuple[Way, ...]:
    """Ways for the spots of a condition: all expressions of keys, or all columns of one table."""
    levels = [_level(cube, spot.name) for spot in condition.spots]
    fine = tuple(key for key in keys if key != "month") if "day" in keys else keys
    plain = [_way(level, fine, as_is=as_is, table="") for level in levels]
    if all(plain):
        return tuple(way for way in plain if way)
    for first in levels[0].ways:
        if first.table and first.key in keys:
            ways = [_way(level, (first.key,), as_is=as_is, table=first.table) for level in levels]
            if all(way and way.match == first.match for way in ways):
                return tuple(way for way in ways if way)
    return ()


def _way(
    level: Level, keys: tuple[str, ...], *, as_is: bool, table: str | None = None
) -> Way | None:
    return next(
        (
            way
            for way in level.ways
            if way.key in keys
            and not (as_is and way.as_was)
            and (table is None or way.table == table)
        ),
        None,
    )


def _level(cube: Cube, name: str) -> Level:
    level = level_of(cube, name)
    assert level is not None
    return level
