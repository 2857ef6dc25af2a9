"""`happycall up`: everything at once, in the order in which a person can use it.

The board comes first and waits for nothing but the first fourteen days; Dagster, the older months
and the live extracts follow while it is already served. One signal takes all of it down.
"""

from __future__ import annotations

import http
import http.client
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from models.errors import HomeError
from models.home import Home
from models.manifest import read_manifest
from pipelines.children import Command
from pipelines.feed import has_fed, is_fed
from pipelines.instance import prepare_instance
from pipelines.supervisor import Stopped, Supervisor
from pipelines.worker_place import has_worker

#: For processes that stay: memory goes back to the machine instead of being kept for the next time.
FRUGAL = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",  # what is set is not raised by what was once freed
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",  # of Polars
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What `up` starts: where, and how much of a network it simulates for an empty home."""

    home: Home
    board_port: int = 8501
    dagster_port: int = 3000
    sites: int = 1300
    first_days: int = 14
    older_months: int = 12
    seed: int = 7
    parent: int | None = None

    @property
    def board(self) -> str:
        """Where the board is served."""
        return f"http://127.0.0.1:{self.board_port}"


def up(plan: Plan, environ: Mapping[str, str], say: Callable[[str], None]) -> int:
    """Serve, load and keep refreshing until a signal comes; returns the exit status."""
    _require_free(plan.board_port, "The board", "--port")
    _require_free(plan.dagster_port, "Dagster", "--dagster-port")
    own = {
        "HAPPYCALL_HOME": str(plan.home.root),
        "DAGSTER_HOME": str(prepare_instance(plan.home)),
        "PYTHONUNBUFFERED": "1",
        **FRUGAL,
    }
    supervisor = Supervisor({**environ, **own}, say, plan.parent)
    supervisor.install()
    try:
        run(plan, supervisor)
    except Stopped:
        say("going down")
    finally:
        supervisor.end()
    return 0


def run(plan: Plan, supervisor: Supervisor) -> None:
    """The order of things: the first days, the board, the worker, Dagster; then keep them."""
    started, say = time.monotonic(), supervisor.say
    if is_fed(plan.home):
        supervisor.keep(feed_command(plan))
    if read_manifest(plan.home) is None:
        _first_load(plan, supervisor)
    supervisor.keep(board_command(plan))
    _await_answer(supervisor, f"{plan.board}/api/health")
    say(f"the board is served at {plan.board} (after {time.monotonic() - started:.0f} s)")
    supervisor.keep(happycall(plan, "worker"))
    _await_worker(plan, supervisor)
    for command in dagster_commands(plan, _free_port()):
        supervisor.keep(command)
    dagster = f"http://127.0.0.1:{plan.dagster_port}"
    _await_answer(supervisor, f"{dagster}/server_info")
    say(f"Dagster is served at {dagster}")
    say(f"refreshing; logs are in {plan.home.log}; Ctrl-C ends everything")
    while True:
        supervisor.pause(60.0)


def _first_load(plan: Plan, supervisor: Supervisor) -> None:
    say = supervisor.say
    if is_fed(plan.home):
        say(f"an empty home: simulating {plan.sites} sites, the last {plan.first_days} days")
        while not has_fed(plan.home):
            supervisor.pause()
    say("loading what landed")
    status = supervisor.finish(Command("load", _own("pipelines.cli", "load")))
    if status != 0:
        raise HomeError(f"The first load ended with status {status}; its reason stands above")


def board_command(plan: Plan) -> Command:
    """The board, by its name alone: pipelines know no dashboards."""
    arguments = _own("dashboards.serve", "--port", str(plan.board_port))
    return Command("board", arguments, plan.home.log / "board.log")


def happycall(plan: Plan, *words: str) -> Command:
    """One of our own commands, that writes to a log of its name."""
    return Command(words[0], _own("pipelines.cli", *words), plan.home.log / f"{words[0]}.log")


def feed_command(plan: Plan) -> Command:
    """The simulated network that feeds landing."""
    return happycall(
        plan, "feed", "--sites", str(plan.sites), "--seed", str(plan.seed),
        "--first-days", str(plan.first_days), "--months", str(plan.older_months),
    )  # fmt: skip


def dagster_commands(plan: Plan, code_port: int) -> tuple[Command, ...]:
    """One process holds our code, two ask it: half the memory of `dagster dev`, up in 4 s."""
    log, code = plan.home.log, ("--grpc-host", "127.0.0.1", "--grpc-port", str(code_port))
    return (
        Command(
            "dagster-code",
            _own("dagster", "api", "grpc", "-m", "pipelines.definitions", "-h", "127.0.0.1",
                 "-p", str(code_port), "--location-name", "happycall"),
            log / "dagster-code.log",
        ),
        Command(
            "dagster",
            _own("dagster_webserver", "-h", "127.0.0.1", "-p", str(plan.dagster_port), *code),
            log / "dagster.log",
        ),
        Command(
            "dagster-daemon",
            _own("dagster._daemon", "run", *code),
            log / "dagster-daemon.log",
        ),
    )  # fmt: skip


def _own(module: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *words)


def _await_answer(supervisor: Supervisor, url: str) -> None:
    while True:
        if _answers(url):
            return
        supervisor.pause()


def _await_worker(plan: Plan, supervisor: Supervisor) -> None:
    """The worker makes the Dagster instance; several that make it at once would spoil it."""
    while not has_worker(plan.home):
        supervisor.pause()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:
            return bool(answer.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False


def _require_free(port: int, what: str, option: str) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise HomeError(
                f"{what} needs port {port} of 127.0.0.1, which is taken ({error.strerror}); end"
                f" what uses it, or name another with 'happycall up {option} PORT'"
            ) from error


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
