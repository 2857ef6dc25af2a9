"""A new base from the old one and its tails, made while loads go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.freeze import compacting
from models.home import Home
from models.manifest import Manifest, read_manifest
from models.new_base import Lock, build_base
from models.publish import Step, no_step
from models.release import TAIL_ROWS
from models.retention import not_history
from models.tail import MOST_TAILS

_TRIES = 3


def due(manifest: Manifest) -> bool:
    """Whether some table has gathered half of the tail rows that would stop a load to compact."""
    return any(2 * manifest.tail_rows(spec.name) > TAIL_ROWS[spec.kind] for spec in manifest.tables)


def compact(
    home: Home,
    *,
    lock: Lock,
    made: Sequence[tuple[str, str]] = (),
    step: Step = no_step,
) -> Manifest | None:
    """Put the tails that stand now into a new base; None when there was nothing to do.

    `made` names cell tables that are not carried on but made anew, each by a SELECT over the other
    tables of `newer.main`; what kept bases hold of them is not used any more.
    """
    anew = {name for name, _ in made}
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
            done = build_base(
                home,
                replace(begun, tails=read),
                begun.tables,
                made,
                lambda switched: not_history(switched, anew),
                lock=lock,
                step=step,
            )
            if done is not None:
                return done
    return None
