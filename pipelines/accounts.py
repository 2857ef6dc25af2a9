"""The account of a load: what became of every record, and the tables that keep it.

landed = accepted + duplicate + quarantined, by count and by key. Nothing is dropped: a refused record
keeps its raw form, file, record number and reason, and can be tried again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.batch import Batch
from pipelines.classify import RECORDS
from pipelines.result import Counts
from pipelines.state import State

if TYPE_CHECKING:
    pass

FINAL = """
    select r.*,
        case when r.class = 'duplicate' then 'duplicate'
            when r._record in (select _record from rejected) then 'quarantined' else 'accepted' end as final
    from landed_record as r where not r.is_remapped"""


def counts(state: State, source: str) -> Counts:
    """One source's account as far as it is known by now; shipped tables are in no count."""
    row = state.con.execute(
        f"""
        select count(*), count(*) filter (final = 'accepted'), count(*) filter (final = 'duplicate'),
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
    return (
        f"exists (select 1 from (select source, raw_table, shipped from file union all "
        f"select source, raw_table, shipped from taken_file) as t "
        f"where t.shipped and t.source = {alias}.source and t.raw_table = {alias}.raw_table)"
    )


def check(state: State, source: str) -> str:
    """ "" when the account of a source balances by count and by key, else one sentence."""
    c = counts(state, source)
    if c.landed != c.accepted + c.duplicate + c.quarantined:
        return (
            f"{source}: {c.landed} records landed, but {c.accepted} accepted, {c.duplicate} duplicate and "
            f"{c.quarantined} quarantined do not add up."
        )
    row = state.con.execute(
        "select sum(t.records) from taken_file as t where t.source = ? and not t.shipped", [source]
    ).fetchone()
    taken = int(row[0]) if row and row[0] is not None else None
    if taken is not None and taken != c.landed:
        return f"{source}: its files hold {taken} records, but {c.landed} were counted."
    twice = state.count(
        f"(select file_no, record_no from ({FINAL}) where source = '{source}' group by all having count(*) > 1)"
    )
    return f"{source}: {twice} records were counted twice." if twice else ""


def changed_records(state: State) -> None:
    """Known records whose canonical rows this load replaces: newer version, mapped again, or gone."""
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


def over_refused(state: State, batch: Batch) -> tuple[tuple[Path, str], ...]:
    """Files of which more records were refused than their table allows."""
    limits = {
        (source.name, table.name): 1.0
        if (stop := table.expect.stop_at_quarantined) is None
        else stop
        for source in batch.sources
        for table in source.tables
    }
    rows = state.con.execute(f"""
        select t.full_path, t.path, f.source, f.raw_table, count(*), count(*) filter (f.final = 'quarantined'),
            (select j.reason from rejected as j join {RECORDS} as r on r._record = j._record
                where r.file_no = any_value(f.file_no) group by j.reason order by count(*) desc, 1 limit 1)
        from ({FINAL}) as f join taken_file as t on t.file_no = f.file_no
        group by all
    """).fetchall()
    return tuple(
        (
            Path(full),
            f"{path}: {refused} of {landed} records were refused (mostly: {reason}), more than the "
            f"{limits[source, table]:.0%} that source '{source}' allows; the file stays where it is, mend it or raise "
            "stop_at_quarantined.",
        )
        for full, path, source, table, landed, refused, reason in rows
        if refused and refused > limits[source, table] * landed
    )
