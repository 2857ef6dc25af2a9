"""What stands in the FROM of a block over cubes, and what must not stand there.

A cube is one row per fact to whoever asks, so joining it with rows multiplies its facts: a fan-out
where the other side has several rows for one fact, a chasm where two facts meet over one dimension.
Admitted are several cubes, which are laid side by side, and a dimension found by the level that
names exactly one of its rows. Everything else is asked of the block's result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from cubes.cube import Cube
from cubes.definitions import CUBES, cube_named, level_of
from cubes.joint import TOGETHER, joint
from cubes.splice import Text, place
from cubes.trees import conjuncts_of, own
from cubes.unknown import unknown_level
from models.errors import QuestionError

#: The level that names one row of a dimension table; of versions, one row of today's.
NAMES_ONE: Mapping[str, str] = {
    "dim_date": "day",
    "dim_site": "site",
    "dim_process": "touchpoint",
    "dim_question": "question",
    "dim_channel": "channel",
    "dim_product": "product",
    "dim_campaign": "campaign",
    "dim_reason": "reason",
    "dim_agent": "agent",
}
VERSIONED = ("dim_site", "dim_agent")


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of a cube in FROM, or of several that are asked together."""

    cube: Cube
    alias: str
    named: bool  # the question gives the alias itself
    start: int
    end: int
    sides: Mapping[str, Cube]  # the cubes by the names a qualifier may have
    joined: bool = False  # something else stands in FROM
    using: frozenset[str] = field(default_factory=frozenset)  # levels that a join names


def seat_of(select: exp.Select, text: Text) -> Seat | None:
    """Where a block's cube stands; None where there is none."""
    tables = [node for node in own(select) if isinstance(node, exp.Table)]
    found = [(t, c) for t in tables if not t.db and (c := cube_named(t.name)) is not None]
    if not found:
        return None
    for table, cube in found:
        _refuse_shapes(select, table, cube)
    if len(found) > 1:
        return _together(select, text, tables, found)
    table, cube = found[0]
    span = place(table.this)
    assert span is not None
    others = any(select.args.get(kind) for kind in ("joins", "laterals"))
    if others:
        _check_joins(select, table, cube)
    named = {i.name.casefold() for j in _joins(select) for i in j.args.get("using") or ()}
    return Seat(
        cube=cube,
        alias=str(table.alias_or_name),
        named=bool(table.alias),
        start=span[0],
        end=span[1],
        sides={cube.name: cube, str(table.alias_or_name).casefold(): cube},
        joined=others,
        using=frozenset(name for name in named if level_of(cube, name)),
    )


def check_using(seat: Seat, levels: frozenset[str]) -> None:
    """Refuse to group by what several cubes share, but were told not to meet on."""
    loose = sorted(levels - seat.using) if seat.using else ()
    if loose:
        raise QuestionError(
            f"{loose[0]} is asked for and is none of using ({', '.join(sorted(seat.using))}); "
            "name there all levels that are grouped by"
        )


def _joins(select: exp.Select) -> list[exp.Join]:
    return list(select.args.get("joins") or ())


def _refuse_shapes(select: exp.Select, table: exp.Table, cube: Cube) -> None:
    name, alias = cube.name, table.args.get("alias")
    if (alias is not None and alias.columns) or table.args.get("pivots"):
        raise QuestionError(
            f"{name} cannot be pivoted or have its columns renamed in FROM; use a subquery"
        )
    if table.args.get("sample") or select.args.get("sample"):
        raise QuestionError(f"{name} cannot be sampled: its cells are not facts")
    for join in _joins(select):
        if join.method.upper() in ("NATURAL", "POSITIONAL", "ASOF"):
            raise QuestionError(
                f"{name} cannot take part in a {join.method.lower()} join; join on named levels"
            )


