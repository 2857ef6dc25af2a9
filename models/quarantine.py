"""Refused records in their raw form: one sealed file per load, beside the releases.

The index (file, record number, reason) is in the release; the bytes are not, since a refused record
holds whatever the source sent, persons included.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from models.durable import sync
from models.errors import HomeError
from models.keys import Keys
from models.sealed_file import read_sealed, write_sealed

if TYPE_CHECKING:
    from models.home import Home

_ENTRY = struct.Struct(">qQ")  # entry id, length of what follows


def store(home: Home, keys: Keys, load: int, entries: Iterable[tuple[int, bytes]]) -> None:
    """Keep the raw bytes of a load's refused records, synced before this returns.

    A load that is tried again after a crash replaces what its first try left.
    """
    path = _path(home, load)
    pieces = (_ENTRY.pack(entry, len(raw)) + raw for entry, raw in entries)
    first = next(pieces, None)
    if first is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_sealed(path, keys, _purpose(load), _chain(first, pieces))
    elif path.exists():
        path.unlink()
        sync(path.parent)


def fetch(home: Home, keys: Keys, load: int, ids: Iterable[int]) -> dict[int, bytes]:
    """Raw bytes by entry id; what is not there any more is left out."""
    path, wanted = _path(home, load), set(ids)
    if not wanted or not path.exists():
        return {}
    return {entry: raw for entry, raw in _entries(path, keys, load) if entry in wanted}


def _entries(path: Path, keys: Keys, load: int) -> Iterator[tuple[int, bytes]]:
    waiting = bytearray()
    for chunk in read_sealed(path, keys, _purpose(load)):
        waiting += chunk
        start = 0
        while len(waiting) - start >= _ENTRY.size:
            entry, length = _ENTRY.unpack_from(waiting, start)
            end = start + _ENTRY.size + length
            if len(waiting) < end:
                break
            yield entry, bytes(waiting[start + _ENTRY.size : end])
            start = end
        del waiting[:start]
    if waiting:
        raise HomeError(f"{path}: its last entry is not whole; restore the file from a backup")


def _chain(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _path(home: Home, load: int) -> Path:
    return home.quarantine / f"load-{load}.sealed"


def _purpose(load: int) -> str:
    return f"quarantine of load {load}"
