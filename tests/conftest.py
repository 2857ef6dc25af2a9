"""What holds for all tests: no home and no keys but their own, and properties that repeat."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
