"""The shadow's record as a file: one small one in the log of a home, always replaced as a whole.

The worker, the nightly job and whoever answers are different processes; those who write take turns.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cubes.shadow import NAME, NOTHING, Proof, Quarantine, Shadow
from models.home import Home


class Record:
    """The record of a home, read again only when it changed."""

    def __init__(self, home: Home) -> None:
        self._path = home.log / NAME
        self._seen: tuple[tuple[int, int, int] | None, Shadow] = (None, NOTHING)

    def read(self) -> Shadow:
        """The record as it stands."""
        try:
            found = self._path.stat()
        except OSError:
            return NOTHING
        mark, held = self._seen
        now = (found.st_ino, found.st_mtime_ns, found.st_size)
        if mark != now:
            held = read_shadow(self._path)
            self._seen = (now, held)
        return held


def read_shadow(path: Path) -> Shadow:
    """The record in a file; nothing where there is none, and lost where it is no record."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return NOTHING
    except (OSError, UnicodeDecodeError):
        return Shadow(is_lost=True)
    try:
        return _parsed(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        return Shadow(is_lost=True)


def note(home: Home, change: Callable[[Shadow], Shadow]) -> Shadow:
    """Change the record of a home; several processes may, one after the other."""
    path, draft = home.log / NAME, home.log / f".{NAME}.tmp"
    home.log.mkdir(parents=True, exist_ok=True)
    lock = os.open(home.log / "shadow.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        after = change(read_shadow(path))
        with draft.open("w", encoding="utf-8") as file:
            file.write(_rendered(after))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        os.close(lock)
    return after


def _rendered(shadow: Shadow) -> str:
    proofs = {
        name: {"definition": p.definition, "verified_at": _stamp(p.verified_at), "load": p.load}
        for name, p in sorted(shadow.proofs.items())
    }
    quarantine = {
        name: {
            "definition": q.definition,
            "since": _stamp(q.since),
            "load": q.load,
            "why": q.why,
            "rebuilt": q.rebuilt,
        }
        for name, q in sorted(shadow.quarantine.items())
    }
    head = {
        "verified_at": _stamp(shadow.verified_at) if shadow.verified_at else None,
        "checked": shadow.checked,
        "mismatches": shadow.mismatches,
    }
    said = {**head, "cuboids": proofs, "quarantine": quarantine}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _parsed(raw: Mapping[str, Any]) -> Shadow:
    return Shadow(
        verified_at=_moment(raw["verified_at"]) if raw["verified_at"] else None,
        checked=int(raw["checked"]),
        mismatches=int(raw["mismatches"]),
        proofs={
            str(name): Proof(str(p["definition"]), _moment(p["verified_at"]), int(p["load"]))
            for name, p in raw["cuboids"].items()
        },
        quarantine={
            str(name): Quarantine(
                str(q["definition"]),
                _moment(q["since"]),
                int(q["load"]),
                str(q["why"]),
                None if q["rebuilt"] is None else int(q["rebuilt"]),
            )
            for name, q in raw["quarantine"].items()
        },
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
