"""A release reaches the screens of the sites it touched, each once, the newest load alone."""

import asyncio
import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from dashboards.push import TELL_A_SECOND, Hub, pace, serve_push, watch
from models.home import Home, open_home
from models.manifest import NAME, Manifest, render
from tests.dashboards.serving import served

sites = st.sampled_from(["1", "2", "3", ""])


def told(hub: Hub) -> None:
    while hub.tell_next():
        pass


def test_only_screens_of_touched_sites_are_told() -> None:
    hub = Hub()
    one, two, nation = hub.join("1", 0), hub.join("2", 0), hub.join("", 0)
    hub.publish(7, {"1": 7})
    told(hub)
    assert (one.told, two.told, nation.told) == (7, 0, 7)
    assert not two.wake.is_set()


def test_who_comes_back_is_told_at_once_what_was_missed() -> None:
    hub = Hub()
    hub.publish(9, {"1": 8})
    late, current = hub.join("1", 7), hub.join("1", 8)
    told(hub)
    assert late.told == 9
    assert not current.wake.is_set()


def test_who_left_is_forgotten() -> None:
    hub = Hub()
    listener = hub.join("", 0)
    hub.publish(1, {})
    hub.leave(listener)
    assert not hub.tell_next()


def test_only_sites_that_somebody_watches_and_a_release_touched_are_prepared() -> None:
    hub = Hub()
    for site in ("1", "1", "2", ""):
        hub.join(site, 0)
    hub.publish(3, {"1": 3, "2": 2})
    assert hub.behind(4, {"1": 4, "2": 2, "9": 4}) == {"1"}


@given(st.lists(st.tuples(sites, st.booleans()), max_size=30))
def test_after_any_releases_everybody_knows_the_newest_that_touched_them(
    events: list[tuple[str, bool]],
) -> None:
    hub = Hub()
    touched: dict[str, int] = {}
    screens = [hub.join(site, 0) for site in ("1", "2", "3", "")]
    for load, (site, tell) in enumerate(events, start=1):
        if site:
            touched[site] = load
        hub.publish(load, dict(touched))
        if tell:
            hub.tell_next()
    told(hub)
    for screen in screens:
        assert screen.told >= hub.newest(screen.site)


def test_a_release_of_everything_is_paced() -> None:
    async def scenario() -> tuple[int, int]:
        hub = Hub()
        screens = [hub.join("", 0) for _ in range(200)]
        pacer = asyncio.create_task(pace(hub))
        hub.publish(1, {})
        await asyncio.sleep(0.01)
        at_once = sum(screen.wake.is_set() for screen in screens)
        await asyncio.sleep(0.4)
        soon = sum(screen.wake.is_set() for screen in screens)
        pacer.cancel()
        return at_once, soon

    at_once, soon = asyncio.run(scenario())
    assert at_once == 1
    assert 1 < soon <= 0.5 * TELL_A_SECOND


def commit(home: Home, load: int, touched: dict[str, int]) -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    manifest = Manifest(load, load, moment, moment, touched_at=touched)
    new = home.releases / "new"
    new.write_text(render(manifest), encoding="utf-8")
    new.rename(home.releases / NAME)


def test_the_watcher_publishes_each_release_and_outlives_what_goes_wrong(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    calls: list[int] = []

    async def prepare(_: frozenset[str]) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the reader is not ready")

    async def until(hub: Hub, load: int) -> None:
        async with asyncio.timeout(10):
            while hub.load != load:
                await asyncio.sleep(0.05)

    async def scenario() -> Hub:
        hub = Hub()
        watcher = asyncio.create_task(watch(home, hub, prepare))
        await asyncio.sleep(0.3)
        commit(home, 1, {"5": 1})
        await until(hub, 1)
        (home.releases / NAME).write_text("{", encoding="utf-8")
        await asyncio.sleep(0.5)
        commit(home, 2, {"5": 1, "6": 2})
        await until(hub, 2)
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        return hub

    hub = asyncio.run(scenario())
    assert hub.touched == {"5": 1, "6": 2}
    assert len(calls) == 3


def door(hub: Hub) -> WebSocketRoute:
    async def push(websocket: WebSocket) -> None:
        pacer = asyncio.create_task(pace(hub))
        await serve_push(hub, websocket)
        pacer.cancel()

    return WebSocketRoute("/api/push", push)


def test_a_screen_hears_of_the_load_over_its_socket() -> None:
    hub = Hub()
    hub.publish(4, {"17": 4})
    with served(door(hub)) as address:
        with connect(f"ws://{address}/api/push?site=17&since=3") as socket:
            assert json.loads(socket.recv(timeout=10)) == {"load": 4}
            assert len(hub.listeners) == 1
        until = time.monotonic() + 10
        while hub.listeners and time.monotonic() < until:
            time.sleep(0.05)
    assert not hub.listeners


@pytest.mark.parametrize(
    ("query", "origin"), [("", "https://elsewhere.example"), ("?since=now", None)]
)
def test_a_page_of_another_server_is_turned_away(query: str, origin: str | None) -> None:
    with (
        served(door(Hub())) as address,
        pytest.raises(InvalidStatus, match="403"),
        connect(f"ws://{address}/api/push{query}", origin=origin and Origin(origin)),
    ):
        raise AssertionError("it was let in")
