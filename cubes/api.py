"""The one door: every question passes judge, policy and planner here, whoever asks.

Screens, command line and HTTP hold a `Connection`, and whatever it is asked it writes into the
access log of its home, refusals too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from cubes.access_log import Act, Door, Note
from cubes.answer import Answer, Column, collect, describe, in_batches, limit, run
from cubes.behind import Behind, behind, check_rows
from cubes.catalogue import RECORDS, Catalogue, Reader, Snapshot
from cubes.cube_question import cube_question
from cubes.cursors import cursor_for
from cubes.difference import Difference, compare
from cubes.drill import drill
from cubes.explain import Setting, as_json, explained, in_words
from cubes.memory import memory_of
from cubes.past import Past
from cubes.plan import Plan
from cubes.planned import Planner
from cubes.policy import ANALYST, Principal, with_sites
from cubes.shadow import Shadow
from cubes.verbatims import read_texts
from models.home import Home, open_home


class Connection:
    """Questions to the newest release, as one principal; safe to share between threads."""

    def __init__(
        self,
        reader: Reader,
        principal: Principal = ANALYST,
        *,
        home: Home | None = None,
        pinned: Snapshot | None = None,
        door: Door = "python",
        from_facts: bool = False,
    ) -> None:
        self._reader = reader
        self._home = home
        self._pinned = pinned
        self._from_facts = from_facts
        self._memory = memory_of(reader)
        self.principal = principal
        self.door: Door = door

    @property
    def load(self) -> int:
        """The load that would answer now."""
        return self._snapshot().load

    @property
    def as_of(self) -> datetime:
        """The instant up to which that load knows."""
        return self._snapshot().as_of

    @property
    def verified_at(self) -> datetime | None:
        """When an answer or a cuboid was last found to be what the facts say; None if never."""
        return self._shadow().verified_at

    @property
    def quarantine(self) -> tuple[str, ...]:
        """The cuboids of this load that may not answer, because their cells were found wrong."""
        return tuple(sorted(self._shadow().refused(self._snapshot().manifest)))

    def ask(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        as_is: bool = False,
        as_known_at: int | None = None,
    ) -> pl.DataFrame:
        """The answer's rows; `$name` in the question takes its value from `params`.

        With `as_is`, sites and agents are grouped by today's trees instead of those of the day;
        with `as_known_at`, everything is what it was after that load.
        """
        return self.answer(sql, params, as_is=as_is, as_known_at=as_known_at).frame

    sql = ask

    def question(
        self,
        cube: str | Sequence[str],
        measures: str | Sequence[str] = (),
        *,
        by: str | Sequence[str] = (),
        where: Mapping[str, Any] | None = None,
        having: Mapping[str, Any] | None = None,
        order: str | Sequence[str] = (),
        limit: int | None = None,
        as_is: bool = False,
        as_known_at: int | None = None,
    ) -> pl.DataFrame:
        """What `ask` answers to the same question as SQL; its parts are those of CubeQuestion."""
        asked = cube_question(cube, measures, by, where, having, order, limit)
        return self.ask(asked.text, asked.given, as_is=as_is, as_known_at=as_known_at)

    def answer(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        as_is: bool = False,
        as_known_at: int | None = None,
    ) -> Answer:
        """The answer with its load, its outputs, what was read, and whether rows were cut off."""
        snapshot = self._snapshot(as_known_at)
        with self._visit("ask", sql, snapshot) as note, cursor_for(snapshot) as cursor:
            planned = note.plan = self._plan(snapshot, cursor, sql, as_is=as_is)
            columns, reader = self._run(snapshot, cursor, planned, params)
            frame, truncated = collect(columns, reader, planned)
            note.tell(frame.height, cut=truncated)
        return Answer(
            frame=frame,
            load=snapshot.load,
            as_of=snapshot.as_of,
            verified_at=self._shadow().proved_at(planned.cuboids, snapshot.manifest),
            columns=columns,
            reads=planned.reads,
            truncated=truncated,
            plan=planned,
        )

    def rows_behind(
        self,
        sql: str,
        cell: Mapping[str, Any],
        params: Mapping[str, Any] | None = None,
        *,
        as_is: bool = False,
        as_known_at: int | None = None,
    ) -> Behind:
        """The facts behind one cell of an answer, which add up to it exactly or are not told.

        The cell is named by the members of its levels: `{"site": "S1", "month": date(2026, 9, 1)}`.
        """
        snapshot = self._snapshot(as_known_at)
        held, facts = self._on(snapshot), self._on(snapshot, from_facts=True)
        with self._visit("drill", sql, snapshot) as note:
            check_rows(self.principal)
            outputs = held.prepare(sql, as_is=as_is)
            with cursor_for(snapshot) as cursor:
                aggregates = self._catalogue(snapshot, cursor).functions.aggregates
            found = drill(sql, outputs, cell, aggregates, as_is=as_is)
            rows = behind(found, partial(held.answer, as_is=as_is), facts.answer, params or {})
            note.tell(rows.frame.height)
        return rows

    def plan(self, sql: str, *, as_is: bool = False) -> Plan:
        """How a question would be answered, without running it."""
        snapshot = self._snapshot()
        with self._visit("explain", sql, snapshot), cursor_for(snapshot) as cursor:
            return self._plan(snapshot, cursor, sql, as_is=as_is)

    def explain(self, sql: str, *, as_is: bool = False) -> pl.DataFrame:
        """One row per candidate of each block over a cube: what was chosen, why not the others."""
        snapshot = self._snapshot()
        with self._visit("explain", sql, snapshot), cursor_for(snapshot) as cursor:
            planned = self._plan(snapshot, cursor, sql, as_is=as_is)
            return explained(planned, self._catalogue(snapshot, cursor))

    def explanation(
        self, sql: str, now: datetime, *, as_is: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """The plan in plain words and for programs; `now` gives the age of the load."""
        snapshot = self._snapshot()
        with self._visit("explain", sql, snapshot), cursor_for(snapshot) as cursor:
            planned = self._plan(snapshot, cursor, sql, as_is=as_is)
            catalogue = self._catalogue(snapshot, cursor)
        verified_at = self._shadow().proved_at(planned.cuboids, snapshot.manifest)
        setting = Setting(snapshot.load, snapshot.as_of, now, verified_at)
        return in_words(planned, catalogue, setting), as_json(planned, catalogue, setting)

    def prepare(self, sql: str, *, as_is: bool = False) -> tuple[Column, ...]:
        """The names and types of an answer, without running the question."""
        snapshot = self._snapshot()
        with self._visit("prepare", sql, snapshot), cursor_for(snapshot) as cursor:
            return describe(cursor, self._plan(snapshot, cursor, sql, as_is=as_is))

    def stream(
        self, sql: str, params: Mapping[str, Any] | None = None, *, as_is: bool = False
    ) -> pa.RecordBatchReader:
        """The whole answer in Arrow batches; its release is held until the last one is read."""
        snapshot = self._snapshot()
        with self._visit("stream", sql, snapshot) as note:
            cursor = snapshot.cursor()
            limit(cursor)
            planned = note.plan = self._plan(snapshot, cursor, sql, as_is=as_is)
            columns, reader = self._run(snapshot, cursor, planned, params)
        visit = partial(self._visit, "streamed", sql, snapshot)
        return in_batches(columns, reader, planned, (snapshot, cursor), visit)

    @contextmanager
    def pinned(self) -> Iterator[Connection]:
        """A connection on which all answers come from one load, however many releases come."""
        yield self._on(self._snapshot())

    def known_at(self, load: int) -> Connection:
        """A connection on which everything is as known at a load of this release."""
        return self._on(self._snapshot(load))

    def diff(
        self, earlier: int, later: int, *, by: str = "site", site: str | None = None
    ) -> Difference:
        """What moved between two loads, by a level and month, and the answers that moved it."""
        snapshot = self._snapshot()
        now = snapshot.now if isinstance(snapshot, Past) else snapshot
        said = f"diff {earlier} {later} by {by} site {site}"
        with self._visit("diff", said, now) as note, cursor_for(now) as cursor:
            found = compare(now, cursor, self.principal, (earlier, later), by, site)
            note.tell(found.rows.height)
        return found

    def texts(self, text_ids: Iterable[int]) -> dict[int, str]:
        """Verbatims by their id; those of persons who were forgotten are absent."""
        snapshot = self._snapshot()
        with self._visit("texts", "", snapshot) as note:
            found = read_texts(self._memory, self._home, self.principal, snapshot, text_ids)
            note.tell(len(found))
        return found

    def refresh(self) -> bool:
        """Look for a newer release; whether there was one."""
        return self._reader.refresh()

    def close(self) -> None:
        """Let go of the release's files and of the log."""
        self._reader.close()
        self._memory.close()

    def _visit(self, act: Act, sql: str, snapshot: Snapshot) -> AbstractContextManager[Note]:
        note = Note(act, sql, snapshot.load)
        if self._home is None:  # a reader alone, as tests and benchmarks have it
            return nullcontext(note)
        return self._memory.log(self._home).visit(note, str(self.principal), self.door)

    def _shadow(self) -> Shadow:
        return self._memory.shadow(self._home)

    def _snapshot(self, as_known_at: int | None = None) -> Snapshot:
        now = self._pinned or self._reader.snapshot()
        return now if as_known_at is None else self._memory.pasts.known_at(now, as_known_at)

    def _catalogue(self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection) -> Catalogue:
        return self._memory.catalogue(snapshot, cursor, self._home)

    def _plan(
        self, snapshot: Snapshot, cursor: duckdb.DuckDBPyConnection, sql: str, *, as_is: bool
    ) -> Plan:
        planner = Planner(self._memory, self._home, self.principal, self._from_facts)
        return planner.plan_for(snapshot, cursor, sql, as_is=as_is)

    def _run(
        self,
        snapshot: Snapshot,
        cursor: duckdb.DuckDBPyConnection,
        plan: Plan,
        params: Mapping[str, Any] | None,
    ) -> tuple[tuple[Column, ...], pa.RecordBatchReader]:
        given = with_sites(params, self.principal)
        return run(cursor, plan, given, self._memory.keys(snapshot))

    def _on(self, snapshot: Snapshot, *, from_facts: bool = False) -> Connection:
        """The same connection on this one release."""
        return Connection(
            self._reader,
            self.principal,
            home=self._home,
            pinned=snapshot,
            door=self.door,
            from_facts=from_facts,
        )


def connect(
    home: Path | str | Home | None = None,
    *,
    principal: Principal | None = None,
    door: Door = "python",
) -> Connection:
    """Connect to a home, to be asked as a principal (as an analyst where none is named)."""
    from models.reader import Reader as HomeReader

    opened = home if isinstance(home, Home) else open_home(None if home is None else Path(home))
    reader = HomeReader(opened, without=RECORDS)
    return Connection(reader, principal or ANALYST, home=opened, door=door)
