"""A process that looks after others until it is told to stop."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.children import Child, Command, adopt_orphans, start, stop, sweep

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SECONDS = 1.5
PAUSE_SECONDS = 0.1
STEADY_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 30.0


class Stopped(BaseException):
    """A signal came: nothing more is to be started."""


@dataclass(slots=True)
class Supervisor:
    """Holds what runs; one signal, or the end of the parent it follows, ends all of it."""

    environ: Mapping[str, str]
    say: Callable[[str], None]
    parent: int | None = None
    signalled: bool = False
    kept: dict[str, Child] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)

    def install(self) -> None:
        """Listen to INT, TERM and HUP, also where they were ignored when this process began."""
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        adopt_orphans()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.signalled = True

    def pause(self, seconds: float = PAUSE_SECONDS) -> None:
        """Let time pass; what fell over meanwhile is started again, a little later each time."""
        deadline = time.monotonic() + seconds
        while True:
            if self.signalled or (self.parent is not None and is_ending(self.parent)):
                raise Stopped
            self._revive()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, PAUSE_SECONDS))

    def keep(self, command: Command) -> Child:
        """Start what is to run until the end."""
        child = start(command, self.environ)
        self.kept[command.name] = child
        return child

    def finish(self, command: Command) -> int:
        """Run a command to its end; the others are looked after meanwhile."""
        child = start(command, self.environ)
        try:
            while child.process.poll() is None:
                self.pause()
        finally:
            stop([child], PATIENCE_SECONDS)
        return child.process.returncode

    def _revive(self) -> None:
        now = time.monotonic()
        for name, child in list(self.kept.items()):
            if child.process.poll() is None:
                continue
            if name not in self.due:
                steady = now - child.since > STEADY_SECONDS
                last = 0.5 if steady else self.pauses.get(name, 0.5)
                self.pauses[name] = min(2 * last, LONGEST_PAUSE_SECONDS)
                self.due[name] = now + self.pauses[name]
                self.say(
                    f"{name} ended with status {child.process.returncode}; starting it again"
                    f" in {self.pauses[name]:g} s (see {child.command.log})"
                )
            elif now >= self.due[name]:
                del self.due[name]
                stop([child], 0.0)
                self.keep(child.command)

    def end(self) -> None:
        """Take down everything, and what it may have left behind."""
        stop(list(self.kept.values()), PATIENCE_SECONDS)
        sweep()


def is_ending(process: int) -> bool:
    """Whether a process is gone, or in its handler of INT or HUP.

    Make waits in that handler for its children and tells them nothing; what it blocks tells.
    """
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return not Path(f"/proc/{process}").exists() and Path("/proc/self").exists()
    blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk"))
    handled = (signal.SIGINT, signal.SIGHUP)
    return any(int(blocked, 16) >> (number - 1) & 1 for number in handled)
