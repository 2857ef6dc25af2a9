"""The records of a load that is undone: those it brought go, those it replaced come back.

It works by record, as everything that decides what counts does. The ledger of records is put back
to what stood before the load wherever nothing has changed since; a version that counts again is
mapped again from its file, by the definitions of now; and dimensions, facts and cells follow from
the records as in any load, so that they equal what a rebuild would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import SourceError, did_you_mean
from models.history import every_row, load_numbered, stood
from models.table import column_list
from pipelines.again import map_again, read_again
from pipelines.batch import Batch
from pipelines.classify import RECORDS
from pipelines.source import Source
from pipelines.state import State
from pipelines.undone import undone

if TYPE_CHECKING:
    from pipelines.session import LoadSession

NAMED = 3  # records a sentence names
COUNTING = "('live', 'set_aside', 'withdrawn')"  # states in which a version of a record counts


@dataclass(frozen=True, slots=True)
class Taken:
    """What an undo did to records: how many went, came back, and kept what came later."""

    went: int
    back: int
    kept: int
    named: str  # some of those that were kept, in words


def undo_batch(state: State, sources: Sequence[Source], load: int) -> Batch:
    """The sources whose records a load changed; SourceError when it cannot be undone."""
    load_numbered(state.con, load)
    if load in undone(state):
        raise SourceError(f"Load {load} is undone already; happycall diff tells what that moved")
    parts = (
        f"select source from {_ever(state, table)} where load_from = {load} or load_to = {load}"
        for table in ("record", "quarantine")
    )
    rows = state.con.execute(" union ".join(parts)).fetchall()
    if not rows:
        raise SourceError(f"Load {load} changed no record, so that there is nothing to undo")
    known = {source.name: source for source in sources}
    for (name,) in sorted(rows):
        if name not in known:
            raise SourceError(
                f"Load {load} changed records of the source '{name}', which has no folder any more"
                f"{did_you_mean(name, known)}; put it back, so that they can be mapped again"
            )
    return Batch(sources=tuple(known[name] for (name,) in sorted(rows)))


def take_back(session: LoadSession, load: int) -> Taken:
    """Lists what goes and what comes back, and reads what counts again back from its files."""
    state = session.state
    for name in session.source_names:
        session.land(name)  # nothing of it landed; this gives it a place in the load
    _reverse(state, "record", "record_key", load)
    _reverse(state, "quarantine", "entry", load)
    state.con.execute(f"""
        insert into deleted_record by name select * from undone_record where state in {COUNTING}
    """)
    for source in session.batch.sources:
        arrival = session.arrivals[source.name]
        tables = [
            table
            for table in source.tables
            if state.count("restored_record", _of(source, table.name) + f" and state in {COUNTING}")
        ]
        for table in tables:
            state.con.execute(f"""
                create or replace temp table again as
                from restored_record where {_of(source, table.name)} and state in {COUNTING}
            """)
            read_again(session, arrival, table)
        changed = {
            table.name
            for table in source.tables
            if state.count("undone_record", _of(source, table.name))
            or state.count("restored_record", _of(source, table.name))
        }
        map_again(session, arrival, {m.table for m in source.mappings if changed & set(m.reads)})
    _hold_to_files(state, load)
    kept, named = _kept(state)
    return Taken(
        went=state.count("deleted_record"),
        back=state.count("restored_record", f"state in {COUNTING}"),
        kept=kept,
        named=named,
    )


def _of(source: Source, table: str) -> str:
    return f"source = '{source.name}' and raw_table = '{table}'"


def _ever(state: State, table: str) -> str:
    return every_row(state.snapshot.schema, table)


def _reverse(state: State, table: str, key: str, load: int) -> None:
    """Fills `undone_<table>` with current rows that go, `restored_<table>` with those that return.

    A key is put back only where it stands as the load left it; `kept_<table>` lists the others.
    """
    con, ever = state.con, _ever(state, table)
    columns = column_list(state.specs[table].columns)
    con.execute(f"""
        create or replace temp table concerned_key as
        select distinct {key} as key from {ever} where load_from = {load} or load_to = {load}
    """)
    con.execute(f"""
        create or replace temp table concerned_row as
        select e.* from {ever} as e semi join concerned_key as k on k.key = e.{key}
    """)
    now, then, before = (
        f"select {columns} from concerned_row where {condition}"
        for condition in ("load_to is null", stood(load), stood(load - 1))
    )
    con.execute(f"""
        create or replace temp table kept_{table} as
        select distinct {key} as key from (
            (({now}) except ({then})) union all (({then}) except ({now})))
    """)
    own = f"{key} not in (select key from kept_{table})"
    con.execute(f"""
        create or replace temp table restored_{table} as
        select * from (({before}) except ({now})) where {own}
    """)
    goes = f"(({now}) except ({before}))"
    same = " and ".join(
        f'g."{name}" is not distinct from r."{name}"' for name in state.specs[table].key
    )
    con.execute(f"""
        create or replace temp table undone_{table} as
        select r.* exclude (load_to) from concerned_row as r semi join {goes} as g on {same}
        where r.load_to is null and {own}
    """)


def _hold_to_files(state: State, load: int) -> None:
    """Whatever counts again must have been read again, or the undo would lose its rows."""
    row = state.con.execute(f"""
        select count(*), min(f.path)
        from restored_record as h left join file as f on f.file_no = h.file_no
        where h.state in {COUNTING} and not exists (
            select 1 from {RECORDS} as r
            where r.record_key = h.record_key and r.content = h.content)
    """).fetchone()
    if row and row[0]:
        raise SourceError(
            f"Load {load} cannot be undone: {row[0]} records that would count again cannot be read "
            f"from {row[1]} as its table is defined by now"
        )


def _kept(state: State) -> tuple[int, str]:
    """How many records keep what later loads said of them, and the first few in words."""
    rows = state.con.execute(f"""
        select source || '/' || raw_table || ', record ' || arg_max(record_no, (said, file_no))
            || ' of ' || coalesce(arg_max(path, (said, file_no)), '?'), max(said)
        from (
            select r.*, f.path, r.load_from as said
            from {_ever(state, "record")} as r
            left join (select file_no, min(path) as path from file group by all) as f
                using (file_no)
            where r.record_key in (select key from kept_record) and r.load_to is null
        )
        group by record_key, source, raw_table order by 1
    """).fetchall()
    named = "; ".join(f"{what} (load {later})" for what, later in rows[:NAMED])
    return state.count("kept_record"), named + ("; …" if len(rows) > NAMED else "")


def reverse_records(state: State) -> None:
    """Puts the undone rows into minus_record and the restored ones into plus_record.

    A version that was to count again and is refused now goes to the quarantine like a recalled one.
    """
    con = state.con
    con.execute("delete from plus_record where state = 'deleted'")
    con.execute("""
        create or replace temp table minus_record as
        from minus_record union from undone_record
    """)
    con.execute(f"""
        create or replace temp table returning_record as
        select h.* replace (case when h.state not in {COUNTING} then h.state
            when r._record in (select _record from rejected) then 'quarantined'
            else coalesce(r.state, 'live') end as state),
            h.state in {COUNTING} and r._record in (select _record from rejected) as is_refused
        from restored_record as h
        left join {RECORDS} as r on r.record_key = h.record_key and r.content = h.content
        where not exists (
            select 1 from plus_record as p
            where p.record_key = h.record_key and p.content = h.content)
    """)
    con.execute(
        "insert into plus_record by name select * exclude (is_refused) from returning_record"
    )
    con.execute("""
        insert into recalled_record by name
        select * exclude (is_refused) from returning_record where is_refused
    """)


def reverse_quarantine(state: State) -> None:
    """The same for the entries of the quarantine; raw forms stay stored."""
    con = state.con
    con.execute("""
        create or replace temp table minus_quarantine as
        from minus_quarantine union from undone_quarantine
    """)
    con.execute("""
        insert into plus_quarantine by name
        select * from restored_quarantine as r
        where not exists (select 1 from plus_quarantine as p where p.entry = r.entry)
    """)
