"""The arguments, made in DuckDB: what it cannot make is malformed, and says so in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import duckdb

from cubes.rewrite.catalogue import Catalogue, ForeignKey, Kind, Table, first_line, parsed
from cubes.rewrite.outcome import CatalogueError
from cubes.rewrite.printing import quoted


def path_of(name: str) -> tuple[str, ...]:
    """The parts of a name as the arguments give it: `table`, `schema.table`, quoted or not."""
    parts, part, inside = [], "", False
    for letter in name:
        if letter == '"':
            inside = not inside
        elif letter == "." and not inside:
            parts.append(part)
            part = ""
        else:
            part += letter
    parts.append(part)
    if not all(parts):
        raise CatalogueError(f"The name {name!r} is empty or ends in a dot; give it a name")
    return tuple(parts)


def bound(
    tables: Mapping[str, Mapping[str, str]],
    cuboids: Mapping[str, str],
    keys: Mapping[str, tuple[Any, ...]],
    foreign_keys: Iterable[tuple[Any, ...]],
    not_null: AbstractSet[tuple[str, str]],
    views: Mapping[str, str],
    timezone: str | None,
) -> Catalogue:
    """The catalogue of these arguments; raises `CatalogueError` for a contradiction in them."""
    connection = duckdb.connect(
        config={"threads": 1, "enable_external_access": "false", "memory_limit": "512MB"}
    )
    try:
        connection.execute(f"set global timezone = '{(timezone or 'UTC')}'")
    except duckdb.Error:
        raise CatalogueError(f"The time zone {timezone!r} is none DuckDB knows") from None
    kinds: dict[str, tuple[str, Kind]] = {}
    for names, kind in ((tables, "table"), (views, "view"), (cuboids, "cuboid")):
        for name in names:
            lower = ".".join(path_of(name)).lower()
            if lower in kinds:
                raise CatalogueError(f"{name} is given twice; every name stands for one thing")
            kinds[lower] = (name, kind)  # type: ignore[assignment]
    _create_schemas(connection, [path_of(name) for name, _ in kinds.values()])
    for name, columns in tables.items():
        _create_table(connection, name, columns)
    _create_selects(connection, views, cuboids)
    shapes = _shapes(connection)
    found = {}
    for lower, (name, kind) in kinds.items():
        found[lower] = _table(connection, name, kind, shapes, {**views, **cuboids}.get(name))
    with_keys = _with_keys(found, keys, not_null)
    links = tuple(_foreign_key(with_keys, link) for link in foreign_keys)
    return Catalogue(connection, with_keys, links, {}, timezone)


def _create_schemas(connection: duckdb.DuckDBPyConnection, paths: list[tuple[str, ...]]) -> None:
    for path in paths:
        try:
            if len(path) > 2:
                connection.execute(f"attach if not exists ':memory:' as {quoted(path[0])}")
            if len(path) > 1:
                schema = ".".join(quoted(part) for part in path[:-1])
                connection.execute(f"create schema if not exists {schema}")
        except duckdb.Error:
            raise CatalogueError(f"{'.'.join(path)} is no name DuckDB can give a table") from None


def _create_table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, str]
) -> None:
    listed = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns.items())
    place = ".".join(quoted(part) for part in path_of(name))
    try:
        connection.execute(f"create table {place} ({listed})")
    except duckdb.Error as error:
        raise CatalogueError(f"The table {name} cannot be made: {first_line(error)}") from None


def _create_selects(
    connection: duckdb.DuckDBPyConnection, views: Mapping[str, str], cuboids: Mapping[str, str]
) -> None:
    """Views and cuboids may read one another in any order: what binds is made, again and again."""
    left = {**views, **cuboids}
    while left:
        errors = {}
        for name, sql in tuple(left.items()):
            kind = "table" if name in cuboids else "view"
            place = ".".join(quoted(part) for part in path_of(name))
            try:
                connection.execute(f"create {kind} {place} as {sql.strip().rstrip(';')}\n")
                del left[name]
            except duckdb.Error as error:
                errors[name] = first_line(error)
        if len(errors) == len(left) and left:
            name = next(iter(left))
            kind = "cuboid" if name in cuboids else "view"
            raise CatalogueError(f"The {kind} {name} cannot be made: {errors[name]}")


def _shapes(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    shapes: dict[str, list[tuple[str, str]]] = {}
    rows = connection.execute(
        "select database_name, schema_name, table_name, column_name, data_type"
        " from duckdb_columns() where not internal"
        " order by database_name, schema_name, table_name, column_index"
    ).fetchall()
    for database, schema, table, column, kind in rows:
        place = f"{database}.{schema}.{table}".lower()
        shapes.setdefault(place, []).append((column, kind))
    return shapes


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    kind: Kind,
    shapes: Mapping[str, list[tuple[str, str]]],
    sql: str | None,
) -> Table:
    path = path_of(name)
    whole = ("memory", "main")[: max(0, 3 - len(path))] + path
    columns = tuple(shapes[".".join(whole).lower()])
    query = parsed(connection, sql) if sql is not None else None
    return Table(name, kind, path, columns, query, select=(sql or "").strip().rstrip(";"))


def _with_keys(
    tables: Mapping[str, Table],
    keys: Mapping[str, tuple[Any, ...]],
    not_null: AbstractSet[tuple[str, str]],
) -> dict[str, Table]:
    found: dict[str, list[tuple[str, ...]]] = {}
    nullless: dict[str, set[str]] = {}
    for name, given in keys.items():
        table = _named(tables, name, "keys")
        several = given and not isinstance(given[0], str)
        for key in given if several else (given,):
            columns = tuple(_column(table, column, "keys") for column in key)
            found.setdefault(table.name, []).append(columns)
            nullless.setdefault(table.name, set()).update(columns)
    for name, column in not_null:
        table = _named(tables, name, "not_null")
        nullless.setdefault(table.name, set()).add(_column(table, column, "not_null"))
    return {
        lower: Table(
            t.name, t.kind, t.path, t.columns, t.query,
            tuple(found.get(t.name, ())), frozenset(nullless.get(t.name, ())), t.select,
        )
        for lower, t in tables.items()
    }  # fmt: skip


def _named(tables: Mapping[str, Table], name: str, where: str) -> Table:
    found = tables.get(".".join(path_of(name)).lower())
    if found is None:
        raise CatalogueError(f"{where} names {name}, which is no table of the catalogue")
    return found


def _column(table: Table, name: object, where: str) -> str:
    found = table.column(str(name))
    if found is None:
        raise CatalogueError(
            f"{where} names {table.name}.{name}, and {table.name} has no such column"
        )
    return found


def _foreign_key(tables: Mapping[str, Table], link: tuple[Any, ...]) -> ForeignKey:
    if len(link) != 4:
        raise CatalogueError(
            f"foreign_keys holds {link!r}; it takes (child, column, parent, column)"
        )
    child = _named(tables, link[0], "foreign_keys")
    parent = _named(tables, link[2], "foreign_keys")
    columns, referred = (
        (each,) if isinstance(each, str) else tuple(each) for each in (link[1], link[3])
    )
    if len(columns) != len(referred):
        raise CatalogueError(f"foreign_keys pairs {columns} with {referred}: not as many")
    return ForeignKey(
        child.name,
        tuple(_column(child, column, "foreign_keys") for column in columns),
        parent.name,
        tuple(_column(parent, column, "foreign_keys") for column in referred),
    )
