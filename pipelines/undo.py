"""Undo: one more load, which reverses an earlier one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from models.home import Home
from models.reader import Reader
from pipelines.load import run
from pipelines.session import WAIT_SECONDS, LoadSession, Progress, Step, utc_now
from pipelines.source import Source, home_sources


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The load that undid another, and what became of the records of that one."""

    load: int | None
    changed: bool
    undone: int
    went: int
    back: int
    kept: int
    seconds: float

    def as_json(self) -> str:
        """The last line of `happycall undo`."""
        return json.dumps({**asdict(self), "seconds": round(self.seconds, 3)})


def undo(
    home: Home,
    load: int,
    *,
    sources: Sequence[Source] | None = None,
    now: Callable[[], datetime] = utc_now,
    step: Step = lambda name: None,
    progress: Progress = lambda text: None,
    reader: Reader | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> UndoResult:
    """Reverses a load: what it brought goes, what it replaced comes back, by a load of its own.

    Records of which a later load said something else keep that, and are told. Raises `SourceError`
    or `QuestionError` with nothing changed when there is no such load or it cannot be undone.
    """
    session = LoadSession(
        home, home_sources(home) if sources is None else sources, undo=load,
        command=f"undo {load}", now=now, step=step, progress=progress, reader=reader,
        wait_seconds=wait_seconds,
    )  # fmt: skip
    result = run(session)
    taken = session.taken_back
    assert result is not None
    assert taken is not None
    if taken.kept:
        progress(
            f"kept as later loads have them ({taken.kept}): {taken.named}; "
            "undo those loads first to take these back too"
        )
    return UndoResult(
        load=result.load, changed=result.changed, undone=load, went=taken.went, back=taken.back,
        kept=taken.kept, seconds=result.seconds,
    )  # fmt: skip
