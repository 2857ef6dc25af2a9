"""What holds for all tests: no home and no keys but their own, and properties that repeat."""

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")

_OWN = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Point home and keys away from those of whoever runs the tests."""
    own = config.stash[_OWN] = Path(tempfile.mkdtemp(prefix="happycall-tests-"))
    os.environ["HAPPYCALL_HOME"] = str(own / "home")
    os.environ["HAPPYCALL_KEYS"] = str(own / "keys")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(config.stash[_OWN], ignore_errors=True)


class WholeFilesTogether(LoadScopeScheduling):
    """Sends a file that sets something up for all its tests to one process, others test by test.

    Cases of one file of the corpus, "file: case", stay together as well, as do their tables.

    Marks would say the same, but pytest 9.2 no longer lets xdist hang them on the names of tests.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        of_corpus, _, case = test.partition(": ")
        if case:
            return f"{file}::{of_corpus}"
        return file if _sets_up_once(file) else nodeid


@cache
def _sets_up_once(file: str) -> bool:
    path = Path(__file__).parents[1] / file
    return path.name.startswith("test_") and 'scope="module"' in path.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeFilesTogether:
    """How the tests are dealt out."""
    return WholeFilesTogether(config, log)  # type: ignore[arg-type]
