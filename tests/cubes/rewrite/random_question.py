"""A random question, drawn from a cuboid so that most can be answered from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.cubes.rewrite.chance import Chance
from tests.cubes.rewrite.random_cuboid import Core, Expression, Join, condition, level
from tests.cubes.rewrite.random_star import Column, Shape

COARSER = {
    "hour": ("day", "month", "week"),
    "day": ("month", "quarter", "year", "week"),
    "month": ("quarter", "year"),
    "quarter": ("year",),
    "week": ("week",),
}
OF_MONTHS = (
    "{} >= date '2024-02-01'", "{} < date '2024-03-01'", "{} between '2024-01-01' and '2024-02-29'",
    "year({}) = 2024", "{} >= '2024-01-15'", "date_trunc('quarter', {}) = date '2024-01-01'",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """One block before it is spelt."""

    root: str
    joins: tuple[Join, ...]
    where: tuple[str, ...]
    groups: tuple[str, ...]
    aggregates: tuple[str, ...]
    changed: bool = False  # in a way that may leave no cuboid to answer it from


def plain_levels(core: Core) -> tuple[Expression, ...]:
    """Levels that are columns themselves."""
    return tuple(e for e in core.levels[core.hidden :] if e.sql == e.column.sql)


def regrouped(chance: Chance, expression: Expression) -> str:
    """A level, or something that follows from it."""
    sql, column = expression.sql, expression.column
    if chance.yes(45):
        return sql
    if sql == column.sql:
        return level(chance, column).sql
    if sql.startswith("date_trunc('") and "+" not in sql and "::" not in sql:
        unit = chance.one(COARSER[sql.split("'")[1]])
        return f"date_trunc('{unit}', {column.sql})"
    return chance.one(
        (sql, f"({sql})::varchar", f"({sql}) is null", f"coalesce(({sql})::varchar, '-')")
    )


def narrowed(chance: Chance, shape: Shape, expression: Expression) -> str:
    """A condition that holds for whole cells, or nearly."""
    sql, column = expression.sql, expression.column
    there = [one for one in shape.links if (one.child, one.column) == (column.place, column.name)]
    if sql == column.sql and there and chance.yes(25):
        table = shape.table(there[0].parent)
        no = chance.one(("", "not "))
        return f"{sql} {no}in (select k from {table} where g > 1 and k is not null)"
    if sql == column.sql:
        return condition(chance, column).sql
    if column.kind == "date" and sql.startswith("date_trunc('month'"):
        return chance.one(OF_MONTHS).replace("{}", column.sql)
    return chance.one((f"({sql}) is not null", f"({sql}) is null", f"({sql})::varchar >= '2'"))


def joined_back(chance: Chance, shape: Shape, core: Core) -> tuple[Join, ...]:
    """Further dimensions whose keys are levels, or whose join loses nothing."""
    kept = {(e.column.place, e.column.name) for e in plain_levels(core)}
    there = {join.link.parent for join in core.joins}
    return tuple(
        Join(link, chance.yes(40))
        for link in shape.links
        if link.child == core.root
        and link.parent not in there
        and ((link.child, link.column) in kept or link.lossless)
        and chance.yes(50)
    )


def of_levels(chance: Chance, core: Core) -> Iterable[str]:
    """Aggregates that a count of rows gives of the levels."""
    yield from ("count(*)", "count(1)", "sum(1)")
    for e in plain_levels(core):
        x = e.sql
        yield from (f"count({x})", f"count(distinct {x})", f"max({x})", f"min({x})")
        if e.column.kind in ("int", "key"):
            yield from (f"sum({x})", f"avg({x})", f"median({x})", f"var_pop({x})")
        test = condition(chance, e.column).sql
        yield f"count(*) filter (where {test})"
        yield f"sum(case when {test} then 1 else 0 end)"
        yield f"count_if({test})"


def of_measure(chance: Chance, core: Core, column: Column, stored: set[str]) -> Iterable[str]:
    """Aggregates that the stored parts of a measure give."""
    x = column.sql
    yield from (part for part in sorted(stored) if part.endswith(f"({x})") and "avg" not in part)
    if f"sum({x})" not in stored:
        return
    yield from (f"coalesce(sum({x}), 0)", f"sum({x}) * 2")
    if plain := [e for e in plain_levels(core) if e.column != column]:
        test = condition(chance, chance.one(plain).column).sql
        yield f"sum({x}) filter (where {test})"
        yield f"sum(case when {test} then {x} end)"
        if column.kind == "int":
            yield f"sum(case when {test} then {x} else 0 end)"
    if f"count({x})" in stored or (not column.nullable and "count(*)" in stored):
        yield f"avg({x})"
        if f"sum({x} * {x})" in stored and column.kind != "dbl":
            yield from (f"var_samp({x})", f"stddev_pop({x})")


def of_dimension(chance: Chance, shape: Shape, join: Join) -> Iterable[str]:
    """Aggregates of a table that is joined back: once for each row of the fact."""
    x = chance.one(shape.of(join.link.parent, "int", "dec", "key")).sql
    return (f"sum({x})", f"count({x})", f"avg({x})", f"min({x})", f"count(distinct {x})")


def additive(part: str) -> bool:
    return not part.startswith(("avg", "median", "count(distinct", "stddev", "coalesce"))


def aggregates(chance: Chance, core: Core) -> list[str]:
    """Aggregates that the stored parts give, in many spellings."""
    stored = {part for part, _ in core.parts if additive(part)}
    found = [part for part in sorted(stored) if "filter" in part]
    for column in core.measures:
        found += of_measure(chance, core, column, stored)
    if "count(*)" in stored:
        found += of_levels(chance, core)
    return found or ["min(1)"]


def draw_block(chance: Chance, shape: Shape, core: Core) -> Block:
    """Groups, conditions and aggregates that follow from the cuboid."""
    back = joined_back(chance, shape, core)
    kept = {(e.column.place, e.column.name) for e in plain_levels(core)}
    groups = [regrouped(chance, e) for e in chance.some(core.levels[core.hidden :], 0, 3)]
    for join in back:
        if (join.link.child, join.link.column) in kept and chance.yes(60):
            attribute = chance.one(shape.of(join.link.parent, "text", "int", "key"))
            groups.append(level(chance, attribute).sql)
    where = [e.sql for e in core.where]
    where += [
        narrowed(chance, shape, e)
        for e in chance.some(core.levels[core.hidden :], 0, 2)
        if chance.yes(60)
    ]
    pool = aggregates(chance, core)
    for join in back:
        if (join.link.child, join.link.column) in kept and any(
            p == "count(*)" for p, _ in core.parts
        ):
            pool += of_dimension(chance, shape, join)
    found = chance.some(pool, 0 if groups else 1, 3)
    made = Block(
        root=core.root,
        joins=(*core.joins, *back),
        where=tuple(where),
        groups=tuple(dict.fromkeys(groups)),
        aggregates=tuple(dict.fromkeys(found)),
    )
    if chance.yes(20):
        return replace(change(chance, shape, core, made), changed=True)
    return made


def change(chance: Chance, shape: Shape, core: Core, made: Block) -> Block:
    """Something that may make the cuboid wrong for it: that is what the guards are for."""
    columns = [c for c in shape.of(core.root) if c.kind != "dbl" and c.name != "id"]
    column = chance.one(columns)
    added = chance.one(
        (f"max({column.sql})", f"count(distinct {column.sql})", f"count({column.sql})")
    )
    if column.kind in ("int", "dec") and chance.yes(40):
        added = f"avg({column.sql})"
    return chance.one((
        replace(made, where=(*made.where, condition(chance, column).sql)),
        replace(made, where=made.where[len(core.where):]),
        replace(made, groups=(*made.groups, level(chance, column).sql)),
        replace(made, aggregates=(*made.aggregates, added)),
        replace(made, joins=tuple(replace(join, left=not join.left) for join in made.joins)),
        replace(made, aggregates=tuple(part for part, _ in core.parts)),
        without_join(made),
    ))  # fmt: skip


def without_join(made: Block) -> Block:
    """The last table, and all that speaks of it, is gone."""
    if not made.joins:
        return made
    gone = "{" + made.joins[-1].link.parent + "}"

    def kept(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if gone not in text)

    return replace(
        made,
        joins=made.joins[:-1],
        where=kept(made.where),
        groups=kept(made.groups),
        aggregates=kept(made.aggregates) or ("count(*)",),
    )
