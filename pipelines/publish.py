"""The end of a load: what the vault side keeps, the tail, the manifest, then the landed files.

Raw forms are stored and synced before any manifest speaks of them; landed files go only after it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cubes.refresh import cuboid_specs
from models import quarantine
from models.release import commit
from pipelines.accounts import FINAL, counts
from pipelines.arrival import landed_paths
from pipelines.land import raw_forms
from pipelines.result import Counts, LoadResult
from pipelines.state import State, ledger_tail

if TYPE_CHECKING:
    from pipelines.session import LoadSession


def publish(session: LoadSession, seconds: float) -> LoadResult:
    """Writes what the vault side keeps, then the tail, then the manifest; then removes landed files."""
    state, batch = session.state, session.batch
    sources = {name: counts(state, name) for name in session.source_names}
    total = sum(sources.values(), Counts())
    tables = _tail_tables(session, sources, seconds)
    changed = bool(session.renewal.cuboids) or any(
        state.count(relation)
        for name, relation in tables.items()
        if name not in ("load", "load_source")
    )
    load = state.manifest.load or None
    if changed:
        _store_raw(session)
        session.step("raw forms stored")
        manifest = commit(
            session.home, state.con, state.manifest if state.manifest.load else None,
            load=state.load, as_of=session.as_of, committed_at=session.now(),
            tables={name: relation for name, relation in tables.items() if state.count(relation)},
            specs=(*session.schema.specs.values(), *cuboid_specs()),
            touched_sites=_touched_sites(session), definitions=session.defined,
            replaced={name: f"whole_{name}" for name in session.renewal.cuboids}, step=session.step,
        )  # fmt: skip
        load = manifest.load
    session.step("released")
    refused = {path for path, _ in batch.refused}
    for path in landed_paths(file for file in batch.files if file.path not in refused):
        path.unlink(missing_ok=True)
    return LoadResult(
        load=load, changed=changed, counts=total, seconds=seconds, sources=sources,
        refused=tuple((path.name, why) for path, why in batch.refused),
    )  # fmt: skip


def _touched_sites(session: LoadSession) -> list[int]:
    parts = [
        f"select site_key from {sign}_{model.name}"
        for model in session.schema.layer("fact")
        for sign in ("plus", "minus")
    ]
    return [int(row[0]) for row in session.state.con.execute(" union ".join(parts)).fetchall()]


def _tail_tables(
    session: LoadSession, sources: dict[str, Counts], seconds: float
) -> dict[str, str]:
    state = session.state
    _record_plus_and_minus(state)
    _quarantine_plus_and_minus(state)
    tables = {
        name: f"tail_{name}"
        for name in ("record", "quarantine", *(model.name for model in session.schema.models))
        if ledger_tail(state, name, f"plus_{name}", f"minus_{name}", f"tail_{name}")
    }
    tables |= {spec.name: f"tail_{spec.name}" for spec in cuboid_specs()}
    state.con.execute(
        "create or replace temp table new_file as select * exclude (full_path) from taken_file where load is not null"
    )
    as_of = session.as_of.replace(tzinfo=None)
    state.con.execute("create or replace temp table new_load as select * from load limit 0")
    state.con.execute(
        "insert into new_load values (?, ?, ?, ?)", [state.load, as_of, session.command, seconds]
    )
    state.con.execute(
        "create or replace temp table new_load_source as select * from load_source limit 0"
    )
    for name, c in sources.items():
        state.con.execute(
            "insert into new_load_source values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                state.load,
                name,
                as_of,
                c.landed,
                c.accepted,
                c.duplicate,
                c.quarantined,
                c.deleted,
                c.set_aside,
            ],
        )
    return tables | {
        "member": "member_new", "lookup_value": "lookup_new", "file": "new_file", "load": "new_load",
        "load_source": "new_load_source",
    }  # fmt: skip


def _record_plus_and_minus(state: State) -> None:
    con = state.con
    con.execute("create or replace temp table wanted as select record_key as key from recalled")
    state.rows_for("record", "wanted", "held")
    con.execute("create or replace temp table recalled_record as from held where state = 'live'")
    con.execute("""
        create or replace temp table risen_record as
        select h.* from held as h join landed_record as r on r.record_key = h.record_key and r.content = h.content
        where h.state = 'superseded' and r.is_remapped and r.is_current
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
    con.execute(f"""
        create or replace temp table plus_record as
        select record_key, content, landed_day, source, raw_table, file_no, record_no, version,
            coalesce(case when is_current then state end, case when is_current then 'live' else 'superseded' end) as state
        from ({FINAL}) where final = 'accepted'
        union all
        select record_key, content, landed_day, source, raw_table, file_no, record_no, version, 'superseded'
        from minus_record as m
        where m.record_key not in (select record_key from deleted_record)
            and m.record_key not in (select record_key from recalled)
            and m.record_key not in (select record_key from risen_record) and not exists (
            select 1 from ({FINAL}) as f where f.final = 'accepted' and f.record_key = m.record_key and f.content = m.content)
        union all
        select record_key, content, landed_day, source, raw_table, file_no, record_no, version, 'deleted'
        from deleted_record
        union all
        select record_key, content, landed_day, source, raw_table, file_no, record_no, version, 'quarantined'
        from recalled_record
        union all
        select h.record_key, h.content, h.landed_day, h.source, h.raw_table, h.file_no, h.record_no, h.version,
            coalesce(r.state, 'live')
        from risen_record as h join landed_record as r on r.record_key = h.record_key and r.content = h.content
    """)


def _quarantine_plus_and_minus(state: State) -> None:
    con = state.con
    con.execute(f"""
        create or replace temp table plus_quarantine as
        with why as (
            select _record, min(reason) as reason, min(detail) as detail from rejected group by _record
        ),
        files as (
            select file_no, path from file union select file_no, path from taken_file
        ),
        fresh as (
            select r.source, r.raw_table, r.file_no, f.path as file, r.record_no, r.record_key, w.reason, w.detail
            from ({FINAL}) as r join why as w on w._record = r._record left join files as f on f.file_no = r.file_no
            where r.final = 'quarantined'
            union all
            select r.source, r.raw_table, r.file_no, f.path, r.record_no, r.record_key, w.reason, w.reason
            from recalled_record as r join recalled as w on w.record_key = r.record_key
            left join files as f on f.file_no = r.file_no
        )
        select ({state.load}::bigint << 32) + row_number() over (order by file_no, record_no) as entry,
            {state.load}::integer as stored_load, source, raw_table, file_no, file, record_no, record_key, reason, detail,
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


def _store_raw(session: LoadSession) -> None:
    """Keeps the raw form of what was refused, encrypted, before any manifest speaks of it."""
    con = session.state.con
    rows: Sequence[tuple[int, str, str, str, int]] = con.execute("""
        select s.entry, t.sha256, s.source, s.raw_table, s.record_no from stored_entry as s
        join (select file_no, sha256 from file union select file_no, sha256 from taken_file) as t on t.file_no = s.file_no
        order by t.sha256, s.record_no
    """).fetchall()
    by_file: dict[tuple[str, str, str], dict[int, int]] = {}
    for entry, sha, source, table, number in rows:
        by_file.setdefault((sha, source, table), {})[number] = entry
    sources = {source.name: source for source in session.sources}
    entries: list[tuple[int, bytes]] = []
    for (sha, source, table), numbers in by_file.items():
        cut_as = sources[source].table(table)
        forms = raw_forms(session.home, session.keys, sha, sorted(numbers), cut_as)
        entries += [(numbers[number], form) for number, form in forms.items()]
    if entries:
        quarantine.store(session.home, session.keys, session.state.load, entries)
