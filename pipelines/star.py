"""Dimensions and facts of one load: what this load asserts and what it retracts.

A dimension is computed whole and compared with the one before. A fact model runs for the touched
units only: its inputs hold the full current history of the units this load touched, its rows are
compared with the ledger by key.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.catalog import Model
from models.schema import Schema
from models.table import column_list, quoted
from pipelines.classify import RECORDS
from pipelines.state import State, difference


def canonical_difference(state: State, entity: str, *, is_fed: bool) -> None:
    """plus_/minus_ of one canonical table: the new rows of changed records against their old ones.

    `is_fed` says that a source of this load feeds the entity; no other can change it.
    """
    con, table = state.con, f"canonical_{entity}"
    if not is_fed:
        _nothing(state, table)
        return
    con.execute(f"""
        delete from new_{table} where _record in (select _record from rejected)
            or _record in (select _record from {RECORDS} where state is not null)
    """)
    columns = column_list(state.specs[table].columns)
    con.execute(f"create or replace temp table fresh as select {columns} from new_{table}")
    con.execute(f"""
        create or replace temp table stale as
        select c.* from {state.old(table)} as c
        semi join changed_record as r on r.record_key = c.record_key and r.landed_day = c.landed_day
    """)
    difference(state, table, "stale", "fresh", f"plus_{table}", f"minus_{table}")


def _nothing(state: State, table: str) -> None:
    """Empty plus_/minus_: this load neither asserts nor retracts a row of the table."""
    for sign in ("plus", "minus"):
        state.empty(table, f"{sign}_{table}")


def _is_as_before(state: State, model: Model, inputs: Sequence[str]) -> bool:
    """Nothing a dimension is made of changed, and it has been made before."""
    if not state.count(state.old(model.name)):
        return False
    parts = [f"plus_{table}" for table in inputs] + [f"minus_{table}" for table in inputs]
    parts += [
        f"{sign}_{name}"
        for name in model.reads
        if name.startswith("dim_")
        for sign in ("plus", "minus")
    ]
    if "member" in model.reads:
        parts.append(f"(from member_new where dimension = '{model.grain[0]}')")
    return not any(state.count(part) for part in parts)


def dimension(
    state: State, model: Model, inputs: Sequence[str], *, is_renewed: bool = False
) -> None:
    """plus_/minus_ of one dimension and, under its own name, the whole of it as of this load."""
    con = state.con
    if not is_renewed and _is_as_before(state, model, inputs):
        _nothing(state, model.name)
        con.execute(f"create or replace temp table {model.name} as from {state.old(model.name)}")
        return
    for table in inputs:
        _whole(state, table)
    con.execute(f"create or replace temp table new_{model.name} as {model.sql}")
    difference(
        state, model.name, state.old(model.name), f"new_{model.name}",
        f"plus_{model.name}", f"minus_{model.name}",
    )  # fmt: skip
    con.execute(f"create or replace temp table {model.name} as select * from new_{model.name}")


def _whole(state: State, table: str) -> None:
    """A whole canonical table as of this load, under its own name."""
    columns = column_list(state.specs[table].columns)
    key = " and ".join(
        f"m.{quoted(c)} is not distinct from c.{quoted(c)}" for c in state.specs[table].key
    )
    state.con.execute(f"""
        create or replace temp table {table} as
        select {columns} from {state.old(table)} as c
        where not exists (select 1 from minus_{table} as m where {key})
        union all by name select {columns} from plus_{table}
    """)


def touched_units(state: State, schema: Schema, model: Model, *, is_renewed: bool = False) -> int:
    """Fills `unit(key)` with the units of a fact model that this load touches."""
    con, unit = state.con, model.unit
    parts = [
        f"select {unit} as key from {sign}_{table}"
        for table in model.reads
        if table.startswith("canonical_")
        for sign in ("plus", "minus")
    ]
    if is_renewed:
        old = [state.old(t) for t in model.reads if t.startswith("canonical_")]
        parts += [f"select {unit} as key from {table}" for table in (*old, state.old(model.name))]
    for name in model.reads:
        if name.startswith("dim_"):
            parts.append(_units_of_changed_members(state, schema, model, name))
    con.execute(f"""
        create or replace temp table unit as
        select distinct key from ({" union all ".join(parts)}) where key is not null
    """)
    return state.count("unit")


def _units_of_changed_members(
    state: State, schema: Schema, model: Model, dimension_name: str
) -> str:
    """Units whose facts name a member that was there before and is now described otherwise."""
    column = next(r.column for r in model.refers if r.dimension == dimension_name)
    member = schema.model(dimension_name).key[0]
    return f"""
        select f.{model.unit} from {state.old(model.name)} as f
        semi join minus_{dimension_name} as d on d.{member} = f.{column}"""


def fact(state: State, model: Model) -> None:
    """plus_/minus_ of one fact model, over the units this load touches."""
    con = state.con
    if not state.count("unit"):
        _nothing(state, model.name)
        return
    for table in model.reads:
        if table.startswith("canonical_"):
            _history(state, table)
    con.execute(f"create or replace temp table new_{model.name} as {model.sql}")
    state.rows_for(model.name, "unit", f"old_{model.name}")
    difference(
        state, model.name, f"old_{model.name}", f"new_{model.name}",
        f"plus_{model.name}", f"minus_{model.name}",
    )  # fmt: skip


def _history(state: State, table: str) -> None:
    """The full current canonical rows of the touched units, under the table's own name."""
    con, spec = state.con, state.specs[table]
    columns = column_list(spec.columns)
    unit = spec.lookup[0] if spec.lookup else spec.key[0]
    state.rows_for(table, "unit", "held")
    key = " and ".join(f"m.{quoted(c)} is not distinct from h.{quoted(c)}" for c in spec.key)
    con.execute(f"""
        create or replace temp table {table} as
        select {columns} from held as h
        where not exists (select 1 from minus_{table} as m where {key})
        union all by name
        select {columns} from plus_{table} as p semi join unit as u on u.key = p.{unit}
    """)
