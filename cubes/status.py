"""How a home stands: its load, its sources, what waits in quarantine, its cuboids, its writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from cubes.catalogue import Reader, Snapshot
from cubes.cube import Cuboid
from cubes.explain import cell_bytes
from cubes.hits import hits_of
from cubes.in_use import cuboids_in_use
from cubes.refresh import definition_hashes
from cubes.shadow import NAME, Shadow
from cubes.shadow_record import read_shadow
from cubes.sizes import stored_bytes
from models.home import Home
from models.lock import lock_holder
from models.manifest import ANNOUNCED, Manifest
from models.noted import PULLED, REFUSED, UNUSUAL, noted

LATE_SECONDS = 26 * 3600  # a source that is due every day has missed a day


def _utc_now() -> datetime:
    return datetime.now(UTC)


def status(
    home: Home, *, reader: Reader | None = None, now: Callable[[], datetime] = _utc_now
) -> dict[str, Any]:
    """Everything an operator asks first, as JSON; HomeError before the first release.

    A `reader` that is open anyway saves opening the release once more.
    """
    if reader is not None:
        return _status(home, reader.snapshot(), now())
    from models.reader import Reader as HomeReader

    opened = HomeReader(home)
    try:
        return _status(home, opened.snapshot(), now())
    finally:
        opened.close()


def _status(home: Home, snapshot: Snapshot, now: datetime) -> dict[str, Any]:
    manifest, holder = snapshot.manifest, lock_holder(home)
    shadow, hits = read_shadow(home.log / NAME), hits_of(home)
    cursor = snapshot.cursor()
    try:
        return {
            "load": manifest.load,
            "as_of": _stamp(manifest.as_of),
            "committed_at": _stamp(manifest.committed_at),
            "format": manifest.format,
            "sources": _sources(home, snapshot, cursor, now),
            "quarantine": _quarantine(snapshot, cursor),
            "cuboids": [
                _cuboid(cuboid, snapshot, cursor, shadow, hits)
                for cuboid in cuboids_in_use(manifest)
            ],
            "shadow": _shadow(shadow, manifest),
            "writer": {"pid": holder["pid"], "since": holder["since"]} if holder else None,
            "refused": _refused(home),
            "unusual": _unusual(home),
        }
    finally:
        cursor.close()


def _sources(
    home: Home, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, now: datetime
) -> list[dict[str, Any]]:
    """Every source that ever landed, and those with a folder in landing that never did."""
    seen: dict[str, datetime | None] = {}
    if home.landing.is_dir():
        folders = (f.name for f in home.landing.iterdir() if f.is_dir())
        seen = {name: None for name in folders if not name.startswith(".")}
    if "load_source" in snapshot.tables:
        rows = cursor.execute(
            "select source, max(landed_at) from load_source where landed > 0 group by source"
        ).fetchall()
        seen.update((name, landed.replace(tzinfo=UTC)) for name, landed in rows)
    refused = {Path(each["file"]).parts[0] for each in _refused(home)}
    silent = _silent(home)
    return [
        {
            "name": name,
            "last_landed": _stamp(landed) if landed else None,
            "age_s": max(round((now - landed).total_seconds()), 0) if landed else None,
            "state": _state(landed, now, refused=name in refused, silent=name in silent),
        }
        for name, landed in sorted(seen.items())
    ]


def _state(landed: datetime | None, now: datetime, *, refused: bool, silent: bool) -> str:
    if refused or silent:
        return "refused" if refused else "unreachable"
    if landed is None:
        return "never"
    return "late" if (now - landed).total_seconds() > LATE_SECONDS else "fresh"


def _silent(home: Home) -> set[str]:
    """Sources whose database did not answer when it was asked last."""
    listed = noted(home, PULLED)
    return {name.partition("/")[0] for name, seen in listed.items() if seen.get("why")}


def _unusual(home: Home) -> list[dict[str, Any]]:
    """Newest files of a source that have fewer or more records than is usual."""
    listed = sorted(noted(home, UNUSUAL).items())
    return [{"source": source, "why": why} for source, told in listed for why in told]


def _refused(home: Home) -> list[dict[str, Any]]:
    """Files that were refused whole and still lie in landing, each with its sentence."""
    listed = noted(home, REFUSED)
    lying = ((Path(path), seen) for path, seen in sorted(listed.items()) if Path(path).exists())
    return [
        {
            "file": str(path.relative_to(home.landing)),
            "why": seen.get("why"),
            "since": seen.get("at"),
        }
        for path, seen in lying
        if path.is_relative_to(home.landing)
    ]


def _quarantine(snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    by_reason: Mapping[str, int] = {}
    if "quarantine" in snapshot.tables:
        by_reason = dict(
            cursor.execute(
                "select reason, count(*) from quarantine where state = 'open' group by reason"
                " order by count(*) desc, reason"
            ).fetchall()
        )
    return {"rows": sum(by_reason.values()), "by_reason": by_reason}


def _shadow(shadow: Shadow, manifest: Manifest) -> dict[str, Any]:
    """What the shadow check found, with a sentence for each cuboid that may not answer."""
    return {
        "verified_at": _stamp(shadow.verified_at) if shadow.verified_at else None,
        "checked": shadow.checked,
        "mismatches": shadow.mismatches,
        "quarantine": [f"{name} is {why}" for name, why in _ill(shadow, manifest).items()],
    }


def _ill(shadow: Shadow, manifest: Manifest) -> Mapping[str, str]:
    kept = {cuboid.name for cuboid in cuboids_in_use(manifest)}
    return {name: why for name, why in shadow.refused(manifest).items() if name in kept}


def _cuboid(
    cuboid: Cuboid,
    snapshot: Snapshot,
    cursor: duckdb.DuckDBPyConnection,
    shadow: Shadow,
    hits: Mapping[str, int],
) -> dict[str, Any]:
    """A cuboid as it is stored; `hits` are the answers it was read for, by the access log."""
    name, stored = cuboid.name, snapshot.manifest.definitions.get(cuboid.name)
    present = name in snapshot.tables
    rows = cursor.execute(f"select count(*) from {name}").fetchone() if present else None
    ours = stored == definition_hashes((cuboid,))[name]
    serving = "serving" if ours else "building" if stored == ANNOUNCED else "other definition"
    if ours and name in shadow.refused(snapshot.manifest):
        serving = "quarantine"
    verified_at = shadow.proved_at((name,), snapshot.manifest) if ours else None
    return {
        "name": name,
        "cube": cuboid.cube.name,
        "levels": [key.removesuffix("_key").removesuffix("_version") for key in cuboid.keys],
        "rows": int(rows[0]) if rows else 0,
        "bytes": _bytes(cuboid, snapshot, cursor) if present else 0,
        "hits": hits.get(name, 0),
        "state": serving if present else "missing",
        "verified_at": _stamp(verified_at) if verified_at else None,
    }


def _bytes(cuboid: Cuboid, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> int:
    """Bytes of a cuboid: whole blocks in the base, and tail cells before compression."""
    manifest, name = snapshot.manifest, cuboid.name
    tails = manifest.tail_rows(name) * cell_bytes(cuboid)
    return tails + stored_bytes(cursor, manifest.base, name)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
