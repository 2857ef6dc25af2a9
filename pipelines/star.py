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
    con.execute(f"delete from new_{table} where _record in (select _record from rejected)")
    columns = column_list(state.specs[table].columns)
    con.execute(f"create or replace temp table fresh as select {columns} from new_{table}")
    con.execute(f"""
        create or replace temp table stale as
        select c.* from {state.old(table)} as c
        semi join changed_record as r on r.record_key = c.record_key and r.landed_day = c.landed_day
    """)
    difference(state, table, "stale", "fresh", f"plus_{table}", f"minus_{table}")


def _nothing(state: State, table: str) -> None:
    for sign in ("plus", "minus"):
        state.con.execute(
            f"create or replace temp table {sign}_{table} as from {state.old(table)} limit 0"
        )


def clashes(state: State, schema: Schema, entity: str) -> int:
    """Rejects records that deliver a key which another record already gives; returns how many.

    The record that landed first keeps the key, so that a second source cannot overwrite it unseen.
    """
    con, table = state.con, f"canonical_{entity}"
    model, spec = schema.model(table), state.specs[table]
    if spec.lookup is None or not state.count(f"plus_{table}"):
        return 0
    key = model.key[0]
    con.execute(
        f"create or replace temp table touched as select distinct {spec.lookup[0]} as key from plus_{table}"
    )
    state.rows_for(table, "touched", "held")
    before = state.count("rejected")
    con.execute(f"""
        insert into rejected
        with given as (
            select n.{key} as key, n.record_key, n._record, r.file_no, r.record_no
            from new_{table} as n join {RECORDS} as r on r._record = n._record
        ),
        twice as (
            select key from given group by key having count(distinct record_key) > 1
            union
            select g.key from given as g join held as h on h.{key} = g.key and h.record_key <> g.record_key
                and not exists (select 1 from minus_{table} as m where m.{key} = h.{key} and m.record_key = h.record_key)
        )
        select g._record, '{entity}: another record gives the same key', '{entity}: another record already gives {key} ' || g.key::varchar
        from given as g semi join twice as t on t.key = g.key
        where exists (select 1 from held as h where h.{key} = g.key and h.record_key <> g.record_key
                and not exists (select 1 from minus_{table} as m where m.{key} = h.{key} and m.record_key = h.record_key))
            or exists (select 1 from given as o where o.key = g.key and o.record_key <> g.record_key
                and (o.file_no, o.record_no) < (g.file_no, g.record_no))
    """)
    return state.count("rejected") - before


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
        state,
        model.name,
        state.old(model.name),
        f"new_{model.name}",
        f"plus_{model.name}",
        f"minus_{model.name}",
    )
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
    con.execute(
        f"create or replace temp table unit as select distinct key from ({' union all '.join(parts)}) where key is not null"
    )
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


def fact(state: State, schema: Schema, model: Model) -> None:
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
        state,
        model.name,
        f"old_{model.name}",
        f"new_{model.name}",
        f"plus_{model.name}",
        f"minus_{model.name}",
    )


def _history(state: State, table: str) -> None:
    """The full current canonical rows of the touched units, under the table's own name."""
    con, spec = state.con, state.specs[table]
    columns = column_list(spec.columns)
    unit = spec.lookup[0] if spec.lookup else spec.key[0]
    state.rows_for(table, "unit", "held")
    key = " and ".join(f"m.{quoted(c)} is not distinct from h.{quoted(c)}" for c in spec.key)
    con.execute(f"""
        create or replace temp table {table} as
        select {columns} from held as h where not exists (select 1 from minus_{table} as m where {key})
        union all by name
        select {columns} from plus_{table} as p semi join unit as u on u.key = p.{unit}
    """)


def refused_by_checks(state: State, schema: Schema, model: Model) -> int:
    """Rejects the records that fed a row which fails a check of its fact model; how many."""
    con, recalled = state.con, 0
    before = state.count("rejected")
    for check in model.checks:
        joins = "".join(
            f" left join {r.dimension} on {r.dimension}.{schema.model(r.dimension).key[0]} = f.{r.column}"
            for r in model.refers
            if f"{r.dimension}." in check
        )
        reason = f"{model.name}: {check}".replace("'", "''")
        con.execute(f"""
            create or replace temp table failing as
            select distinct f.{model.unit} as unit, f.{model.key[0]} as key from plus_{model.name} as f{joins}
            where not coalesce(({check}), true)
        """)
        if not state.count("failing"):
            continue
        for table in (t for t in model.reads if t.startswith("canonical_")):
            names = set(state.specs[table].names)
            column, key = (model.key[0], "key") if model.key[0] in names else (model.unit, "unit")
            con.execute(f"""
                insert into rejected
                select distinct n._record, '{reason}', '{reason}'
                from new_{table} as n join failing as f on f.{key} = n.{column}
                where n._record not in (select _record from rejected)
            """)
            recalled += _recall(state, table, f"f.{key} = h.{column}", reason)
    return state.count("rejected") - before + recalled


def _recall(state: State, table: str, same: str, reason: str) -> int:
    """Takes back records accepted earlier whose rows no longer hold: a master record made them wrong.

    They go to the quarantine with the same reason as if they had landed today, so that the order in
    which facts and masters arrive makes no difference.
    """
    con = state.con
    con.execute(
        "create or replace temp table failing_unit as select distinct unit as key from failing"
    )
    state.rows_for(table, "failing_unit", "held")
    before = state.count("recalled")
    con.execute(f"""
        insert into recalled
        select distinct h.record_key, h.landed_day, '{reason}' from held as h join failing as f on {same}
        where h.record_key not in (select record_key from recalled)
            and h.record_key not in (select record_key from changed_record)
    """)
    return state.count("recalled") - before
