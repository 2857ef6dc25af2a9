"""`make up` as a newcomer runs it: seconds until the board answers, memory, seconds to go down.

With `--clone` the project is cloned first, so that setting it up counts too (that needs the package
index); otherwise this tree is used, with an empty home. Times are those of a stopwatch in a
person's hand and say nothing without the line about the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psutil

from benchmarks.homes import workplace
from benchmarks.machine import machine

ROOT = Path(__file__).resolve().parent.parent
STATUS = "http://127.0.0.1:8501/api/status"
DAGSTER = "http://127.0.0.1:3000/server_info"
DOWN_WITHIN = 4.0
PATIENCE = 900.0
LOOK = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Up, watched, down, up again, down; prints a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.up", description=__doc__)
    parser.add_argument("--clone", action="store_true", help="clone and set up first")
    parser.add_argument("--watch", type=float, default=300.0, help="seconds to watch memory")
    given = parser.parse_args(arguments)
    print(f"up: {'fresh clone' if given.clone else 'this tree'}, empty home")
    print(machine(), flush=True)
    with workplace() as place:
        tree = clone(place) if given.clone else ROOT
        environ = {**os.environ, "HAPPYCALL_HOME": str(place / "home")}
        started = monotonic()
        process = make_up(tree, environ, place / "first.log")
        print(f"board answers with load {answer()}: {monotonic() - started:.0f} s", flush=True)
        print(f"Dagster answers: {first(DAGSTER, started):.0f} s", flush=True)
        most = memory(process, given.watch)
        whole = sum(most.values()) / 1e6
        print(f"most memory in {given.watch:.0f} s more: {whole:,.0f} MB PSS, of which", flush=True)
        for name, held in sorted(most.items(), key=lambda each: -each[1]):
            print(f"  {held / 1e6:,.0f} MB {name}")
        print(f"INT, nothing left: {down(process):.1f} s", flush=True)
        started = monotonic()
        process = make_up(tree, environ, place / "second.log")
        print(f"again, board answers with load {answer()}: {monotonic() - started:.1f} s")
        print(f"INT, nothing left: {down(process):.1f} s", flush=True)
    return 0


def clone(place: Path) -> Path:
    """The committed state of this project, as somebody else gets it."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(place / "clone")], check=True)
    return place / "clone"


def make_up(tree: Path, environ: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """`make up` in a session of its own; its output goes to a file."""
    with log.open("wb") as out:
        return subprocess.Popen(
            ["make", "up"], cwd=tree, env=environ, stdout=out, stderr=out, start_new_session=True
        )


def answer() -> int:
    """The load that the board's status names, as soon as there is one."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(STATUS, timeout=30) as response:
            load = json.load(response)["load"]
            if load:
                return int(load)
        sleep(LOOK)
    raise SystemExit(f"The board did not answer within {PATIENCE:g} s")


def first(url: str, started: float) -> float:
    """Seconds since the start at which an address answers."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(url, timeout=30):
            return monotonic() - started
        sleep(LOOK)
    raise SystemExit(f"{url} did not answer within {PATIENCE:g} s")


def memory(process: subprocess.Popen[bytes], seconds: float) -> Mapping[str, int]:
    """What the processes held when together they held most, shared pages counted once."""
    most: dict[str, int] = {}
    deadline = monotonic() + seconds
    while monotonic() < deadline:
        held: dict[str, int] = {}
        for member in family(process):
            with suppress(psutil.Error):
                name = " ".join(member.cmdline()[1:4])
                held[name] = held.get(name, 0) + member.memory_full_info().pss
        if sum(held.values()) > sum(most.values()):
            most = held
        sleep(1.0)
    return most


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The process and everything it started."""
    head = psutil.Process(process.pid)
    return [head, *head.children(recursive=True)]


def down(process: subprocess.Popen[bytes]) -> float:
    """Seconds from INT to the last process of the family."""
    members, started = family(process), monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    _, left = psutil.wait_procs(members, timeout=DOWN_WITHIN * 5)
    took = monotonic() - started
    if left:
        raise SystemExit(f"{len(left)} processes stayed")
    return took


if __name__ == "__main__":
    sys.exit(main())
