"""Open screens without a browser: what a page holds open, and what it does when it is told.

A screen is Streamlit's own WebSocket and, beside it, that of the ear. Told of a load, it asks for
its fragment again as the page would, and counts as up to date when everything was drawn and the
load stands in what was drawn.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from dashboards.wording import Words

LANG = "ko"
SHOWN = re.compile(re.escape(Words(LANG)("load", load="#")).replace(r"\#", "([0-9,]+)"))
PING_SECONDS = 60


@dataclass(slots=True)
class Screen:
    """One open screen of a site, or of the nation where `key` is empty; instants by load."""

    server: str  # host:port
    site: str = ""
    key: str = ""  # of the site, as the push names it
    told: dict[int, float] = field(default_factory=dict)
    shown: dict[int, float] = field(default_factory=dict)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    _fragment: str = ""
    _page: str = ""

    async def watch(self) -> None:
        """Open the screen and keep it up to date until cancelled."""
        async with connect(
            f"ws://{self.server}/_stcore/stream", subprotocols=[Subprotocol("streamlit")],
            origin=Origin(f"http://{self.server}"), max_size=None, ping_interval=PING_SECONDS,
        ) as stream:  # fmt: skip
            await stream.send(self._rerun())
            load = await self._drawn(stream)
            query = urlencode({"site": self.key, "since": load})
            async with connect(
                f"ws://{self.server}/api/push?{query}", ping_interval=PING_SECONDS
            ) as push:
                self.is_open.set()
                async for message in push:
                    await self._renew(stream, int(json.loads(message)["load"]))

    async def _renew(self, stream: ClientConnection, load: int) -> None:
        self.told.setdefault(load, time())
        if load in self.shown:  # a render that began after the release showed it already
            return
        await stream.send(self._rerun())
        self.shown.setdefault(await self._drawn(stream), time())

    def _rerun(self) -> bytes:
        message = BackMsg()
        given = {"lang": LANG, "site": self.site} if self.site else {"lang": LANG}
        message.rerun_script.query_string = urlencode(given)
        if self._fragment:
            message.rerun_script.fragment_id = self._fragment
            message.rerun_script.page_script_hash = self._page
        else:
            message.rerun_script.page_name = "site" if self.site else ""
        return bytes(message.SerializeToString())

    async def _drawn(self, stream: ClientConnection) -> int:
        """Reads until the run is over; the load that was drawn."""
        load = 0
        async for data in stream:
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
            elif kind == "delta":
                self._fragment = message.delta.fragment_id or self._fragment
                load = max(load, load_in(message.delta.new_element.html.body))
            elif kind == "script_finished":
                return load
        raise ConnectionError("The server closed the screen")


def load_in(html: str) -> int:
    """The load a piece of a screen names; 0 where it names none.

    >>> load_in("<b>1,842차 반영</b>")
    1842
    """
    found = SHOWN.search(html)
    return int(found[1].replace(",", "")) if found else 0


async def browser_page(server: str, chromium: str, shown: dict[int, float]) -> None:
    """One real page of the nation, looked at until cancelled; the load it shows, as it changes."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = await browser.new_page(locale="ko-KR")

        async def noted(_source: Mapping[str, Any], html: str, millis: float) -> None:
            shown.setdefault(load_in(html), millis / 1000)

        await page.expose_binding("noted", noted)
        await page.goto(f"http://{server}/?lang={LANG}")
        await page.locator(".hc-fresh").wait_for(timeout=60_000)
        await page.evaluate(
            """() => {
                let last = "";
                const look = () => {
                    const now = document.querySelector(".hc-fresh b")?.textContent ?? last;
                    if (now !== last) { last = now; window.noted(now, Date.now()); }
                };
                new MutationObserver(look).observe(
                    document.body, { childList: true, subtree: true, characterData: true });
                look();
            }"""
        )
        try:
            await asyncio.Event().wait()
        finally:
            await browser.close()
