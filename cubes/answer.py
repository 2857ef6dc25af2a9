"""Running SQL within limits, and the answer with the load it comes from."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from cubes.access_log import Note
from cubes.catalogue import Snapshot
from cubes.lookups import Known, with_keys
from cubes.plan import Plan
from models.errors import QuestionError, TooSlow

ROWS = 100_000  # of one answer; who needs more streams it
SECONDS = 30
BATCH = 8_192

_PATH = re.compile(r"[\"']?(?:/[\w.@~+-]+)+/?[\"']?")
_INSIDE = re.compile(r"\b(?:memory\.)?(?:g\d+|tails)\.|\bbase_\w+\.main\.")
_KIND = re.compile(r"^[A-Za-z _-]+ Error: ")


@dataclass(frozen=True, slots=True)
class Column:
    """An output: its name, and its type as DuckDB spells it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """All numbers come from one load, named here."""

    frame: pl.DataFrame
    load: int
    as_of: datetime
    verified_at: datetime | None  # when the shadow check last proved the cuboids that were read
    columns: tuple[Column, ...]
    reads: tuple[str, ...]
    truncated: bool
    plan: Plan


def run(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, params: Mapping[str, Any], known: Known
) -> tuple[tuple[Column, ...], pa.RecordBatchReader]:
    """Start a plan: its outputs, and its rows in batches; `known` are keys found before."""
    with sentences(plan):
        sql, given = with_keys(cursor, plan.sql, plan.lookups, _given(plan, params), known)
        result = cursor.execute(sql, dict(given)) if given else cursor.execute(sql)
        outputs = result.description or ()
        _accept_copies()
        reader = result.to_arrow_reader(BATCH)
    return _distinct([o[0] for o in outputs], [o[1] for o in outputs]), reader


def limit(cursor: duckdb.DuckDBPyConnection) -> None:
    """Stop whatever is asked of this cursor's DuckDB after `SECONDS`."""
    cursor.execute(f"set max_execution_time = {int(SECONDS * 1000)}")


def _accept_copies() -> None:
    """Silence DuckDB's advice against Arrow from execute(): it copies the rows of an answer once,
    while the other way plans every question twice.
    """
    warnings.filterwarnings("ignore", "Arrow output on a DB-API result", UserWarning)


def collect(
    columns: Sequence[Column], reader: pa.RecordBatchReader, plan: Plan
) -> tuple[pl.DataFrame, bool]:
    """The rows up to the cap as a frame, and whether there were more."""
    batches, count = [], 0
    with sentences(plan):
        for batch in reader:
            batches.append(batch)
            count += batch.num_rows
            if count > ROWS:
                reader.close()  # whoever asks next needs the cursor
                break
    schema = reader.schema
    table = pa.Table.from_batches(batches, schema).slice(0, ROWS)
    table = table.rename_columns([column.name for column in columns])
    frame = pl.from_arrow(_plain_integers(table))
    assert isinstance(frame, pl.DataFrame)
    return frame, count > ROWS


def in_batches(
    columns: Sequence[Column],
    reader: pa.RecordBatchReader,
    plan: Plan,
    held: tuple[Snapshot, duckdb.DuckDBPyConnection],
    visit: Callable[[], AbstractContextManager[Note]],
) -> pa.RecordBatchReader:
    """All rows in Arrow batches; the release and its cursor are held until the last one is read.

    A visit of its own, which begins with the first batch, tells how many went out.
    """
    schema = pa.schema([f.with_name(c.name) for f, c in zip(reader.schema, columns, strict=True)])

    def batches() -> Iterator[pa.RecordBatch]:
        with visit() as note, sentences(plan):
            note.plan = plan
            for batch in reader:
                note.tell(note.rows + batch.num_rows)
                yield batch.rename_columns(schema.names)
        held[1].close()

    return pa.RecordBatchReader.from_batches(schema, batches())


def describe(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[Column, ...]:
    """The outputs of a plan, without running it."""
    with sentences(plan):
        rows = cursor.execute(
            f"describe {plan.sql}", dict.fromkeys(plan.parameters) or None
        ).fetchall()
    return _distinct([row[0] for row in rows], [row[1] for row in rows])


@contextmanager
def sentences(plan: Plan) -> Iterator[None]:
    """What DuckDB objects to becomes one sentence, without its inner names or paths."""
    try:
        yield
    except (duckdb.Error, pa.ArrowInvalid, OSError, RuntimeError, ValueError) as error:
        if "maximum execution time" in str(error):
            raise TooSlow(
                f"The question took longer than {SECONDS} s; "
                "ask for fewer members, a shorter time or coarser levels"
            ) from error
        raise QuestionError(_sentence(str(error), plan)) from error


def _sentence(message: str, plan: Plan) -> str:
    if "Out of Memory" in message or "memory_limit" in message:
        return (
            "The question needs more memory than one question may have; "
            "ask for fewer rows or coarser levels"
        )
    if "Cannot mix aggregates with non-aggregated" in message:
        return (
            "A window beside measures needs its levels named: group by site, month instead of all"
        )
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    text = _KIND.sub("", lines[0] if lines else message)
    hint = next(
        (line for line in lines[1:] if line.startswith(("Candidate bindings", "Did you mean"))), ""
    )
    text = _PATH.sub("…", _INSIDE.sub("", f"{text} {hint}".strip()))
    for block in plan.blocks:
        text = text.replace(block.source, block.cube)
    return f"The question cannot be answered: {text.rstrip('.!')}"


def _given(plan: Plan, params: Mapping[str, Any]) -> dict[str, Any]:
    missing = [name for name in plan.parameters if name not in params]
    if missing:
        raise QuestionError(
            f"The question needs a value for ${missing[0]}; give one for each of "
            + ", ".join(f"${name}" for name in plan.parameters)
        )
    return {name: params[name] for name in plan.parameters}


def _distinct(names: Sequence[str], types: Sequence[Any]) -> tuple[Column, ...]:
    """Output names made distinct, because a frame cannot hold one name twice."""
    seen: dict[str, int] = {}
    found = []
    for name, type_ in zip(names, types, strict=True):
        count = seen[name] = seen.get(name, -1) + 1
        found.append(Column(name if count == 0 else f"{name}_{count}", str(type_)))
    return tuple(found)


def _plain_integers(table: pa.Table) -> pa.Table:
    """Sums come as DECIMAL(38,0); they become 64-bit integers where they fit."""
    for i, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type) and field.type.precision == 38 and field.type.scale == 0:
            try:
                whole = table.column(i).cast(pa.int64())
            except pa.ArrowInvalid:
                continue
            table = table.set_column(i, field.name, whole)
    return table
