"""What a block groups by: levels as they are, or something made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp

from cubes.cube import Cube
from cubes.definitions import level_of
from cubes.trees import own


@dataclass(frozen=True, slots=True)
class Grouping:
    """The levels that are grouped by as they are, and whether nothing else is grouped by."""

    keys: frozenset[str] = frozenset()
    whole: bool = True


def read_grouping(
    select: exp.Select,
    cube: Cube,
    named: Callable[[exp.Column], str | None],
    aggregates: Callable[[exp.Expr], bool],
) -> Grouping:
    """The groups of GROUP BY, by number, alias or name, or by ALL.

    `named` is the cube's column that a name means, and `aggregates` whether a node tells a group
    and not a row.
    """
    group = select.args.get("group")
    if group is None:
        return Grouping()
    outputs = list(select.expressions)
    every = bool(group.args.get("all"))
    keys, whole = set(), not _is_sets(group)
    for node in _meant(outputs if every else list(group.expressions), outputs, cube):
        level = named(node) if isinstance(node, exp.Column) else None
        if level is not None and level_of(cube, level):
            keys.add(level)
        elif not (every and _tells_groups(node, aggregates)) and _reads(node):
            whole = False
    return Grouping(frozenset(keys), whole)


def _is_sets(group: exp.Expr) -> bool:
    return group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None


def _meant(by: Iterable[exp.Expr], outputs: list[exp.Expr], cube: Cube) -> Iterable[exp.Expr]:
    for given in by:
        node = given
        if isinstance(node, exp.Literal) and node.is_int and int(node.name) <= len(outputs):
            node = outputs[int(node.name) - 1]
        if isinstance(node, exp.Column) and not level_of(cube, node.name.casefold()):
            name = node.name.casefold()
            node = next((o for o in outputs if o.alias.casefold() == name), node)
        yield node.unalias()


def _tells_groups(node: exp.Expr, aggregates: Callable[[exp.Expr], bool]) -> bool:
    return any(aggregates(each) for each in (node, *own(node)))


def _reads(node: exp.Expr) -> bool:
    return any(isinstance(each, exp.Column | exp.Query) for each in (node, *node.walk()))
