"""How often each cuboid answered, counted from the access log.

The log only grows, so each count goes on where the last one ended: whoever asks for the status
every second reads what was added since.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cubes.access_log import files
from models.home import Home

_ANSWERS = ("ask", "stream")


@dataclass(slots=True)
class Hits:
    """What was counted so far, and up to where in each file of the log."""

    counts: Counter[str] = field(default_factory=Counter)
    ends: dict[Path, int] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def read_on(self, folder: Path) -> Mapping[str, int]:
        """Count what was added, and give all that was counted."""
        with self.guard:
            for path in files(folder):
                with path.open("rb") as log:
                    log.seek(self.ends.get(path, 0))
                    for line in log:
                        if not line.endswith(b"\n"):
                            break  # still being written
                        self.ends[path] = self.ends.get(path, 0) + len(line)
                        self._count(line)
            return dict(self.counts)

    def _count(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if entry["act"] in _ANSWERS and entry["outcome"] in ("answered", "cut off"):
                self.counts.update(str(read) for *_, read in entry["blocks"])
        except (ValueError, KeyError, TypeError):
            return  # no entry; the check of the chain tells


def hits_of(home: Home) -> Mapping[str, int]:
    """How often each cuboid or fact table was read for an answer, as far as the log goes back."""
    return _hits(home.log).read_on(home.log)


@lru_cache(maxsize=8)
def _hits(folder: Path) -> Hits:
    del folder  # one count for each log
    return Hits()
