"""What can be asked: cubes, their cells, and the one door that answers."""

from __future__ import annotations

from cubes.api import Connection, connect
from cubes.rewrite import rewrite

__all__ = ["Connection", "connect", "rewrite"]
