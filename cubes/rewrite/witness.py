"""A last look: question and rewriting answered over small data sets; a net, never the proof.

Over empty tables, where a count must be 0 and a sum NULL, and over `sample.py`'s rows, from which
the cuboid is made as its SELECT says. Any difference, and the star answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import duckdb

from cubes.rewrite.catalogue import Catalogue, Table
from cubes.rewrite.matching import Match
from cubes.rewrite.node import Node
from cubes.rewrite.normal import Normal
from cubes.rewrite.sample import Row, literals_of, rows_of

ON = True  # tests of single rules take the net away
RATIO = 1e-9
Answer = list[tuple[object, ...]]


def agree(
    catalogue: Catalogue,
    question: Normal,
    match: Match,
    texts: tuple[str, str],
    read_after: Iterable[Table],
) -> bool:
    """Whether both give the same rows wherever the original gives any."""
    cursor = catalogue.cursor()
    before, after = texts
    if not match.cuboid.scalar and not _same(cursor, before, after):
        return False
    read = [*question.block.tables.values(), *match.cuboid.normal.block.tables.values()]
    tables = _reached(catalogue, read)
    nodes = [*_expressions(question), *_expressions(match.cuboid.normal)]
    rows = rows_of(catalogue, tables, literals_of(nodes))
    if rows is None:
        return True
    cursor.execute("begin")
    try:
        for table in tables:
            _fill(cursor, table, rows.get(table.name, []))
        used = [table for table in read_after if table.kind == "cuboid"]
        chain = [cuboid for table in used for cuboid in _chain(catalogue, table)]
        for cuboid in dict.fromkeys(each.name for each in chain):
            table = next(each for each in chain if each.name == cuboid)
            # over nothing a cuboid without levels had one row already
            cursor.execute(f"delete from {table.sql}; insert into {table.sql} {table.select}")
        return _same(cursor, before, after)
    except duckdb.Error:
        return True  # the data set does not fit the tables: nothing is seen
    finally:
        cursor.execute("rollback")


def _expressions(normal: Normal) -> Iterable[Node]:
    block = normal.block
    yield from block.where
    yield from block.groups
    yield from (node for _, node in block.items)
    yield from block.having
    for left in block.lefts:
        yield from left.condition


def _reached(catalogue: Catalogue, read: Iterable[Table]) -> list[Table]:
    """The base tables to be filled, once each, with those their foreign keys name."""
    found = {table.name: table for table in read if table.kind == "table"}
    by_name = {table.name: table for table in catalogue.tables.values()}
    derived = any(table.kind == "derived" for table in read)
    if derived:
        found.update({t.name: t for t in catalogue.tables.values() if t.kind == "table"})
    for _ in range(4):
        for link in catalogue.foreign_keys:
            if link.child in found:
                found[link.parent] = by_name[link.parent]
    return list(found.values())


def _chain(catalogue: Catalogue, cuboid: Table) -> list[Table]:
    """The cuboids a cuboid is made from, first ones first, itself last."""
    from cubes.rewrite.trees import tables_read

    made: list[Table] = []
    if cuboid.query is not None:
        for table in tables_read(catalogue, cuboid.query):
            if table.kind == "cuboid" and table.name != cuboid.name:
                made += [each for each in _chain(catalogue, table) if each not in made]
            if table.kind == "view":
                made += [each for each in _chain(catalogue, table)[:-1] if each not in made]
    return [*made, cuboid]


def _fill(cursor: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    """Rows go in as lists of texts: a fifth of the time that so many constants take to parse."""
    if rows:
        kinds = [kind for _, kind in table.columns]
        casts = ", ".join(f"try_cast(c{n} as {kind})" for n, kind in enumerate(kinds))
        lists = ", ".join(f"unnest(${n + 1}::varchar[]) as c{n}" for n in range(len(kinds)))
        cursor.execute(
            f"insert into {table.sql} select {casts} from (select {lists})",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _same(cursor: duckdb.DuckDBPyConnection, before: str, after: str) -> bool:
    try:
        wanted = cursor.execute(before).fetchall()
    except (duckdb.Error, OverflowError, ValueError):
        return True
    try:
        found = cursor.execute(after).fetchall()
    except (duckdb.Error, OverflowError, ValueError):
        return False
    if len(wanted) != len(found):
        return False
    return all(map(_same_row, _sorted(wanted), _sorted(found)))


def _sorted(rows: Answer) -> Answer:
    return sorted(rows, key=lambda row: [_place(value) for value in row])


def _place(value: object) -> tuple[str, object]:
    """Where a value stands: ratios by their first digits, so that rounding does not part them."""
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else f"{value:.6e}")
    return (type(value).__name__, str(value))


def _same_row(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return all(map(_same_value, one, other))


def _same_value(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        both_nan = math.isnan(one) and math.isnan(other)
        return both_nan or math.isclose(one, other, rel_tol=RATIO, abs_tol=RATIO)
    return one == other
