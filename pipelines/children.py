"""Processes that one process starts, keeps alive and takes down again, whole families of them.

Each child leads a session of its own, so that a signal reaches it together with everything it has
started. Orphans come back to the process that adopted them, so that none outlives the last word.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


@dataclass(frozen=True, slots=True)
class Command:
    """What to run under which name, and where it may write."""

    name: str
    arguments: tuple[str, ...]
    log: Path | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A command that runs."""

    command: Command
    process: subprocess.Popen[bytes]
    since: float


def adopt_orphans() -> None:
    """Become the parent of whatever the children leave behind; without effect outside Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0)


def start(command: Command, environ: Mapping[str, str]) -> Child:
    """Start a command in its own session; its output goes to its log, or where ours goes."""
    log = None
    if command.log is not None:
        command.log.parent.mkdir(parents=True, exist_ok=True)
        log = command.log.open("wb")
    try:
        process = subprocess.Popen(
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.DEVNULL,
            stderr=log,  # none: progress goes where ours goes
            env=dict(environ),
            start_new_session=True,
        )
    finally:
        if log is not None:
            log.close()
    return Child(command, process, time.monotonic())


def stop(children: Sequence[Child], patience: float = 2.0) -> None:
    """Take down all families at once: TERM, and KILL for what still stands after `patience`."""
    leaders = [child.process.pid for child in children if child.process.poll() is None]
    families = _families(leaders)
    for leader in leaders:
        _signal_group(leader, signal.SIGTERM)
    _, standing = psutil.wait_procs(families, timeout=patience)
    for leader in leaders:
        _signal_group(leader, signal.SIGKILL)
    _kill([*standing, *_families([process.pid for process in standing])])
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=0.5)


def sweep() -> None:
    """Kill whatever else descends from this process: the last act of one that adopts orphans."""
    _kill(psutil.Process().children(recursive=True))


def _families(leaders: Sequence[int]) -> list[psutil.Process]:
    found: list[psutil.Process] = []
    for leader in leaders:
        with suppress(psutil.NoSuchProcess):
            head = psutil.Process(leader)
            found += [head, *head.children(recursive=True)]
    return found


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=0.5)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
