"""The release is the warehouse: a base, a few tails, and a manifest whose renaming is the commit.

One commit is one load: its rows become a tail, merged with younger tails of like weight, or go
into a new base when they are many.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from models.base import write_base
from models.durable import checksums, discard, files_under, one_sentence, seal, sync
from models.errors import HomeError
from models.freeze import frozen
from models.home import Home
from models.manifest import NOTHING, Manifest, Tail, read_manifest, with_specs
from models.publish import (
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
from models.retention import with_base
from models.table import Kind, TableSpec
from models.tail import folder_bytes, merge_group, merge_tails, write_tail

#: A table with more tail rows than this makes the writer put everything into a new base.
TAIL_ROWS: Mapping[Kind, int] = {"cell": 100_000, "ledger": 120_000, "log": 300_000}

#: A load with more rows of one table than this goes into a new base at once.
LARGE_LOAD = 100_000


def commit(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    before: Manifest | None,
    *,
    load: int,
    as_of: datetime,
    committed_at: datetime,
    tables: Mapping[str, str],
    specs: Sequence[TableSpec],
    touched_sites: Iterable[int] = (),
    definitions: Mapping[str, str] | None = None,
    replaced: Mapping[str, str] | None = None,
    step: Step = no_step,
) -> Manifest:
    """Make one load durable and visible, all of it or nothing, and return the new manifest.

    `tables` names, for each table that changed, a relation of `con` with its rows in the form of
    a tail; `replaced` names relations with all rows of a cell table whose definition changed. The
    caller holds the writer's lock. Killed at any step, the manifest of before still stands.
    """
    current = _still(home, before)
    described = with_specs(current, tuple(specs))
    known = {spec.name: spec for spec in described.tables}
    wrong = [name for name in (*tables, *(replaced or {})) if name not in known]
    if wrong or current.load >= load:
        raise ValueError(f"load {load} after {current.load}, tables without a spec: {wrong}")
    with one_sentence(home.root, standing(current)):
        held = frozen(home, current)
        step("remove orphans")
        remove_orphans(home, current)
        work = home.releases / f".tmp-commit-{os.getpid()}"
        with undone_on_error(home):
            work.mkdir()
            after = replace(
                described,
                load=load,
                revision=current.revision + 1,
                as_of=as_of,
                committed_at=committed_at,
                touched_at={**current.touched_at, **{str(s): load for s in touched_sites}},
                definitions=dict(current.definitions if definitions is None else definitions),
            )
            step("write tail")
            rows = write_tail(con, work / "tail", tables, known, load)
            whole = _write_whole(con, work, replaced or {}, known)
            if whole or (held is None and _too_much(current, rows, known)):
                after = _into_base(home, work, current, after, whole, step)
            else:
                after = _into_tails(home, con, work, current, after, rows, held or (), step)
            discard(work)  # first: killed after it is visible, no load need come that cleans up
            publish(home, after, step)
    return after


def verify(home: Home) -> tuple[str, ...]:
    """One sentence for each file of the release that is missing or not what was written."""
    manifest = read_manifest(home)
    faults = []
    for name, expected in (manifest.checksums if manifest else {}).items():
        path = home.releases / name
        if not path.is_file():
            faults.append(f"{path} is missing")
        elif checksums([path])[path] != expected:
            faults.append(f"{path} is not what load {manifest.load if manifest else 0} wrote")
    return tuple(faults)


def _still(home: Home, before: Manifest | None) -> Manifest:
    """The manifest that stands; a compaction may have replaced the one the load began with."""
    current = read_manifest(home) or NOTHING
    began = before or NOTHING
    if current.load != began.load:
        raise HomeError(
            f"Load {current.load} was released at {home.releases} while this one, begun on load "
            f"{began.load}, was being made; hold the writer's lock from the first read on"
        )
    return current


def _too_much(current: Manifest, rows: Mapping[str, int], specs: Mapping[str, TableSpec]) -> bool:
    return any(
        count > LARGE_LOAD or count + current.tail_rows(name) > TAIL_ROWS[specs[name].kind]
        for name, count in rows.items()
    )


def _write_whole(
    con: duckdb.DuckDBPyConnection,
    work: Path,
    replaced: Mapping[str, str],
    specs: Mapping[str, TableSpec],
) -> dict[str, Path]:
    if not replaced:
        return {}
    ledgers = [name for name in replaced if specs[name].kind == "ledger"]
    if ledgers:
        raise ValueError(f"a ledger is never replaced: {ledgers}")
    write_tail(con, work / "whole", replaced, specs, 0, empty=True)
    return {name: work / "whole" / f"{name}.parquet" for name in replaced}


def _into_base(
    home: Home,
    work: Path,
    current: Manifest,
    after: Manifest,
    whole: Mapping[str, Path],
    step: Step,
) -> Manifest:
    step("write base")
    older = None if current.base is None else base_at(home, current.base)
    tails = [*(home.releases / tail.name for tail in current.tails), work / "tail"]
    write_base(work / "base", older, tails, after.tables, replaced=whole, spill=home.spill)
    name, sums = place_base(home, work / "base", after.revision, step)
    return with_base(home, current, replace(after, tails=(), checksums=sums), name)


def _into_tails(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    work: Path,
    current: Manifest,
    after: Manifest,
    rows: Mapping[str, int],
    held: Collection[str],
    step: Step,
) -> Manifest:
    if not rows:
        return after
    group = merge_group(current.tails, sum(rows.values()), frozenset(held))
    kept = current.tails[: len(current.tails) - group]
    merged = current.tails[len(kept) :]
    written = work / "tail"
    if merged:
        step("merge tails")
        sources = [*(home.releases / tail.name for tail in merged), written]
        written = work / "merged"
        rows = merge_tails(con, sources, written, {spec.name: spec for spec in after.tables})
    first = merged[0].load_from if merged else after.load
    name = f"tail-{first}-{after.load}-{after.revision}"
    step("sync tail")
    files = files_under(written)
    seal(files, [written])
    sums = {f"{name}/{path.name}": value for path, value in checksums(files).items()}
    tail = Tail(name, first, after.load, dict(rows), folder_bytes(written))
    step("name tail")
    written.rename(home.releases / name)
    sync(home.releases)
    old = checksums_of(current, [each.name for each in kept], current.base)
    return replace(after, tails=(*kept, tail), checksums={**old, **sums})
