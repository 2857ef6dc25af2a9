"""What the arguments say, bound once: an in-memory DuckDB with their tables and cuboids, empty.

DuckDB itself says what names and types a text has. Nothing here is guessed, and a catalogue that
DuckDB cannot create is malformed: that is the only thing the rewriter raises for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import duckdb

from cubes.rewrite.node import Node
from cubes.rewrite.printing import printed, quoted

Json = dict[str, Any]
Kind = Literal["table", "view", "cuboid", "derived"]  # derived: a query in a FROM


@dataclass(frozen=True, slots=True)
class Table:
    """A table, view or cuboid as the arguments spell it."""

    name: str
    kind: Kind
    path: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]  # name and DuckDB type, in order
    query: Json | None  # the parsed SELECT of a view or cuboid
    keys: tuple[tuple[str, ...], ...] = ()
    not_null: frozenset[str] = frozenset()
    select: str = ""  # the text of a view or cuboid

    @property
    def sql(self) -> str:
        """How it is written in a FROM."""
        return ".".join(quoted(part) for part in self.path) or f"({self.name})"

    def column(self, name: str) -> str | None:
        """The column's own spelling."""
        lower = name.lower()
        return next((c for c, _ in self.columns if c.lower() == lower), None)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Each value of the child's columns that is not null stands once in the parent's."""

    child: str
    columns: tuple[str, ...]
    parent: str
    referred: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The arguments, bound: tables by lower-case path, and a connection that knows them."""

    connection: duckdb.DuckDBPyConnection
    tables: Mapping[str, Table]
    foreign_keys: tuple[ForeignKey, ...]
    sizes: Mapping[str, int]
    timezone: str | None
    types: dict[tuple[Node, tuple[str, ...]], str] = field(default_factory=dict)
    constants: dict[str, tuple[str, object]] = field(default_factory=dict)

    def find(self, path: Iterable[str]) -> Table | None:
        """The table a FROM names."""
        parts = [part.lower() for part in path if part]
        found = self.tables.get(".".join(parts))
        if found is None and len(parts) > 1 and parts[0] in ("main", "memory"):
            return self.find(parts[1:])
        return found

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor of its own: a connection serves one statement at a time."""
        return self.connection.cursor()


def parsed(cursor: duckdb.DuckDBPyConnection, sql: str) -> Json | None:
    """DuckDB's own tree of exactly one SELECT, else None."""
    row = cursor.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    tree: Json = json.loads(row[0]) if row else {"error": True}
    if tree["error"] or len(tree["statements"]) != 1:
        return None
    node: Json = tree["statements"][0]["node"]
    return node


def unparsed(cursor: duckdb.DuckDBPyConnection, node: Json) -> str:
    """The text of a tree."""
    tree = json.dumps({"error": False, "statements": [{"node": node}]})
    row = cursor.execute("select json_deserialize_sql(?::json)", [tree]).fetchone()
    assert row is not None
    return str(row[0])


def described(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[tuple[str, str], ...]:
    """Names and types of what a SELECT gives."""
    return tuple((row[0], row[1]) for row in cursor.execute(f"describe {sql}").fetchall())


def types_of(
    catalogue: Catalogue,
    cursor: duckdb.DuckDBPyConnection,
    nodes: Iterable[Node],
    tables: Mapping[str, Table],
) -> dict[Node, str]:
    """The DuckDB type of each expression, asked in one go for those not yet known."""
    names = tuple(f"{instance}:{table.name}" for instance, table in tables.items())
    wanted = tuple(dict.fromkeys(nodes))
    missing = []
    for node in wanted:
        if node.op == "col" and str(node.data[0]) in tables:
            table = tables[str(node.data[0])]
            catalogue.types[node, names] = dict(table.columns)[str(node.data[1])]
        elif (node, names) not in catalogue.types:
            missing.append(node)
    if missing:
        source = ", ".join(f"{table.sql} as {quoted(i)}" for i, table in tables.items())
        text = ", ".join(f"{printed(node)} as e{n}" for n, node in enumerate(missing))
        sql = f"select {text}" + (f" from {source}" if source else "")
        for node, (_, kind) in zip(missing, described(cursor, sql), strict=True):
            catalogue.types[node, names] = kind
    return {node: catalogue.types[node, names] for node in wanted}


def first_line(error: Exception) -> str:
    """What DuckDB says, without the excerpt."""
    return str(error).split("\n", maxsplit=1)[0]
