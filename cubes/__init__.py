"""What can be asked: cubes, their cells, and the one door that answers.

`connect` comes when it is asked for: who only reads definitions needs no DuckDB, Arrow and Polars.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cubes.rewrite import rewrite

if TYPE_CHECKING:
    from cubes.api import Connection, connect

__all__ = ["Connection", "connect", "rewrite"]


def __getattr__(name: str) -> Any:
    if name in ("Connection", "connect"):
        from cubes import api

        return getattr(api, name)
    raise AttributeError(f"module 'cubes' has no attribute '{name}'")
