"""A new base from the old one and its tails, made while loads go on."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from models.base import write_base
from models.durable import discard, one_sentence
from models.freeze import compacting
from models.home import Home
from models.manifest import Manifest, read_manifest
from models.publish import (
    COMPACTING,
    Step,
    base_at,
    checksums_of,
    no_step,
    place_base,
    publish,
    remove_orphans,
    standing,
    undone_on_error,
)
from models.release import TAIL_ROWS
from models.retention import not_history, with_base
from models.tail import MOST_TAILS

_TRIES = 3


def due(manifest: Manifest) -> bool:
    """Whether some table has gathered half of the tail rows that would stop a load to compact."""
    return any(2 * manifest.tail_rows(spec.name) > TAIL_ROWS[spec.kind] for spec in manifest.tables)


def compact(
    home: Home,
    *,
    lock: Callable[[], AbstractContextManager[None]],
    made: Sequence[tuple[str, str]] = (),
    step: Step = no_step,
) -> Manifest | None:
    """Put the tails that stand now into a new base; None when there was nothing to do.

    `made` names cell tables that are not carried on but made anew, each by a SELECT over the other
    tables of `newer.main`; what kept bases hold of them is not used any more.
    The lock is taken only to switch. Tails that came meanwhile stay on top of the new base. When
    a load wrote a base of its own meanwhile, that one is newer, and this work is thrown away.
    """
    with compacting(home) as freeze:
        if freeze is None:
            return None
        for _ in range(_TRIES):
            begun = read_manifest(home)
            if begun is None or not (begun.tails or made):
                return None
            read = begun.tails[: MOST_TAILS - 1]
            freeze([tail.name for tail in read])
            if read_manifest(home) != begun:
                continue  # a commit came in between and may have merged what was to be read
            done = _compact(home, replace(begun, tails=read), lock, made, step)
            if done is not None:
                return done
    return None


def _compact(
    home: Home,
    begun: Manifest,
    lock: Callable[[], AbstractContextManager[None]],
    made: Sequence[tuple[str, str]],
    step: Step,
) -> Manifest | None:
    work = home.releases / f"{COMPACTING}{os.getpid()}"
    with one_sentence(home.root, standing(begun)):
        discard(work)
        try:
            work.mkdir()
            step("write base")
            older = None if begun.base is None else base_at(home, begun.base)
            tails = [home.releases / tail.name for tail in begun.tails]
            specs, spill = begun.tables, home.spill
            write_base(work / "base", older, tails, specs, replaced={}, spill=spill, made=made)
            with lock():
                switched = _switch(home, begun, work, {name for name, _ in made}, step)
            discard(work)
        except Exception:
            discard(work)
            raise
    return switched


def _switch(
    home: Home, begun: Manifest, work: Path, anew: Collection[str], step: Step
) -> Manifest | None:
    current = read_manifest(home)
    count = len(begun.tails)
    if current is None or (current.base, current.tails[:count]) != (begun.base, begun.tails):
        return None
    with undone_on_error(home):
        step("remove orphans")
        remove_orphans(home, current)
        name, sums = place_base(home, work / "base", current.revision + 1, step)
        newer = current.tails[count:]
        kept = checksums_of(current, [tail.name for tail in newer], None)
        after = replace(
            current,
            revision=current.revision + 1,
            tails=newer,
            checksums={**kept, **sums},
        )
        after = not_history(with_base(home, current, after, name), anew)
        publish(home, after, step)
    return after
