"""A source's part of a load: its files taken, and cut into one raw table for each of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import SourceError
from models.table import quoted
from pipelines.classify import RECORDS
from pipelines.land import LandedFile, Taken, raw_table, take
from pipelines.landed import Landed
from pipelines.source import Source, SourceTable
from pipelines.state import State
from pipelines.undone import standing_files

if TYPE_CHECKING:
    from pipelines.session import LoadSession

HIDDEN = ("_record", "_file", "_sha", "_file_no", "_number")


@dataclass(slots=True)
class Arrival:
    """One source in one load."""

    source: Source
    tables: list[Landed] = field(default_factory=list)
    has_looked: bool = False  # its lookups have grown, and what reads them is read again

    def landed(self, table: str) -> Landed | None:
        """The raw table of that name in this load, if it has any records here."""
        return next((item for item in self.tables if item.table.name == table), None)


def take_source(session: LoadSession, name: str) -> Arrival:
    """Takes a source's files of this load and cuts them into one raw table per table."""
    source = next(s for s in session.batch.sources if s.name == name)
    arrival = Arrival(source)
    for table in source.tables:
        relation = f"raw_{source.name}_{table.name}"
        session.state.con.execute(f"drop table if exists temp.{quoted(relation)}")
        if session.batch.entries:
            parts = _quarantined(session, source, table)
        else:
            found = (*session.batch.shipped, *session.batch.files)
            files = [file for file in found if (file.source, file.table) == (name, table.name)]
            parts = [
                part
                for file in files
                for part in _taken(session, source, table, file, is_last=file is files[-1])
            ]
        if parts:
            arrival.tables.append(_raw(session, source, table, relation, parts))
    return arrival


@dataclass(frozen=True, slots=True)
class _Part:
    """One file of one raw table; `numbers` keeps only these records of it."""

    taken: Taken
    file_no: int
    numbers: tuple[int, ...] | None = None


def prepare_taking(state: State) -> None:
    """The tables of what this load takes and of the lookup values it adds."""
    state.con.execute("""
        create or replace temp table taken_file as
        select *, ''::varchar as full_path from file limit 0
    """)
    state.con.execute(
        "create or replace temp table lookup_new as select * from lookup_value limit 0"
    )


def half_taken(session: LoadSession) -> tuple[tuple[Path, str], ...]:
    """Files refused for one of their tables of which other tables were taken."""
    rows = session.state.con.execute("select distinct full_path from taken_file").fetchall()
    taken = {Path(row[0]) for row in rows}
    return tuple((path, why) for path, why in session.batch.refused if path in taken)


def drop_copies(session: LoadSession, paths: Iterable[Path]) -> None:
    """Removes the sealed copies of files that were taken in vain."""
    rows = session.state.con.execute(
        """
        select distinct sha256 from taken_file
        where list_contains(?, full_path) and sha256 not in (select sha256 from file)
        """,
        [[str(path) for path in paths]],
    ).fetchall()
    for (sha,) in rows:
        (session.home.taken / sha).unlink(missing_ok=True)


def _taken(
    session: LoadSession, source: Source, table: SourceTable, file: LandedFile, *, is_last: bool
) -> list[_Part]:
    """The file, sealed and numbered; nothing where it is refused whole, which is told.

    A file taken before keeps its number, unless it is a snapshot that brings an earlier state back.
    """
    try:
        taken = take(session.home, session.keys, file, source)
        if table.change.mode == "snapshot" and not taken.records:
            _refuse_to_empty(session, source, table, taken)
    except SourceError as error:
        if session.paths and len({each.path for each in session.batch.files}) == 1:
            raise
        session.batch = session.batch.with_refused(((file.path, str(error)),))
        session.progress(str(error))
        return []
    con, standing = session.state.con, standing_files(session.state)
    known = con.execute(
        f"""
        select file_no from (from {standing} union all by name
            select * exclude (full_path) from taken_file) as f
        where f.sha256 = $sha and f.source = $source and f.raw_table = $table
            and not ($returns and f.file_no < (
                select max(n.file_no) from {standing} as n
                where n.source = $source and n.raw_table = $table))
        """,
        {
            "sha": taken.sha256, "source": source.name, "table": table.name,
            "returns": is_last and table.change.mode == "snapshot",
        },
    ).fetchone()  # fmt: skip
    if known:
        number = int(known[0])
    else:
        row = con.execute("""
            select coalesce(max(file_no), 0) + 1
            from (select file_no from file union all select file_no from taken_file)
        """).fetchone()
        number = int(row[0]) if row else 1
    con.execute(
        "insert into taken_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            number, taken.sha256, file.path.name, source.name, table.name, taken.bytes,
            taken.records, taken.repaired, bool(table.shipped),
            None if known else session.state.load, str(file.path),
        ],
    )  # fmt: skip
    return [_Part(taken, number)]


