"""What the loader stands on: the newest release as a reader sees it, or nothing yet.

A load reads the warehouse through the same views as everybody else; before the first release the
same names are empty tables, so that no step asks whether there is a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from cubes.cube import Cuboid
from cubes.in_use import cuboids_in_use
from cubes.lattice import CUBOIDS
from cubes.refresh import cuboid_specs
from models.home import Home
from models.manifest import Manifest
from models.reader import Reader, Snapshot
from models.table import TableSpec, column_list


@dataclass(frozen=True, slots=True)
class State:
    """One connection over one release; `old(name)` names a table as it was before this load."""

    con: duckdb.DuckDBPyConnection
    snapshot: Snapshot
    specs: Mapping[str, TableSpec]
    cuboids: tuple[Cuboid, ...] = CUBOIDS  # those that this release keeps
    sizes: dict[str, int] = field(default_factory=dict)  # rows of what changes no more

    @property
    def manifest(self) -> Manifest:
        """The release this load starts from; its load is 0 before the first."""
        return self.snapshot.manifest

    @property
    def load(self) -> int:
        """The load about to be made."""
        return self.manifest.load + 1

    def old(self, table: str) -> str:
        """The table's current rows as of the last release."""
        return f"{self.snapshot.schema}.{table}"

    def rows_for(self, table: str, keys: str, into: str) -> None:
        """Current rows of a ledger whose lookup key is in `keys(key)`, found through key files."""
        self.snapshot.rows_for(self.con, table, keys, into)

    def empty(self, table: str, into: str) -> None:
        """A temporary table like the given one, without rows; cheaper than asking its view."""
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in self.specs[table].base_columns)
        self.con.execute(f"create or replace temp table {into} ({columns})")

    def settle(self, models: Iterable[str]) -> None:
        """Counts what a load asserts and retracts of each model, once it changes no more."""
        tables = [f"{sign}_{name}" for name in models for sign in ("plus", "minus")]
        row = self.con.execute(
            f"select {', '.join(f'(select count(*) from {table})' for table in tables)}"
        ).fetchone()
        self.sizes.update(zip(tables, row or (), strict=True))

    def count(self, relation: str, where: str = "true") -> int:
        """Rows of a relation; what is settled was counted before."""
        if where == "true" and relation in self.sizes:
            return self.sizes[relation]
        row = self.con.execute(f"select count(*) from {relation} where {where}").fetchone()
        return int(row[0]) if row else 0

    def columns(self, relation: str) -> tuple[str, ...]:
        """The column names of a relation."""
        return tuple(row[0] for row in self.con.execute(f"describe {relation}").fetchall())


def open_state(home: Home, reader: Reader | None, specs: Iterable[TableSpec]) -> State:
    """The state a load starts from; a kept reader saves opening the base again.

    No load reads cells: the tables of the cuboids are described, and not offered.
    """
    by_name = {spec.name: spec for spec in specs}
    reader = reader or Reader(home, role="writer", specs=tuple(by_name.values()))
    reader.refresh()
    snapshot = reader.snapshot()
    cuboids = cuboids_in_use(snapshot.manifest)
    cells = {spec.name: spec for spec in cuboid_specs(cuboids)}
    return State(snapshot.cursor(), snapshot, {**by_name, **cells}, cuboids)


def ledger_tail(state: State, table: str, plus: str, minus: str, into: str) -> bool:
    """The signed rows of a ledger: assertions of this load, and retractions as full copies.

    False, and nothing made, when there are none.
    """
    if not state.count(plus) and not state.count(minus):
        return False
    spec = state.specs[table]
    columns = column_list(spec.columns)
    state.con.execute(f"""
        create or replace temp table {into} as
        select {columns},
            {state.load}::integer as load_from, null::integer as load_to, 1::tinyint as sign
        from {plus}
        union all
        select {columns}, load_from, {state.load}::integer, -1::tinyint
        from {minus}
    """)
    return True


def difference(state: State, table: str, old: str, new: str, plus: str, minus: str) -> None:
    """What `new` asserts and retracts against `old`; a row that stayed the same is in neither.

    Rows are compared on all columns of the table, nulls equal to nulls.
    """
    con, spec = state.con, state.specs[table]
    columns = column_list(spec.columns)
    if state.count(old) == 0:
        con.execute(f"create or replace temp table {plus} as select {columns} from {new}")
        con.execute(f"create or replace temp table {minus} as select * from {old} limit 0")
        return
    con.execute(f"""
        create or replace temp table {plus} as
        select {columns} from {new} except select {columns} from {old}
    """)
    gone = f"(select {columns} from {old} except select {columns} from {new})"
    same = " and ".join(f'o."{name}" is not distinct from g."{name}"' for name in spec.key)
    con.execute(f"""
        create or replace temp table {minus} as
        select o.* from {old} as o semi join {gone} as g on {same}
    """)
