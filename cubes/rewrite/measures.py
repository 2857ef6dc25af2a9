"""What an aggregate is made of, wherever it comes from: cells alone, or cells and rows together."""

from __future__ import annotations

from typing import Protocol

from cubes.rewrite.node import Node

Conditions = frozenset[Node]


class Values(Protocol):
    """Expressions that have one value in a cell."""

    def can(self, node: Node) -> bool:
        """Whether an expression can be worked out."""

    def value(self, node: Node) -> Node:
        """It, worked out."""


class Measures(Protocol):
    """Counts, sums and extremes of a cell; None where they are not there."""

    @property
    def values(self) -> Values:
        """What else is known of a cell."""

    def type_of(self, node: Node) -> str:
        """The type of an expression over the base tables."""

    def count(self, where: Conditions) -> Node | None:
        """How many rows meet the conditions; 0 where none does."""

    def some(self, where: Conditions) -> Node | None:
        """Whether any row meets them; TRUE itself where every cell has one."""

    def total(self, node: Node, where: Conditions) -> Node | None:
        """The sum; NULL where no row that meets the conditions has a value."""

    def extreme(self, name: str, node: Node, where: Conditions) -> Node | None:
        """The least or greatest; NULL where there is none."""
