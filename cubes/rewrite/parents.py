"""Parents by foreign keys: each row of the child meets at most one of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cubes.rewrite.catalogue import Catalogue, ForeignKey, Table
from cubes.rewrite.equalities import Equalities
from cubes.rewrite.node import Node, col

Pairs = tuple[tuple[Node, Node], ...]  # a column of the child, and the one it refers to


def pairs_of(link: ForeignKey, child: str, parent: str) -> Pairs:
    """The columns a foreign key pairs, of these two instances."""
    return tuple(
        (col(child, mine), col(parent, theirs))
        for mine, theirs in zip(link.columns, link.referred, strict=True)
    )


def parent_link(
    catalogue: Catalogue,
    tables: Mapping[str, Table],
    children: Iterable[str],
    parent: str,
    equal: Equalities,
) -> Pairs | None:
    """The first foreign key from one of the children to the parent whose columns are set equal.

    It says that no child meets two rows. That each meets one, because no column of the key is NULL,
    and that nothing else is asked of the parent is for the caller to see.
    """
    tried = tuple(children)
    for link in catalogue.foreign_keys:
        if link.parent != tables[parent].name:
            continue
        for child in tried:
            if tables[child].name != link.child:
                continue
            pairs = pairs_of(link, child, parent)
            if all(theirs in equal.same(mine) for mine, theirs in pairs):
                return pairs
    return None
