"""One raw table of a load, and how its records are told apart: by key, content and version.

The three are SQL over the raw columns, so that all records of a table are identified at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.table import quoted
from pipelines.source import Source, SourceTable


@dataclass(frozen=True, slots=True)
class Landed:
    """One raw table of this load; `relation` has its records.

    Besides the table's own columns it has `_record`, `_file_no` and `_number`.
    """

    source: Source
    table: SourceTable
    relation: str
    columns: tuple[str, ...]
    last_file: int | None  # of a snapshot: the file that states the whole truth
    is_replay: bool = False

    @property
    def is_snapshot(self) -> bool:
        """Each file states the whole truth."""
        return self.table.change.mode == "snapshot"

    @property
    def scope(self) -> str:
        """Within what a key is unique: the raw table of the source."""
        return f"{self.source.name}/{self.table.name}"


def given_key(landed: Landed) -> str:
    """The key as the source gives it; null where it is wholly blank or the table has none."""
    key = landed.table.change.key
    if not key:
        return "null::varchar"
    if len(key) == 1:
        return f"blank_null({quoted(key[0])})"
    parts = ", ".join(f"coalesce({quoted(c)}, '')" for c in key)
    blank = " and ".join(f"blank_null({quoted(c)}) is null" for c in key)
    return f"case when {blank} then null else concat_ws(chr(31), {parts}) end"


def record_key(landed: Landed) -> str:
    """The durable key: `given_key`, or all of `content` where a table has no key.

    Each event of one key is a record of its own.
    """
    scope = sql_text(landed.scope)
    if landed.table.change.mode == "events" and landed.table.change.key:
        return f"record_key({scope}, given_key || chr(31) || content::varchar)"
    if landed.table.change.key:
        return f"record_key({scope}, given_key)"
    return f"record_key({scope}, '=' || content::varchar)"


def content(landed: Landed) -> str:
    """A number for all that a record says; columns by name, so that their order says nothing."""
    parts = ", ".join(
        f"{sql_text(c)} || chr(30) || nullif({quoted(c)}, '')" for c in sorted(landed.columns)
    )
    return f"(md5_number_lower(concat_ws(chr(31), {parts})) >> 1)::bigint"


def version(landed: Landed) -> str:
    """The order column as text that sorts as it means: a time, else a number, else the text."""
    order = landed.table.change.order
    if not order:
        return "null::varchar"
    value = f"trim({quoted(order)})"
    return (
        f"coalesce(strftime(try_cast({value} as timestamp), '%Y-%m-%d %H:%M:%S.%f'), "
        f"printf('%030.6f', try_cast({value} as double)), {value})"
    )


def sql_text(text: str) -> str:
    """The text as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"
