"""From raw records to canonical rows: mapping SELECT, members, persons, texts, casts, checks.

Everything works on all rows of one mapping at once. What is wrong with a row is wrong with its
record: the record goes to `rejected` with a reason, and none of its rows of any entity goes on.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from models.errors import SourceError
from models.schema import MEMBER_DIMENSIONS, Entity
from models.table import quoted
from pipelines.classify import RECORDS
from pipelines.landed import Landed
from pipelines.mapping import EntityMapping
from pipelines.persons import Persons, resolve, store_texts
from pipelines.state import State

PART = "mapped_part"
TECHNICAL = ("_record", "_reject", "_set_aside", "_withdrawn")


def prepare(state: State, entities: Sequence[Entity]) -> None:
    """Empty tables for what this load's mappings deliver."""
    con = state.con
    con.execute(
        "create or replace temp table member_new (dimension varchar, ref varchar, key integer)"
    )
    for entity in entities:
        table = entity.model.name
        columns = ", ".join(f"{quoted(name)} {type_}" for name, type_ in state.specs[table].columns)
        con.execute(f"create or replace temp table new_{table} ({columns}, _record bigint)")
    if state.count(state.old("member")) + state.count("member_new") == 0:
        values = ", ".join(f"('{dimension}', 'unknown', 0)" for dimension in MEMBER_DIMENSIONS)
        con.execute(f"insert into member_new values {values}")


def map_entity(
    state: State, landed: Landed, mapping: EntityMapping, entity: Entity, persons: Persons
) -> int:
    """Runs one mapping over the records that count and adds its canonical rows; how many."""
    con = state.con
    _select(state, landed, mapping, entity)
    given = {name.lower() for name in state.columns(PART)}
    _refusals(con, given)
    _members(state, entity, given)
    resolve(con, PART, entity, given, persons.vault)
    store_texts(con, PART, entity, given, persons.texts)
    _complete(con, landed, entity)
    _casts(con, entity)
    return _canonical(state, entity)


def _select(state: State, landed: Landed, mapping: EntityMapping, entity: Entity) -> None:
    """Runs the mapping over the records that count and were not mapped yet."""
    con = state.con
    con.execute(f"""
        create or replace temp view {quoted(landed.table.name)} as
        select {", ".join("a." + quoted(c) for c in landed.columns)},
            a._record, r.record_key as _record_key, a._file
        from {landed.relation} as a join {RECORDS} as r on r._record = a._record
        where r.is_current and r.class = 'accepted' and not r.is_mapped and r.state is null
    """)
    where = f"{landed.source.name}/{mapping.entity}.sql"
    try:
        con.execute(f"create or replace temp table {PART} as {mapping.sql}")
    except duckdb.Error as error:
        raise SourceError(f"{where} does not run: {str(error).splitlines()[0]}") from error
    _hold_to_contract(where, {name.lower() for name in state.columns(PART)}, entity)


def _hold_to_contract(where: str, columns: set[str], entity: Entity) -> None:
    """What a mapping delivers is what its entity reads; a slip is an error, not a lost column."""
    if "_record" not in columns:
        raise SourceError(f"{where} does not pass _record on; add it to its SELECT.")
    allowed = {*TECHNICAL, *entity.mapped, *entity.persons, *entity.texts}
    allowed |= {f"{d}_ref" for d in entity.dimensions}
    unknown = sorted(columns - {name.lower() for name in allowed})
    if unknown:
        known = ", ".join(sorted(name for name in allowed if not name.endswith("_key")))
        raise SourceError(
            f"{where} delivers '{unknown[0]}', which {entity.name} does not have; it has {known}."
        )


def _refusals(con: duckdb.DuckDBPyConnection, given: set[str]) -> None:
    """What the mapping itself refuses, sets aside or withdraws yields no rows."""
    if "_reject" in given:
        con.execute(f"""
            insert into rejected
            select _record, _reject, _reject from {PART} where _reject is not null
        """)
    tests = {
        "_set_aside": ("set_aside", "_set_aside is not null"),
        "_withdrawn": ("withdrawn", "coalesce(_withdrawn::boolean, false)"),
    }
    for column, (word, test) in tests.items():
        if column in given:
            con.execute(f"""
                update {RECORDS} set state = '{word}'
                where _record in (select _record from {PART} where {test})
            """)
    con.execute(f"""
        delete from {PART} where _record in (select _record from rejected)
            or _record in (select _record from {RECORDS} where state is not null)
    """)


