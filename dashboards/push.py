"""Pushed, not polled: a release names the sites it touched, and only their screens are told.

A watcher looks at the manifest twenty times a second; a pacer tells listeners one by one, so that a
release of everything does not ask for a thousand renders at once. The newest load wins on both
sides: who has not been told yet of load 7 when 8 arrives is told of 8 alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from models.errors import HappycallError
from models.home import Home
from models.manifest import NAME, read_manifest

LOOK_EVERY: Final = 0.05  # seconds between two looks at the manifest
TELL_A_SECOND: Final = 50  # renders that one process can serve beside everything else
AGAIN_AFTER: Final = 2.0  # seconds, when a release could not be taken
REFUSED: Final = 1008  # WebSocket: policy violation

log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class Listener:
    """One screen: the site it shows (empty: all), and the newest load it was told of."""

    site: str
    told: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Hub:
    """Who listens, what the newest release is, and who is still to be told of it."""

    load: int = 0
    touched: Mapping[str, int] = field(default_factory=dict)
    listeners: set[Listener] = field(default_factory=set)
    due: dict[Listener, None] = field(default_factory=dict)
    some_due: asyncio.Event = field(default_factory=asyncio.Event)

    def newest(self, site: str) -> int:
        """The newest load that touched a site; without a site the newest of all."""
        return self.touched.get(site, 0) if site else self.load

    def publish(self, load: int, touched: Mapping[str, int]) -> None:
        """A release is there: whoever shows something older is due, in the order of arrival."""
        self.load, self.touched = load, touched
        for listener in self.listeners:
            self._consider(listener)

    def behind(self, load: int, touched: Mapping[str, int]) -> frozenset[str]:
        """The sites whose screens a release will find behind."""
        sites = {listener.site for listener in self.listeners if listener.site}
        return frozenset(s for s in sites if self.touched.get(s, 0) < touched.get(s, 0) <= load)

    def join(self, site: str, since: int) -> Listener:
        """A screen that shows load `since`; told at once when it is behind."""
        listener = Listener(site, since)
        self.listeners.add(listener)
        self._consider(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """A screen is gone."""
        self.listeners.discard(listener)
        self.due.pop(listener, None)

    def tell_next(self) -> bool:
        """Wake the one that is due for longest; False when nobody is."""
        if not self.due:
            self.some_due.clear()
            return False
        listener = next(iter(self.due))
        del self.due[listener]
        listener.told = self.load
        listener.wake.set()
        return True

    def _consider(self, listener: Listener) -> None:
        if self.newest(listener.site) > listener.told:
            self.due[listener] = None
            self.some_due.set()


async def pace(hub: Hub) -> None:
    """Tell who is due, `TELL_A_SECOND` at most; the first is told at once."""
    while True:
        await hub.some_due.wait()
        if hub.tell_next():
            await asyncio.sleep(1 / TELL_A_SECOND)


async def watch(
    home: Home, hub: Hub, prepare: Callable[[frozenset[str]], Awaitable[object]]
) -> None:
    """Publish every release as it appears; `prepare` comes first, with the sites that will be told.

    The first visitor after a release thus never waits for the readers to swap. What goes wrong is
    logged and tried again at the next look: a watcher that died in silence would freeze every
    screen.
    """
    seen: tuple[int, int, int] | None = None
    while True:
        mark = _mark(home.releases / NAME)
        if mark is not None and mark != seen:
            try:
                manifest = await asyncio.to_thread(read_manifest, home)
                if manifest is not None:
                    await prepare(hub.behind(manifest.load, manifest.touched_at))
                    hub.publish(manifest.load, manifest.touched_at)
                seen = mark
            except HappycallError as error:
                log.warning("%s", error)
                seen = mark
            except Exception:
                log.exception("The release could not be taken; trying again")
                await asyncio.sleep(AGAIN_AFTER)
        await asyncio.sleep(LOOK_EVERY)


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def from_here(websocket: WebSocket) -> bool:
    """A page of this server asks: browsers send the page's origin, other programs send none."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


async def serve_push(hub: Hub, websocket: WebSocket) -> None:
    """Tell one screen of each new load until it leaves: `{"load": 1843}`."""
    since = websocket.query_params.get("since", "0")
    if not from_here(websocket) or not since.isdigit():
        await websocket.close(REFUSED)
        return
    await websocket.accept()
    listener = hub.join(websocket.query_params.get("site", ""), int(since))
    leaving = asyncio.create_task(_until_gone(websocket))
    try:
        while not leaving.done():
            waking = asyncio.create_task(listener.wake.wait())
            await asyncio.wait({waking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            waking.cancel()
            if listener.wake.is_set() and not leaving.done():
                listener.wake.clear()
                await websocket.send_json({"load": listener.told})
    except (WebSocketDisconnect, RuntimeError):
        log.debug("a screen left while it was told")
    finally:
        leaving.cancel()
        hub.leave(listener)


async def _until_gone(websocket: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await websocket.receive_text()
