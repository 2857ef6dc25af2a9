"""Lookups offered to mappings, and records of earlier loads that are mapped again.

When a lookup grows, a definition changes or a newer version is recalled, records that landed long
ago read otherwise: their raw form is read back from the files as they landed, so that the result
does not depend on what arrived first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from models.errors import SourceError
from models.table import quoted
from pipelines.arrival import HIDDEN, Arrival, append, file_of, next_record
from pipelines.classify import RECORDS, mark_deleted
from pipelines.land import raw_table
from pipelines.landed import Landed
from pipelines.source import SourceTable
from pipelines.undone import standing_files

if TYPE_CHECKING:
    from pipelines.session import LoadSession


def grow_lookups(session: LoadSession, arrival: Arrival) -> set[str]:
    """Adds this load's new values to the source's lookups; names of lookups that changed."""
    con, grown = session.state.con, set[str]()
    for lookup in arrival.source.lookups:
        landed = arrival.landed(lookup.table)
        if landed is None:
            continue
        value = "[" + ", ".join(f"a.{quoted(c)}" for c in lookup.columns) + "]"
        before = session.state.count("lookup_new")
        con.execute(
            f"""
            insert into lookup_new
            select distinct $source, $lookup, {value} as value
            from {quoted(landed.relation)} as a join {RECORDS} as r on r._record = a._record
            where r.class = 'accepted' and not r.is_remapped and not exists (
                select 1 from lookup_value as v
                where v.source = $source and v.lookup = $lookup and v.value = {value})
            """,
            {"source": arrival.source.name, "lookup": lookup.name},
        )
        if session.state.count("lookup_new") > before:
            grown.add(lookup.name)
    return grown | {item.table.name for item in arrival.tables if _has_changed(session, item)}


def _has_changed(session: LoadSession, landed: Landed) -> bool:
    """A snapshot that this load leaves otherwise than it was."""
    if landed.last_file is None:
        return False
    here = f"source = '{landed.source.name}' and raw_table = '{landed.table.name}'"
    news = f"{here} and class = 'accepted' and not is_remapped"
    return bool(session.state.count(RECORDS, news) or session.state.count("deleted_record", here))


def offer(session: LoadSession, arrival: Arrival, names: Iterable[str]) -> None:
    """Makes lookups and snapshot tables joinable by their names."""
    con = session.state.con
    for name in names:
        lookup = next((item for item in arrival.source.lookups if item.name == name), None)
        con.execute(f"drop view if exists temp.{quoted(name)}")
        if lookup is not None:
            columns = ", ".join(
                f"value[{i}] as {quoted(c)}" for i, c in enumerate(lookup.columns, 1)
            )
            con.execute(f"""
                create or replace temp view {quoted(name)} as
                select {columns} from (from lookup_value union all by name from lookup_new) as v
                where v.source = '{arrival.source.name}' and v.lookup = '{lookup.name}'
            """)
        else:
            relation = _snapshot_relation(session, arrival, name)
            con.execute(f"create or replace temp view {quoted(name)} as from {quoted(relation)}")


def _snapshot_relation(session: LoadSession, arrival: Arrival, name: str) -> str:
    """The newest whole state of a snapshot table, landed now or read back."""
    con, into = session.state.con, f"state_{arrival.source.name}_{name}"
    landed = arrival.landed(name)
    if landed is not None and landed.last_file is not None:
        con.execute(f"""
            create or replace temp table {into} as
            from {quoted(landed.relation)} where _file_no = {landed.last_file}
        """)
        return into
    con.execute(f"drop table if exists temp.{into}")
    row = con.execute(
        f"select max(file_no) from {standing_files(session.state)}"
        " where source = ? and raw_table = ?",
        [arrival.source.name, name],
    ).fetchone()
    table = arrival.source.table(name)
    if row is None or row[0] is None:
        # Nothing of it landed yet; when it does, the records that read it are mapped again.
        columns = "".join(f", {quoted(c)} varchar" for c in table.wanted)
        con.execute(f"create temp table {into} (_record bigint{columns})")
        return into
    raw_table(con, session.home, session.keys, file_of(session, int(row[0])), table, into)
    return into


def map_again(session: LoadSession, arrival: Arrival, tables: Collection[str]) -> None:
    """Adds the live records of earlier loads of these raw tables, to be mapped again."""
    source, state = arrival.source, session.state
    for name in sorted(tables):
        state.con.execute(
            f"""
            create or replace temp table again as
            select r.* from record as r
            where r.source = ? and r.raw_table = ?
                and r.state in ('live', 'set_aside', 'withdrawn')
                and not exists (
                    select 1 from {RECORDS} as n
                    where n.record_key = r.record_key and n.is_current)
                and not exists (select 1 from deleted_record as d where d.record_key = r.record_key)
            """,
            [source.name, name],
        )
        read_again(session, arrival, source.table(name))


def call_heirs(session: LoadSession) -> int:
    """Where a recalled record has an older version, that one counts again; returns how many.

    As if the recalled version had been refused when it landed.
    """
    state = session.state
    state.con.execute(
        "create or replace temp table wanted as select distinct record_key as key from recalled"
    )
    state.rows_for("record", "wanted", "held")
    state.con.execute(f"""
        create or replace temp table heirs as
        select arg_max(h, (coalesce(h.version, ''), h.file_no, h.record_no)) as r
        from held as h
        where h.state = 'superseded'
            and not exists (
                select 1 from {RECORDS} as n
                where n.record_key = h.record_key and n.content = h.content)
        group by h.record_key
    """)
    state.con.execute("create or replace temp table heir_record as select unnest(r) from heirs")
    found = state.con.execute(
        "select distinct source, raw_table from heir_record order by all"
    ).fetchall()
    for name, table in found:
        source = next((s for s in session.sources if s.name == name), None)
        if source is None:
            continue
        session.batch = session.batch.with_source(source)
        session.land(name)  # nothing of it landed; this gives it a place in the load
        arrival = session.arrivals[name]
        state.con.execute(
            """
            create or replace temp table again as
            from heir_record where source = ? and raw_table = ?
            """,
            [name, table],
        )
        read_again(session, arrival, source.table(table))
    return state.count("heir_record")


def read_again(session: LoadSession, arrival: Arrival, table: SourceTable) -> None:
    """Reads the records in `again` back from their files and counts them as mapped again."""
    con = session.state.con
    rows = con.execute("select distinct file_no from again order by 1").fetchall()
    pieces = [piece for (number,) in rows if (piece := _piece(session, table, int(number)))]
    if not pieces:
        return
    con.execute(f"create or replace temp table cut_again as {' union all by name '.join(pieces)}")
    for (number,) in rows:
        con.execute(f"drop table if exists temp.cut_{number}")
    landed = arrival.landed(table.name)
    relation = f"raw_{arrival.source.name}_{table.name}"
    append(session, relation, "cut_again", first=landed is None)
    columns = tuple(c for c in session.state.columns(relation) if c not in HIDDEN)
    last = landed.last_file if landed else None
    fresh = Landed(arrival.source, table, relation, columns, last)
    arrival.tables = [item for item in arrival.tables if item.table.name != table.name] + [fresh]
    con.execute(f"""
        insert into {RECORDS} (_record, source, raw_table, file_no, record_no, record_key, content,
            version, landed_day, class, is_current, is_remapped)
        select c._record, a.source, a.raw_table, a.file_no, a.record_no, a.record_key, a.content,
            a.version, a.landed_day, 'accepted', true, true
        from again as a join cut_again as c on c._file_no = a.file_no and c._number = a.record_no
    """)
    mark_deleted(session.state, fresh)


def _piece(session: LoadSession, table: SourceTable, number: int) -> str:
    """Cuts one file again; the SELECT of those of its records that are in `again`.

    Empty where the source now delivers files of another shape: such a file cannot be read as its
    table is defined by now, and what it once brought stands as it was mapped then.
    """
    into = f"cut_{number}"
    session.state.con.execute(f"drop table if exists temp.{into}")
    taken = file_of(session, number)
    try:
        raw_table(session.state.con, session.home, session.keys, taken, table, into)
    except SourceError as error:
        session.progress(f"{error}; what it brought stays as it was mapped")
        return ""
    return f"""
        select c.* exclude (_record), c._record as _number, {number}::integer as _file_no,
            {next_record(session)} + c._record as _record
        from {into} as c
        semi join (from again where file_no = {number}) as a on a.record_no = c._record"""
