"""A source's definition against landed files, without a home: raw tables, mappings, star.

Files are cut as they are when they land, then the shipped mappings and models run as they stand.
What the loader adds (accounts, ledger, vault, release) is left out, so that a test sees the
definition alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from models.connection import open_connection
from models.home import open_home
from models.keys import open_keys
from models.schema import MEMBER_DIMENSIONS, Entity, shipped_schema
from pipelines.land import LandedFile, raw_table, take
from pipelines.source import SOURCES, Source, SourceTable, read_source

DATA = Path(__file__).parents[2] / "../shared/data"


def real_files(folder: str, pattern: str) -> tuple[Path, ...]:
    """The real files of that name, by name; a test without them skips and says so."""
    found = tuple(sorted((DATA / folder).glob(pattern)))
    if not found:
        pytest.skip(f"the real data {folder}/{pattern} is not in ../shared/data")
    return found


@dataclass(frozen=True, slots=True)
class StarOf:
    """One source mapped into an otherwise empty star; `refused` has what a mapping refuses."""

    source: Source
    con: duckdb.DuckDBPyConnection

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.con.execute(sql).fetchall()

    def row(self, sql: str) -> tuple[object, ...]:
        (only,) = self.rows(sql)
        return only

    def one(self, sql: str) -> object:
        return self.row(sql)[0]


def star_of(name: str, landed: Mapping[str, Sequence[Path]]) -> StarOf:
    """Maps the given files of each table, later files after earlier ones."""
    source, con = read_source(SOURCES / name), open_connection("writer")
    con.execute("set memory_limit = '2GB'")  # all of a source at once, and nowhere to spill
    con.execute("create table landing (raw_table varchar, landed bigint, distinct_records bigint)")
    for table in source.tables:
        shipped = (source.folder / table.shipped,) if table.shipped else ()
        _raw(con, source, table, [*shipped, *landed.get(table.name, ())])
    for lookup in source.lookups:
        columns = ", ".join(lookup.columns)
        con.execute(f"create table {lookup.name} as select distinct {columns} from {lookup.table}")
    con.execute("create table refused (entity varchar, _record bigint, reason varchar)")
    con.execute("create table member (dimension varchar, ref varchar, key integer)")
    con.execute("create table setting (name varchar, value varchar)")
    con.execute("create table holiday (day date, name varchar)")
    for dimension in MEMBER_DIMENSIONS:
        con.execute("insert into member values (?, 'unknown', 0)", [dimension])
    for entity in shipped_schema().entities.values():
        _map(con, source, entity)
        _canonical(con, source, entity)
    for model in shipped_schema().models:
        if model.layer != "canonical":
            con.execute(f"create table {model.name} as {model.sql}")
    return StarOf(source, con)


def _raw(
    con: duckdb.DuckDBPyConnection, source: Source, table: SourceTable, files: Sequence[Path]
) -> None:
    """The table's records as landed, each once: by its key, or whole where it has none."""
    listed = table.match.columns if isinstance(table.match.columns, tuple) else ()
    empty = dict.fromkeys(name.casefold() for name in (*table.wanted, *listed))
    columns = "".join(f', "{name}" varchar' for name in empty)
    con.execute(f"create temp table landed (_record bigint, _file varchar, _sha varchar{columns})")
    with TemporaryDirectory() as folder:
        environ = {"HAPPYCALL_KEYS": f"{folder}/keys"}
        home = open_home(Path(folder) / "home", environ)
        keys = open_keys(home, environ)
        for path in files:
            taken = take(home, keys, LandedFile(path, source.name, table.name, False), source)
            assert not raw_table(con, home, keys, taken, table, "landed")
    named = [row[0] for row in con.execute("describe landed").fetchall() if row[0][0] != "_"]
    key = ", ".join(f'"{name}"' for name in table.change.key or named)
    con.execute(f"""
        create table {table.name} as
        select * exclude (_record, _sha), row_number() over (order by rowid) as _record,
            (hash({key}) >> 1)::bigint as _record_key
        from landed
        qualify row_number() over (partition by _record_key order by rowid) = 1
    """)
    con.execute(
        f"insert into landing select ?, (select count(*) from landed), count(*) from {table.name}",
        [table.name],
    )
    con.execute("drop table landed")


def _map(con: duckdb.DuckDBPyConnection, source: Source, entity: Entity) -> None:
    """`mapped`: what the mappings of the entity deliver, without the records they refuse."""
    parts = ["select null::bigint as _record, null::bigint as _record_key where false"]
    for number, mapping in enumerate(m for m in source.mappings if m.entity == entity.name):
        part = f"part_{entity.name}_{number}"
        con.execute(f"create table {part} as {mapping.sql}")
        if "_reject" in _columns(con, part):
            con.execute(f"""
                insert into refused
                select '{entity.name}', _record, _reject from {part} where _reject is not null
            """)
            con.execute(f"delete from {part} where _reject is not null")
        parts.append(
            f"select p.*, r._record_key from {part} as p join {mapping.table} as r using (_record)"
        )
    con.execute(f"create or replace table mapped as {' union all by name '.join(parts)}")


def _canonical(con: duckdb.DuckDBPyConnection, source: Source, entity: Entity) -> None:
    """The entity's canonical table: members resolved, checks of the model applied."""
    given = _columns(con, "mapped")
    referred = [each for each in entity.dimensions if f"{each}_ref" in given]
    for dimension in referred:
        con.execute(f"""
            insert into member
            select '{dimension}', ref, row_number() over (order by ref)
                + (select max(key) from member where dimension = '{dimension}')
            from (select distinct blank_null({dimension}_ref) as ref from mapped) as n
            where ref is not null and ref not in
                (select ref from member where dimension = '{dimension}')
        """)
    keys = "".join(
        f", coalesce(k_{each}.key, 0) as {each}_key" if each in referred else f", 0 as {each}_key"
        for each in entity.dimensions
    )
    joins = "".join(
        f" left join (from member where dimension = '{each}') as k_{each}"
        f" on k_{each}.ref = blank_null(m.{each}_ref)"
        for each in referred
    )
    known = {*given, *(f"{each}_key" for each in entity.dimensions), "_source"}
    missing = "".join(f", null::varchar as {name}" for name in entity.mapped if name not in known)
    con.execute(f"""
        create table mapped_{entity.name} as
        select m.*{keys}{missing}, '{source.namespace}' as _source from mapped as m{joins}
    """)
    table = entity.model.name
    con.execute(f"""
        create table {table} as
        select f.*, k._record_key as record_key, date '2020-01-01' as landed_day
        from ({entity.trying}) as f
        join (select distinct _record, _record_key from mapped) as k using (_record)
    """)
    for check in entity.model.checks:
        con.execute(
            f"""
            insert into refused
            select ?, _record, ? from {table} where not coalesce(({check}), true)
            """,
            [entity.name, check],
        )


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {row[0] for row in con.execute(f"describe {table}").fetchall()}
