"""The end of a load: what the vault side keeps, the tail, the manifest, then the landed files.

Raw forms are stored and synced before any manifest speaks of them; landed files go only after it
does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TYPE_CHECKING

from cubes.refresh import cuboid_specs
from models import quarantine
from models.release import commit
from pipelines.accounts import counts
from pipelines.arrival import landed_paths
from pipelines.land import raw_forms
from pipelines.ledgers import quarantine_rows, record_rows
from pipelines.result import Counts, LoadResult
from pipelines.state import ledger_tail
from pipelines.take_back import reverse_quarantine, reverse_records
from pipelines.unusual import note_unusual, unusual

if TYPE_CHECKING:
    from pipelines.session import LoadSession


def publish(session: LoadSession, seconds: float) -> LoadResult:
    """Writes what the vault side keeps, the tail and the manifest, then removes landed files.

    A load that changes nothing makes no release: then files go and the counts are told, no more.
    """
    state, batch = session.state, session.batch
    own = session.source_names if session.undo is None else ()  # an undo lands nothing
    sources = {name: counts(state, name) for name in own}
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
            specs=(*session.schema.specs.values(), *cuboid_specs(state.cuboids)),
            touched_sites=_touched_sites(session), definitions=session.defined,
            replaced={name: f"whole_{name}" for name in session.renewal.cuboids}, step=session.step,
        )  # fmt: skip
        load = manifest.load
    session.step("released")
    odd = unusual(state, session.sources)
    note_unusual(session.home, odd)
    refused = {path for path, _ in batch.refused}
    for path in landed_paths(file for file in batch.files if file.path not in refused):
        if session.is_as_taken(path):  # else another file came in its place: the next load's
            path.unlink(missing_ok=True)
    return LoadResult(
        load=load, changed=changed, counts=total, seconds=seconds, sources=sources,
        refused=tuple((path.name, why) for path, why in batch.refused), unusual=odd,
    )  # fmt: skip


def _touched_sites(session: LoadSession) -> list[int]:
    """The sites whose facts this load changes, so that screens know what to ask again."""
    parts = [
        f"select site_key from {sign}_{model.name}"
        for model in session.schema.layer("fact")
        for sign in ("plus", "minus")
    ]
    return [int(row[0]) for row in session.state.con.execute(" union ".join(parts)).fetchall()]


def _tail_tables(
    session: LoadSession, sources: Mapping[str, Counts], seconds: float
) -> dict[str, str]:
    """What the release takes on: for each of its tables the relation with this load's rows."""
    state = session.state
    record_rows(state)
    if session.undo is not None:
        reverse_records(state)
    quarantine_rows(state)
    if session.undo is not None:
        reverse_quarantine(state)
    tables = {
        name: f"tail_{name}"
        for name in ("record", "quarantine", *(model.name for model in session.schema.models))
        if ledger_tail(state, name, f"plus_{name}", f"minus_{name}", f"tail_{name}")
    }
    tables |= {spec.name: f"tail_{spec.name}" for spec in cuboid_specs(state.cuboids)}
    state.con.execute("""
        create or replace temp table new_file as
        select * exclude (full_path) from taken_file where load is not null
    """)
    _account(session, sources, seconds)
    return tables | {
        "member": "member_new", "lookup_value": "lookup_new", "file": "new_file",
        "load": "new_load", "load_source": "new_load_source",
    }  # fmt: skip


def _account(session: LoadSession, sources: Mapping[str, Counts], seconds: float) -> None:
    """The rows of `load` and `load_source` that tell of this load."""
    state, as_of = session.state, session.as_of.replace(tzinfo=None)
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
            [state.load, name, as_of, *astuple(c)],
        )


def _store_raw(session: LoadSession) -> None:
    """Keeps the raw form of what was refused, encrypted, before any manifest speaks of it."""
    con = session.state.con
    rows: Sequence[tuple[int, str, str, str, int]] = con.execute("""
        select s.entry, t.sha256, s.source, s.raw_table, s.record_no from stored_entry as s
        join (select file_no, sha256 from file union select file_no, sha256 from taken_file) as t
            on t.file_no = s.file_no
        order by t.sha256, s.record_no
    """).fetchall()
    by_file: dict[tuple[str, str, str], dict[int, list[int]]] = {}
    for entry, sha, source, table, number in rows:
        by_file.setdefault((sha, source, table), {}).setdefault(number, []).append(entry)
    sources = {source.name: source for source in session.sources}
    entries: list[tuple[int, bytes]] = []
    for (sha, source, table), numbers in by_file.items():
        cut_as = sources[source].table(table)
        forms = raw_forms(session.home, session.keys, sha, sorted(numbers), cut_as)
        entries += [(entry, form) for number, form in forms.items() for entry in numbers[number]]
    if entries:
        quarantine.store(session.home, session.keys, session.state.load, entries)
