"""A small star through several loads: ledgers with every row, plain tables as each load left."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from cubes.cube import Cuboid
from cubes.refresh import cells_sql
from models.connection import open_connection
from models.schema import shipped_schema
from tests.cubes.star import AS_OF, DIMENSIONS, PROVINCES, FakeSnapshot, Star, random_star

TABLES = (*DIMENSIONS, "fact_answer", "fact_contact")
Row = dict[str, Any]


@dataclass
class Chronicle:
    """Tables by load, written down as they come: the last is the release, all are remembered."""

    plain: list[Star] = field(default_factory=list)
    ever: dict[str, list[Row]] = field(default_factory=dict)

    def load(self, star: Star) -> None:
        """Assert what is new or different and retract what it replaces or no longer has."""
        number = len(self.plain) + 1
        for table in TABLES:
            rows = {_key(table, row): dict(row) for row in star.tables.get(table, [])}
            ledger = self.ever.setdefault(table, [])
            for row in ledger:
                same = row["load_to"] is None and rows.get(_key(table, row))
                if same and all(row.get(name) == value for name, value in same.items()):
                    del rows[_key(table, row)]
                elif row["load_to"] is None:
                    row["load_to"] = number
            ledger += [{**row, "load_from": number, "load_to": None} for row in rows.values()]
        self.plain.append(star)

    def as_of(self, load: int) -> datetime:
        return AS_OF - timedelta(days=len(self.plain) - load)

    def released(self, cuboids: Iterable[Cuboid]) -> FakeSnapshot:
        """The release after the last load, with its ledgers, these cuboids and its loads."""
        con = open_connection("reader")
        self.plain[-1].put(con)
        for cuboid in cuboids:
            con.execute(f"create table {cuboid.name} as {cells_sql(cuboid, cuboid.cube.fact, str)}")
        con.execute("create schema ever")
        specs = shipped_schema().specs
        for table in TABLES:
            columns = specs[table].past_columns
            body = ", ".join(f'"{name}" {type_}' for name, type_ in columns)
            con.execute(f'create table ever."{table}" ({body})')
            _insert(con, f'ever."{table}"', columns, self.ever[table])
            con.execute(f'create view main."{table}_all" as from ever."{table}"')
        con.execute('create table "load" ("load" integer, as_of timestamp, command varchar)')
        for number in range(1, len(self.plain) + 1):
            moment = self.as_of(number).replace(tzinfo=None)
            con.execute('insert into "load" values (?, ?, ?)', [number, moment, "load"])
        long = ("fact_answer", "fact_contact")  # so that cells are less to read
        return FakeSnapshot(con, load=len(self.plain), as_of=AS_OF, long=long)


def written_down(seed: int, loads: int, answers: int = 40, contacts: int = 25) -> Chronicle:
    """A chronicle that a seed decides: facts come, change and go, and so do dimension rows."""
    chance, chronicle = random.Random(seed), Chronicle()
    source = random_star(seed, answers=answers, contacts=contacts)
    star = Star({name: list(rows) for name, rows in source.tables.items()})
    for table in ("fact_answer", "fact_contact"):
        star.tables[table] = [row for row in star.tables[table] if chance.random() < 0.6]
    for _ in range(loads):
        chronicle.load(star)
        star = _changed(star, source, chance)
    return chronicle


def _changed(star: Star, source: Star, chance: random.Random) -> Star:
    """A load later: some facts come, go and are corrected; members move and are renamed."""
    tables = {name: [dict(row) for row in rows] for name, rows in star.tables.items()}
    for table in ("fact_answer", "fact_contact"):
        rows = {_key(table, row): row for row in tables[table] if chance.random() > 0.06}
        for row in source.tables[table]:
            if chance.random() < 0.1:
                rows[_key(table, row)] = {**row, "channel_key": chance.randint(0, 2)}
        tables[table] = list(rows.values())
    sites = tables["dim_site"]
    if chance.random() < 0.5:
        chance.choice(sites)["province"] = chance.choice(PROVINCES)
    if chance.random() < 0.3:
        first, second = (row for row in sites if row["site_key"] == 1)
        cut = date(2026, chance.randint(2, 4), chance.randint(1, 28))
        first["valid_to"] = second["valid_from"] = cut
    if chance.random() < 0.3:
        tables["dim_question"][chance.randint(0, 5)].update(
            tables["dim_process"][chance.randint(0, 2)]
        )
    if chance.random() < 0.3:
        tables["dim_channel"][chance.randint(0, 2)]["channel"] = f"channel {chance.randint(3, 5)}"
    return Star(tables)


def _key(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in shipped_schema().specs[table].key)


def _insert(
    con: duckdb.DuckDBPyConnection, into: str, columns: tuple[tuple[str, str], ...], rows: list[Row]
) -> None:
    import pyarrow as pa

    given = pa.table({name: [row.get(name) for row in rows] for name, _ in columns})
    con.register("given_rows", given)
    casts = ", ".join(f'"{name}"::{type_}' for name, type_ in columns)
    con.execute(f"insert into {into} select {casts} from given_rows")
    con.unregister("given_rows")
