"""Server, worker and screens as they run in production, for as long as a benchmark needs them."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import psutil

from benchmarks.homes import say
from benchmarks.watchers import Screen, browser_page
from cubes.api import connect
from models.home import Home
from pipelines.children import Child, Command, start, stop
from pipelines.worker_place import has_worker

OPENED_A_SECOND = 25
LOOK_SECONDS = 0.1
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Production:
    """What runs: where the board is served, and both processes by name."""

    server: str
    children: tuple[Child, ...]

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time each process has used until now."""
        used = {}
        for child in self.children:
            times = psutil.Process(child.process.pid).cpu_times()
            used[child.command.name] = times.user + times.system
        return used


@asynccontextmanager
async def running(home: Home) -> AsyncIterator[Production]:
    """The board's server and the worker, each in its own process; ended afterwards."""
    port = _free_port()
    environ = {**os.environ, "HAPPYCALL_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    cli = (sys.executable, "-m", "pipelines.cli")
    commands = (
        Command("board", (*cli, "serve", "--port", str(port)), home.log / "board.log"),
        Command("worker", (*cli, "worker"), home.log / "worker.log"),
    )
    children = tuple(start(command, environ) for command in commands)
    try:
        while not (await _answers(port) and has_worker(home)):
            for child in children:
                if child.process.poll() is not None:
                    raise SystemExit(f"The {child.command.name} ended: {_log(child.command)}")
            await asyncio.sleep(LOOK_SECONDS)
        yield Production(f"127.0.0.1:{port}", children)
    finally:
        stop(children, PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _log(command: Command) -> str:
    log = command.log
    return log.read_text(encoding="utf-8")[-2000:] if log and log.is_file() else "without a word"


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    line = await reader.readline()
    writer.close()
    return b" 200 " in line


@asynccontextmanager
async def opened(
    server: str, home: Home, *, sessions: int, boards: int, seed: int
) -> AsyncIterator[list[Screen]]:
    """All screens, opened one after the other; closed afterwards."""
    connection = connect(home)
    rows = connection.ask("select site_key, site from dim_site where is_current and site_key > 0")
    connection.close()
    sites = sorted((str(row["site"]), str(row["site_key"])) for row in rows.to_dicts())
    chosen = random.Random(seed)
    screens = [Screen(server) for _ in range(boards)]
    screens += [Screen(server, *chosen.choice(sites)) for _ in range(sessions - boards)]
    tasks = []
    for screen in screens:
        tasks.append(asyncio.create_task(screen.watch()))
        await asyncio.sleep(1 / OPENED_A_SECOND)
    try:
        for screen, task in zip(screens, tasks, strict=True):
            opening = asyncio.create_task(screen.is_open.wait())
            await asyncio.wait({task, opening}, return_when=asyncio.FIRST_COMPLETED)
            opening.cancel()
            if task.done():
                task.result()
        say(f"{len(screens)} screens are open")
        yield screens
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def chromium(server: str, shown: dict[int, float]) -> AsyncIterator[bool]:
    """One real page where Chromium and Playwright are installed; says so where they are not."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        import playwright  # noqa: F401
    except ImportError:
        program = None
    if program is None:
        say("no Chromium here: no real page is measured")
        yield False
        return
    page = asyncio.create_task(browser_page(server, program, shown))
    try:
        while not shown and not page.done():
            await asyncio.sleep(LOOK_SECONDS)
        if page.done():
            page.result()
        yield True
    finally:
        page.cancel()
        with suppress(asyncio.CancelledError):
            await page
