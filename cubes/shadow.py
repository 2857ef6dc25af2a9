"""What the shadow check found: when cells were last proved, and which cuboids are in quarantine.

Whoever answers asks it: a cuboid in quarantine answers nothing until it has been built anew, and
where the record cannot be read no cuboid does, because then the facts alone are known to be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

NAME = "shadow.json"  # in the log of a home


class Release(Protocol):
    """What of a manifest decides whether a finding is about its cells."""

    @property
    def revision(self) -> int:
        """Which release it is, counted."""

    @property
    def definitions(self) -> Mapping[str, str]:
        """How its cells were made."""


@dataclass(frozen=True, slots=True)
class Proof:
    """When a cuboid, or an answer from it, was last the same as the facts say."""

    definition: str
    verified_at: datetime
    load: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A cuboid whose cells were found to be wrong; from the revision `rebuilt` on they are new."""

    definition: str
    since: datetime
    load: int
    why: str
    rebuilt: int | None = None

    @property
    def sentence(self) -> str:
        """What is told of it wherever it would have answered."""
        return (
            f"in quarantine since {self.since:%Y-%m-%d %H:%M} UTC, load {self.load}: {self.why}; "
            "the facts answer until the nightly job has built it anew"
        )


@dataclass(frozen=True, slots=True)
class Shadow:
    """The record: how much was compared with the facts, and what came of it."""

    verified_at: datetime | None = None
    checked: int = 0
    mismatches: int = 0
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    quarantine: Mapping[str, Quarantine] = field(default_factory=dict)
    is_lost: bool = False  # there is a record, and it cannot be read

    def refused(self, release: Release) -> Mapping[str, str]:
        """The cuboids of a release that may not answer, each with the reason in a sentence."""
        if self.is_lost:
            why = f"the record of the shadow check ({NAME}) cannot be read; run happycall nightly"
            return dict.fromkeys(release.definitions, why)
        return {
            name: found.sentence
            for name, found in self.quarantine.items()
            if release.definitions.get(name) == found.definition
            and (found.rebuilt is None or release.revision < found.rebuilt)
        }

    def proved_at(self, sources: Iterable[str], release: Release) -> datetime | None:
        """When the last of these cuboids was last proved, None where one never was.

        An answer that reads no cuboid reads facts, and is as proved as the release.
        """
        made = release.definitions
        names = [name for name in sources if name in made]
        if not names:
            return self.verified_at
        found = [self.proofs.get(name) for name in names]
        moments = [
            proof.verified_at
            for name, proof in zip(names, found, strict=True)
            if proof is not None and proof.definition == made[name]
        ]
        return min(moments) if len(moments) == len(names) else None

    def agreed(
        self, names: Iterable[str], release: Release, load: int, moment: datetime, checks: int = 1
    ) -> Shadow:
        """The record after these cuboids were found right."""
        made = release.definitions
        proofs = {name: Proof(made[name], moment, load) for name in names if name in made}
        return replace(
            self,
            verified_at=moment,
            checked=self.checked + checks,
            proofs={**self.proofs, **proofs},
            is_lost=False,
        )

    def differed(
        self, names: Iterable[str], release: Release, load: int, moment: datetime, why: str
    ) -> Shadow:
        """The record after these cuboids were found wrong: they answer no more."""
        known = self.refused(release)
        found = {
            name: Quarantine(release.definitions[name], moment, load, why)
            for name in names
            if name in release.definitions and (name not in known or self.is_lost)
        }
        return replace(
            self,
            checked=self.checked + 1,
            mismatches=self.mismatches + 1,
            proofs={name: proof for name, proof in self.proofs.items() if name not in found},
            quarantine={**self.quarantine, **found},
            is_lost=False,
        )

    def lifted(self, name: str, revision: int) -> Shadow:
        """The record after a cuboid was built anew in that revision, and found right."""
        found = replace(self.quarantine[name], rebuilt=revision)
        return replace(self, quarantine={**self.quarantine, name: found})

    def without(self, names: Iterable[str]) -> Shadow:
        """The record without what it says of these cuboids' quarantine."""
        gone = set(names)
        kept = {name: found for name, found in self.quarantine.items() if name not in gone}
        return replace(self, quarantine=kept)


NOTHING = Shadow()
