"""`benchmark(measure, scope)`: what is published of other places, as SQL over published cells.

A benchmark is always a sum of whole open cells of its measure's grid, and null where one of the
cells it needs is closed: so nothing can be learnt from it that the open cells do not say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cubes.blocks import Block, Call, Condition
from cubes.cube import Cube, Grid
from cubes.definitions import level_of
from cubes.formula import formula_of, over_columns
from cubes.scopes import NAMED, SCOPES, table_of
from cubes.splice import Edit, spliced
from models.errors import QuestionError
from models.table import literal

TIMES = ("month", "quarter", "half", "year", "fiscal_year")
PLACES = (
    "site", "site_name", "site_type", "size_band", "province", "district", "head_office",
    "region_office",
)  # fmt: skip
ALIASES = ("_cells", "_site", "_time")  # of what a benchmark reads


@dataclass(frozen=True, slots=True)
class Around:
    """What a benchmark depends on besides its block."""

    alias: str  # of the block's relation, as SQL
    own: str  # a condition on `_site.site`: which sites are the principal's own; empty: all
    as_is: bool
    text: Callable[[Condition, Callable[[str], str]], str]  # a condition over other columns


def check_block(block: Block, around: Around) -> None:
    """Refuse a block whose benchmarks would not be of whole members of the grid."""
    cube = block.cube.name
    if not block.simple or block.alias.casefold() in ALIASES:
        raise QuestionError(
            f"benchmark() needs a block over {cube} alone, grouped by plain levels: no join, "
            "no rollup, no grouping sets; put it into a subquery and go on from there"
        )
    if around.as_is:
        raise QuestionError(
            "What is published is grouped by the trees of the day; ask benchmark() without as-is"
        )
    known = (*TIMES, *PLACES, "process")
    loose = sorted(n for n in block.levels if _plain(n) not in known or n not in block.keys)
    filtered = sorted(n for c in block.conditions for n in c.levels if _plain(n) not in known)
    if loose or filtered:
        raise QuestionError(
            f"benchmark() is of whole members of published levels, and {(loose or filtered)[0]} "
            f"is used otherwise; group and filter by {', '.join((*TIMES, 'process'))} or a place"
        )
    for condition in block.conditions:
        kinds = {_kind(name) for name in condition.levels}
        if len(kinds) > 1:
            raise QuestionError(
                "benchmark() needs its conditions apart: time, place and process, joined by AND"
            )


def grid_of(call: Call, block: Block) -> Grid:
    """The grid on which the measure of a benchmark is published."""
    assert call.measure is not None
    grid = block.cube.grid(call.measure.name)
    if grid is None:
        known = [name for each in block.cube.grids for name in each.measures]
        raise QuestionError(
            f"{call.measure.name} is not published, so it has no benchmark; published are "
            + ", ".join(known)
        )
    return grid


def benchmark_sql(call: Call, block: Block, around: Around) -> str:
    """A benchmark as an expression over the groups of its block."""
    cube, measure, grid = block.cube, call.measure, grid_of(call, block)
    assert measure is not None
    scope, by_process = "site" if ":" in call.scope else call.scope, _speaks(block, "process")
    if scope == "site" and by_process:
        raise QuestionError(
            "Sites are published in all processes together; ask benchmark() of a site without "
            "process, or of its peers, type, region or network"
        )
    where = [
        f"_cells.scope = {literal(scope)}",
        f"_cells.by_process = {str(by_process).lower()}",
        *_same(block, around),
        *_conditions(block, around, ("time", "process"), lambda name: _published(cube, name)),
        *_reference(call.scope, scope, block, around),
    ]
    formula = over_columns(_formula(call, block), cube, "_cells")
    value = f"case when count(*) > 0 and bool_and(_cells.is_open) then {formula} end"
    query = f"(select {value} from {table_of(cube, grid)} as _cells where {' and '.join(where)})"
    return f"any_value({query})" if block.keys or block.published_only else query


def members_sql(block: Block) -> str:
    """What stands in FROM of a block that asks for benchmarks alone: members, and no cell."""
    cube = block.cube
    grid = grid_of(block.calls[0], block)
    wanted = sorted(block.in_play)
    times = [name for name in wanted if _kind(name) == "time"]
    places = [name for name in wanted if _kind(name) == "place"]
    by_process = _speaks(block, "process")
    columns = [f"{_published(cube, name, 'm')} as {name}" for name in times]
    columns += [f"s.{_plain(name)} as {name}" for name in places]
    columns += ["m.process"] if by_process else []
    months = f"scope = 'network' and by_process = {str(by_process).lower()}"
    lines = [
        f"select {', '.join(columns) or 'true as _'}",
        f"from (select distinct month, process from {table_of(cube, grid)} where {months}) as m",
    ]
    if places:
        lines.append("cross join (select * from dim_site where is_current) as s")
    return "\n".join(lines)


def _formula(call: Call, block: Block) -> str:
    """The formula of the figure that is asked of the published cells."""
    assert call.measure is not None
    whole = Call(call.figure, call.start, call.end, call.measure, call.confidence)
    return formula_of(whole, block)


def _plain(name: str) -> str:
    return "province" if name == "region" else name


def _kind(name: str) -> str:
    plain = _plain(name)
    return "time" if plain in TIMES else "place" if plain in PLACES else plain


def _speaks(block: Block, kind: str) -> bool:
    return any(_kind(name) == kind for name in block.in_play)


def _published(cube: Cube, name: str, alias: str = "_cells") -> str:
    """A level of time or process of published cells."""
    if name == "process":
        return f"{alias}.process"
    level = level_of(cube, name)
    assert level is not None
    way = next(way for way in level.ways if way.key == "month")
    if way.table:
        return (
            f"(select _time.{way.sql} from {way.table} as _time"
            f" where _time.{way.match} = {alias}.month)"
        )
    return f"({way.sql.format(key=f'{alias}.month')})"


def _same(block: Block, around: Around) -> Iterable[str]:
    """The cells of the group's own members of time and process."""
    for name in sorted(block.keys):
        if _kind(name) in ("time", "process"):
            yield f"{_published(block.cube, name)} is not distinct from {around.alias}.{name}"


