"""Which older bases stay when a newer one takes their place: the last of each of some earlier days.

They are history at hand: cells as a load left them, so that a question as known then need not go
through every load since. What was known is in the ledger, which is kept whole; a base that is gone
costs time and no answer.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from models.errors import HomeError, did_you_mean
from models.home import Home
from models.manifest import Kept, Manifest

#: Earlier days of which the last base is kept.
BASES = 14

NAME = "retention.toml"


def with_base(home: Home, current: Manifest, after: Manifest, name: str) -> Manifest:
    """The manifest with a new base, which its loads up to now are in; the old one may be kept."""
    today = after.as_of.date()
    found = [*current.kept, *_standing(current)]
    last = {kept.as_of.date(): kept for kept in found if kept.as_of.date() < today}
    days = sorted(last)[-bases_kept(home) :] if bases_kept(home) else []
    return replace(after, base=name, base_as_of=after.as_of, kept=tuple(last[day] for day in days))


def not_history(manifest: Manifest, names: Collection[str]) -> Manifest:
    """The manifest with these tables of kept bases disowned: their cells were found to be wrong."""
    kept = (
        replace(
            base,
            definitions={n: how for n, how in base.definitions.items() if n not in names},
        )
        for base in manifest.kept
    )
    return replace(manifest, kept=tuple(kept))


def bases_kept(home: Home) -> int:
    """How many bases this home keeps: 14, or what `bases` in its retention.toml says."""
    path = home.root / NAME
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return BASES
    except (OSError, ValueError) as error:
        raise HomeError(f"{path} cannot be read ({error}); a line in it is: bases = 14") from error
    return _checked(path, given)


def _checked(path: Path, given: dict[str, object]) -> int:
    for name in given:
        if name != "bases":
            raise HomeError(f"{path} knows no '{name}'{did_you_mean(name, ['bases'])}; only bases")
    bases = given.get("bases", BASES)
    if not isinstance(bases, int) or isinstance(bases, bool) or bases < 0:
        raise HomeError(f"{path}: bases is {bases!r}; it must be a whole number, 0 to keep none")
    return bases


def _standing(current: Manifest) -> tuple[Kept, ...]:
    """The base that is about to be replaced, with how its cells were made."""
    if current.base is None:
        return ()
    cells = {spec.name for spec in current.tables if spec.kind == "cell"}
    made = {name: how for name, how in current.definitions.items() if name in cells}
    return (Kept(current.base, current.base_load, current.base_as_of or current.as_of, made),)
