# ruff: noqa: E501  (tables of SQL read better whole)
"""A random cuboid over a random star: joins, conditions, levels and stored parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.cubes.rewrite.chance import Chance
from tests.cubes.rewrite.random_star import Column, Link, Shape

#: Expressions of a column by its kind; the first is the column itself.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "key": ("{}",),
    "big": ("{}",),
    "int": ("{}", "{} % 3", "{} // 2", "{} > 2", "case when {} > 2 then 'hi' when {} is not null then 'lo' end"),
    "dec": ("{}", "{} > 1"),
    "date": (
        "{}", "date_trunc('month', {})", "date_trunc('week', {})", "date_trunc('month', {})::date", "year({})",
        "date_trunc('quarter', {})", "month({})", "strftime({}, '%Y-%m')", "dayofweek({})",
        "date_trunc('week', {} + interval 1 day) - interval 1 day", "isoyear({})", "last_day({})",
    ),
    "ts": (
        "date_trunc('hour', {})", "{}::date", "date_trunc('day', {})", "date_trunc('month', {})", "hour({})",
        "time_bucket(interval 15 minute, {})", "date_trunc('day', {} + interval 30 minute)", "date_trunc('week', {})",
        "extract(year from {})", "{}",
    ),
    "text": ("{}", "upper({})", "coalesce({}, '?')", "length({})", "case when {} in ('a', 'b') then 'ab' else {} end"),
    "bool": ("{}", "{} is true", "not {}"),
}  # fmt: skip

#: Conditions on a column by its kind.
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "key": ("{} = 2", "{} in (1, 3)", "{} > 1", "{} <> 2", "{} between 1 and 3"),
    "big": ("{} = 2", "{} in (1, 3)", "{} > 1"),
    "int": ("{} > 1", "{} = 2", "{} in (0, 2, 4)", "{} between 0 and 3", "{} is null", "{} >= 2", "{} <> 3",
            "{} is distinct from 2", "not ({} > 1)", "({} < 0 or {} = 4)", "{} is not null"),
    "dec": ("{} > 0", "{} >= 2.5", "{} is not null", "{} < 100"),
    "date": ("{} >= date '2024-01-01'", "{} < '2024-03-01'", "{} between '2024-02-01' and '2024-02-29'",
             "date_trunc('month', {}) = date '2024-02-01'", "year({}) = 2024", "{} <= date '2024-03-31'", "{} is not null",
             "{} > date '2024-02-29'", "({} < date '2024-01-01' or {} >= date '2024-03-01')", "{} = date '2024-02-29'",
             "{} >= '2024-01-02' and {} < '2024-03-04'", "month({}) in (1, 2)", "date_trunc('week', {}) = date '2024-02-26'"),
    "ts": ("{} >= timestamp '2024-01-01'", "{} < timestamp '2024-03-01'", "{}::date <= date '2024-02-29'",
           "{} > timestamp '2024-02-29 12:30:00'", "{} between '2024-01-01' and '2024-03-01'", "hour({}) < 12",
           "date_trunc('month', {}) = timestamp '2024-02-01'", "{} <= '2024-02-29 23:59:59.999999'"),
    "text": ("{} = 'a'", "{} in ('a', 'b')", "{} like 'a%'", "{} is not null", "{} <> 'a'", "{} is null", "upper({}) = 'A'",
             "{} not in ('a', 'c')", "{} >= 'b'", "({} = 'a' or {} is null)", "coalesce({}, 'a') = 'a'"),
    "bool": ("{}", "not {}", "{} is not true", "{} = true", "{} is null", "{} is not null"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL with `{place}` for the alias of a table, and the column it is made of."""

    sql: str
    column: Column


@dataclass(frozen=True, slots=True)
class Join:
    link: Link
    left: bool


@dataclass(frozen=True, slots=True)
class Core:
    """A select-project-join-group block before it is spelt."""

    root: str
    joins: tuple[Join, ...]
    where: tuple[Expression, ...]
    levels: tuple[Expression, ...]
    measures: tuple[Column, ...]
    parts: tuple[tuple[str, str], ...]  # SQL, name
    hidden: bool  # whether its first level is not put out

    @property
    def places(self) -> tuple[str, ...]:
        return (self.root, *(join.link.parent for join in self.joins))


def apply(template: str, column: Column) -> Expression:
    return Expression(template.replace("{}", column.sql), column)


def level(chance: Chance, column: Column) -> Expression:
    options = LEVELS[column.kind]
    return apply(options[0] if chance.yes(50) else chance.one(options), column)


def condition(chance: Chance, column: Column) -> Expression:
    return apply(chance.one(CONDITIONS[column.kind]), column)


