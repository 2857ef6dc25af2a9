"""Columns known to be equal or not NULL, and blocks with every expression changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cubes.rewrite import guards
from cubes.rewrite.block import Block, Left
from cubes.rewrite.canonical import truths
from cubes.rewrite.catalogue import Table
from cubes.rewrite.node import Node, col


@dataclass(frozen=True, slots=True)
class Equalities:
    """Columns known to be equal, and the one that stands for each class."""

    classes: tuple[frozenset[Node], ...] = ()
    by_node: dict[Node, frozenset[Node]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        found = {node: each for each in reversed(self.classes) for node in each}
        object.__setattr__(self, "by_node", found)

    @property
    def representative(self) -> dict[Node, Node]:
        """Each column of a class, and who stands for it."""
        found = {}
        for each in self.classes:
            first = min(each, key=lambda node: node.data)
            found.update({node: first for node in each if node is not first})
        return found

    def joined(self, left: Node, right: Node) -> Equalities:
        """With one more equality."""
        if left == right:
            return self
        touched = [c for c in self.classes if left in c or right in c]
        merged = frozenset((left, right)).union(*touched)
        return Equalities((*(c for c in self.classes if c not in touched), merged))

    def same(self, node: Node) -> frozenset[Node]:
        """All columns equal to this one, itself among them."""
        return self.by_node.get(node) or frozenset((node,))


def column_type(tables: Mapping[str, Table], node: Node) -> str:
    """The type of a column."""
    table = tables[str(node.data[0])]
    return dict(table.columns)[str(node.data[1])]


def mapped(block: Block, change: Callable[[Node], Node]) -> Block:
    """The block with every expression changed."""
    return replace(
        block,
        lefts=tuple(
            Left(left.instances, _flat(change(part) for part in left.condition))
            for left in block.lefts
        ),
        where=_flat(change(part) for part in block.where),
        groups=tuple(change(node) for node in block.groups),
        items=tuple((name, change(node)) for name, node in block.items),
        having=tuple(change(node) for node in block.having),
        qualify=change(block.qualify) if block.qualify else None,
        orders=tuple(replace(order, node=change(order.node)) for order in block.orders),
    )


def _flat(conditions: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(part for each in conditions for part in truths(each)))


def column_equality(block: Block, part: Node) -> bool:
    """An equality of two columns of the core that makes them the same value."""
    if part.op != "cmp" or part.data[0] != "=":
        return False
    left, right = part.args
    core = set(block.core)
    if left.op != "col" or right.op != "col":
        return False
    if left.data[0] not in core or right.data[0] not in core:
        return False
    kind = column_type(block.tables, left)
    same = kind == column_type(block.tables, right)
    return same and guards.equal_means_same(kind)


def equalities(block: Block) -> Equalities:
    """The classes of equal columns."""
    equal = Equalities()
    for part in block.where:
        if column_equality(block, part):
            equal = equal.joined(*part.args)
    return equal


def given_not_null(tables: Mapping[str, Table], core: Iterable[str]) -> Iterable[Node]:
    """The columns the arguments call not null."""
    return (col(instance, name) for instance in core for name in tables[instance].not_null)
