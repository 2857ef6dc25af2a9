"""The general rewriter: SQL text of any star in, the same answer over its cuboids out.

It is pure: it knows names, types, keys and the cuboids' own SELECTs, and reads no data. What cannot
be shown to be the same is answered by the star. The steps of the compiler stand in `compiler.py`,
which is read with the first question: who never asks one needs no DuckDB.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cubes.rewrite.outcome import CatalogueError, Considered, Plan, Refusal
from cubes.rewrite.told import ONE_AT_A_TIME

if TYPE_CHECKING:
    from cubes.rewrite.compiler import Bound

__all__ = ["CatalogueError", "Considered", "Plan", "Refusal", "forget", "rewrite"]

CATALOGUES = 16
PLANS = 4096


@dataclass(slots=True)
class _Kept:
    """A catalogue, and the plans made over it."""

    bound: Bound
    plans: OrderedDict[object, Plan] = field(default_factory=OrderedDict)


_kept: OrderedDict[object, _Kept] = OrderedDict()


def rewrite(
    sql: str,
    *,
    tables: Mapping[str, Mapping[str, str]],
    cuboids: Mapping[str, str],
    sizes: Mapping[str, int] = {},
    keys: Mapping[str, tuple[Any, ...]] = {},
    foreign_keys: Iterable[tuple[Any, ...]] = (),
    not_null: AbstractSet[tuple[str, str]] = frozenset(),
    views: Mapping[str, str] = {},
    timezone: str | None = None,
    prefer: Literal["proof", "cost"] = "proof",
) -> Plan:
    """Answer a question from the cuboids of a star where that is provably the same.

    `tables` gives the columns of each table, `cuboids` the SELECT each was made with, `sizes`
    their rows, `keys` what is unique and not null, `views` their SELECTs. Facts not given are not
    assumed. It never raises for text that DuckDB accepts; it raises `CatalogueError` where the
    arguments contradict themselves.
    """
    from cubes.rewrite.binding import bound
    from cubes.rewrite.compiler import bind_cuboids, compiled, with_sizes

    links = tuple(foreign_keys)
    identity = (
        tuple((name, tuple(columns.items())) for name, columns in tables.items()),
        tuple(cuboids.items()),
        tuple(keys.items()),
        links,
        frozenset(not_null),
        tuple(views.items()),
        timezone,
    )
    rows = tuple(sizes.items())
    asked = (rows, sql, prefer)
    with ONE_AT_A_TIME:
        kept = _kept.get(identity)
        if kept is None:
            made = bound(tables, cuboids, keys, links, not_null, views, timezone)
            kept = _kept[identity] = _Kept(bind_cuboids(made))
            while len(_kept) > CATALOGUES:  # with all its plans, which hold on to it
                _kept.popitem(last=False)
        _kept.move_to_end(identity)
        plan = kept.plans.get(asked)
        if plan is None:
            plan = kept.plans[asked] = compiled(with_sizes(kept.bound, sizes), sql, prefer)
            while len(kept.plans) > PLANS:
                kept.plans.popitem(last=False)
        kept.plans.move_to_end(asked)
        return plan


def forget() -> None:
    """Drop every catalogue and plan kept, for who changes the rules."""
    with ONE_AT_A_TIME:
        _kept.clear()
