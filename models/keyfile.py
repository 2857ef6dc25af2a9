"""Key files: which days hold the rows of a key, found without a scan of history.

A part is two flat files that are mapped into memory: sorted 64-bit keys, and beside each key the
day (since 1970) of a row that has it. A part may name a day that no longer holds the key; it
never omits one that does. So parts of an older base stay useful on a newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt

from models.durable import link_or_copy
from models.errors import HomeError

Keys = npt.NDArray[np.int64]
Buckets = npt.NDArray[np.int32]

Number = TypeVar("Number", np.int64, np.int32)

#: The bucket of rows whose day is not known.
NO_DAY = int(np.iinfo(np.int32).min)

_BATCH = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """Keys in rising order and the bucket of each; a key stands once for each of its buckets."""

    keys: Keys
    buckets: Buckets


def write_part(con: duckdb.DuckDBPyConnection, pairs: str, folder: Path, name: str) -> int:
    """Write a part from a SELECT of (BIGINT key, DATE day) and return its length.

    Rows stream through in order, so a part may be larger than memory.
    """
    ordered = f"""
        select key::bigint as key,
               coalesce((day - date '1970-01-01')::integer, {NO_DAY})::integer as bucket
        from ({pairs}) as pairs(key, day)
        where key is not null
        order by all
    """
    length = 0
    last: tuple[int, int] | None = None
    keys_path, buckets_path = _paths(folder, name)
    with keys_path.open("xb") as keys_file, buckets_path.open("xb") as buckets_file:
        for batch in con.sql(ordered).to_arrow_reader(_BATCH):
            keys = np.asarray(batch.column(0).to_numpy(), dtype="<i8")
            buckets = np.asarray(batch.column(1).to_numpy(), dtype="<i4")
            length += _append(keys, buckets, last, keys_file, buckets_file)
            if len(keys):
                last = (int(keys[-1]), int(buckets[-1]))
    return length


def _append(
    keys: Keys,
    buckets: Buckets,
    last: tuple[int, int] | None,
    keys_file: BinaryIO,
    buckets_file: BinaryIO,
) -> int:
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (buckets[1:] != buckets[:-1])
    if len(keys) and last == (int(keys[0]), int(buckets[0])):
        fresh[0] = False
    keys_file.write(keys[fresh].tobytes())
    buckets_file.write(buckets[fresh].tobytes())
    return int(fresh.sum())


def open_parts(folder: Path, table: str) -> tuple[Part, ...]:
    """Map all parts of a table; they stay readable when their files are removed."""
    return tuple(_open(folder, name) for name in part_names(folder, table))


def part_names(folder: Path, table: str) -> tuple[str, ...]:
    """The parts of a table in a folder, oldest first."""
    numbers = sorted(
        int(path.name[len(table) + 1 : -len(".keys")])
        for path in folder.glob("*.keys")
        if path.name.rsplit(".", 2)[0] == table
    )
    return tuple(f"{table}.{number}" for number in numbers)


def link_parts(source: Path, target: Path, table: str) -> int:
    """Give the parts of a table to a newer folder as they are, and return how many there are."""
    names = part_names(source, table)
    for name in names:
        for old, new in zip(_paths(source, name), _paths(target, name), strict=True):
            link_or_copy(old, new)
    return len(names)


def locate(parts: Sequence[Part], keys: Keys) -> Buckets:
    """The buckets that may hold rows of any of the keys, each once, in rising order."""
    wanted = np.unique(np.asarray(keys, dtype=np.int64))
    found = [_locate(part, wanted) for part in parts if len(part.keys)]
    if not found:
        return np.empty(0, dtype=np.int32)
    return np.unique(np.concatenate(found))


def _locate(part: Part, wanted: Keys) -> Buckets:
    first = np.searchsorted(part.keys, wanted, side="left")
    after = np.searchsorted(part.keys, wanted, side="right")
    counts = after - first
    starts = np.repeat(first, counts)
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.unique(np.asarray(part.buckets[starts + steps], dtype=np.int32))


def _open(folder: Path, name: str) -> Part:
    keys_path, buckets_path = _paths(folder, name)
    part = Part(keys=_map(keys_path, np.int64), buckets=_map(buckets_path, np.int32))
    if len(part.keys) != len(part.buckets):
        raise HomeError(f"The key file {keys_path} is damaged; run happycall nightly to rebuild it")
    return part


def _map(path: Path, kind: type[Number]) -> npt.NDArray[Number]:
    little_endian = np.dtype(kind).newbyteorder("<")
    if path.stat().st_size == 0:
        return np.empty(0, dtype=little_endian)
    return np.memmap(path, dtype=little_endian, mode="r")


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.keys", folder / f"{name}.buckets"
