"""Records that are refused because of others: by a key given twice, or a row that fails a check.

What shows only once rows stand beside other rows is found here, in the star, and refuses the record
behind the row as if its mapping had refused it.
"""

from __future__ import annotations

from models.catalog import Model
from models.schema import Schema
from pipelines.classify import RECORDS
from pipelines.state import State


def clashes(state: State, schema: Schema, entity: str) -> int:
    """Rejects records that deliver a key which another record already gives; how many.

    The record that landed first keeps the key, so that a second source cannot overwrite it unseen.
    """
    con, table = state.con, f"canonical_{entity}"
    model, spec = schema.model(table), state.specs[table]
    if not state.count(f"plus_{table}"):
        return 0
    twice = _twice_in_a_record(state, entity, model)
    if spec.lookup is None:
        return twice
    key = model.key[0]
    con.execute(f"""
        create or replace temp table touched as
        select distinct {spec.lookup[0]} as key from plus_{table}
    """)
    state.rows_for(table, "touched", "held")
    before = state.count("rejected")
    held_by_other = f"""h.{key} = g.key and h.record_key <> g.record_key and not exists (
                select 1 from minus_{table} as m
                where m.{key} = h.{key} and m.record_key = h.record_key)"""
    con.execute(f"""
        insert into rejected
        with given as (
            select n.{key} as key, n.record_key, n._record, r.file_no, r.record_no
            from new_{table} as n join {RECORDS} as r on r._record = n._record
        ),
        twice as (
            select key from given group by key having count(distinct record_key) > 1
            union
            select g.key from given as g join held as h on {held_by_other}
        )
        select g._record,
            '{entity}: another record gives the same key',
            '{entity}: another record already gives {key} ' || g.key::varchar
        from given as g semi join twice as t on t.key = g.key
        where exists (select 1 from held as h where {held_by_other})
            or exists (
                select 1 from given as o
                where o.key = g.key and o.record_key <> g.record_key
                    and (o.file_no, o.record_no) < (g.file_no, g.record_no))
    """)
    return twice + state.count("rejected") - before


def _twice_in_a_record(state: State, entity: str, model: Model) -> int:
    """Rejects records that give one key in two rows: nobody can say which of them counts."""
    before, key = state.count("rejected"), ", ".join(model.key)
    state.con.execute(f"""
        insert into rejected
        select distinct _record, '{entity}: one record gives a key twice',
            '{entity}: one record gives its {key} in two rows'
        from new_{model.name} group by _record, {key} having count(*) > 1
    """)
    return state.count("rejected") - before


def recall_refused(state: State) -> int:
    """Recalls records of earlier loads that were mapped again and are refused now; how many."""
    before = state.count("recalled")
    state.con.execute(f"""
        insert into recalled
        select r.record_key, any_value(r.landed_day), min(j.reason)
        from {RECORDS} as r join rejected as j on j._record = r._record
        where r.is_remapped and r.record_key not in (select record_key from recalled)
        group by r.record_key
    """)
    return state.count("recalled") - before


def refused_by_checks(state: State, schema: Schema, model: Model) -> int:
    """Rejects the records that fed a row which fails a check of its fact model; how many."""
    con, recalled = state.con, 0
    before = state.count("rejected")
    for check in model.checks:
        reason = f"{model.name}: {check}".replace("'", "''")
        if not _failing(state, schema, model, check):
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


def _failing(state: State, schema: Schema, model: Model, check: str) -> int:
    """Fills `failing(unit, key)` with the asserted rows that fail the check; how many."""
    keys = {r.dimension: schema.model(r.dimension).key[0] for r in model.refers}
    joins = "".join(
        f" left join {r.dimension} on {r.dimension}.{keys[r.dimension]} = f.{r.column}"
        for r in model.refers
        if f"{r.dimension}." in check
    )
    state.con.execute(f"""
        create or replace temp table failing as
        select distinct f.{model.unit} as unit, f.{model.key[0]} as key
        from plus_{model.name} as f{joins}
        where not coalesce(({check}), true)
    """)
    return state.count("failing")


def _recall(state: State, table: str, same: str, reason: str) -> int:
    """Takes back records accepted earlier whose rows a master record of this load made wrong.

    They go to the quarantine with the same reason as if they had landed today, so that the order in
    which facts and masters arrive makes no difference.
    """
    con = state.con
    con.execute("""
        create or replace temp table failing_unit as select distinct unit as key from failing
    """)
    state.rows_for(table, "failing_unit", "held")
    before = state.count("recalled")
    con.execute(f"""
        insert into recalled
        select distinct h.record_key, h.landed_day, '{reason}'
        from held as h join failing as f on {same}
        where h.record_key not in (select record_key from recalled)
            and h.record_key not in (select record_key from changed_record)
    """)
    return state.count("recalled") - before
