"""`happycall up`: what it starts it takes down, however it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from models.home import open_home
from pipelines import cli
from pipelines.up import Plan, dagster_commands

WITHIN_SECONDS = 30.0  # that they go; how soon is measured by benchmarks/up.py

#: A family: a child that does not listen to TERM, with a grandchild in a session of its own.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
subprocess.Popen(sleep)
subprocess.Popen(sleep, start_new_session=True)
print("ready", flush=True)
time.sleep(600)
"""
#: A supervisor over that family, and nothing else of `up`.
KEEPER = f"""
import os, sys
from pathlib import Path
from pipelines.children import Command
from pipelines.supervisor import Stopped, Supervisor
log = Path(sys.argv[1]) / "child.log"
supervisor = Supervisor(dict(os.environ), print, int(sys.argv[2]) if len(sys.argv) > 2 else None)
supervisor.install()
try:
    supervisor.keep(Command("child", (sys.executable, "-u", "-c", {STUBBORN!r}), log))
    while True:
        supervisor.pause(60.0)
except Stopped:
    pass
finally:
    supervisor.end()
"""


def wait_for(what: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def family(pid: int) -> list[psutil.Process]:
    head = psutil.Process(pid)
    return [head, *head.children(recursive=True)]


def gone(processes: list[psutil.Process], seconds: float = WITHIN_SECONDS) -> bool:
    _, standing = psutil.wait_procs(processes, timeout=seconds)
    return not [p for p in standing if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def is_ready(folder: Path) -> bool:
    log = folder / "child.log"
    return log.is_file() and "ready" in log.read_text()


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that a failing test must not leave behind."""
    found: list[subprocess.Popen[bytes]] = []
    yield found
    for process in found:
        if process.poll() is None:
            for member in family(process.pid):
                member.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("ignored", [False, True], ids=["heard", "ignored at the start"])
def test_any_of_three_signals_takes_the_whole_family_down(
    tmp_path: Path, started: list[subprocess.Popen[bytes]], number: signal.Signals, ignored: bool
) -> None:
    def ignore() -> None:
        signal.signal(number, signal.SIG_IGN)

    keeper = subprocess.Popen(
        [sys.executable, "-c", KEEPER, str(tmp_path)],
        start_new_session=True,
        preexec_fn=ignore if ignored else None,  # noqa: PLW1509  (the tests fork from one thread)
    )
    started.append(keeper)
    wait_for(lambda: is_ready(tmp_path))
    members = family(keeper.pid)
    assert len(members) == 4
    keeper.send_signal(number)
    assert gone(members)


def test_a_signal_to_make_alone_takes_everything_down(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    (tmp_path / "keeper.py").write_text(KEEPER)
    (tmp_path / "Makefile").write_text(
        f"up:\n\t@exec {sys.executable} keeper.py {tmp_path} $$PPID\n"
    )
    make = subprocess.Popen(["make", "up"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    started.append(make)
    wait_for(lambda: is_ready(tmp_path))
    members = family(make.pid)
    make.send_signal(signal.SIGINT)
    assert gone(members)


def test_what_falls_over_is_started_again(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(tmp_path)])
    started.append(keeper)
    wait_for(lambda: is_ready(tmp_path))
    first = psutil.Process(keeper.pid).children()[0]
    first.kill()
    wait_for(lambda: first.pid not in {p.pid for p in psutil.Process(keeper.pid).children()})
    wait_for(lambda: any(STUBBORN in p.cmdline() for p in psutil.Process(keeper.pid).children()))
    members = family(keeper.pid)
    keeper.terminate()
    assert gone(members)


def test_a_taken_port_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "home"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status = cli.run(["up", "--port", str(taken.getsockname()[1])])
    said = capfd.readouterr().err
    assert status == 2
    assert len(said.strip().splitlines()) == 1
    assert "--port" in said


def test_our_code_is_held_by_one_process_of_dagster(tmp_path: Path) -> None:
    commands = dagster_commands(Plan(open_home(tmp_path)), 4000)
    holding = [command.name for command in commands if "pipelines.definitions" in command.arguments]
    assert holding == ["dagster-code"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def answer(url: str) -> bytes | None:
    try:
        with urllib.request.urlopen(url, timeout=5) as got:
            return bytes(got.read())
    except OSError:
        return None


@pytest.mark.timeout(280)
def test_from_an_empty_home_to_a_board_and_down_again(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    board, dagster = free_port(), free_port()
    own = {"HAPPYCALL_HOME": str(tmp_path / "home"), "HAPPYCALL_KEYS": str(tmp_path / "keys")}
    words = ("up", "--port", board, "--dagster-port", dagster, "--sites", 5, "--months", 0)
    with (tmp_path / "said").open("wb") as said:
        everything = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", *map(str, words)],
            env={**os.environ, **own}, stdout=said, stderr=said,
        )  # fmt: skip
    started.append(everything)
    url = f"http://127.0.0.1:{board}"
    wait_for(lambda: everything.poll() is not None or answer(f"{url}/api/health"), 120)
    assert everything.poll() is None, (tmp_path / "said").read_text()
    wait_for(lambda: b'"load":' in (answer(f"{url}/api/status") or b"").replace(b" ", b""), 60)
    assert json.loads(answer(f"{url}/api/status") or b"{}")["load"] >= 1
    wait_for(lambda: answer(f"http://127.0.0.1:{dagster}/server_info"), 120)
    members = family(everything.pid)
    everything.send_signal(signal.SIGINT)
    assert gone(members)
    assert everything.wait(1) == 0
