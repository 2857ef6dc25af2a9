"""Homes for a benchmark: made from a simulated network, and gone without a trace afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import FrameType

from models.home import Home, open_home
from pipelines.beside import compact_home
from pipelines.load import load
from pipelines.simulate import WrittenFile, simulate
from pipelines.simulate.run import LAST_DAY

FIRST = LAST_DAY + timedelta(days=1)  # the day on which intraday extracts begin


@dataclass(frozen=True, slots=True)
class Network:
    """Which network a home is made from."""

    sites: int
    days: int
    seed: int = 7

    @property
    def first(self) -> date:
        """The first day that the history does not know."""
        return FIRST

    def __str__(self) -> str:
        return f"{self.sites:,} sites × {self.days} days of history, seed {self.seed}"


@contextmanager
def workplace() -> Iterator[Path]:
    """A folder of this run alone, with keys of its own; removed at the end, also by TERM or INT."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    place = Path(tempfile.mkdtemp(prefix="happycall-bench-"))
    os.environ["HAPPYCALL_KEYS"] = str(place / "keys")
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def simulated_home(place: Path, network: Network) -> Home:
    """A home that holds a network's history in one fresh base."""
    say(f"making a home: {network}")
    home, out = open_home(place / "home"), place / "simulated"
    made = simulate(
        out, sites=network.sites, days=network.days, seed=network.seed, daily_days=1
    )  # fmt: skip
    land_all(home, made.files)
    shutil.rmtree(out)
    result = load(home)
    compact_home(home)
    say(f"loaded {result.counts.landed:,} records in {result.seconds:.0f} s")
    return home


def land_all(home: Home, files: Sequence[WrittenFile]) -> None:
    """Moves extracts into landing, as if they had lain there for a while."""
    long_ago = time.time() - 60
    for path, source in {file.path: file.source for file in files}.items():
        folder = home.landing / source
        folder.mkdir(exist_ok=True)
        landed = Path(shutil.move(path, folder / path.name))
        os.utime(landed, (long_ago, long_ago))


def fresh_copy(home: Home, place: Path) -> Home:
    """The same release in a second home, compacted; the files that stay are shared by links."""
    copy = Home(place)
    place.mkdir()
    shutil.copytree(home.releases, copy.releases, copy_function=os.link)
    compact_home(open_home(place))
    return copy


def say(text: str) -> None:
    """Progress, apart from the figures."""
    print(text, file=sys.stderr, flush=True)