def _together(
    select: exp.Select, text: Text, tables: list[exp.Table], found: list[tuple[exp.Table, Cube]]
) -> Seat:
    """Several cubes as one."""
    cubes = tuple(cube for _, cube in found)
    names = [cube.name for cube in cubes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise QuestionError(
            f"{twice} stands twice in one block; compare times by previous(index, interval 1 year)"
            ", and anything else in two subqueries that are joined"
        )
    if len(tables) > len(found) or _more_than_tables(select):
        raise QuestionError(
            f"{' and '.join(names)} stand side by side with nothing else; ask them in a subquery "
            "and join its result"
        )
    using = _shared(select, names)
    spans = [place(table.this) for table in tables]
    starts = [span[0] for span in spans if span is not None]
    last = text.from_end(text.index_at(min(starts)))
    sides = {name: cube for t, cube in found for name in (cube.name, t.alias_or_name.casefold())}
    whole = joint(cubes)
    for name in sorted(using):
        if level_of(whole, name) is None:
            raise QuestionError(unknown_level(whole, name))
    return Seat(whole, TOGETHER, False, min(starts), text.tokens[last].end + 1, sides, using=using)


def _shared(select: exp.Select, names: list[str]) -> frozenset[str]:
    found = []
    for join in _joins(select):
        using = frozenset(i.name.casefold() for i in join.args.get("using") or ())
        words = {str(join.args.get(k) or "").upper() for k in ("side", "kind", "method")} - {""}
        meets = words <= {"FULL", "OUTER"} if using else words <= {"CROSS"}
        if join.args.get("on") or not meets:
            raise QuestionError(
                f"{' and '.join(names)} stand side by side on common levels, and a group of one "
                f"alone is kept: from {', '.join(names)} group by month, or from "
                f"{' join '.join(names)} using (month, site)"
            )
        found.append(using)
    if len(set(found)) > 1:
        raise QuestionError("The cubes of a block stand side by side on the same levels throughout")
    return found[0] if found else frozenset()


def _more_than_tables(select: exp.Select) -> bool:
    sources = [join.this for join in _joins(select)]
    return bool(select.args.get("laterals")) or any(not isinstance(s, exp.Table) for s in sources)


def _check_joins(select: exp.Select, table: exp.Table, cube: Cube) -> None:
    """Refuse whatever could multiply the cube's facts."""
    if select.args.get("laterals"):
        raise QuestionError(_ask_first(cube, "a lateral join"))
    start = select.args.get("from_") or select.args.get("from")
    sources = [*([start.this] if start else []), *(join.this for join in _joins(select))]
    kept = [j.this for j in _joins(select) if str(j.kind or "").upper() in ("SEMI", "ANTI")]
    for source in sources:
        if source is table or any(source is each for each in kept):
            continue
        _check_source(select, source, cube)


def _check_source(select: exp.Select, source: exp.Expr, cube: Cube) -> None:
    name = source.name.casefold() if isinstance(source, exp.Table) else ""
    other = next((c for c in CUBES if c.fact == name), None)
    if other is not None:
        raise QuestionError(
            f"{cube.name} joined with {name} would count each of its facts once for every row it "
            f"meets; lay the cubes side by side: from {cube.name}, {other.name} group by levels "
            "that both have"
            if other is not cube
            else f"{cube.name} is made of {name}; ask one or the other, or join their results"
        )
    level = NAMES_ONE.get(name)
    if level is None:
        raise QuestionError(_ask_first(cube, str(source.alias_or_name) or "a subquery"))
    alias = str(source.alias_or_name).casefold()
    if not any(_names(each, level, alias) for each in _said(select)):
        raise QuestionError(
            f"{name} has one row for each {level}, so {cube.name} meets it on {level} alone: "
            f"join {name} using ({level}); elsewhere each fact would be counted several times"
        )
    if name in VERSIONED and not any(_is_current(each, alias) for each in _said(select)):
        raise QuestionError(
            f"{name} has a row for each version of a {level}, so each fact would be counted "
            f"several times; join today's: join {name} as d on d.{level} = {cube.name}.{level} "
            "and d.is_current"
        )


def _ask_first(cube: Cube, what: str) -> str:
    return (
        f"{cube.name} joined with {what} could count its facts several times; ask the cube first "
        f"and join its result: with a as (select site, measure(…) from {cube.name} group by site) "
        "select … from a join …"
    )


def _said(select: exp.Select) -> Iterator[exp.Expr]:
    """What holds of every row that joins make: USING, and the parts of ON and WHERE."""
    for join in _joins(select):
        yield from join.args.get("using") or ()
        if join.args.get("on"):
            yield from conjuncts_of(join.args["on"])
    if select.args.get("where"):
        yield from conjuncts_of(select.args["where"].this)


def _names(said: exp.Expr, level: str, alias: str) -> bool:
    """Whether a condition finds the row of a member: using (level), or d.level = level."""
    if not isinstance(said, exp.EQ):
        return not isinstance(said, exp.Binary) and said.name.casefold() == level
    columns = (said.this, said.expression)
    if not all(isinstance(c, exp.Column) and c.name.casefold() == level for c in columns):
        return False
    return [str(c.table).casefold() for c in columns].count(alias) == 1


def _is_current(said: exp.Expr, alias: str) -> bool:
    column = said.this if isinstance(said, exp.Paren | exp.Is) else said
    if not isinstance(column, exp.Column) or column.name.casefold() != "is_current":
        return False
    return column.table.casefold() in (alias, "")
