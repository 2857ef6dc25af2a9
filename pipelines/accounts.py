"""The account of a load: what became of every record.

landed = accepted + duplicate + quarantined, by count and by key. Nothing is dropped: a refused
record keeps its raw form, file, record number and reason, and can be tried again.
"""

from __future__ import annotations

from pathlib import Path

from pipelines.batch import Batch
from pipelines.classify import RECORDS
from pipelines.result import Counts
from pipelines.source import SourceTable
from pipelines.state import State

FINAL = """
    select r.*,
        case when r.class = 'duplicate' then 'duplicate'
            when r._record in (select _record from rejected) then 'quarantined'
            else 'accepted' end as final
    from landed_record as r where not r.is_remapped"""


def counts(state: State, source: str) -> Counts:
    """One source's account as far as it is known by now; shipped tables are in no count."""
    row = state.con.execute(
        f"""
        select count(*),
            count(*) filter (final = 'accepted'),
            count(*) filter (final = 'duplicate'),
            count(*) filter (final = 'quarantined'),
            (select count(*) from deleted_record as d where d.source = $source
                and not {_shipped("d")}),
            count(*) filter (final = 'accepted' and state = 'set_aside')
        from ({FINAL}) as f where f.source = $source and not {_shipped("f")}
        """,
        {"source": source},
    ).fetchone()
    return Counts(*(int(n) for n in row)) if row else Counts()


def _shipped(alias: str) -> str:
    return f"""exists (
                select 1 from (
                    select source, raw_table, shipped from file
                    union all
                    select source, raw_table, shipped from taken_file) as t
                where t.shipped and t.source = {alias}.source
                    and t.raw_table = {alias}.raw_table)"""


def check(state: State, source: str) -> str:
    """One sentence when the account of a source does not balance by count and by key, else ""."""
    c = counts(state, source)
    if c.landed != c.accepted + c.duplicate + c.quarantined:
        return (
            f"{source}: {c.landed} records landed, but {c.accepted} accepted, {c.duplicate} "
            f"duplicate and {c.quarantined} quarantined do not add up."
        )
    row = state.con.execute(
        "select sum(t.records) from taken_file as t where t.source = ? and not t.shipped", [source]
    ).fetchone()
    taken = int(row[0]) if row and row[0] is not None else None
    if taken is not None and taken != c.landed:
        return f"{source}: its files hold {taken} records, but {c.landed} were counted."
    twice = state.count(f"""(
        select r.file_no, r.record_no
        from ({FINAL}) as r
        left join (select file_no, count(*) as copies from taken_file group by file_no) as t
            on t.file_no = r.file_no
        where r.source = '{source}'
        group by r.file_no, r.record_no
        having count(*) > coalesce(any_value(t.copies), 1))""")
    return f"{source}: {twice} records were counted twice." if twice else ""


def changed_records(state: State) -> None:
    """Lists the known records whose rows this load replaces: newer, mapped again, or gone."""
    state.con.execute(f"""
        create or replace temp table changed_record as
        select r.record_key, r.landed_day from {RECORDS} as r
        where r.is_current and r._record not in (select _record from rejected)
            and (r.is_remapped or r.record_key in (select record_key from known_record))
        union
        select record_key, landed_day from deleted_record
        union
        select record_key, landed_day from recalled
    """)


def share_refusals(state: State) -> None:
    """A repeat of a record that was refused is refused with it: nothing equal was ever accepted."""
    state.con.execute(f"""
        create or replace temp table refused_with as
        select d._record, min(j.reason) as reason, min(j.detail) as detail
        from {RECORDS} as d
        join {RECORDS} as r on r.record_key = d.record_key and r.content = d.content
        join rejected as j on j._record = r._record
        where d.class = 'duplicate' and r.class = 'accepted' and not exists (
            select 1 from known_record as k
            where k.record_key = d.record_key and k.content = d.content
                and k.state <> 'quarantined')
        group by d._record
    """)
    state.con.execute("insert into rejected from refused_with")
    state.con.execute(f"""
        update {RECORDS} set class = 'accepted'
        where _record in (select _record from refused_with)
    """)


def over_refused(state: State, batch: Batch) -> tuple[tuple[Path, str], ...]:
    """Files of which more records were refused than their table allows, each with a sentence."""
    limits = {
        (source.name, table.name): _allowed(table)
        for source in batch.sources
        for table in source.tables
    }
    rows = state.con.execute(f"""
        select t.full_path, t.path, f.source, f.raw_table,
            count(*), count(*) filter (f.final = 'quarantined'),
            (select j.reason from rejected as j join {RECORDS} as r on r._record = j._record
                where r.file_no = any_value(f.file_no)
                group by j.reason order by count(*) desc, 1 limit 1)
        from ({FINAL}) as f join taken_file as t on t.file_no = f.file_no
        group by all
    """).fetchall()
    return tuple(
        (
            Path(full),
            (
                f"{path}: {refused} of {landed} records were refused (mostly: {reason}), "
                f"more than the {limits[source, table]:.0%} that source '{source}' allows; "
                "the file stays where it is, mend it or raise stop_at_quarantined."
            ),
        )
        for full, path, source, table, landed, refused, reason in rows
        if refused and refused > limits[source, table] * landed
    )


def _allowed(table: SourceTable) -> float:
    """The share of a file's records that may be refused; all of them where none is stated."""
    stop = table.expect.stop_at_quarantined
    return 1.0 if stop is None else stop
