"""What is said of the cuboids of a plan, worked out when somebody asks.

A text is rewritten many times for once that somebody wants to know why; and most of the cuboids
there are need not be looked at once the smallest that is enough was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import RLock

from cubes.rewrite.outcome import Considered

#: The rewriter works for one at a time: what it keeps of a catalogue is shared.
ONE_AT_A_TIME = RLock()


class Told(Mapping[str, Considered]):
    """A mapping that is made when it is first read."""

    __slots__ = ("_found", "_look")

    def __init__(self, look: Callable[[], dict[str, Considered]]) -> None:
        self._look: Callable[[], dict[str, Considered]] | None = look
        self._found: dict[str, Considered] = {}

    def _all(self) -> dict[str, Considered]:
        with ONE_AT_A_TIME:
            if self._look is not None:
                self._found = self._look()
                self._look = None
        return self._found

    def __getitem__(self, name: str) -> Considered:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[type[dict[str, Considered]], tuple[dict[str, Considered]]]:
        return dict, (self._all(),)
