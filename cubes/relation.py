"""The subquery that takes a cube's place in FROM: its levels and merged aggregates as columns.

Cells are merged by their keys first and find their dimension rows after; a cell whose facts were
all retracted is no member of any group and is dropped here.
"""

from __future__ import annotations

from cubes.blocks import Condition
from cubes.cube import Aggregate, Cube, Dimension, Way
from cubes.formula import hidden
from cubes.lookups import Lookup, Moment
from cubes.policy import own_sites
from cubes.refresh import group_sql
from cubes.source import Source
from cubes.splice import Edit, spliced
from cubes.whole_months import edges_of, pieces_sql

_DAY = Way("day")


def relation_sql(
    source: Source,
    aggregates: frozenset[str],
    sql: str,
    edits: tuple[Edit, ...],
    *,
    as_is: bool,
    none: bool = False,
) -> tuple[str, tuple[str, ...]]:
    """The subquery, and the tables it reads. `sql` and `edits` give the text of the conditions.

    With `none` no cell is read: the asker may see none, and the question keeps its shape.
    """
    cube = source.cuboid.cube
    summed = tuple(a for a in cube.aggregates if a.name in aggregates)
    early = tuple(
        _condition(ways, source, _text(condition, ways, source, sql, edits), as_is=as_is)
        for condition, ways in source.early
    )
    if source.own:
        early = (*early, _own_cells(source, source.own).sql)
    if source.same_day:
        day = "c.day" if source.stored else source.cuboid.cube.key("day").sql
        early = (*early, f"day({day}) = day({day} + {source.moved})")
    if none:
        early = (*early, "false")
    if source.stored:
        cells = _stored(source, summed, early, _rows_of(source, summed, sql, edits))
    else:
        cells = _grouped(source, summed, early)
    rows: dict[tuple[str, str], str] = {}
    columns = []
    for name, way in source.levels:
        if not way.table:
            columns.append(f"{_of(way, _later(source, way.key, f'c.{way.key}'))} as {name}")
            continue
        row = rows.setdefault((way.table, way.key), f"d{len(rows) + 1}")
        columns.append(f"{row}.{way.sql} as {name}")
    columns += [f"c.{hidden(a.name)}" for a in summed]
    joins = [
        f"left join {_rows(cube, table, key, as_is=as_is)} as {alias}"
        f" on {alias}.{_match(source, table, key)} = {_later(source, key, f'c.{key}')}"
        for (table, key), alias in rows.items()
    ]
    lines = [f"select {', '.join(columns) or 'true as _'}", f"from (\n{cells}\n) as c", *joins]
    read = {table for table, _ in rows} | {
        w.table for _, ways in source.early for w in ways if w.table
    }
    read |= {source.own.table} if source.own else set()
    if not source.stored:
        keys = (cube.key(name).sql for name in source.cuboid.keys)
        read |= {join.table for join in cube.joins_for(*keys, *(a.sql for a in summed), *early)}
    return "\n".join(lines), (*source.tables, *sorted(read))


def _rows_of(
    source: Source, summed: tuple[Aggregate, ...], sql: str, edits: tuple[Edit, ...]
) -> str:
    """What stored cells are read from: a table, or pieces of two."""
    if source.ends is None:
        return source.name
    names = dict.fromkeys(("rows", *(a.name for a in summed)))
    days = [
        _condition((_DAY,), source, _text(each, (_DAY,), source, sql, edits), as_is=False)
        for each in source.stretch
    ]
    return f"(\n{pieces_sql(source, (f'c.{name}' for name in names), sql, edits, days)}\n)"


def _stored(
    source: Source, summed: tuple[Aggregate, ...], early: tuple[str, ...], rows: str
) -> str:
    keys = ", ".join(f"c.{key}" for key in _used(source))
    sums = [f"sum(c.{a.name})::{a.merged_type} as {hidden(a.name)}" for a in summed]
    lines = [
        f"select {', '.join((*([keys] if keys else []), *sums)) or 'true as _'}",
        f"from {rows} as c",
        *((f"where {' and '.join(early)}",) if early else ()),
        *((f"group by {keys}",) if keys else ()),
        "having sum(c.rows) <> 0",
    ]
    return "\n".join(lines)


