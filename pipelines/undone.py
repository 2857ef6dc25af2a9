"""Which loads are undone, and the files that count when these are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelines.state import State

_UNDO = re.compile(r"undo (\d+)")


def undone_loads(commands: Iterable[tuple[int, str]]) -> frozenset[int]:
    """The loads that stand undone, from each load's number and command.

    An undo that was itself undone counts for nothing.

    >>> sorted(undone_loads([(1, "load"), (2, "load"), (3, "undo 2"), (4, "undo 1")]))
    [1, 2]
    >>> sorted(undone_loads([(1, "load"), (2, "undo 1"), (3, "undo 2")]))
    [2]
    """
    undone: set[int] = set()
    for load, command in sorted(commands, reverse=True):
        found = _UNDO.fullmatch(command)
        if found and load not in undone:
            undone.add(int(found.group(1)))
    return frozenset(undone)


def undone(state: State) -> frozenset[int]:
    """The loads of a release that stand undone."""
    rows = state.con.execute(
        """select "load", command from "load" where command like 'undo %'"""
    ).fetchall()
    return undone_loads((int(load), str(command)) for load, command in rows)


def standing_files(state: State) -> str:
    """The relation of files taken by loads that stand: the files of an undone load may come again.

    >>> standing_files.__name__
    'standing_files'
    """
    gone = undone(state)
    if not gone:
        return "file"
    return f'(from file where "load" not in ({", ".join(map(str, sorted(gone)))}))'