def all_members(state: State) -> str:
    """Every member, those of this load included."""
    return f"(from {state.old('member')} union all by name from member_new)"


def _members(state: State, entity: Entity, given: set[str]) -> None:
    """Gives every reference its key; a reference never seen before becomes a new member."""
    con, members, keyed = state.con, all_members(state), list[str]()
    for dimension in entity.dimensions:
        ref = f"{dimension}_ref"
        if ref not in given:
            keyed.append(f"0::integer as {dimension}_key")
            continue
        con.execute(
            f"""
            insert into member_new
            select $d, ref,
                (select coalesce(max(key), 0) from {members} as m where m.dimension = $d)
                    + row_number() over (order by ref)
            from (select distinct blank_null({ref}::varchar) as ref from {PART}) as n
            where ref is not null and not exists (
                select 1 from {members} as m where m.dimension = $d and m.ref = n.ref)
            """,
            {"d": dimension},
        )
        con.execute(f"""
            create or replace temp table ref_{dimension} as
            select ref, key from {members} as m where m.dimension = '{dimension}'
        """)
        keyed.append(f"coalesce(m_{dimension}.key, 0) as {dimension}_key")
    joins = "".join(
        f" left join ref_{d} as m_{d} on m_{d}.ref = blank_null(p.{d}_ref::varchar)"
        for d in entity.dimensions
        if f"{d}_ref" in given
    )
    if keyed:
        con.execute(f"""
            create or replace temp table {PART} as
            select p.*, {", ".join(keyed)} from {PART} as p{joins}
        """)


def _complete(con: duckdb.DuckDBPyConnection, landed: Landed, entity: Entity) -> None:
    """Adds the columns the mapping left out, so that the canonical SELECT runs as it stands."""
    have = {row[0].lower() for row in con.execute(f"describe {PART}").fetchall()}
    missing = "".join(
        f", null::varchar as {c}" for c in entity.mapped if c not in have and c != "_source"
    )
    con.execute(f"""
        create or replace temp table mapped_{entity.name} as
        select *{missing}, '{landed.source.namespace}' as _source from {PART}
    """)


def _casts(con: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Refuses what is not of its column's type; no value is rounded or cut to fit.

    The reason names the column and not the value, which may be anything, a person's name too.
    """
    for column, type_ in entity.casts:
        name, kind = f"{entity.name}.{column}", type_.lower()
        wrong = f"{column} is not null and try_cast({column} as {type_}) is null"
        if type_ in ("INT", "SMALLINT", "BIGINT"):
            wrong += f" or try_cast({column} as double) <> try_cast({column} as {type_})"
        con.execute(f"""
            insert into rejected
            select _record, '{name} is not of type {kind}', '{name} is not of type {kind}'
            from mapped_{entity.name} where {wrong}
        """)
    con.execute(f"delete from mapped_{entity.name} where _record in (select _record from rejected)")


def _canonical(state: State, entity: Entity) -> int:
    """Adds the rows of the canonical SELECT that pass its checks; how many."""
    con, table = state.con, entity.model.name
    con.execute(f"create or replace temp table fresh as {entity.trying}")
    for check in entity.model.checks:
        reason = f"{entity.name}: {check}".replace("'", "''")
        con.execute(f"""
            insert into rejected
            select _record, '{reason}', '{reason}' from fresh where not coalesce(({check}), true)
        """)
    con.execute("delete from fresh where _record in (select _record from rejected)")
    con.execute(f"""
        insert into new_{table} by name
        select f.*, r.record_key, r.landed_day
        from fresh as f join {RECORDS} as r on r._record = f._record
    """)
    return state.count("fresh")
