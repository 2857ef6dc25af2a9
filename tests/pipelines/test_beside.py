"""Compaction beside the loads: the worker goes on, and what is broken off has not happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from models.home import Home, open_home
from models.manifest import Manifest, read_manifest
from models.reader import Reader
from pipelines import worker as worker_module
from pipelines.beside import AGAIN_SECONDS, Beside
from pipelines.load import load
from pipelines.simulate import simulate
from pipelines.worker import Say, Worker, open_worker

OLD = 1_000_000_000.0


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("extracts")
    simulate(out, sites=4, days=1, seed=3)
    return out


@pytest.fixture
def home(tmp_path: Path, extracts: Path) -> Home:
    """A home of one load, all of it in a tail."""
    found = open_home(tmp_path / "home")
    land(extracts, found, "network_sites")
    load(found)
    return found


@pytest.fixture
def all_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.beside.due", lambda manifest: bool(manifest.tails))


@pytest.fixture
def beside(home: Home, all_due: None) -> Iterator[Beside]:
    found = Beside(home)
    yield found
    found.end()


def land(extracts: Path, home: Home, name: str) -> None:
    target = home.landing / name
    target.mkdir(exist_ok=True)
    for path in (extracts / name).iterdir():
        copy = target / path.name
        copy.write_bytes(path.read_bytes())
        os.utime(copy, (OLD, OLD))


def manifest_of(home: Home) -> Manifest:
    found = read_manifest(home)
    assert found is not None
    return found


def until(done: Callable[[], object]) -> None:
    limit = time.monotonic() + 60
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.02)


@contextmanager
def landed_beside_a_stopped_compaction(
    home: Home, extracts: Path, say: Say = lambda _: None
) -> Iterator[tuple[Worker, subprocess.Popen[bytes]]]:
    with closing(open_worker(home, say, lambda: 4 * OLD)) as worker:
        assert worker.turn() is False, "nothing landed; a compaction began"
        child = worker.beside.process
        assert child is not None
        os.kill(child.pid, signal.SIGSTOP)
        land(extracts, home, "network_purchases")
        yield worker, child


def go_on(child: subprocess.Popen[bytes]) -> None:
    os.kill(child.pid, signal.SIGCONT)
    child.wait(60)


def test_a_worker_loads_while_a_compaction_is_under_way(
    home: Home, extracts: Path, all_due: None
) -> None:
    said: list[str] = []
    with landed_beside_a_stopped_compaction(home, extracts, said.append) as (worker, child):
        assert worker.turn() is True
        assert manifest_of(home).load == 2
        assert child.poll() is None
        go_on(child)
        worker.turn()
        assert said[-1] == "compacted at load 2"
        purchases = count(home, "fact_purchase")
        until(lambda: worker.turn() or not manifest_of(home).tails)
    assert manifest_of(home).base
    assert count(home, "fact_purchase") == purchases > 0


def test_much_waits_for_a_compaction_under_way(
    home: Home, extracts: Path, all_due: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MUCH_BYTES", 0)
    with landed_beside_a_stopped_compaction(home, extracts) as (worker, child):
        assert worker.turn() is False
        assert manifest_of(home).load == 1
        go_on(child)
        until(worker.turn)
        assert manifest_of(home).load == 2


def count(home: Home, table: str) -> int:
    with closing(Reader(home)) as reader:
        row = reader.snapshot().cursor().execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])


def test_it_begins_once_and_is_told_once(home: Home, beside: Beside) -> None:
    assert beside.look(0.0) == ""
    first = beside.process
    assert first is not None
    beside.look(0.0)
    assert beside.process is first
    first.wait(60)
    assert beside.look(0.0) == "compacted at load 1"
    assert beside.look(0.0) == ""
    assert beside.process is None, "no tail is left"
    assert manifest_of(home).tails == ()


def test_it_gives_way_to_everything_else(beside: Beside) -> None:
    beside.look(0.0)
    process = beside.process
    assert process is not None
    until(lambda: process.poll() is not None or os.getpriority(os.PRIO_PROCESS, process.pid) == 19)


def test_a_worker_that_ends_takes_its_compaction_with_it(home: Home, beside: Beside) -> None:
    before = manifest_of(home)
    beside.look(0.0)
    process = beside.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    beside.end()
    assert process.poll() is not None
    assert manifest_of(home) == before
    beside.look(0.0)
    assert beside.process is not None
    beside.process.wait(60)
    assert beside.look(0.0) == "compacted at load 1", "the next one is not held up by it"


def test_one_that_fails_is_told_of_and_tried_again_later(
    home: Home, beside: Beside, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tail,) = manifest_of(home).tails
    spoilt = next((home.releases / tail.name).glob("*.parquet"))
    whole = spoilt.read_bytes()
    spoilt.chmod(0o644)
    spoilt.write_bytes(b"no Parquet")
    beside.look(0.0)
    assert beside.process is not None
    beside.process.wait(60)
    assert "compaction did not succeed (" in beside.look(0.0)
    beside.look(AGAIN_SECONDS - 1)
    assert beside.process is None
    spoilt.write_bytes(whole)
    beside.look(AGAIN_SECONDS + 1)
    assert beside.process is not None


def test_it_is_light() -> None:
    """Its memory comes on top of a worker's, so that it brings no Dagster and no loader along."""
    script = "import sys, pipelines.beside; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert not {"dagster", "streamlit", "sqlglot", "polars"} & set(done.stdout.split())
