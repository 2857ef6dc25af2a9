"""The server of the board: one process, one event loop, from any working directory.

`python -m dashboards.serve --port 8501` serves the home that HAPPYCALL_HOME names.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.errors import HappycallError, HomeError
from models.home import open_home

HOST: Final = "127.0.0.1"  # without sign-in nobody else may look
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
PORT: Final = 8501
CLOSE_WITHIN: Final = 2  # seconds given to open sockets when the server is told to stop


def serve(home: Path | None = None, host: str = HOST, port: int = PORT) -> None:
    """Serve the board of a home until INT or TERM; returns when all sockets are closed.

    The settings are those measured for 1,300 open screens: uvloop, sans-io WebSockets without
    per-message compression, a lifespan that must succeed, one worker.
    """
    if host not in LOOPBACK:
        raise HomeError(
            f"The board has no sign-in yet and answers this machine alone; it cannot listen "
            f"on {host}; leave --host out, and let a proxy that signs people in stand before it"
        )
    import uvicorn
    from streamlit.logger import set_log_level

    _require_free(host, port)
    os.environ["HAPPYCALL_HOME"] = str(open_home(home, environ=os.environ).root)
    set_log_level("ERROR")  # until the configuration is read, which says the same
    config = uvicorn.Config(
        "dashboards.app:create_app",
        factory=True,
        host=host,
        port=port,
        lifespan="on",
        loop="uvloop",
        ws="websockets-sansio",
        ws_ping_interval=30,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=CLOSE_WITHIN,
    )
    uvicorn.Server(config).run()


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except (OSError, OverflowError) as error:
            raise HappycallError(
                f"The board cannot be served at {host}:{port} ({error}); end what uses it, or name"
                " another port with --port"
            ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve as the arguments say; what a person can put right is one sentence, status 2."""
    parser = argparse.ArgumentParser(prog="python -m dashboards.serve", description=__doc__)
    parser.add_argument("--home", type=Path, default=None, help="instead of HAPPYCALL_HOME")
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, default=PORT)
    given = parser.parse_args(arguments)
    try:
        serve(given.home, given.host, given.port)
    except HappycallError as error:
        print(f"happycall: {error}", file=sys.stderr)  # noqa: T201  (a command's last word)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
