"""The shadow check at work: a question at a time in quiet moments, and everything at night.

By day it recomputes answers as people get them, each within a second and with long rests between,
on a reader of its own that is opened for a few questions and closed again: it keeps no memory and
holds up no file, because one that landed while a question runs is still lying still when it ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from cubes.catalogue import RECORDS, Catalogue, Snapshot, read_catalogue
from cubes.cube import Cuboid
from cubes.in_use import cuboids_in_use
from cubes.recompute import Asked, recompute
from cubes.refresh import cells_sql
from cubes.sampling import Logged, World, draw, every_screen, look_around, of_log, recent
from cubes.shadow import NAME, Shadow
from cubes.shadow_record import note, read_shadow
from cubes.whole import differences
from models.compaction import compact
from models.errors import HappycallError
from models.home import Home
from models.lock import writer_lock
from models.manifest import read_manifest
from models.reader import Reader

Told = Mapping[str, int | str | None]

#: One question by day takes no longer than this: less than until a file that just landed is loaded.
SECONDS = 0.9

#: After each step the check rests so many times as long as the step took, and a second at least.
REST, LEAST_REST = 20.0, 1.0

#: Questions for which a reader is opened, and the memory it has.
QUESTIONS, MEMORY = 8, "64MB"

#: Seconds until the next attempt, after one that failed.
AGAIN = 60.0

#: Of the access log, questions of different shape that are asked at night; seconds for any of them.
AT_NIGHT, NIGHT_SECONDS = 100, 30.0


@dataclass(slots=True)
class Round:
    """A reader that is open for a few questions, with what is asked of its release."""

    reader: Reader
    snapshot: Snapshot
    cursor: duckdb.DuckDBPyConnection
    catalogue: Catalogue
    world: World
    logged: tuple[Logged, ...]
    asked: int = 0

    def close(self) -> None:
        """Give its memory and files back."""
        self.cursor.close()
        self.reader.close()


def open_round(home: Home, memory: str | None = None) -> Round:
    """Open a reader on the newest release; HomeError before the first one."""
    reader = Reader(home, role="build", without=RECORDS, kept=0)
    try:
        snapshot = reader.snapshot()
        cursor = snapshot.cursor()
        if memory is not None:
            cursor.execute(f"set global memory_limit = '{memory}'")
        catalogue = read_catalogue(snapshot, cursor)
        return Round(reader, snapshot, cursor, catalogue, look_around(cursor), recent(home))
    except BaseException:
        reader.close()
        raise


@dataclass(slots=True)
class Watch:
    """The check by day: `look` is one step of it, and `end` gives back what it holds."""

    home: Home
    chance: random.Random
    round: Round | None = None
    not_before: float = 0.0

    def look(self, clock: Callable[[], float], is_quiet: Callable[[], bool]) -> str:
        """Open a reader, ask one question, or close; a sentence where cells were found wrong.

        Whether nothing else waits is asked only when a step is due.
        """
        began = clock()
        if began < self.not_before or not is_quiet():
            return ""
        rest = LEAST_REST
        try:
            told = self._step(datetime.fromtimestamp(began, UTC))
        except (HappycallError, OSError, duckdb.Error) as error:
            self.end()
            told, rest = f"the shadow check could not look: {str(error).splitlines()[0]}", AGAIN
        now = clock()
        self.not_before = now + max(rest, REST * (now - began))
        return told

    def end(self) -> None:
        """Close the reader."""
        current, self.round = self.round, None
        if current is not None:
            current.close()

    def _step(self, moment: datetime) -> str:
        if self.round is None:
            if read_manifest(self.home) is not None:
                self.round = open_round(self.home, MEMORY)
            return ""
        current, told = self.round, ""
        asked = draw(self.chance, current.cursor, current.world, current.logged)
        if asked is not None:
            told = _compare(self.home, current, asked, moment, SECONDS)
        current.asked += 1
        if current.asked >= QUESTIONS:
            self.end()
        return told


def _compare(home: Home, current: Round, asked: Asked, moment: datetime, seconds: float) -> str:
    """Ask one question both ways and write down what came of it; the sentence of a difference."""
    manifest, load = current.snapshot.manifest, current.snapshot.load
    ill = read_shadow(home.log / NAME).refused(manifest)
    found = recompute(current.snapshot, current.cursor, current.catalogue, asked, ill, seconds)
    if found is None:
        return ""
    if not found.why:
        note(home, lambda shadow: shadow.agreed(found.cuboids, manifest, load, moment))
        return ""
    note(home, lambda shadow: shadow.differed(found.cuboids, manifest, load, moment, found.why))
    return f"{', '.join(found.cuboids)} in quarantine: at load {load} {found.why}"


def rebuild(home: Home) -> Told:
    """Build the cuboids in quarantine anew from the facts; the check that follows lifts it."""
    manifest = read_manifest(home)
    if manifest is None:
        return {"rebuilt": None}
    held = read_shadow(home.log / NAME).quarantine
    ill = [c for c in cuboids_in_use(manifest) if c.name in held and held[c.name].rebuilt is None]
    if not ill:
        return {"rebuilt": None}
    table = "newer.main.{}".format
    made = tuple((c.name, cells_sql(c, table(c.cube.fact), table)) for c in ill)
    done = compact(home, lock=lambda: writer_lock(home, "rebuild"), made=made)
    return {"rebuilt": ", ".join(c.name for c in ill) if done else None}


def check_everything(home: Home, moment: datetime) -> Told:
    """Hold every cuboid whole against the facts, then the screens' questions for some members.

    What agrees is verified, and its quarantine lifted; what does not is put into quarantine.
    """
    if read_manifest(home) is None:
        return {"checked": 0}
    with closing(open_round(home)) as current:
        manifest, load = current.snapshot.manifest, current.snapshot.load
        before = read_shadow(home.log / NAME).checked
        cells = [_whole(home, current, cuboid, moment) for cuboid in current.catalogue.cuboids]
        chance = random.Random(manifest.revision)
        screens = every_screen(chance, current.cursor, current.world)
        logged = (of_log(chance, current.world, block) for block in current.logged[:AT_NIGHT])
        asked = (*screens, *(each for each in logged if each is not None))
        told = [_compare(home, current, each, moment, NIGHT_SECONDS) for each in asked]
    wrong = [sentence for sentence in (*cells, *told) if sentence]
    return {
        "load": load,
        "checked": read_shadow(home.log / NAME).checked - before,
        "mismatches": len(wrong),
        "first": next(iter(wrong), None),
    }


def _whole(home: Home, current: Round, cuboid: Cuboid, moment: datetime) -> str:
    """Compare one cuboid whole and write down what came of it; the sentence of a difference."""
    manifest, load, name = current.snapshot.manifest, current.snapshot.load, cuboid.name
    why = differences(current.cursor, cuboid)
    if why:
        note(home, lambda shadow: shadow.differed((name,), manifest, load, moment, why))
        return f"{name} in quarantine: at load {load} {why}"

    def lifted(shadow: Shadow) -> Shadow:
        held = shadow.quarantine.get(name)
        after = shadow.lifted(name, manifest.revision) if held and held.rebuilt is None else shadow
        return after.agreed((name,), manifest, load, moment)

    note(home, lifted)
    return ""
