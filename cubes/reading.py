"""Reads the blocks of a question, and refuses those that have no answer over cells.

A cube behaves as one table with a row per fact and every level as a column, of which only such
questions may be asked whose answer does not depend on how facts are grouped into cells: aggregates
inside sum(), levels anywhere, and no function that counts rows of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from cubes.blocks import CALLS, Block, Call, Condition, Spot
from cubes.calls import Calls, is_argument
from cubes.cube import Cube
from cubes.definitions import CUBES, cube_named, level_of
from cubes.splice import Text, conjuncts, place
from cubes.trees import conjuncts_of, in_lambda, inner_queries, own, windowed
from models.errors import QuestionError, did_you_mean

_NOT_BEFORE = (exp.Query, exp.AggFunc, exp.Window, exp.Lambda, exp.Rand, exp.Uuid, exp.Star)
_VOLATILE = {"random", "uuid", "gen_random_uuid"}


def read_blocks(tree: exp.Expr, text: Text, aggregates: frozenset[str]) -> tuple[Block, ...]:
    """All blocks over cubes, outer before inner; QuestionError where one cannot be answered.

    `aggregates` are the names of DuckDB's aggregate functions.
    """
    blocks = []
    for select in tree.find_all(exp.Select):
        tables = [node for node in own(select) if isinstance(node, exp.Table)]
        cubes = [table for table in tables if not table.db and cube_named(table.name)]
        if len(cubes) > 1:
            raise QuestionError(
                "Two cubes in one SELECT block would multiply each other's cells; ask each in a "
                "subquery of its own and join the results"
            )
        if cubes:
            cube = cube_named(cubes[0].name)
            assert cube is not None
            calls = Calls(cube, len(tables) > 1, text, aggregates)
            blocks.append(_Reading(select, cubes[0], cube, calls, text).block())
        else:
            _refuse_calls(select)
    return tuple(blocks)


def _refuse_calls(select: exp.Select) -> None:
    for node in own(select):
        if isinstance(node, exp.Anonymous) and node.name.lower() in CALLS:
            names = " or ".join(cube.name for cube in CUBES)
            raise QuestionError(f"{node.name.lower()}() needs a cube in its FROM: {names}")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One block while it is read."""

    select: exp.Select
    table: exp.Table
    cube: Cube
    calls: Calls
    text: Text

    @property
    def alias(self) -> str:
        return str(self.table.alias_or_name)

    def block(self) -> Block:
        span = place(self.table.this)
        assert span is not None
        self._refuse_shapes()
        nodes = list(own(self.select))
        calls = tuple(call for node in nodes if (call := self.calls.read(node)))
        self._check_grouped(nodes, calls)
        aliases = frozenset({e.alias.casefold() for e in self.select.expressions if e.alias}) | {
            call.name for call in calls
        }
        columns = (node for node in nodes if isinstance(node, exp.Column))
        found = [spot for column in columns if (spot := self._spot(column, aliases))]
        sums = tuple(spot for spot in found if not level_of(self.cube, spot.name))
        conditions = () if self.calls.joined else self._conditions(aliases)
        apart = {spot.end for condition in conditions for spot in condition.spots}
        levels = {spot.name for spot in found if spot.end not in apart and spot not in sums}
        return Block(
            cube=self.cube,
            alias=self.alias,
            named=bool(self.table.alias),
            start=span[0],
            end=span[1],
            levels=frozenset(levels | self._used() | self._meant_inside()),
            sums=sums,
            calls=calls,
            conditions=conditions,
            keys=self._keys(aliases),
            simple=self._simple(),
        )

    def _simple(self) -> bool:
        group = self.select.args.get("group")
        sets = group is not None and group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
        apart = any(self.select.args.get(kind) for kind in ("joins", "laterals"))
        return not (sets or apart or self.calls.joined)

    def _keys(self, aliases: frozenset[str]) -> frozenset[str]:
        """The levels that GROUP BY names as they are, by number, alias or name, or by ALL."""
        group = self.select.args.get("group")
        if group is None:
            return frozenset()
        outputs = list(self.select.expressions)
        by = outputs if group.args.get("all") else list(group.expressions)
        found = set()
        for given in by:
            node: exp.Expr = given
            if isinstance(node, exp.Literal) and node.is_int and int(node.name) <= len(outputs):
                node = outputs[int(node.name) - 1]
            if isinstance(node, exp.Column) and not level_of(self.cube, node.name.casefold()):
                node = next(
                    (o for o in outputs if o.alias.casefold() == node.name.casefold()), node
                )
            node = node.unalias()
            spot = self._spot(node, aliases) if isinstance(node, exp.Column) else None
            if spot is not None and level_of(self.cube, spot.name):
                found.add(spot.name)
        return frozenset(found)

    def _refuse_shapes(self) -> None:
        table, name = self.table, self.cube.name
        alias = table.args.get("alias")
        if (alias is not None and alias.columns) or table.args.get("pivots"):
            raise QuestionError(
                f"{name} cannot be pivoted or have its columns renamed in FROM; use a subquery"
            )
        if table.args.get("sample") or self.select.args.get("sample"):
            raise QuestionError(f"{name} cannot be sampled: its cells are not facts")
        for join in self.select.args.get("joins") or ():
            if join.method.upper() in ("NATURAL", "POSITIONAL", "ASOF"):
                raise QuestionError(
                    f"{name} cannot take part in a {join.method.lower()} join; join on named levels"
                )

    def _check_grouped(self, nodes: Sequence[exp.Expression], calls: Sequence[Call]) -> None:
        grouped = bool(calls or self.select.args.get("group") or self.select.args.get("having"))
        for node in nodes:
            if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
                raise QuestionError(
                    f"{self.cube.name} has no * of columns: name the levels and measures you want"
                )
            if self.calls.is_aggregate(node):
                self.calls.check(node)
                grouped = True
        distinct = self.select.args.get("distinct")
        plain = distinct and not distinct.args.get("on")
        if not grouped and not (plain and not any(isinstance(n, exp.Window) for n in nodes)):
            raise QuestionError(
                f"A question over {self.cube.name} groups: add measures and 'group by all', "
                "or use select distinct"
            )

    def _spot(self, column: exp.Column, aliases: frozenset[str]) -> Spot | None:
        """The cube's column that is meant, or None where it belongs to something else."""
        name, span = column.name.casefold(), place(column.this)
        if column.table and column.table.casefold() != self.alias.casefold():
            return None
        if span is None or is_argument(column):
            return None
        if level_of(self.cube, name) or (_summed(column) and self._has_aggregate(name)):
            return Spot(name, *span)
        if not column.table and (name in aliases or self.calls.joined or in_lambda(column)):
            return None
        raise QuestionError(self._unknown(column.name))

    def _has_aggregate(self, name: str) -> bool:
        return any(aggregate.name == name for aggregate in self.cube.aggregates)

    def _unknown(self, spelt: str) -> str:
        cube, name = self.cube, spelt.casefold()
        if cube.measure(name):
            return f"{name} is a measure of {cube.name}: write measure({name})"
        if self._has_aggregate(name):
            return (
                f"{name} is an aggregate of {cube.name}: write sum({name}), "
                "not in WHERE but in HAVING"
            )
        known = (*cube.levels, *(m.name for m in cube.measures))
        hint = did_you_mean(spelt, known) or f"; its levels are {', '.join(cube.levels)}"
        return f"{cube.name} has no level '{spelt}'{hint}"

    def _used(self) -> set[str]:
        joins = self.select.args.get("joins") or ()
        named = {i.name.casefold() for join in joins for i in join.args.get("using") or ()}
        return {name for name in named if level_of(self.cube, name)}

    def _meant_inside(self) -> set[str]:
        """Levels that queries inside the block may mean: too many only refine, never change."""
        found: set[str] = set()
        for query in inner_queries(self.select):
            if not isinstance(query, exp.Select):
                continue
            nodes = list(own(query))
            tables = [node for node in nodes if isinstance(node, exp.Table)]
            nearer = [cube for table in tables if (cube := cube_named(table.name))]
            for column in (node for node in nodes if isinstance(node, exp.Column)):
                name = column.name.casefold()
                mine = column.table.casefold() == self.alias.casefold()
                mine = mine or not (column.table or any(level_of(cube, name) for cube in nearer))
                if mine and level_of(self.cube, name):
                    found.add(name)
        return found

    def _conditions(self, aliases: frozenset[str]) -> tuple[Condition, ...]:
        where = self.select.args.get("where")
        starts = [span[0] for node in where.walk() if (span := place(node))] if where else []
        if not where or not starts:
            return ()
        parts = list(conjuncts_of(where.this))
        cuts = conjuncts(self.text, self._after_where(min(starts)))
        if len(cuts) != len(parts):
            return ()
        found = []
        for part, (low, high) in zip(parts, cuts, strict=True):
            start, end = self.text.tokens[low].start, self.text.tokens[high].end + 1
            spots = self._spots_of(part, aliases)
            if spots and all(start <= spot.start and spot.end <= end for spot in spots):
                found.append(Condition(start, end, spots))
        return tuple(found)

    def _after_where(self, start: int) -> int:
        index = self.text.index_at(start)
        while self.text.tokens[index - 1].text.lower() != "where":
            index -= 1
        return index

    def _spots_of(self, part: exp.Expression, aliases: frozenset[str]) -> tuple[Spot, ...]:
        """The levels of a condition that speaks of levels alone and says the same each time."""
        spots = []
        for node in part.walk():
            if isinstance(node, _NOT_BEFORE) or node.name.lower() in _VOLATILE:
                return ()
            if isinstance(node, exp.Column):
                spot = self._spot(node, aliases)
                if spot is None or not level_of(self.cube, spot.name):
                    return ()
                whole = place(node.args["table"]) if node.args.get("table") else None
                spots.append(Spot(spot.name, whole[0] if whole else spot.start, spot.end))
        return tuple(spots)


def _summed(column: exp.Column) -> bool:
    return isinstance(column.parent, exp.Sum) and not windowed(column.parent)
