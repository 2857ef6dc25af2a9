"""What a load says of itself: changes by table, counts by source, and the one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Change:
    """Rows a load asserts and retracts of one table; of a cuboid, cells it adds to."""

    asserted: int = 0
    retracted: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """One source's account of one load: landed = accepted + duplicate + quarantined."""

    landed: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    deleted: int = 0
    set_aside: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One load, or the sum of the loads that one command made.

    >>> LoadResult(load=3, changed=False).as_json()[:30]
    '{"load": 3, "changed": false, '
    """

    load: int | None
    changed: bool
    counts: Counts = Counts()
    seconds: float = 0.0
    sources: Mapping[str, Counts] = field(default_factory=dict)
    refused: tuple[tuple[str, str], ...] = ()
    unusual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # files of odd size

    def as_json(self) -> str:
        """The last line of `happycall load`."""
        return json.dumps(
            {
                "load": self.load,
                "changed": self.changed,
                **asdict(self.counts),
                "seconds": round(self.seconds, 3),
                "sources": {name: self._source(name) for name in self.sources},
                "refused": [{"file": file, "why": why} for file, why in self.refused],
            },
            ensure_ascii=False,
        )

    def _source(self, name: str) -> dict[str, object]:
        unusual = self.unusual.get(name)
        return {**asdict(self.sources[name]), **({"unusual": unusual} if unusual else {})}

    def __add__(self, later: LoadResult) -> LoadResult:
        names = sorted({*self.sources, *later.sources})
        none = Counts()
        return LoadResult(
            load=later.load,
            changed=self.changed or later.changed,
            counts=self.counts + later.counts,
            seconds=self.seconds + later.seconds,
            sources={n: self.sources.get(n, none) + later.sources.get(n, none) for n in names},
            refused=tuple(dict.fromkeys((*self.refused, *later.refused))),
            unusual={n: (*self.unusual.get(n, ()), *later.unusual.get(n, ())) for n in names},
        )
