"""Find the current rows of some keys without a scan of history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import numpy as np

from models.generation import Pieces
from models.keyfile import NO_DAY, Keys, locate
from models.table import quoted

_EPOCH = date(1970, 1, 1).toordinal()


def select_for(pieces: Pieces, keys: Keys, keys_relation: str) -> str | None:
    """The SELECT of the current rows whose lookup key is among the keys, or None if none can be.

    The key files say which days can hold them; the base is sorted by time, so that asking for
    those days reads little of it. `keys_relation(key)` holds the same keys where SQL sees them.
    """
    if pieces.spec.lookup is None:
        raise ValueError(f"table {pieces.spec.name} has no lookup")
    key, day = pieces.spec.lookup
    wanted = f"{quoted(key)} in (select key::bigint from {keys_relation})"
    selects = []
    days = days_condition(day, locate(pieces.parts, keys).tolist()) if pieces.parts else "true"
    if pieces.base and days:
        selects.append(f"select * from ({pieces.base}) where {days} and {wanted}")
    if pieces.tail:
        selects.append(f"select * from ({pieces.tail}) where {wanted}")
    return " union all ".join(selects) or None


def days_condition(column: str, buckets: Sequence[int]) -> str | None:
    """The condition that a day is one of the buckets; the range comes first as it prunes best.

    >>> print(days_condition("day", [0, 31]))
    ("day" between date '1970-01-01' and date '1970-02-01'
     and "day" in (date '1970-01-01', date '1970-02-01'))
    """
    name = quoted(column)
    days = [f"date '{date.fromordinal(_EPOCH + n)}'" for n in buckets if n != NO_DAY]
    known = f"{name} in ({', '.join(days)})"
    if len(days) > 1:
        known = f"{name} between {days[0]} and {days[-1]} and {known}"
    either = ([known] if days else []) + ([f"{name} is null"] if NO_DAY in buckets else [])
    return f"({' or '.join(either)})" if either else None


def keys_of(cursor: duckdb.DuckDBPyConnection, keys_relation: str) -> Keys:
    """The keys of a relation as an array, each once."""
    found = cursor.execute(
        f"select distinct key::bigint as key from {keys_relation} where key is not null"
    ).fetchnumpy()["key"]
    return np.asarray(found, dtype=np.int64)