def _refuse_to_empty(
    session: LoadSession, source: Source, table: SourceTable, taken: Taken
) -> None:
    """A whole state without a record would delete all there is: a cut-off export says that."""
    con = session.state.con
    row = con.execute(
        "select count(*) from record where source = ? and raw_table = ? and state = 'live'",
        [source.name, table.name],
    ).fetchone()
    if row and row[0]:
        used = "select sha256 from file union all select sha256 from taken_file"
        if not con.execute(f"from ({used}) where sha256 = ?", [taken.sha256]).fetchone():
            (session.home.taken / taken.sha256).unlink(missing_ok=True)
        raise SourceError(
            f"{taken.path} names no record, and as {source.name}/{table.name} is a snapshot, all "
            f"{row[0]:,} that it has would be deleted; export it again"
        )


def _quarantined(session: LoadSession, source: Source, table: SourceTable) -> list[_Part]:
    """The files that hold the quarantined records to be tried again, and which of theirs."""
    wanted: dict[int, list[int]] = {}
    for entry in session.batch.entries:
        if (entry.source, entry.raw_table) == (source.name, table.name):
            wanted.setdefault(entry.file_no, []).append(entry.record_no)
    return [
        _Part(file_of(session, number), number, tuple(records))
        for number, records in sorted(wanted.items())
    ]


def file_of(session: LoadSession, number: int) -> Taken:
    """A file that an earlier load took, by its number; it is kept sealed, to be read again."""
    row = session.state.con.execute(
        """
        select sha256, path, source, raw_table, bytes, records, repaired
        from file where file_no = ?
        """,
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
                {next_record(session)} + _record as _record
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
    last = parts[-1].file_no if is_snapshot else None
    return Landed(source, table, relation, columns, last, is_replay=bool(session.batch.entries))


def append(session: LoadSession, relation: str, part: str, *, first: bool) -> None:
    """Adds records to a raw table of this load, or makes it of them when they are the first."""
    con = session.state.con
    if first:
        con.execute(f"create or replace temp table {quoted(relation)} as from {part}")
        return
    con.execute(f"""
        create or replace temp table joined as
        from {quoted(relation)} union all by name from {part}
    """)
    con.execute(f"drop table {quoted(relation)}")
    con.execute(f"alter table joined rename to {quoted(relation)}")


def next_record(session: LoadSession) -> int:
    """The first of a block of record identities, wide enough for any file."""
    return next(session.blocks) << 36


def _record_undecodable(
    session: LoadSession,
    source: Source,
    table: SourceTable,
    part: _Part,
    bad: Sequence[tuple[int, str]],
) -> None:
    """Records that cannot be cut have no columns to map, but are counted and refused as others."""
    for number, reason in bad:
        if part.numbers is not None and number not in part.numbers:
            continue
        identity = next_record(session) + number
        session.state.con.execute(
            f"""
            insert into {RECORDS} (_record, source, raw_table, file_no, record_no, class,
                is_current, is_remapped)
            values (?, ?, ?, ?, ?, 'accepted', false, false)
            """,
            [identity, source.name, table.name, part.file_no, number],
        )
        session.state.con.execute(
            "insert into rejected values (?, ?, ?)", [identity, "cannot be read", reason]
        )


def landed_paths(files: Iterable[LandedFile]) -> tuple[Path, ...]:
    """Files inside landing, to be removed once a manifest names them."""
    return tuple(dict.fromkeys(file.path for file in files if file.inside))
