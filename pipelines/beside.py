"""Compaction beside the loads: in a child process of the lowest priority.

A new base takes seconds to minutes of one core. In a process of its own it holds up no load: it
takes the writer's lock only to switch, and the loads that come meanwhile stay on top of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.compaction import compact, due
from models.errors import HappycallError
from models.home import Home, open_home
from models.lock import writer_lock
from models.manifest import read_manifest

AGAIN_SECONDS = 60.0  # after one that failed
END_SECONDS = 2.0
LOG = "compaction.log"


def compact_home(home: Home) -> int | None:
    """A new base out of base and tails; the load it stands at, None without anything to do."""
    done = compact(home, lock=lambda: writer_lock(home, "compact"))
    return done.load if done else None


@dataclass(slots=True)
class Beside:
    """At most one compaction of a home under way; `look` begins and ends it."""

    home: Home
    process: subprocess.Popen[bytes] | None = None
    not_before: float = 0.0

    def look(self, now: float, *, is_quiet: bool = True) -> str:
        """Begins one where the tails have grown; tells, once, what one that ended did.

        Only in a quiet moment is one begun: while much lands, loads write bases themselves where
        tails grow too large, and memory for both at once would be more than is there.
        """
        if self.process is not None:
            status = self.process.poll()
            return "" if status is None else self._ended(status, now)
        manifest = read_manifest(self.home)
        if is_quiet and manifest is not None and now >= self.not_before and due(manifest):
            self.process = _start(self.home)
        return ""

    def end(self) -> None:
        """Breaks off what is under way: a compaction that did not switch has not happened."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _ended(self, status: int, now: float) -> str:
        self.process = None
        if status:
            self.not_before = now + AGAIN_SECONDS
            said = (self.home.log / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
            why = said[-1] if said else f"status {status}"
            return f"compaction did not succeed ({why}); trying again in {AGAIN_SECONDS:g} s"
        manifest = read_manifest(self.home)
        return f"compacted at load {manifest.load}" if manifest else ""


def _start(home: Home) -> subprocess.Popen[bytes]:
    """A child in our own group of processes, so that what ends us ends it."""
    with (home.log / LOG).open("wb") as log:
        return subprocess.Popen(
            (sys.executable, "-m", "pipelines.beside", str(home.root)),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """One compaction of the home that is named; the status a process leaves with."""
    os.nice(19)
    for number in (signal.SIGINT, signal.SIGHUP):  # of the terminal; who began us ends us
        signal.signal(number, signal.SIG_IGN)
    try:
        compact_home(open_home(Path(arguments[0])))
    except HappycallError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
