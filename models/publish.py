"""Publishing: names for finished files, the manifest as commit, and orphans removed.

Everything is written under a temporary name, synced, made read-only and renamed; nothing is opened
for writing after that. What the manifest does not name (a killed writer's work, an older base) is
an orphan, and the next writer removes it. A reader that already holds such a file goes on reading
it, and one that comes too late reads the manifest again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.base import DATABASE, KEYS, Base
from models.durable import checksums, discard, files_under, seal, sync
from models.freeze import compacting, frozen
from models.home import Home
from models.manifest import NAME, NOTHING, Manifest, read_manifest, render

Step = Callable[[str], None]

#: How the folder begins in which a compaction works.
COMPACTING = ".tmp-compact-"


def no_step(name: str) -> None:
    """Do nothing before a durable step; tests put something else here to stop or to watch."""


def publish(home: Home, manifest: Manifest, step: Step = no_step) -> None:
    """Replace the manifest: before this nothing has happened, after it everything has."""
    draft = home.releases / ".tmp-manifest.json"
    discard(draft)
    step("write manifest")
    draft.write_text(render(manifest), encoding="utf-8")
    seal([draft])
    step("name manifest")
    draft.replace(home.releases / NAME)
    sync(home.releases)
    step("done")


def remove_orphans(home: Home, manifest: Manifest) -> None:
    """Remove what the manifest does not name, save the unfinished work of a live compaction."""
    kept = {NAME, *(tail.name for tail in manifest.tails)}
    kept |= {base_at(home, each.name).database.name for each in manifest.kept}
    if manifest.base is not None:
        place = base_at(home, manifest.base)
        kept |= {place.database.name, place.keys.name}
    unfinished = sorted(home.releases.glob(f"{COMPACTING}*"))
    for path in sorted(home.releases.iterdir()):
        ours = path.name.startswith((".tmp-", "base-", "tail-"))
        if ours and path.name not in kept and path not in unfinished:
            discard(path)
    if unfinished and frozen(home, manifest) is None:
        with compacting(home) as alone:  # none can begin while its folder is being removed
            for path in unfinished if alone else ():
                discard(path)


@contextmanager
def undone_on_error(home: Home) -> Iterator[None]:
    """Leave nothing behind of a work that failed; the caller holds the writer's lock."""
    try:
        yield
    except Exception:
        with suppress(OSError):
            remove_orphans(home, read_manifest(home) or NOTHING)
        raise


def base_at(home: Home, name: str) -> Base:
    """Where the base of that name lies."""
    return Base(home.releases / f"{name}.duckdb", home.releases / f"{name}.keys")


def place_base(home: Home, built: Path, revision: int, step: Step) -> tuple[str, dict[str, str]]:
    """Give a finished base its name; returns the name and the checksums of its files."""
    place = base_at(home, f"base-{revision}")
    step("sync base")
    files = files_under(built)
    seal(files, [built / KEYS])
    sums = checksums(files)
    step("name base")
    (built / DATABASE).rename(place.database)
    step("name keys")
    (built / KEYS).rename(place.keys)
    sync(home.releases)
    named = {place.database.name: sums[built / DATABASE]}
    for path, value in sums.items():
        if path.parent == built / KEYS:
            named[f"{place.keys.name}/{path.name}"] = value
    return f"base-{revision}", named


def standing(manifest: Manifest) -> str:
    """What a reader sees when a writer fails."""
    return f"load {manifest.load} still stands" if manifest.load else "nothing was released yet"


def checksums_of(manifest: Manifest, tails: Collection[str], base: str | None) -> dict[str, str]:
    """The checksums of those files of a manifest that go on being part of the release."""
    heads = {*tails, *((f"{base}.duckdb", f"{base}.keys") if base else ())}
    return {
        name: value for name, value in manifest.checksums.items() if name.partition("/")[0] in heads
    }
