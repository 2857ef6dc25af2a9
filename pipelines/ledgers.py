"""The ledgers that keep the account: what became of each version of a record, and the quarantine.

Like the star they are written as what a load asserts (`plus_`) and retracts (`minus_`).
"""

from __future__ import annotations

from pipelines.accounts import FINAL
from pipelines.state import State

_PLUS_RECORD = f"""
    select record_key, content, landed_day, source, raw_table, file_no, record_no, version,
        case when is_current then coalesce(state, 'live')
            when state = 'deleted' then 'deleted' else 'superseded' end as state
    from ({FINAL}) where final = 'accepted'
    qualify row_number() over (
        partition by record_key, content order by is_current desc, file_no desc, record_no desc) = 1
    union all
    select record_key, content, landed_day, source, raw_table, file_no, record_no, version,
        'superseded'
    from minus_record as m
    where m.record_key not in (select record_key from deleted_record)
        and m.record_key not in (select record_key from recalled)
        and m.record_key not in (select record_key from risen_record)
        and not exists (
            select 1 from ({FINAL}) as f
            where f.final = 'accepted' and f.record_key = m.record_key and f.content = m.content)
    union all
    select record_key, content, landed_day, source, raw_table, file_no, record_no, version,
        'deleted'
    from deleted_record
    union all
    select record_key, content, landed_day, source, raw_table, file_no, record_no, version,
        'quarantined'
    from recalled_record
    union all
    select h.record_key, h.content, h.landed_day, h.source, h.raw_table, h.file_no, h.record_no,
        h.version, coalesce(r.state, 'live')
    from risen_record as h
    join landed_record as r on r.record_key = h.record_key and r.content = h.content"""


def record_rows(state: State) -> None:
    """plus_/minus_ of the ledger of records: in which state each version is left by this load.

    A version that counts is live, set aside or withdrawn; an older one superseded; one that a
    snapshot no longer names deleted; one that a check recalled quarantined, and where an older
    version rises in its place, or one reads otherwise now, that one has its new state.
    """
    con = state.con
    con.execute("create or replace temp table wanted as select record_key as key from recalled")
    state.rows_for("record", "wanted", "held")
    con.execute("""
        create or replace temp table recalled_record as
        from held as h where state in ('live', 'set_aside', 'withdrawn') and not exists (
            select 1 from deleted_record as d
            where d.record_key = h.record_key and d.content = h.content)
    """)
    con.execute("""
        create or replace temp table risen_record as
        select h.* from record as h
        join landed_record as r on r.landed_day = h.landed_day
            and r.record_key = h.record_key and r.content = h.content
        where r.is_remapped and r.is_current and h.state <> coalesce(r.state, 'live')
            and r._record not in (select _record from rejected)
    """)
    con.execute(f"""
        create or replace temp table minus_record as
        select k.* from known_record as k
        where k.state not in ('superseded', 'deleted', 'quarantined') and k.record_key in (
            select record_key from ({FINAL}) where final = 'accepted' and is_current)
        union
        select k.* from known_record as k
        semi join (select record_key, content from ({FINAL}) where final = 'accepted') as r
            on r.record_key = k.record_key and r.content = k.content
        union
        select * from deleted_record
        union
        select * from recalled_record
        union
        select * from risen_record
    """)
    con.execute(f"create or replace temp table plus_record as {_PLUS_RECORD}")


_WITH_FRESH = f"""with why as (
        select _record, min(reason) as reason, min(detail) as detail
        from rejected group by _record
    ),
    files as (
        select file_no, min(path) as path
        from (select file_no, path from file union all select file_no, path from taken_file)
        group by file_no
    ),
    fresh as (
        select distinct r.source, r.raw_table, r.file_no, f.path as file, r.record_no,
            r.record_key, w.reason, w.detail
        from ({FINAL}) as r
        join why as w on w._record = r._record
        left join files as f on f.file_no = r.file_no
        where r.final = 'quarantined'
        union all
        select r.source, r.raw_table, r.file_no, f.path, r.record_no, r.record_key,
            w.reason, w.reason
        from recalled_record as r
        join recalled as w on w.record_key = r.record_key
        left join files as f on f.file_no = r.file_no
    )"""


def quarantine_rows(state: State) -> None:
    """plus_/minus_ of the quarantine, and `stored_entry`: the entries whose raw form is to be kept.

    A record refused again stays the entry it is; one that came through is an entry replayed.
    """
    con = state.con
    con.execute(f"""
        create or replace temp table plus_quarantine as
        {_WITH_FRESH}
        select
            ({state.load}::bigint << 32) + row_number() over (order by file_no, record_no) as entry,
            {state.load}::integer as stored_load,
            source, raw_table, file_no, file, record_no, record_key, reason, detail,
            'open' as state
        from fresh as r
        where not exists (
            select 1 from quarantine as q
            where q.state = 'open' and q.file_no = r.file_no and q.record_no = r.record_no)
    """)
    con.execute(f"""
        create or replace temp table minus_quarantine as
        select q.* from quarantine as q
        semi join (select file_no, record_no from ({FINAL}) where final <> 'quarantined') as r
            on r.file_no = q.file_no and r.record_no = q.record_no
        where q.state = 'open'
    """)
    con.execute("create or replace temp table stored_entry as from plus_quarantine")
    con.execute("""
        insert into plus_quarantine by name
        select * exclude (load_from) replace ('replayed' as state) from minus_quarantine
    """)
