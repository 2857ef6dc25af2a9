"""Reads the blocks of a question, and refuses those that have no answer over cells.

A cube behaves as one table with a row per fact and every level as a column, of which only such
questions may be asked whose answer does not depend on how facts are grouped into cells: aggregates
inside sum(), levels anywhere, and no function that counts rows of cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from cubes.blocks import CALLS, Block, Call, Condition, Spot
from cubes.calls import Calls, is_argument
from cubes.conditions import read_conditions
from cubes.cube import Cube
from cubes.definitions import CUBES, cube_named, level_of
from cubes.forms import kind_of
from cubes.grouping import Grouping, read_grouping
from cubes.joining import Seat, check_using, seat_of
from cubes.joint import aggregate_of
from cubes.splice import Text, place
from cubes.trees import conjuncts_of, in_lambda, inner_queries, own, windowed
from cubes.unknown import unknown_level
from models.errors import QuestionError


def read_blocks(tree: exp.Expr, text: Text, aggregates: frozenset[str]) -> tuple[Block, ...]:
    """All blocks over cubes, outer before inner; QuestionError where one cannot be answered.

    `aggregates` are the names of DuckDB's aggregate functions.
    """
    blocks = []
    for select in tree.find_all(exp.Select):
        seat = seat_of(select, text)
        if seat is not None:
            calls = Calls(seat.cube, seat.joined, text, aggregates, seat.sides)
            blocks.append(_Reading(select, seat, calls, text).block())
        else:
            _refuse_calls(select)
    return tuple(blocks)


def _refuse_calls(select: exp.Select) -> None:
    for node in own(select):
        named = isinstance(node, exp.Anonymous) and node.name.lower() in CALLS
        if named or (kind_of(node) and node.expressions):
            names = " or ".join(cube.name for cube in CUBES)
            called = kind_of(node) or node.name.lower()
            raise QuestionError(f"{called}() needs a cube in its FROM: {names}")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One block while it is read."""

    select: exp.Select
    seat: Seat
    calls: Calls
    text: Text

    @property
    def cube(self) -> Cube:
        return self.seat.cube

    @property
    def alias(self) -> str:
        return self.seat.alias

    @property
    def sides(self) -> Mapping[str, Cube]:
        return self.seat.sides

    def block(self) -> Block:
        nodes = list(own(self.select))
        calls = tuple(call for node in nodes if (call := self.calls.read(node)))
        self._check_grouped(nodes, calls)
        aliases = frozenset({e.alias.casefold() for e in self.select.expressions if e.alias}) | {
            call.name for call in calls
        }
        columns = [node for node in nodes if isinstance(node, exp.Column)]
        found = [spot for column in columns if (spot := self._spot(column, aliases))]
        sums = tuple(spot for spot in found if not level_of(self.cube, spot.name))
        conditions = () if self.calls.joined else self._conditions(aliases)
        renamed = (spot for c in columns if self.cube.sides and (spot := self._renamed(c, aliases)))
        apart = {spot.end for condition in conditions for spot in condition.spots}
        levels = {spot.name for spot in found if spot.end not in apart and spot not in sums}
        grouping = self._grouping(aliases)
        if self.cube.sides:
            check_using(self.seat, frozenset(levels))
        where = self.select.args.get("where")
        return Block(
            cube=self.cube,
            alias=self.alias,
            named=self.seat.named,
            start=self.seat.start,
            end=self.seat.end,
            levels=frozenset(levels | self.seat.using | self._meant_inside()),
            sums=sums,
            calls=calls,
            conditions=conditions,
            keys=grouping.keys,
            simple=self._simple(),
            whole=grouping.whole,
            conditioned=where is None or len(conditions) == len(list(conjuncts_of(where.this))),
            renamed=tuple(renamed),
        )

    def _simple(self) -> bool:
        group = self.select.args.get("group")
        sets = group is not None and group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
        return not (sets or self.calls.joined)

    def _grouping(self, aliases: frozenset[str]) -> Grouping:
        def named(column: exp.Column) -> str | None:
            spot = self._spot(column, aliases)
            return spot.name if spot else None

        def aggregates(node: exp.Expr) -> bool:
            return self.calls.read(node) is not None or self.calls.is_aggregate(node)

        return read_grouping(self.select, self.cube, named, aggregates)

    def _conditions(self, aliases: frozenset[str]) -> tuple[Condition, ...]:
        def level(column: exp.Column) -> Spot | None:
            spot = self._spot(column, aliases)
            return spot if spot is not None and level_of(self.cube, spot.name) else None

        return read_conditions(self.select.args.get("where"), self.text, level)

    def _renamed(self, column: exp.Column, aliases: frozenset[str]) -> Spot | None:
        """A level behind a cube's name, which is not the name of what stands in FROM then."""
        spot = self._spot(column, aliases) if column.table else None
        whole = place(column.args["table"]) if column.args.get("table") else None
        if spot is None or whole is None or not level_of(self.cube, spot.name):
            return None
        return Spot(spot.name, whole[0], spot.end)

    def _check_grouped(self, nodes: Sequence[exp.Expr], calls: Sequence[Call]) -> None:
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
        if column.table and column.table.casefold() not in self.sides:
            return None
        if span is None or is_argument(column):
            return None
        if level_of(self.cube, name):
            return Spot(name, *span)
        summed = aggregate_of(self.cube, column, self.sides) if _summed(column) else None
        if summed is not None:
            whole = place(column.args["table"]) if column.args.get("table") else None
            return Spot(summed.name, whole[0] if whole and self.cube.sides else span[0], span[1])
        if not column.table and (name in aliases or self.calls.joined or in_lambda(column)):
            return None
        raise QuestionError(self._unknown(column.name))

    def _unknown(self, spelt: str) -> str:
        cube, name = self.cube, spelt.casefold()
        if cube.measure(name):
            return f"{name} is a measure of {cube.name}: write measure({name})"
        if any(a.name == name for side in cube.sides or (cube,) for a in side.aggregates):
            return (
                f"{name} is an aggregate of {cube.name}: write sum({name}), "
                "not in WHERE but in HAVING"
            )
        return unknown_level(cube, spelt)

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
                mine = column.table.casefold() in self.sides
                mine = mine or not (column.table or any(level_of(cube, name) for cube in nearer))
                if mine and level_of(self.cube, name):
                    found.add(name)
        return found


def _summed(column: exp.Column) -> bool:
    return isinstance(column.parent, exp.Sum) and not windowed(column.parent)
