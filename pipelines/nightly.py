"""The nightly job as plain functions: databases pulled, what landed, then the chores of one list.

The command `happycall nightly` and Dagster's schedule both take their chores from `CHORES`, so that
a night is the same night whoever begins it. Each brings its own imports: Dagster reads the list in
processes that never do a chore.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.errors import HomeError
from models.home import Home
from pipelines.result import LoadResult

Progress = Callable[[str], None]
Told = Mapping[str, int | str | None]


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing a night does besides its load; what it returns is told on screen and in Dagster."""

    name: str
    doc: str
    work: Callable[[Home], Told]


@dataclass(frozen=True, slots=True)
class Night:
    """What a night did: its load, and what each chore told."""

    loaded: LoadResult
    told: Mapping[str, Told]


def nightly(
    home: Home, environ: Mapping[str, str], progress: Progress = lambda text: None
) -> Night:
    """Pull, load what landed, then do every chore; the first that fails ends the night.

    A database that does not answer is told of and does not end it.
    """
    from pipelines.load import load

    told: dict[str, Told] = {}

    def do(chore: Chore) -> None:
        told[chore.name] = chore.work(home)
        progress(f"{chore.name}: {_words(told[chore.name])}")

    do(pulling(environ))
    loaded = load(home, command="nightly", progress=progress)
    for chore in CHORES:
        do(chore)
    return Night(loaded, told)


def pulling(environ: Mapping[str, str]) -> Chore:
    """Before the load: tables of databases whole, so that what a watermark missed is found."""

    def whole(home: Home) -> Told:
        from pipelines.pull import pull
        from pipelines.session import utc_now
        from pipelines.source import home_sources

        done = pull(home, home_sources(home), environ, utc_now(), whole=True)
        return {f"{each.source}/{each.table}": each.why or each.rows for each in done}

    return Chore("pull", "Every table of a database, whole, into landing.", whole)


def _words(told: Told) -> str:
    """What a chore told, on one line.

    >>> _words({"load": 7, "loads": None})
    'load 7'
    """
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None) or "-"


def verify_home(home: Home) -> None:
    """Raise `HomeError` when a file of the release is not what the manifest says."""
    from models.release import verify

    if damaged := verify(home):
        raise HomeError(
            f"The release in {home.releases} is damaged ({'; '.join(damaged)}); put the folder back"
            " from a copy, or load the landed files again into an empty home"
        )


def _remaining(home: Home) -> Told:
    from pipelines.load import load

    return {"load": load(home, command="nightly").load}


def _compaction(home: Home) -> Told:
    from pipelines.beside import compact_home

    return {"load": compact_home(home)}


def _pruning(home: Home) -> Told:
    from pipelines.schedules import prune_home

    return {"runs": prune_home(home)}


def _checksums(home: Home) -> Told:
    verify_home(home)
    return {"damaged": 0}


def _advice(home: Home) -> Told:
    from pipelines.advise import follow
    from pipelines.session import utc_now

    return follow(home, utc_now())


def _rebuild(home: Home) -> Told:
    from pipelines.shadow import rebuild

    return rebuild(home)


def _shadow(home: Home) -> Told:
    from pipelines.session import utc_now
    from pipelines.shadow import check_everything

    return check_everything(home, utc_now())


def _access(home: Home) -> Told:
    """The head is worth keeping elsewhere: a log that was cut or rewritten whole ends otherwise."""
    from cubes.access_check import check

    found = check(home)
    broken = found.breaks[0] if found.breaks else None
    return {"entries": found.entries, "head": found.head, "broken": broken}


CHORES = (
    Chore("remaining", "Whatever landed and did not fit the night's first load.", _remaining),
    Chore("compaction", "Base and tails in one new base; the lock is held only to switch.",
          _compaction),
    Chore("rebuild", "Cuboids in quarantine are built anew from the facts.", _rebuild),
    Chore("advice", "The cuboids worth keeping for what is asked, in a new base where it differs.",
          _advice),
    Chore("shadow", "Every cuboid, and the screens' questions, are what the facts say.", _shadow),
    Chore("pruning", "Runs long finished are forgotten.", _pruning),
    Chore("checksums", "Every file of the release is what the manifest says.", _checksums),
    Chore("access", "The chain of the access log holds.", _access),
)  # fmt: skip
