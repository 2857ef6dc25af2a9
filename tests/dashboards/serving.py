"""Applications served for a test: in a thread, or as the real server in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

PROJECT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


@contextmanager
def served(*routes: BaseRoute) -> Iterator[str]:
    """These routes alone, behind a real server; the address without scheme."""
    port = free_port()
    config = uvicorn.Config(
        Starlette(routes=list(routes)), port=port, log_level="error", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def board(root: Path, keys: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The whole board of a home, started from another working directory."""
    port = free_port()
    environ = os.environ | {
        "HAPPYCALL_HOME": str(root),
        "HAPPYCALL_KEYS": str(keys),
        "PYTHONPATH": str(PROJECT),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboards.serve", "--port", str(port)], env=environ, cwd="/"
    )
    try:
        address = f"127.0.0.1:{port}"
        _await(f"http://{address}/api/health", process)
        yield address, process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended before it served"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError("the server did not answer within 90 s")
