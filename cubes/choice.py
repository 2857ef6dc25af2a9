"""Which cells can answer a block: cuboids that have all its levels, else the facts.

The facts are treated as the cuboid that is not stored: the same expressions group them, so that
both give the same answer by construction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cubes.blocks import Block, Condition
from cubes.cube import Cube, Cuboid, Level, Way
from cubes.definitions import level_of
from cubes.source import Considered, Source, considered, cost_of
from cubes.whole_months import pieced, pieces_considered, pieces_cost

#: Where every cuboid may answer.
NONE_ILL: Mapping[str, str] = {}

_MORE = "more to read than what was chosen"


def choose(
    block: Block,
    levels: frozenset[str],
    cuboids: Iterable[Cuboid],
    sizes: Mapping[str, int],
    *,
    as_is: bool,
    own: bool = False,
    ill: Mapping[str, str] = NONE_ILL,
    in_pieces: bool = False,
) -> tuple[Source, tuple[Considered, ...]]:
    """The cheapest source that has all levels, and a reason for every other.

    Those in `ill` may not answer, for the reason given. With `in_pieces` a stretch of days may be
    read as whole months of one cuboid and the days left over of another.
    """
    cuboids = tuple(cuboids)
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
    others = [(s, _MORE) for _, s in fits] + [(facts, "the cells are less to read")]
    told = (
        considered(best, sizes.get(best.name), reason, used=True),
        *(considered(s, sizes.get(s.name), why, used=False) for s, why in others if s is not best),
        *refused,
    )
    if not in_pieces:
        return best, told
    apart = pieced(
        block,
        [source for _, source in fits],
        [c for c in cuboids if c.name in sizes and c.name not in ill],
        lambda rest, cuboid: fit(rest, levels, cuboid, as_is=as_is, own=own),
    )
    pieces = min(apart, key=lambda each: pieces_cost(each, sizes), default=None)
    if pieces is None or pieces_cost(pieces, sizes) >= cost_of(best, sizes.get(best.name)):
        return best, told
    more = [replace(each, used=False, reason=_MORE) if each.used else each for each in told]
    return pieces, (
        *pieces_considered(pieces, sizes),
        *(each for each in more if each.name not in pieces.tables),
    )


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
    used = frozenset(whole.keys)
    for key in sorted(used, key=lambda name: name not in ("month", "province", "touchpoint_key")):
        fewer = tuple(name for name in every if name in used and name != key)
        smaller = _fit(
            block, levels, Cuboid(cube, fewer), fewer, as_is=as_is, own=own, stored=False
        )
        if not isinstance(smaller, str) and len(smaller.early) == len(whole.early):
            used, whole = frozenset(smaller.keys), smaller
    keys = tuple(name for name in every if name in used)
    return Source(
        Cuboid(cube, keys), stored=False, levels=whole.levels, early=whole.early, own=whole.own
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
