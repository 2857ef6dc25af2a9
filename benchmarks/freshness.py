"""How long from a landed file to the number on a screen, while many screens are open?

The server and the worker run as they do in production, each in its own process. A file of a
thousand answers gets its name in landing; the two seconds of stillness, the load, its release, the
push and the render all count. The next file lands when every screen concerned shows the load.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import time

from benchmarks.answers import SOURCE, Extract, extracts
from benchmarks.arguments import SITES, Option, parsed
from benchmarks.figures import p95, spread
from benchmarks.homes import Network, say, simulated_home, workplace
from benchmarks.machine import machine
from benchmarks.production import chromium, opened, running
from benchmarks.watchers import Screen
from models.home import Home
from models.manifest import Manifest, read_manifest

GOAL = 5.0
LOOK_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run does."""

    network: Network
    loads: int
    answers: int
    sessions: int
    boards: int  # of the sessions, screens of the nation
    patience: float
    pause: float


@dataclass(slots=True)
class Times:
    """Seconds since the file landed: to the release, to the push, to the screen, to the browser."""

    released: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    sites: list[float] = field(default_factory=list)
    boards: list[float] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    late: int = 0
    cpu: Mapping[str, float] = field(default_factory=dict)  # seconds a load, by process


@dataclass(frozen=True, slots=True)
class Watched:
    """Who looks: the screens, and a real page where there is one."""

    home: Home
    screens: Sequence[Screen]
    in_browser: Mapping[int, float]
    has_browser: bool
    patience: float

    def concerned(self, manifest: Manifest) -> list[Screen]:
        """The screens whose numbers a release changed."""
        touched, load = manifest.touched_at, manifest.load
        return [s for s in self.screens if not s.key or touched.get(s.key) == load]

    def all_show(self, load: int, concerned: Sequence[Screen]) -> bool:
        """Whether nobody has to wait any more."""
        is_seen = load in self.in_browser or not self.has_browser
        return is_seen and all(load in screen.shown for screen in concerned)

    def note(self, load: int, concerned: Sequence[Screen], landed: float, times: Times) -> None:
        """Adds what each screen took; one that does not show the load yet is late."""
        for screen in concerned:
            if load not in screen.shown:
                times.late += 1
                continue
            (times.sites if screen.key else times.boards).append(screen.shown[load] - landed)
            if load in screen.told:
                times.told.append(screen.told[load] - landed)
        if load in self.in_browser:
            times.browser.append(self.in_browser[load] - landed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints the stages."""
    settings = read(arguments)
    print(
        f"freshness: {settings.loads:,} loads of {settings.answers:,} answers while"
        f" {settings.sessions:,} sessions watch ({settings.boards} of them the nation);"
        f" {settings.network}"
    )
    print(machine(), flush=True)
    with workplace() as place:
        home = simulated_home(place, settings.network)
        times = asyncio.run(measure(settings, home))
    print(told(times))
    return 0


def told(times: Times) -> str:
    """The stages, and whether the goal was met."""
    shown = times.sites + times.boards
    lines = [
        f"landed → released           {spread(times.released)}",
        f"landed → screens told       {spread(times.told)}",
        f"landed → on a site's screen {spread(times.sites)}",
        f"landed → on the nation's    {spread(times.boards)}",
        f"landed → on all screens     {spread(shown)}",
        f"landed → in Chromium        {spread(times.browser)}",
    ]
    lines += [f"CPU of the {name}: {used:.2f} s a load" for name, used in times.cpu.items()]
    if times.late:
        lines.append(f"not shown in time: {times.late}")
    if shown:
        met = p95(shown) < GOAL and not times.late
        lines.append(f"p95 {p95(shown):.2f} s, goal under {GOAL:g} s: {'met' if met else 'missed'}")
    return "\n".join(lines)


async def measure(settings: Settings, home: Home) -> Times:
    """Everything up, the screens open, then load after load."""
    network = settings.network
    made = extracts(
        seed=network.seed, sites=network.sites, first=network.first, answers=settings.answers
    )
    files = list(islice(made, settings.loads + 1))
    times, in_browser = Times(), dict[int, float]()
    async with (
        running(home) as production,
        opened(
            production.server, home, sessions=settings.sessions, boards=settings.boards,
            seed=network.seed,
        ) as screens,
        chromium(production.server, in_browser) as has_browser,
    ):  # fmt: skip
        watched = Watched(home, screens, in_browser, has_browser, settings.patience)
        used = production.cpu_seconds()
        for nth, extract in enumerate(files):
            if nth == 1:
                used = production.cpu_seconds()
            await one_load(watched, extract, times if nth else Times())  # the first one warms up
            await asyncio.sleep(settings.pause)
        times.cpu = {
            name: (seconds - used[name]) / settings.loads
            for name, seconds in production.cpu_seconds().items()
        }
    return times


async def one_load(watched: Watched, extract: Extract, times: Times) -> None:
    """Lands one file and waits until every screen concerned shows its load."""
    before = read_manifest(watched.home)
    landed = land(watched.home, extract)
    deadline = landed + watched.patience
    found = await released(watched.home, before.load if before else 0, deadline)
    if found is None:
        times.late += len(watched.screens)
        say(f"{extract.name}: no release within {watched.patience:g} s")
        return
    manifest, at = found
    times.released.append(at - landed)
    concerned = watched.concerned(manifest)
    while time() < deadline and not watched.all_show(manifest.load, concerned):
        await asyncio.sleep(LOOK_SECONDS)
    watched.note(manifest.load, concerned, landed, times)
    say(f"load {manifest.load}: released after {at - landed:.2f} s, {len(concerned)} screens")


def land(home: Home, extract: Extract) -> float:
    """Gives a whole file its name in landing; the instant from which it lies still."""
    folder = home.landing / SOURCE
    folder.mkdir(exist_ok=True)
    part = folder / f"{extract.name}.part"
    part.write_bytes(extract.content)
    os.utime(part)
    part.rename(folder / extract.name)
    return time()


async def released(home: Home, before: int, deadline: float) -> tuple[Manifest, float] | None:
    """The next load's manifest and the instant it appeared."""
    while time() < deadline:
        seen = time()
        manifest = read_manifest(home)
        if manifest and manifest.load > before:
            return manifest, seen
        await asyncio.sleep(LOOK_SECONDS * 2)
    return None


def read(arguments: Sequence[str] | None) -> Settings:
    """The settings that the command line names."""
    given = parsed(
        "freshness", __doc__, arguments,
        loads=Option(2, 50), answers=Option(100, 1000), sessions=Option(8, 200),
        boards=Option(2, 10, "of the sessions, screens of the nation"),
        sites=SITES, days=Option(5, 30, "of its history in the base"),
        pause=Option(1.0, 1.0, "seconds between two loads"),
        patience=Option(30.0, 30.0, "seconds until a load is late"),
    )  # fmt: skip
    return Settings(
        Network(given.sites, given.days), loads=given.loads, answers=given.answers,
        sessions=given.sessions, boards=given.boards, patience=given.patience, pause=given.pause,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
