"""Other cell tables than before: announced to loads first, then built into a new base.

A table that is announced gets the changes of every load from then on, and nobody reads it. So the
base that holds it whole can be made while loads go on, and what they add meanwhile lies on top. The
lock is held twice for an instant: to announce and to switch. Killed in between, the release before
still answers, and the next attempt begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.freeze import compacting
from models.home import Home
from models.manifest import ANNOUNCED, Manifest, read_manifest, with_specs
from models.new_base import Lock, build_base
from models.publish import Step, no_step, publish
from models.table import TableSpec
from models.tail import MOST_TAILS


@dataclass(frozen=True, slots=True)
class Shape:
    """The cell tables to keep from now on.

    `made` are those to be built, in an order in which each SELECT reads only what is there before
    it; `definitions` are their hashes.
    """

    specs: tuple[TableSpec, ...]
    made: tuple[tuple[str, str], ...]
    definitions: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all cell tables kept."""
        return tuple(spec.name for spec in self.specs)


def reshape(home: Home, shape: Shape, *, lock: Lock, step: Step = no_step) -> Manifest | None:
    """Keep these cell tables and no others; None when there is no release or no room to begin.

    There must be fewer tails than the most: compact before. The release that stands goes on
    answering until the switch.
    """
    with compacting(home) as freeze:
        if freeze is None:
            return None
        with lock():
            begun = _announce(home, shape, step)
            if begun is not None:
                freeze([tail.name for tail in begun.tails])
        if begun is None:
            return None
        tables = _tables(begun, shape)
        return build_base(
            home, begun, tables, shape.made, lambda now: _after(now, shape), lock=lock, step=step
        )


def _announce(home: Home, shape: Shape, step: Step) -> Manifest | None:
    """Name the tables to come, so that loads keep their changes; those that go are kept still."""
    current = read_manifest(home)
    if current is None or len(current.tails) >= MOST_TAILS:
        return None
    known = {spec.name for spec in current.tables}
    come = tuple(spec for spec in shape.specs if spec.name not in known)
    unbuilt = {spec.name for spec in come}
    unbuilt |= {name for name, made in current.definitions.items() if made == ANNOUNCED}
    unbuilt &= set(shape.names)
    kept = current.chosen
    if kept is None:
        kept = tuple(spec.name for spec in current.tables if spec.kind == "cell")
    after = replace(
        with_specs(current, come),
        revision=current.revision + 1,
        definitions={**current.definitions, **dict.fromkeys(unbuilt, ANNOUNCED)},
        chosen=tuple(dict.fromkeys((*kept, *shape.names))),
    )
    if (after.chosen, after.definitions) == (current.chosen, current.definitions):
        return current
    step("announce")
    publish(home, after, step)
    return after


def _after(current: Manifest, shape: Shape) -> Manifest:
    """The manifest with the tables of the shape and nothing of those that are gone."""
    gone = set(current.chosen or ()) - set(shape.names)
    defined = {**current.definitions, **shape.definitions}
    return replace(
        current,
        tables=_tables(current, shape),
        chosen=shape.names,
        definitions={table: made for table, made in defined.items() if table not in gone},
    )


def _tables(manifest: Manifest, shape: Shape) -> tuple[TableSpec, ...]:
    """Every table as it is to be: all that hold no cells, then those of the shape."""
    others = (spec for spec in manifest.tables if spec.kind != "cell")
    return (*others, *shape.specs)
