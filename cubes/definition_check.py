"""Whether a cube's definition adds up, told in a sentence before any cell is made of it.

Cells are added and subtracted in any order and must come out the same, so what they hold is a sum
over single facts of whole numbers or DECIMAL. A DOUBLE comes out differently in another order; an
aggregate that reads another row changes when that row does, and nobody would know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cubes.cube import Aggregate, Cube, Measure
from models.errors import DefinitionError, did_you_mean
from models.table import TableSpec

_EXACT = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)|DECIMAL\(\d+,\s*\d+\)")
_STORED = re.compile(r"SMALLINT|INTEGER|BIGINT|DECIMAL\(\d+,\s*\d+\)")
_OTHER_ROWS = (exp.AggFunc, exp.Window, exp.Query)
_CHANGING = (exp.Rand, exp.Uuid, exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp)


@cache
def check_shipped() -> None:
    """Check the cubes of this installation against its tables, once in a process."""
    from cubes.definitions import CUBES
    from models.schema import shipped_schema

    for cube in CUBES:
        check_cube(cube, shipped_schema().specs)


def check_cube(cube: Cube, specs: Mapping[str, TableSpec]) -> None:
    """DefinitionError where an aggregate does not add up or a name means nothing."""
    for aggregate in cube.aggregates:
        _check_aggregate(cube, aggregate)
    _check_types(cube, specs)
    for measure in cube.measures:
        for formula in _formulas(measure):
            _check_formula(cube, measure, formula)
    keys = {key.name for key in cube.keys}
    for level in cube.levels.values():
        if not any(way.key in keys for way in level.ways):
            ways = " or ".join(dict.fromkeys(way.key for way in level.ways))
            raise DefinitionError(
                f"{cube.name}: the level {level.name} is read from {ways}, and no key of the cube "
                "is called so; add the key or leave out the dimension"
            )
    for grid in cube.grids:
        known = [measure.name for measure in cube.measures]
        lost = next((name for name in grid.measures if name not in known), None)
        if lost or not any(a.name == grid.base for a in cube.aggregates):
            raise DefinitionError(
                f"{cube.name}: the grid {grid.name} publishes {lost or grid.base}, and the cube "
                f"has no such {'measure' if lost else 'aggregate'}"
                f"{did_you_mean(lost or grid.base, known)}"
            )


def _check_aggregate(cube: Cube, aggregate: Aggregate) -> None:
    named = f"{cube.name}: the aggregate {aggregate.name}"
    if aggregate.combine != "sum":
        raise DefinitionError(
            f"{named} combines by {aggregate.combine}, and a withdrawn fact cannot be taken out of "
            "that again; store sums alone, and read the ends of a bounded score from its histogram"
        )
    if not _STORED.fullmatch(aggregate.type):
        raise DefinitionError(
            f"{named} is stored as {aggregate.type}, which does not add up exactly everywhere; "
            "store SMALLINT, INTEGER, BIGINT or DECIMAL"
        )
    tree = _tree(named, aggregate.sql)
    if any(tree.find_all(*_OTHER_ROWS)):
        raise DefinitionError(
            f"{named} reads other rows than its own fact ({aggregate.sql}); say what one fact "
            "adds, and let the model put beside the fact what others must tell it"
        )
    if any(tree.find_all(*_CHANGING)):
        raise DefinitionError(
            f"{named} says something else each time ({aggregate.sql}); say what one fact adds, "
            "whenever it is asked"
        )
    known = ["f", *(join.alias for join in cube.joins)]
    for column in tree.find_all(exp.Column):
        if column.table not in known:
            raise DefinitionError(
                f"{named} reads {column.sql()}, and the cube knows {', '.join(known)}; "
                f"say f.{column.name} for a column of {cube.fact}"
            )


def _check_types(cube: Cube, specs: Mapping[str, TableSpec]) -> None:
    """What each aggregate adds, as DuckDB types it over empty tables."""
    con = duckdb.connect()
    for table in dict.fromkeys((cube.fact, *(join.table for join in cube.joins))):
        if table not in specs:
            raise DefinitionError(f"{cube.name}: there is no table {table} among the models")
        columns = ", ".join(f'"{name}" {type_}' for name, type_ in specs[table].columns)
        con.execute(f"create table {table} ({columns})")
    joins = " ".join(f"left join {j.table} as {j.alias} on {j.condition}" for j in cube.joins)
    source = f"from {cube.fact} as f {joins}"
    for one in cube.keys:
        _typed(con, f"{cube.name}: the key {one.name}", one.sql, source)
    for each in cube.aggregates:
        named = f"{cube.name}: the aggregate {each.name}"
        found = _typed(con, named, each.sql, source)
        if not _EXACT.fullmatch(found) and found != '"NULL"':
            raise DefinitionError(
                f"{named} sums a {found}, whose sum depends on the order of the facts; "
                "count in whole units, or cast to DECIMAL in the model"
                if found in ("DOUBLE", "FLOAT")
                else f"{named} sums a {found}; what adds up is a whole number or DECIMAL, such as "
                f"({each.sql})::integer"
            )
    con.close()


def _typed(con: duckdb.DuckDBPyConnection, named: str, sql: str, source: str) -> str:
    try:
        row = con.execute(f"describe select {sql} as it {source}").fetchone()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise DefinitionError(f"{named} cannot be read ({sql}): {first}") from error
    return str(row[1]) if row else ""


def _formulas(measure: Measure) -> Iterable[str]:
    yield measure.formula
    yield measure.base
    for interval in (measure.interval, *(each for _, each in measure.interval_by)):
        for name in interval.__slots__ if interval is not None else ():
            yield getattr(interval, name) if isinstance(getattr(interval, name), str) else ""


def _check_formula(cube: Cube, measure: Measure, formula: str) -> None:
    named = f"{cube.name}: the measure {measure.name}"
    if not formula:
        return
    aggregates = [aggregate.name for aggregate in cube.aggregates]
    tree = _tree(named, formula)
    for node in tree.find_all(exp.AggFunc):
        over = {"Sum": aggregates, "Min": cube.levels, "Max": cube.levels}.get(type(node).__name__)
        if over is None:
            raise DefinitionError(
                f"{named} says {node.sql(dialect='duckdb')}; a measure is a formula over sums of "
                "aggregates, and over the smallest and greatest member of a level"
            )
        if not isinstance(node.this, exp.Column) or node.this.name not in over:
            spelt = node.this.sql(dialect="duckdb")
            what = "aggregate" if isinstance(node, exp.Sum) else "level"
            raise DefinitionError(
                f"{named} says {node.sql(dialect='duckdb')}, and {spelt} is no {what} of the cube"
                f"{did_you_mean(spelt, over)}"
            )
    for column in tree.find_all(exp.Column):
        if not isinstance(column.parent, exp.AggFunc):
            raise DefinitionError(
                f"{named} reads {column.name} of single cells ({formula[:60]}); "
                f"write sum({column.name})"
            )


def _tree(named: str, sql: str) -> exp.Expr:
    try:
        found = sqlglot.parse_one(f"select {sql}", dialect="duckdb")
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise DefinitionError(f"{named} cannot be read ({sql}): {first}") from error
    tree: exp.Expr = found.expressions[0]
    return tree
