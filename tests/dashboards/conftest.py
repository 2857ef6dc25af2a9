"""A small simulated network, loaded once for all tests of the screens."""

import fcntl
import os
import shutil
import time
from datetime import date
from pathlib import Path

import pytest

from models.home import open_home
from pipelines.load import load
from pipelines.simulate.run import simulate

LAST = date(2026, 11, 22)
FOR_PICTURES = bool(os.environ.get("HAPPYCALL_PICTURES"))
SITES, DAYS = (400, 60) if FOR_PICTURES else (24, 30)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `home` and `keys`; workers of one run share it, the first builds it."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "network"
    root.mkdir(exist_ok=True)
    with (root / "building").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not (root / "built").exists():
            _build(root)
            (root / "built").touch()
    return root


def _build(root: Path) -> None:
    before = os.environ.get("HAPPYCALL_KEYS")
    os.environ["HAPPYCALL_KEYS"] = str(root / "keys")
    try:
        home = open_home(root / "home")
        simulate(root / "extracts", sites=SITES, days=DAYS, end=LAST)
        shutil.rmtree(root / "extracts" / "truth")
        shutil.copytree(root / "extracts", home.landing, dirs_exist_ok=True)
        still = time.time() - 60
        for path in home.landing.rglob("*"):
            os.utime(path, (still, still))
        load(home)
    finally:
        os.environ["HAPPYCALL_KEYS"] = before or ""


@pytest.fixture
def home(built: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shared home, as the environment of a server names it; nobody may change it."""
    monkeypatch.setenv("HAPPYCALL_HOME", str(built / "home"))
    monkeypatch.setenv("HAPPYCALL_KEYS", str(built / "keys"))
    return built / "home"


@pytest.fixture
def own_home(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, to be changed."""
    shutil.copytree(built / "home", tmp_path / "home")
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HAPPYCALL_KEYS", str(built / "keys"))
    return tmp_path / "home"


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home before its first release."""
    monkeypatch.setenv("HAPPYCALL_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("HAPPYCALL_KEYS", str(tmp_path / "keys"))
    return open_home(tmp_path / "empty").root
