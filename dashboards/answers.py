"""Answers that screens share, kept by load: a thousand screens of the nation ask once a release.

Rows are handed out as they are and nobody changes them. Streamlit's own cache copies what it gives
at each call, which cost more than drawing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

T = TypeVar("T")
Row = Mapping[str, Any]
Key = tuple[str, int, str, tuple[tuple[str, Any], ...]]  # whose, load, question, parameters

LOADS_KEPT: Final = 2  # a screen that began before a release still asks of the load before
MOST: Final = 16_384


@dataclass(slots=True)
class Answers:
    """The rows of questions of the newest loads; each is asked once, whoever comes first."""

    _kept: dict[int, dict[Key, Any]] = field(default_factory=dict)
    _asking: dict[Key, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: Key, ask: Callable[[], T]) -> T:
        """What is kept under a key, or what `ask` finds now; others wait for it."""
        found: T | None = self._find(key)
        if found is not None:
            return found
        with self._guard:
            asking = self._asking.setdefault(key, threading.Lock())
        try:
            with asking:
                found = self._find(key)
                if found is None:
                    found = ask()
                    self.keep(key, found)
                return found
        finally:
            with self._guard:
                self._asking.pop(key, None)

    def keep(self, key: Key, rows: object) -> None:
        """Keep rows that were asked for otherwise; those of older loads go."""
        with self._guard:
            of_load = self._kept.setdefault(key[1], {})
            if len(of_load) >= MOST:
                of_load.clear()
            of_load[key] = rows
            for load in sorted(self._kept)[:-LOADS_KEPT]:
                del self._kept[load]

    def _find(self, key: Key) -> Any:
        with self._guard:
            return self._kept.get(key[1], {}).get(key)
