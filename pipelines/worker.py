"""The worker: a process that stays, and loads whatever lands within the second.

It runs the very assets that Dagster knows, in this process and on the home's own instance: half a
second around the work instead of the ten that a new process would take, and every run can be seen.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from cubes.in_use import cuboids_in_use
from models.durable import files_under
from models.errors import HappycallError
from models.home import Home
from models.manifest import read_manifest
from models.reader import Reader
from models.schema import shipped_schema
from pipelines.assets import touched_by
from pipelines.beside import Beside
from pipelines.definitions import LOAD, define
from pipelines.instance import prepare_instance
from pipelines.instance_storage import overrides
from pipelines.load import home_sources, landed_sources
from pipelines.pull import pull
from pipelines.schedules import prune_runs
from pipelines.session import LoadSession
from pipelines.shadow import Watch
from pipelines.source import Source
from pipelines.waiting import STILL_SECONDS, seconds_until_still
from pipelines.worker_place import only_worker

PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 60.0
PRUNE_SECONDS = 3600.0
PULL_SECONDS = 60.0  # between two looks at databases
READY_SECONDS = 0.75  # before a file lies still its run begins: lock, state and Dagster come first
MOST_BYTES = 4 * 2**20  # of one load: what lands meanwhile waits no longer than that takes
MUCH_BYTES = 2**20  # of a load that waits for a compaction, so that both are not in memory at once
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
BY = "happycall/by"
Say = Callable[[str], None]


def work(home: Home, say: Say, clock: Callable[[], float] = time.time) -> None:
    """Refresh a home until TERM, INT or HUP; a load under way is finished first.

    Loads run in a thread of their own, because Dagster takes over the signals of the main thread
    while a run lasts: it would break the load off, or forget that it was told to stop.
    """
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    with closing(open_worker(home, say, clock)) as worker, only_worker(home):
        worker.bury()
        say(f"watching {home.landing}")
        with ThreadPoolExecutor(max_workers=1) as apart:
            apart.submit(_refresh, worker, stopping).result()


def _refresh(worker: Worker, stopping: threading.Event) -> None:
    while not stopping.is_set():
        if not worker.turn():
            stopping.wait(pause_after(worker.failures))


def pause_after(failures: int) -> float:
    """How long to wait after so many failures in a row.

    >>> [pause_after(n) for n in (0, 1, 2, 3, 10)]
    [0.25, 1.0, 2.0, 4.0, 60.0]
    """
    return min(2.0 ** (failures - 1), LONGEST_PAUSE_SECONDS) if failures else PAUSE_SECONDS


@dataclass(slots=True)
class Worker:
    """One home and what refreshes it; `turn` is one look at landing, and the run it asks for."""

    home: Home
    sources: Sequence[Source]
    defs: dg.Definitions
    instance: dg.DagsterInstance
    reader: Reader
    say: Say
    clock: Callable[[], float]
    beside: Beside
    watch: Watch
    failures: int = 0
    pruned: float = 0.0
    pulled: float = 0.0

    def turn(self) -> bool:
        """Load what landed; False when there was nothing to do or it went wrong."""
        try:
            soon = self.clock() + READY_SECONDS
            self._pull()
            waiting = landed_sources(self.home, self.sources, now=soon)
            if waiting and self.beside.process is not None and self._is_much(waiting):
                waiting = ()  # until the compaction has given its memory back; little does not wait
            done = self._run(waiting) if waiting else self._tidy()
            if told := self.beside.look(self.clock(), is_quiet=not waiting):
                self.say(told)
        except (HappycallError, OSError, dg.DagsterError) as error:
            self.failures += 1
            self.say(f"{error}; trying again in {pause_after(self.failures):g} s")
            return False
        self.failures = 0
        return done

    def bury(self) -> None:
        """Close the runs of a worker that was killed: nothing of them was released."""
        left = dg.RunsFilter(tags={BY: "worker"}, statuses=[dg.DagsterRunStatus.STARTED])
        for run in self.instance.get_runs(left):
            self.instance.report_run_canceled(run, "its worker ended before it did")

    def close(self) -> None:
        """Give the release and the instance back, and break off a compaction under way."""
        self.beside.end()
        self.watch.end()
        self.reader.close()
        self.instance.dispose()

    def _run(self, waiting: Sequence[str]) -> bool:
        self.watch.end()
        started = time.monotonic()
        result = self.defs.resolve_job_def(LOAD).execute_in_process(
            instance=self.instance,
            asset_selection=touched_by(self.defs.resolve_asset_graph(), waiting),
            run_config=QUIET,
            tags={BY: "worker"},
            raise_on_error=False,
        )
        if not result.success:
            raise HappycallError(f"run {result.run_id[:8]} failed: {why(result)}")
        took = time.monotonic() - started
        self.say(f"{', '.join(waiting)}: run {result.run_id[:8]}, {took:.1f} s")
        return True

    def _pull(self) -> None:
        """What changed in databases lands, once a minute."""
        if self.clock() - self.pulled > PULL_SECONDS:
            self.pulled = self.clock()
            now = datetime.fromtimestamp(self.pulled, UTC)
            for each in pull(self.home, self.sources, os.environ, now, whole=False):
                if each.why:
                    self.say(each.why)

    def _tidy(self) -> bool:
        """In a quiet moment: the newest release, old runs go, and an answer is recomputed."""
        self.reader.refresh()
        if self.clock() - self.pruned > PRUNE_SECONDS:
            self.pruned = self.clock()
            prune_runs(self.instance)
        if told := self.watch.look(self.clock, self._is_quiet):
            self.say(told)
        return False

    def _is_much(self, waiting: Sequence[str]) -> bool:
        """Whether so much lies in landing that its load takes much memory."""
        with suppress(FileNotFoundError):  # what went while we looked will be back under its name
            files = [path for name in waiting for path in files_under(self.home.landing / name)]
            return sum(path.stat().st_size for path in files) > MUCH_BYTES
        return True

    def _is_quiet(self) -> bool:
        """Whether nothing lies in landing, not even a file that still changes."""
        later = self.clock() + STILL_SECONDS
        return not landed_sources(self.home, self.sources, now=later)


def open_worker(home: Home, say: Say, clock: Callable[[], float]) -> Worker:
    """A worker with its definitions read and its instance open."""
    sources = home_sources(home)
    instance = open_instance(home)
    specs = tuple(shipped_schema().specs.values())
    reader = Reader(home, role="writer", specs=specs, kept=0)
    cuboids = cuboids_in_use(read_manifest(home))

    def hold() -> None:
        time.sleep(seconds_until_still(home.landing, clock(), READY_SECONDS))

    def session() -> LoadSession:
        return LoadSession(
            home, sources, command="worker", hold=hold, reader=reader, most_bytes=MOST_BYTES
        )

    return Worker(
        home, sources, define(lambda: home, sources, session, cuboids), instance, reader, say,
        clock, Beside(home), Watch(home, random.Random(clock())),
    )  # fmt: skip


def open_instance(home: Home) -> dg.DagsterInstance:
    """The home's instance, with storage that stays open between runs."""
    place = str(prepare_instance(home))
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(place, overrides=overrides(home)))


def why(result: dg.ExecuteInProcessResult) -> str:
    """What went wrong, in the words of the error that did."""
    for event in result.all_events:
        if event.is_step_failure and (error := event.step_failure_data.error):
            root = error
            while root.cause:
                root = root.cause
            return root.message.strip()
    return "for a reason that only its run in Dagster tells"
