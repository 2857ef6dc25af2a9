"""A new base made beside the release that stands, which then takes its place in one step.

The lock is taken only to switch. Tails that came meanwhile stay on top of the new base. When a load
wrote a base of its own meanwhile, that one is newer, and this work is thrown away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from models.base import write_base
from models.durable import discard, one_sentence
from models.home import Home
from models.manifest import Manifest, read_manifest
from models.publish import (
    COMPACTING,
    Step,
    base_at,
    checksums_of,
    place_base,
    publish,
    remove_orphans,
    standing,
    undone_on_error,
)
from models.retention import with_base
from models.table import TableSpec

Lock = Callable[[], AbstractContextManager[None]]
After = Callable[[Manifest], Manifest]


def build_base(
    home: Home,
    begun: Manifest,
    tables: Sequence[TableSpec],
    made: Sequence[tuple[str, str]],
    after: After,
    *,
    lock: Lock,
    step: Step,
) -> Manifest | None:
    """Put `begun` into a new base of these tables and publish it; None when another came first.

    `made` are tables made anew, each by a SELECT. `after` takes the manifest that stands at the
    switch, with the new base in it already, to the one that is published.
    """
    work = home.releases / f"{COMPACTING}{os.getpid()}"
    with one_sentence(home.root, standing(begun)):
        discard(work)
        try:
            work.mkdir()
            step("write base")
            older = None if begun.base is None else base_at(home, begun.base)
            tails = [home.releases / tail.name for tail in begun.tails]
            spill = home.spill
            write_base(work / "base", older, tails, tables, replaced={}, spill=spill, made=made)
            with lock():
                switched = _switch(home, begun, work, after, step)
            discard(work)
        except Exception:
            discard(work)
            raise
    return switched


def _switch(home: Home, begun: Manifest, work: Path, after: After, step: Step) -> Manifest | None:
    current = read_manifest(home)
    if current is None or not _goes_on_from(current, begun):
        return None
    with undone_on_error(home):
        step("remove orphans")
        remove_orphans(home, current)
        name, sums = place_base(home, work / "base", current.revision + 1, step)
        newer = current.tails[len(begun.tails) :]
        kept = checksums_of(current, [tail.name for tail in newer], None)
        renewed = replace(
            current,
            revision=current.revision + 1,
            tails=newer,
            checksums={**kept, **sums},
        )
        switched = after(with_base(home, current, renewed, name))
        publish(home, switched, step)
    return switched


def _goes_on_from(current: Manifest, begun: Manifest) -> bool:
    """Whether nothing but tails was added since: else the new base would lack what came."""
    tails = current.tails[: len(begun.tails)]
    was = (begun.base, begun.tails, begun.chosen)
    return (current.base, tails, current.chosen) == was
