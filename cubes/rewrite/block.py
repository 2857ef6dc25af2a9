"""A SELECT block, its names resolved: tables, joins, conditions, groups, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cubes.rewrite.catalogue import Table
from cubes.rewrite.node import Node

Spec = tuple[str, str]  # direction, place of nulls


@dataclass(frozen=True, slots=True)
class Left:
    """Instances joined to what stands before where a row matches, else NULL."""

    instances: tuple[str, ...]
    condition: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One term of an ORDER BY: an output's position, or an expression of its own."""

    node: Node
    spec: Spec
    position: int | None


@dataclass(frozen=True, slots=True)
class Block:
    """One SELECT over base tables; `grouped` where a row is a group, else a row is a row."""

    tables: Mapping[str, Table]  # instance → base table
    core: tuple[str, ...]  # instances joined inwards
    lefts: tuple[Left, ...]
    where: tuple[Node, ...]  # conditions on core and lefts, the inner joins' among them
    grouped: bool
    groups: tuple[Node, ...]
    sets: tuple[tuple[int, ...], ...]  # grouping sets over `groups`
    items: tuple[tuple[str, Node], ...]  # output name and expression
    having: tuple[Node, ...] = ()
    qualify: Node | None = None
    orders: tuple[Order, ...] = ()
    distinct: bool = False
    limit: Node | None = None
    offset: Node | None = None
    reads_cells: bool = False  # flattened over an aggregated source

    @property
    def plain(self) -> bool:
        """Whether it only selects, projects and joins."""
        return not (
            self.grouped
            or self.distinct
            or self.limit
            or self.offset
            or self.qualify
            or any(part.op == "win" for _, node in self.items for part in node.walk())
        )
