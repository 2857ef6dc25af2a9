"""The ASGI application: Streamlit's screens, and beside them JSON, health and the push of releases.

Everything slow happens before the first visitor comes: imports, the release, one whole render. Then
the garbage collector is told to forget what it has seen, which more than halves a render's cost.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from cubes.policy import ANALYST
from dashboards import api, warehouse
from dashboards.ahead import ask_ahead
from dashboards.push import Hub, pace, serve_push, watch
from dashboards.warm import render_once
from models.errors import HappycallError
from models.home import Home, open_home

SCREEN: Final = Path(__file__).with_name("screen.py")
DESCRIPTORS: Final = 16_384  # five a session, and 1,300 sessions

log = logging.getLogger(__name__)


def create_app() -> st.App:
    """The application over the home that the environment names."""
    home, hub = open_home(environ=os.environ), Hub()
    return st.App(SCREEN, routes=routes(home, hub), lifespan=partial(_lifespan, home, hub))


def routes(home: Home, hub: Hub) -> Sequence[BaseRoute]:
    """The doors beside the screens: health, status, questions, and the push of releases."""

    async def health(_: Request) -> Response:
        return api.health(hub.load, len(hub.listeners))

    async def status(_: Request) -> Response:
        return await asyncio.to_thread(api.status, home)

    async def ask(request: Request) -> Response:
        return await asyncio.to_thread(api.ask, dict(request.query_params))

    async def push(websocket: WebSocket) -> None:
        await serve_push(hub, websocket)

    return (
        Route("/api/health", health),
        Route("/api/status", status),
        Route("/api/ask", ask),
        WebSocketRoute("/api/push", push),
    )


@asynccontextmanager
async def _lifespan(home: Home, hub: Hub, app: st.App) -> AsyncIterator[dict[str, Any]]:
    _raise_descriptors()
    await asyncio.to_thread(_take_release)
    await _warm_up(app)
    gc.collect()
    gc.freeze()
    tasks = [
        asyncio.create_task(watch(home, hub, _prepare)),
        asyncio.create_task(pace(hub)),
    ]
    try:
        yield {"hub": hub}
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _prepare(sites: frozenset[str]) -> None:
    await asyncio.to_thread(warehouse.refresh)
    try:
        await asyncio.to_thread(ask_ahead, sites)
    except HappycallError as error:
        log.warning("The screens will ask for themselves: %s", error)


def _raise_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _take_release() -> None:
    try:
        with warehouse.desk(ANALYST) as desk:
            desk.rows("days")
    except HappycallError as error:
        log.info("%s", error)


async def _warm_up(app: st.App) -> None:
    try:
        await asyncio.wait_for(render_once(app), timeout=60)
    except Exception:
        log.exception("The first render failed; the first visitor will wait for the imports")
