"""Small notes in the home's log, which tell what belongs to no load and must not make one.

Each is one JSON object, written whole and renamed, and read by `happycall status` too. A note that
is missing or torn says nothing: what it told is found out again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from models.home import Home

PULLED = "pulled.json"  # what was pulled last, by `source/table`
REFUSED = "refused.json"  # files refused whole, by path: why, since when, and how they looked
UNUSUAL = "unusual.json"  # sentences on the size of the newest files, by source


def noted(home: Home, name: str) -> Mapping[str, Any]:
    """What a note says; nothing where there is none."""
    try:
        found = json.loads((home.log / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def note(home: Home, name: str, says: Mapping[str, Any]) -> None:
    """Put a note in place of the one before."""
    draft = home.log / f".{name}.{os.getpid()}"
    draft.write_text(json.dumps(says, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(home.log / name)