def _conditions(
    block: Block, around: Around, kinds: tuple[str, ...], column: Callable[[str], str]
) -> Iterable[str]:
    for condition in block.conditions:
        if all(_kind(name) in kinds for name in condition.levels):
            yield f"({around.text(condition, column)})"


def _reference(named: str, scope: str, block: Block, around: Around) -> Iterable[str]:
    """The members of the scope to which the sites in question belong."""
    found = NAMED.fullmatch(named)
    if found:
        yield f"_cells.site = {literal(found.group(1))}"
        return
    if scope == "network":
        return
    keys = [name for name in sorted(block.keys) if _kind(name) == "place"]
    asked = list(_conditions(block, around, ("place",), lambda name: f"_site.{_plain(name)}"))
    if scope == "site" and "site" not in keys:
        raise QuestionError(
            "benchmark(…, 'site') is of each site: group by site, or name one as 'site:…'"
        )
    own = [around.own] if around.own and not (block.published_only and (keys or asked)) else []
    where = [
        "_site.is_current",
        *(f"_site.{level} is not distinct from _cells.{level}" for level in SCOPES[scope]),
        *(f"_site.{_plain(name)} is not distinct from {around.alias}.{name}" for name in keys),
        *asked,
        *own,
    ]
    yield f"exists (select 1 from dim_site as _site where {' and '.join(where)})"


def texts_of(sql: str, edits: tuple[Edit, ...]) -> Callable[[Condition, Callable[[str], str]], str]:
    """Conditions as the question words them, over other columns."""

    def text(condition: Condition, column: Callable[[str], str]) -> str:
        spots = (Edit(spot.start, spot.end, column(spot.name)) for spot in condition.spots)
        return spliced(sql, (*spots, *edits), condition.start, condition.end)

    return text
