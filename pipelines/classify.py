"""Which landed records are new, which are repeats, and which version of a record counts.

The unit is one record of the source. It is a duplicate when an equal one was accepted before, in
this file or ever; else it is accepted unless something refuses it later. Of several versions of one
record the newest counts: by the source's own order column, then by landing order, whatever order
they arrived in.
"""

from __future__ import annotations

from datetime import date

from models.table import quoted
from pipelines.landed import Landed, content, given_key, record_key, sql_text, version
from pipelines.state import State
from pipelines.undone import standing_files

RECORDS = "landed_record"


def prepare(state: State) -> None:
    """The table of all records of this load, one row each, whatever becomes of them."""
    state.con.execute(f"""
        create or replace temp table {RECORDS} (
            _record bigint, source varchar, raw_table varchar, file_no integer, record_no bigint,
            record_key bigint, content bigint, version varchar, landed_day date, class varchar,
            is_current boolean, is_remapped boolean,
            is_mapped boolean default false, state varchar
        )
    """)
    state.con.execute(
        "create or replace temp table rejected (_record bigint, reason varchar, detail varchar)"
    )
    for name in ("known_record", "deleted_record"):
        state.con.execute(f"create or replace temp table {name} as select * from record limit 0")
    state.con.execute(
        "create or replace temp table recalled (record_key bigint, landed_day date, reason varchar)"
    )


def classify(state: State, landed: Landed, day: date) -> None:
    """Adds the raw table's records to RECORDS, with class 'duplicate' or 'accepted'."""
    _identify(state, landed)
    _add(state, landed, day)
    _mark_repeats(state, landed)
    empty = f"{landed.scope}: the key {', '.join(landed.table.change.key)} is empty"
    state.con.execute(f"""
        insert into rejected
        select _record, 'no key', {sql_text(empty)}
        from keyed where record_key is null
    """)
    mark_deleted(state, landed)
    _choose(state, landed)


def _identify(state: State, landed: Landed) -> None:
    """Fills `keyed` with the arriving records and `known_part` with what is known of their keys."""
    con = state.con
    con.execute(f"""
        create or replace temp table arriving as
        select _record, _file_no, _number, {content(landed)} as content,
            {version(landed)} as version, {given_key(landed)} as given_key
        from {landed.relation}
    """)
    con.execute(f"""
        create or replace temp table keyed as
        select *, {record_key(landed)} as record_key from arriving
    """)
    con.execute("""
        create or replace temp table wanted as
        select distinct record_key as key from keyed where record_key is not null
    """)
    state.rows_for("record", "wanted", "known_part")
    con.execute("insert into known_record by name select * from known_part")


def _add(state: State, landed: Landed, day: date) -> None:
    """One row in RECORDS for each; a record keeps the day on which its key landed first."""
    state.con.execute(
        f"""
        insert into {RECORDS} (_record, source, raw_table, file_no, record_no, record_key, content,
            version, landed_day, is_current, is_remapped)
        select
            a._record, $source, $table, a._file_no, a._number, a.record_key, a.content, a.version,
            coalesce(f.landed_day, $day), false, false
        from keyed as a
        left join (
            select record_key, min(landed_day) as landed_day from known_part group by all) as f
            on f.record_key = a.record_key
        """,
        {"source": landed.source.name, "table": landed.table.name, "day": day},
    )


def _mark_repeats(state: State, landed: Landed) -> None:
    """A record is a repeat of an equal one before it in this load, or of one accepted ever.

    A snapshot says how things stand: there a record of a new file repeats the one just before it
    and no other. A file that was taken before brings nothing new in either case.
    """
    con = state.con
    row = con.execute("select coalesce(max(file_no), 0) from file").fetchone()
    known_files = int(row[0]) if row else 0
    new, within = "true", "a.record_key, a.content"
    if landed.is_snapshot:
        new, within = f"a._file_no > {known_files}", "a.record_key"
    con.execute(f"""
        create or replace temp table repeated as
        select _record from (
            select a._record, a.content, lag(a.content) over (
                partition by {within} order by a._file_no, a._number) as before
            from keyed as a where a.record_key is not null and {new}
        ) where content = before
        union
        select a._record from keyed as a
        join known_part as k on k.record_key = a.record_key and k.content = a.content
        where {new} and k.state not in {_gone(landed)} and (not {landed.is_snapshot} or not exists (
            select 1 from keyed as e
            where e.record_key = a.record_key and e._file_no > {known_files}
                and (e._file_no, e._number) < (a._file_no, a._number)))
        union
        select a._record from keyed as a
        join known_part as k on k.record_key = a.record_key and k.content = a.content
        where not ({new}) and k.state <> 'quarantined'
    """)
    con.execute(f"""
        update {RECORDS} set class = case
            when _record in (select _record from repeated) then 'duplicate' else 'accepted' end
        where _record in (select _record from keyed)
    """)


