"""Files that were refused whole: left in landing, listed, and not tried again until they change.

Kept as a note, because a refusal belongs to no load and must not make one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from models.home import Home
from models.noted import REFUSED, note, noted

Look = list[int] | None  # size and time of the last change; None where there is no such file


def unchanged_refusals(home: Home) -> Mapping[Path, str]:
    """Files that were refused and look as they did then, each with its sentence."""
    return {
        Path(path): str(seen.get("why"))
        for path, seen in noted(home, REFUSED).items()
        if look(Path(path)) == seen.get("look")
    }


def note_refused(
    home: Home, refused: Sequence[tuple[Path, str]], looks: Mapping[Path, Look], at: datetime
) -> None:
    """Adds refusals and forgets files that are gone; written whole, then renamed.

    `looks` says how the files looked before they were read: what grew or was mended since then is
    another file.
    """
    before = noted(home, REFUSED)
    kept = {path: seen for path, seen in before.items() if look(Path(path)) is not None}
    fresh = {
        str(path): {"why": why, "at": at.isoformat(), "look": looks.get(path)}
        for path, why in refused
        if kept.get(str(path), {}).get("look") != looks.get(path)
    }
    if not fresh and kept == before:
        return
    note(home, REFUSED, kept | fresh)


def look(path: Path) -> Look:
    """How a file looks without reading it."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return [seen.st_size, seen.st_mtime_ns]