def draw_joins(chance: Chance, shape: Shape, root: str) -> tuple[Join, ...]:
    """Some of the tables that can be reached, each after its child."""
    taken = [
        Join(link, chance.yes(30)) for link in shape.links if link.child == root and chance.yes(35)
    ]
    for link in shape.links:
        if link.child in {join.link.parent for join in taken} and chance.yes(50):
            under = next(join for join in taken if join.link.parent == link.child)
            taken.append(Join(link, under.left or chance.yes(30)))
    return tuple(taken)


def parts_of(column: Column) -> tuple[str, ...]:
    x = column.sql
    return {
        "int": (f"sum({x})", f"count({x})", f"sum({x} * {x})", f"min({x})", f"max({x})"),
        "dec": (f"sum({x})", f"count({x})", f"min({x})", f"max({x})", f"sum({x} * {x})"),
        "dbl": (f"sum({x})", f"count({x})", f"max({x})"),
        "date": (f"min({x})", f"max({x})", f"count({x})"),
        "ts": (f"min({x})", f"max({x})"),
        "text": (f"count({x})", f"min({x})"),
        "bool": (f"count_if({x})", f"bool_or({x})", f"count({x})"),
    }[column.kind]


def odd_of(column: Column) -> tuple[str, ...]:
    x = column.sql
    return (f"avg({x})", f"median({x})", f"count(distinct {x})", f"stddev({x})")


def draw_core(chance: Chance, shape: Shape) -> Core:
    """Draw what a cuboid holds."""
    root = "g" if any(p == "g" for p, _ in shape.tables) and chance.yes(30) else "f"
    joins = draw_joins(chance, shape, root)
    places = (root, *(join.link.parent for join in joins))
    usable = [c for c in shape.columns if c.place in places and c.kind != "dbl" and c.name != "id"]
    levels = tuple(level(chance, column) for column in chance.some(usable, 1, 4))
    where = tuple(
        condition(chance, chance.one(usable)) for _ in range(chance.yes(35) + chance.yes(10))
    )
    measures = chance.some(shape.of(root, "int", "dec", "dbl", "bool", "date", "ts"), 1, 3)
    parts: list[str] = ["count(*)"] if chance.yes(85) else []
    for column in measures:
        stored = parts_of(column)
        parts += stored[: chance.number(1, len(stored))]
        if chance.yes(20):
            filtered = condition(chance, chance.one(usable)).sql
            parts.append(f"{stored[0]} filter (where {filtered})")
    odd = [c for c in measures if c.kind in ("int", "dec")]
    if odd and chance.yes(15):
        parts.append(chance.one(odd_of(odd[0])))
    if chance.yes(8):
        parts[-1] = f"coalesce({parts[-1]}, {parts[-1]}, null)"
    if odd and chance.yes(8):
        parts.append(f"coalesce(sum({odd[0].sql}), 0)")
    named = tuple((part, f"p{i}") for i, part in enumerate(dict.fromkeys(parts)))
    return Core(root, joins, where, levels, measures, named, len(levels) > 1 and chance.yes(8))


def spell_from(shape: Shape, root: str, joins: tuple[Join, ...], aliases: Mapping[str, str]) -> str:
    text = f"{shape.table(root)} as {aliases[root]}"
    for join in joins:
        link = join.link
        text += (
            f" {'left ' if join.left else ''}join {shape.table(link.parent)} as {aliases[link.parent]}"
            f" on {aliases[link.parent]}.{link.parent_column} = {aliases[link.child]}.{link.column}"
        )
    return text


def spell_cuboid(shape: Shape, core: Core) -> str:
    """The SELECT a cuboid is made with."""
    aliases = {place: place for place in core.places}
    outputs = [f"{e.sql} as l{i}" for i, e in enumerate(core.levels)][core.hidden :]
    outputs += [f"{part} as {name}" for part, name in core.parts]
    where = " and ".join(f"({e.sql})" for e in core.where)
    text = f"select {', '.join(outputs)} from {spell_from(shape, core.root, core.joins, aliases)}"
    text += f" where {where}" if where else ""
    text += f" group by {', '.join(e.sql for e in core.levels)}"
    return text.format(**aliases)


def rolled(chance: Chance, core: Core, name: str) -> str:
    """A cuboid made from that of the core: some of its levels, its parts rolled up."""
    again = {"count": "sum", "sum": "sum", "min": "min", "max": "max", "count_if": "sum"}
    parts = [
        (again.get(part.split("(")[0], ""), out)
        for part, out in core.parts
        if "distinct" not in part
    ]
    levels = chance.some([f"l{i}" for i in range(len(core.levels))][core.hidden :], 1, 2)
    outputs = [*levels, *(f"{f}({out}) as {out}" for f, out in parts if f)]
    return f"select {', '.join(outputs)} from {name} group by {', '.join(levels)}"
