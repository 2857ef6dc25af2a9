"""A source's part of a load: its files taken, cut into raw tables, and its lookups offered.

When a lookup grows, the records whose mapping reads it are mapped again: their raw form is read back
from the files as they landed, so that the result does not depend on what arrived first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import SourceError
from models.table import quoted
from pipelines.classify import RECORDS, Landed
from pipelines.land import LandedFile, Taken, raw_table, take
from pipelines.source import Source, SourceTable

if TYPE_CHECKING:
    from pipelines.session import LoadSession

HIDDEN = ("_record", "_file", "_sha", "_file_no", "_number")


@dataclass(slots=True)
class Arrival:
    """One source in one load."""

    source: Source
    tables: list[Landed] = field(default_factory=list)

    def landed(self, table: str) -> Landed | None:
        """The raw table of that name in this load, if it has any records here."""
        return next((item for item in self.tables if item.table.name == table), None)


def take_source(session: LoadSession, name: str) -> Arrival:
    """Takes a source's files of this load and cuts them into one raw table per table."""
    source = next(s for s in session.batch.sources if s.name == name)
    _prepare(session)
    arrival = Arrival(source)
    for table in source.tables:
        relation = f"raw_{source.name}_{table.name}"
        session.state.con.execute(f"drop table if exists temp.{quoted(relation)}")
        if session.batch.entries:
            parts = _quarantined(session, source, table)
        else:
            files = [
                f for f in (*session.batch.shipped, *session.batch.files)
                if (f.source, f.table) == (name, table.name)
            ]  # fmt: skip
            parts = [part for file in files for part in _taken(session, source, table, file)]
        if parts:
            arrival.tables.append(_raw(session, source, table, relation, parts))
    return arrival


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of one raw table; `numbers` keeps only these records of it."""

    taken: Taken
    file_no: int
    numbers: tuple[int, ...] | None = None
    is_new: bool = True


def _prepare(session: LoadSession) -> None:
    con = session.state.con
    con.execute(
        "create temp table if not exists taken_file as select *, ''::varchar as full_path from file limit 0"
    )
    con.execute("create temp table if not exists lookup_new as select * from lookup_value limit 0")
    con.execute("create temp table if not exists deleted_record as select * from record limit 0")


def _taken(
    session: LoadSession, source: Source, table: SourceTable, file: LandedFile
) -> list[_Part]:
    try:
        taken = take(session.home, session.keys, file, source)
    except SourceError as error:
        if session.paths and len(session.batch.files) == 1:
            raise
        session.batch = session.batch.with_refused(((file.path, str(error)),))
        session.progress(str(error))
        return []
    con = session.state.con
    known = con.execute(
        "select file_no from file where sha256 = ? and source = ? and raw_table = ?",
        [taken.sha256, source.name, table.name],
    ).fetchone()
    if known:
        number = int(known[0])
    else:
        row = con.execute(
            "select coalesce(max(file_no), 0) + 1 from (select file_no from file union all select file_no from taken_file)"
        ).fetchone()
        number = int(row[0]) if row else 1
    con.execute(
        "insert into taken_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [number, taken.sha256, file.path.name, source.name, table.name, taken.bytes, taken.records,
         taken.repaired, bool(table.shipped), None if known else session.state.load, str(file.path)],
    )  # fmt: skip
    return [_Part(taken, number, is_new=not known)]


def _quarantined(session: LoadSession, source: Source, table: SourceTable) -> list[_Part]:
    wanted: dict[int, list[int]] = {}
    for entry in session.batch.entries:
        if (entry.source, entry.raw_table) == (source.name, table.name):
            wanted.setdefault(entry.file_no, []).append(entry.record_no)
    return [
        _Part(_file_of(session, number), number, tuple(records), is_new=False)
        for number, records in sorted(wanted.items())
    ]


def _file_of(session: LoadSession, number: int) -> Taken:
    row = session.state.con.execute(
        "select sha256, path, source, raw_table, bytes, records, repaired from file where file_no = ?",
        [number],
    ).fetchone()
    assert row is not None
    return Taken(
        sha256=row[0], path=row[1], source=row[2], table=row[3], bytes=row[4], records=row[5],
        repaired=row[6], undecodable=(),
    )  # fmt: skip


def _raw(
    session: LoadSession, source: Source, table: SourceTable, relation: str, parts: Sequence[_Part]
) -> Landed:
    """The records of all files of one table, numbered through the whole load."""
    con, cut = session.state.con, list[str]()
    for nth, part in enumerate(parts):
        piece = f"cut_{nth}"
        con.execute(f"drop table if exists temp.{piece}")
        bad = raw_table(con, session.home, session.keys, part.taken, table, piece)
        if part.numbers is not None:
            con.execute(
                f"delete from {piece} where not list_contains(?, _record)", [list(part.numbers)]
            )
        cut.append(f"""
            select * exclude (_record), _record as _number, {part.file_no}::integer as _file_no,
                {_next_record(session)} + _record as _record
            from {piece}""")
        session.progress(f"{part.taken.path}: {part.taken.records:,} records")
        _record_undecodable(session, source, table, part, bad)
    con.execute(
        f"create or replace temp table {quoted(relation)} as {' union all by name '.join(cut)}"
    )
    for nth in range(len(parts)):
        con.execute(f"drop table temp.cut_{nth}")
    columns = tuple(c for c in session.state.columns(relation) if c not in HIDDEN)
    is_snapshot = table.change.mode == "snapshot" and not session.batch.entries
    last = parts[-1].file_no if is_snapshot and (parts[-1].is_new or len(parts) > 1) else None
    return Landed(source, table, relation, columns, last, is_replay=bool(session.batch.entries))


def _append(session: LoadSession, relation: str, part: str, *, first: bool) -> None:
    con = session.state.con
    if first:
        con.execute(f"create or replace temp table {quoted(relation)} as from {part}")
        return
    con.execute(
        f"create or replace temp table joined as from {quoted(relation)} union all by name from {part}"
    )
    con.execute(f"drop table {quoted(relation)}")
    con.execute(f"alter table joined rename to {quoted(relation)}")


def _next_record(session: LoadSession) -> int:
    """The first of a block of record identities, wide enough for any file."""
    return next(session.blocks) << 36


def _record_undecodable(
    session: LoadSession,
    source: Source,
    table: SourceTable,
    part: _Part,
    bad: Sequence[tuple[int, str]],
) -> None:
    for number, reason in bad:
        if part.numbers is not None and number not in part.numbers:
            continue
        identity = _next_record(session) + number
        session.state.con.execute(
            f"insert into {RECORDS} (_record, source, raw_table, file_no, record_no, class, is_current, "
            "is_remapped) values (?, ?, ?, ?, ?, 'accepted', false, false)",
            [identity, source.name, table.name, part.file_no, number],
        )
        session.state.con.execute(
            "insert into rejected values (?, ?, ?)", [identity, "cannot be read", reason]
        )


# -- lookups -----------------------------------------------------------------------------------------


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
    grown |= {
        item.table.name
        for item in arrival.tables
        if item.table.change.mode == "snapshot" and item.last_file
    }
    return grown


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
        con.execute(
            f"create or replace temp table {into} as from {quoted(landed.relation)} where _file_no = {landed.last_file}"
        )
        return into
    con.execute(f"drop table if exists temp.{into}")
    row = con.execute(
        "select max(file_no) from file where source = ? and raw_table = ?",
        [arrival.source.name, name],
    ).fetchone()
    if row is None or row[0] is None:
        columns = "".join(f", {quoted(c)} varchar" for c in arrival.source.table(name).wanted)
        con.execute(f"create temp table {into} (_record bigint{columns})")
        return (
            into  # its records have not landed; when they do, those that read it are mapped again
        )
    raw_table(
        con,
        session.home,
        session.keys,
        _file_of(session, int(row[0])),
        arrival.source.table(name),
        into,
    )
    return into


def map_again(session: LoadSession, arrival: Arrival, tables: Collection[str]) -> None:
    """Adds the live records of earlier loads of these raw tables, to be mapped again."""
    source, state = arrival.source, session.state
    for name in sorted(tables):
        state.con.execute(
            f"""
            create or replace temp table again as
            select r.* from record as r
            where r.source = ? and r.raw_table = ? and r.state in ('live', 'set_aside', 'withdrawn')
                and not exists (select 1 from {RECORDS} as n where n.record_key = r.record_key and n.is_current)
                and not exists (select 1 from deleted_record as d where d.record_key = r.record_key)
            """,
            [source.name, name],
        )
        _read_again(session, arrival, source.table(name))


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
            and not exists (select 1 from {RECORDS} as n where n.record_key = h.record_key)
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
        arrival = session.arrivals.setdefault(name, Arrival(source))
        state.con.execute(
            "create or replace temp table again as from heir_record where source = ? and raw_table = ?",
            [name, table],
        )
        _read_again(session, arrival, source.table(table))
    return state.count("heir_record")


def _read_again(session: LoadSession, arrival: Arrival, table: SourceTable) -> None:
    """Reads the records in `again` back from their files and counts them as mapped again."""
    rows = session.state.con.execute("select distinct file_no from again order by 1").fetchall()
    for (number,) in rows:
        _read_file_again(session, arrival, table, int(number))


def _read_file_again(
    session: LoadSession, arrival: Arrival, table: SourceTable, number: int
) -> None:
    con, source = session.state.con, arrival.source
    con.execute("drop table if exists temp.cut")
    raw_table(con, session.home, session.keys, _file_of(session, number), table, "cut")
    offset = _next_record(session)
    con.execute(f"""
        create or replace temp table cut_numbered as
        select c.* exclude (_record), c._record as _number, {number}::integer as _file_no,
            {offset} + c._record as _record
        from cut as c semi join (from again where file_no = {number}) as a on a.record_no = c._record
    """)
    landed = arrival.landed(table.name)
    relation = f"raw_{source.name}_{table.name}"
    _append(session, relation, "cut_numbered", first=landed is None)
    columns = tuple(c for c in session.state.columns(relation) if c not in HIDDEN)
    fresh = Landed(source, table, relation, columns, landed.last_file if landed else None)
    arrival.tables = [item for item in arrival.tables if item.table.name != table.name] + [fresh]
    con.execute(f"""
        insert into {RECORDS} (_record, source, raw_table, file_no, record_no, record_key, content, version,
            landed_day, class, is_current, is_remapped)
        select {offset} + a.record_no, a.source, a.raw_table, a.file_no, a.record_no, a.record_key, a.content,
            a.version, a.landed_day, 'accepted', true, true
        from again as a where a.file_no = {number}
    """)


def landed_paths(files: Iterable[LandedFile]) -> tuple[Path, ...]:
    """Files inside landing, to be removed once a manifest names them."""
    return tuple(dict.fromkeys(file.path for file in files if file.inside))
