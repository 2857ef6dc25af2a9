"""Which cuboids a release keeps: those it chose by advice, else the default ones.

The manifest describes every table it keeps, keys and order included, so that readers of any process
know the cuboids of the very release they read.
"""

from __future__ import annotations

from typing import Protocol

from cubes.cube import Cuboid
from cubes.definitions import CUBES
from cubes.lattice import CUBOIDS, named_order, order_of
from models.manifest import ANNOUNCED, Manifest
from models.table import TableSpec


class Kept(Protocol):
    """What of a manifest tells its cuboids."""

    @property
    def tables(self) -> tuple[TableSpec, ...]:
        """Its tables."""

    @property
    def chosen(self) -> tuple[str, ...] | None:
        """The names of the cell tables kept by advice."""


def cuboids_in_use(manifest: Kept | None) -> tuple[Cuboid, ...]:
    """The cuboids that loads keep current, those announced among them."""
    if manifest is None or manifest.chosen is None:
        return CUBOIDS
    specs = {spec.name: spec for spec in manifest.tables}
    found = (_cuboid(specs[name]) for name in manifest.chosen if name in specs)
    return tuple(cuboid for cuboid in found if cuboid is not None)


def announced(manifest: Manifest | None) -> frozenset[str]:
    """The names of cuboids that are not built yet."""
    defined = manifest.definitions if manifest else {}
    return frozenset(name for name, made in defined.items() if made == ANNOUNCED)


def _cuboid(spec: TableSpec) -> Cuboid | None:
    """The cuboid a cell table holds, None where no cube of ours has its keys any more."""
    for cube in CUBES:
        if set(spec.key) <= {key.name for key in cube.keys}:
            found = Cuboid(cube, spec.key, named_order(cube, spec.key, spec.sort))
            if found.name == spec.name:
                return found
    return None


def same(one: Cuboid, other: Cuboid) -> bool:
    """Whether two cuboids are the same cells in the same order."""
    return (one.name, order_of(one)) == (other.name, order_of(other))
