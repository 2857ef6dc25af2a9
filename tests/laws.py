"""How often the laws are tried: often enough in `make test`, many times more in `make laws`.

In `make test` the examples are the same every time. `make laws` draws them by the seed that pytest
is given, and prints; HAPPYCALL_LAW_EXAMPLES is the number of those of law 1, of which every other
law takes a fifth, and those that run the whole pipeline a hundredth.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

ALL = int(os.environ.get("HAPPYCALL_LAW_EXAMPLES", "0"))
IN_MEMORY, PIPELINE = 200, 15

#: Seeds of random stars; few of them in `make test`, so that a star is made once for many examples.
SEEDS = st.integers(0, 2**32 - 1 if ALL else 9)

Test = TypeVar("Test", bound=Callable[..., Any])


def in_memory(test: Test) -> Test:
    """A law of the core, over stars in memory."""
    return _often(test, max(IN_MEMORY, ALL // 5))


def through_the_pipeline(test: Test) -> Test:
    """A law of the whole, over homes on disk; not shrunk, as each example takes seconds."""
    return _often(test, max(PIPELINE, ALL // 100), phases=(Phase.explicit, Phase.generate))


def _often(test: Test, examples: int, **more: Any) -> Test:
    often = settings(
        max_examples=examples,
        derandomize=not ALL,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    marked: Test = pytest.mark.law(often(test))
    return marked
