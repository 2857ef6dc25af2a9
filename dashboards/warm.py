"""One render before the first visitor: a session over an in-process ASGI WebSocket.

No browser and no port: the application is called as a server would call it, so that what a first
visitor would wait for (imports, caches) is paid at the start.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Message = MutableMapping[str, Any]
HOST: Final = b"127.0.0.1"
SCOPE: Final[Message] = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "scheme": "ws",
    "path": "/_stcore/stream",
    "raw_path": b"/_stcore/stream",
    "root_path": "",
    "query_string": b"",
    "subprotocols": ["streamlit"],
    "headers": [(b"host", HOST), (b"origin", b"http://" + HOST)],
    "client": ("127.0.0.1", 0),
    "server": ("127.0.0.1", 0),
}


async def render_once(app: Any) -> int:
    """Open a session, let the script run once, close it; the number of messages it sent."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    finished = asyncio.Event()
    sent = 0

    async def send(message: Message) -> None:
        nonlocal sent
        if message["type"] == "websocket.accept":
            rerun = BackMsg()
            rerun.rerun_script.query_string = ""
            await incoming.put({"type": "websocket.receive", "bytes": rerun.SerializeToString()})
        elif message["type"] == "websocket.send" and message.get("bytes"):
            sent += 1
            forward = ForwardMsg()
            forward.ParseFromString(message["bytes"])
            if forward.WhichOneof("type") == "script_finished":
                finished.set()
        elif message["type"] == "websocket.close":
            finished.set()

    await incoming.put({"type": "websocket.connect"})
    session = asyncio.create_task(app(dict(SCOPE), incoming.get, send))
    await finished.wait()
    await incoming.put({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait({session}, timeout=5)
    return sent