def mark_deleted(state: State, landed: Landed) -> None:
    """A record whose delete column says so withdraws what its earlier versions brought."""
    column = landed.table.change.delete
    if column:
        said = f"lower(trim(coalesce({quoted(column)}, '')))"
        state.con.execute(f"""
            update {RECORDS} set state = 'withdrawn' where _record in (
                select _record from {quoted(landed.relation)}
                where {said} not in ('', '0', 'false', 'f', 'no', 'n', 'null'))
        """)


def _choose(state: State, landed: Landed) -> None:
    """Marks the newest version of each record; older ones are accepted and change nothing."""
    state.con.execute(
        f"""
        create or replace temp table newest as
        select record_key, arg_max(_record, (coalesce(version, ''), file_no, record_no)) as _record
        from (
            select record_key, _record, version, file_no, record_no from {RECORDS}
            where class = 'accepted' and source = $source and raw_table = $table
            union all
            select record_key, -1, version, file_no, record_no from known_part
            where state <> 'superseded' and state not in {_gone(landed)}
        )
        group by record_key
        """,
        {"source": landed.source.name, "table": landed.table.name},
    )
    state.con.execute(f"""
        update {RECORDS} set is_current = true
        where _record in (select _record from newest) and class = 'accepted'
    """)
    if landed.last_file is not None:
        state.con.execute(
            f"""
            update {RECORDS} as r set is_current = false, state = 'deleted'
            where r.source = $source and r.raw_table = $table and r.is_current
                and not exists (
                    select 1 from keyed as k
                    where k.record_key = r.record_key and k._file_no = $last)
            """,
            {"source": landed.source.name, "table": landed.table.name, "last": landed.last_file},
        )
    if landed.is_replay and landed.is_snapshot:
        _leave_to_newer_file(state, landed)


def _leave_to_newer_file(state: State, landed: Landed) -> None:
    """A record replayed from an older snapshot does not come back: a newer one says what is."""
    named = {"source": landed.source.name, "table": landed.table.name}
    state.con.execute(
        f"""
        update {RECORDS} as r set is_current = false, state = 'deleted'
        where r.source = $source and r.raw_table = $table and r.is_current and r.file_no < (
            select max(f.file_no) from {standing_files(state)} as f
            where f.source = $source and f.raw_table = $table)
        """,
        named,
    )


def vanished(state: State, landed: Landed) -> None:
    """Records of a snapshot that its newest file no longer names: known, alive, and gone."""
    if landed.last_file is None:
        return
    state.con.execute(
        """
        insert into deleted_record by name
        select r.* from record as r
        where r.source = $source and r.raw_table = $table
            and r.state in ('live', 'set_aside', 'withdrawn')
            and not exists (
                select 1 from keyed as k
                where k.record_key = r.record_key and k._file_no = $last)
        """,
        {"source": landed.source.name, "table": landed.table.name, "last": landed.last_file},
    )


def _gone(landed: Landed) -> str:
    """States in which an equal record that lands again is news: refused, or out of a snapshot."""
    news = ("quarantined", "deleted", "superseded") if landed.is_snapshot else ("quarantined",)
    return "(" + ", ".join(sql_text(state) for state in news) + ")"


def unmapped(state: State, source: str) -> bool:
    """Whether a source has records that count and are not mapped yet."""
    waiting = f"source = '{source}' and is_current and class = 'accepted' and not is_mapped"
    return state.count(RECORDS, waiting) > 0


def mark_mapped(state: State, source: str) -> None:
    """Every record of the source that counts has been through its mappings."""
    state.con.execute(
        f"update {RECORDS} set is_mapped = true where source = ? and is_current", [source]
    )


def choose_again(state: State) -> int:
    """Where the newest version of a record was refused, the next newest counts; how many do."""
    con = state.con
    con.execute(f"""
        create or replace temp table lost as
        select r.record_key, r._record from {RECORDS} as r
        where r.is_current and not r.is_remapped and r._record in (select _record from rejected)
    """)
    con.execute(f"""
        create or replace temp table heir as
        select r.record_key,
            arg_max(r._record, (coalesce(r.version, ''), r.file_no, r.record_no)) as _record
        from {RECORDS} as r semi join lost as l on l.record_key = r.record_key
        where r.class = 'accepted' and r._record not in (select _record from rejected)
            and not exists (
                select 1 from known_record as k where k.record_key = r.record_key
                    and k.state not in ('superseded', 'deleted', 'quarantined')
                    and (coalesce(k.version, ''), k.file_no, k.record_no)
                        > (coalesce(r.version, ''), r.file_no, r.record_no))
        group by r.record_key
    """)
    con.execute(
        f"update {RECORDS} set is_current = false where _record in (select _record from lost)"
    )
    con.execute(
        f"update {RECORDS} set is_current = true where _record in (select _record from heir)"
    )
    return state.count("heir")
