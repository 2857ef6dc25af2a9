"""Cursors that wait for the next question of the same load.

A cursor sets its release and its time before it can be asked, which takes as long as many a short
answer; one that was read to its end holds nothing and is as good as new.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import duckdb

from cubes import answer
from cubes.catalogue import Snapshot

KEPT = 4  # of one load; so many at once are asked by one screen

Idle = list[tuple[duckdb.DuckDBPyConnection, float]]  # each with the seconds it was given
_IDLE: WeakKeyDictionary[Snapshot, Idle] = WeakKeyDictionary()


@contextmanager
def cursor_for(snapshot: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor on a load whose questions are stopped after their time; not for other threads."""
    idle = _IDLE.setdefault(snapshot, [])
    try:
        cursor, seconds = idle.pop()
    except IndexError:
        cursor, seconds = snapshot.cursor(), 0.0
    try:
        if seconds != answer.SECONDS:
            answer.limit(cursor)
        yield cursor
    except BaseException:
        cursor.close()
        raise
    if len(idle) < KEPT:
        idle.append((cursor, answer.SECONDS))
    else:
        cursor.close()