def _grouped(source: Source, summed: tuple[Aggregate, ...], early: tuple[str, ...]) -> str:
    return group_sql(
        source.cuboid, summed, source.name, str, where=early, keys=_used(source), named=hidden
    )


def _used(source: Source) -> tuple[str, ...]:
    """The keys that the block still sees once the early conditions are applied."""
    used = {way.key for _, way in source.levels}
    return tuple(key for key in source.cuboid.keys if key in used)


def _key(source: Source, key: str) -> str:
    return _later(source, key, f"c.{key}" if source.stored else source.cuboid.cube.key(key).sql)


def _later(source: Source, key: str, sql: str) -> str:
    """A key as it would be had every fact happened later."""
    return f"({sql} + {source.moved})::date" if source.moved and key in ("day", "month") else sql


def _of(way: Way, key: str) -> str:
    return way.sql.format(key=key)


def _text(
    condition: Condition, ways: tuple[Way, ...], source: Source, sql: str, edits: tuple[Edit, ...]
) -> str:
    """The condition as the question words it, over keys or over the columns of a dimension row."""
    columns = (
        Edit(
            spot.start,
            spot.end,
            f"d.{way.sql}" if way.table else f"({_of(way, _key(source, way.key))})",
        )
        for spot, way in zip(condition.spots, ways, strict=True)
    )
    return spliced(sql, (*columns, *edits), condition.start, condition.end)


def _condition(ways: tuple[Way, ...], source: Source, text: str, *, as_is: bool) -> str:
    """A condition on cells: on their keys, or on the rows of a dimension that have their key."""
    way = ways[0]
    if not way.table:
        return f"({text})"
    return _members(ways, source, text, as_is=as_is).sql


def _members(ways: tuple[Way, ...], source: Source, text: str, *, as_is: bool) -> Lookup:
    way = ways[0]
    rows = _rows(source.cuboid.cube, way.table, way.key, as_is=as_is)
    match = way.match or way.key
    return Lookup(_key(source, way.key), f"select d.{match} from {rows} as d where {text}")


def _own_cells(source: Source, way: Way) -> Lookup:
    """The condition that keeps a principal to the own sites."""
    mine = f"select d.{way.match or way.key} from {way.table} as d where {own_sites('d.site')}"
    return Lookup(_key(source, way.key), mine)


def lookups_of(
    source: Source, sql: str, edits: tuple[Edit, ...], *, as_is: bool
) -> tuple[Lookup | Moment, ...]:
    """The conditions on keys whose members can be found before it runs, and the edges of months."""
    found = [
        _members(ways, source, _text(condition, ways, source, sql, edits), as_is=as_is)
        for condition, ways in source.early
        if ways[0].table and ways[0].key not in ("day", "month")
    ]
    edges = edges_of(source, sql, edits).moments
    return (*found, *((_own_cells(source, source.own),) if source.own else ()), *edges)


def _match(source: Source, table: str, key: str) -> str:
    return next(w.match or w.key for _, w in source.levels if (w.table, w.key) == (table, key))


def _rows(cube: Cube, table: str, key: str, *, as_is: bool) -> str:
    """The rows of a dimension table; as-is, each version with what holds for its member today."""
    found = [d for d in cube.dimensions if d.table == table and d.key == key and d.durable]
    if not as_is or not found:
        return table
    return _today(found[0])


def _today(dimension: Dimension) -> str:
    columns = ", ".join(
        f"t.{way.sql}" for level in dimension.levels for way in level.ways if way.table
    )
    return (
        f"(select v.{dimension.key}, {columns} from {dimension.table} as v"
        f" join {dimension.table} as t"
        f" on t.{dimension.durable} = v.{dimension.durable} and t.is_current)"
    )
