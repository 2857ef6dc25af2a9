"""A cuboid as its SELECT tells: what a cell is, its levels, its stored aggregates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb

from cubes.rewrite import guards
from cubes.rewrite.block import Block
from cubes.rewrite.canonical import constant, tells_time
from cubes.rewrite.catalogue import Catalogue, Table
from cubes.rewrite.cells import CELL
from cubes.rewrite.constants import exact
from cubes.rewrite.grammar import Json
from cubes.rewrite.node import Node, col, has_aggregate
from cubes.rewrite.normal import Normal, normal_of
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.reading import block_of
from cubes.rewrite.reasoner import Reasoner
from cubes.rewrite.requests import Request, request_of
from cubes.rewrite.sources import Env
from cubes.rewrite.steady import refuse_ranges


@dataclass(frozen=True, slots=True)
class Cuboid:
    """A cuboid in normal form; its outputs are levels, stored aggregates and stored formulas."""

    table: Table
    normal: Normal
    levels: tuple[tuple[Node, Node], ...]  # expression over base tables, column of the cell
    stored: tuple[tuple[Request, Node], ...]
    formulas: tuple[tuple[Node, Node], ...]
    rows: bool  # a cell is a row of the join

    @property
    def scalar(self) -> bool:
        """One cell even where there is no row."""
        return self.normal.block.grouped and not self.normal.block.groups


def cuboid_of(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, table: Table) -> Cuboid:
    """Read a cuboid's SELECT; raises `Unanswered` where no rule can reason about it."""
    if table.query is None or table.query["type"] != "SELECT_NODE":
        raise Unanswered("definition", f"{table.name} is not made by one SELECT")
    block = block_of(catalogue, table.query, Env(), _no_subquery, flatten_cells=True)
    odd = block.having or block.qualify or block.limit or block.offset
    windowed = any(part.op == "win" for _, node in block.items for part in node.walk())
    if odd or windowed or len(block.sets) != 1:
        raise Unanswered(
            "definition",
            f"{table.name} keeps only some of its groups, or several kinds of them",
            "make it without HAVING, LIMIT, windows and grouping sets",
        )
    if block.distinct and block.grouped:
        raise Unanswered("definition", f"{table.name} is distinct over groups")
    if block.grouped and block.sets[0] != tuple(range(len(block.groups))):
        raise Unanswered("definition", f"{table.name} groups by only some of its levels")
    normal = normal_of(catalogue, block)
    _refuse_unfixed(catalogue, cursor, table, normal)
    return _outputs(catalogue, cursor, table, normal)


def _no_subquery(_: Json, __: Env, ___: str) -> str:
    raise Unanswered("definition", "A cuboid with a subquery is not reasoned about")


def _refuse_unfixed(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, table: Table, normal: Normal
) -> None:
    """Which rows and cells it has must not hang on the day, or on a zone that is not given."""
    block = normal.block
    parts = (*block.where, *(p for left in block.lefts for p in left.condition))
    reasoner = Reasoner(catalogue, cursor, block.tables)
    for node in (*parts, *block.groups):
        if unfixed(node):
            raise Unanswered("definition", f"{table.name} hangs on the day it was made")
        if node in parts and catalogue.timezone is None and zoned(reasoner, node):
            raise Unanswered(
                "zone",
                f"{table.name} hangs on a time zone, and none is given",
                "say in which zone it is made and read",
            )


def refuse_zoned(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, block: Block) -> None:
    """Raise where a question hangs on a zone that is not given."""
    if catalogue.timezone is not None:
        return
    kinds = {kind for table in block.tables.values() for _, kind in table.columns}
    if "TIMESTAMP WITH TIME ZONE" not in kinds:
        return
    reasoner = Reasoner(catalogue, cursor, block.tables)
    if any(zoned(reasoner, node) for node in expressions_of(block)):
        raise Unanswered(
            "zone", "The question hangs on a time zone, and none is given", "say in which zone"
        )


def refuse_odd_nights(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, block: Block
) -> None:
    """Raise where buckets of a night on which the clock is set are compared."""
    if catalogue.timezone is not None:
        reasoner = Reasoner(catalogue, cursor, block.tables)
        refuse_ranges(reasoner, expressions_of(block))


def expressions_of(block: Block) -> Iterator[Node]:
    """All expressions of a block."""
    yield from (*block.where, *block.groups, *block.having)
    yield from (node for _, node in block.items)
    yield from (order.node for order in block.orders)
    yield from (part for left in block.lefts for part in left.condition)
    if block.qualify:
        yield block.qualify


def unfixed(node: Node) -> bool:
    """Whether it may differ from one day to the next."""
    return any(
        part.op in ("named", "sub", "insub", "unknown") or tells_time(part) for part in node.walk()
    )


def zoned(reasoner: Reasoner, node: Node) -> bool:
    """Whether an expression reads the session's time zone."""
    found = any(_zoned_here(reasoner, part) for part in node.walk() if part.args)
    return not guards.hangs_on_no_zone(found)


def _zoned_here(reasoner: Reasoner, node: Node) -> bool:
    """Whether this operation itself takes an instant for a local time, or the other way round."""
    if node.op in ("and", "or", "not", "isnull", "notnull", "win"):
        return False
    if node.op == "agg" and node.data[0] in ("min", "max", "count", "count_star"):
        return False
    if any(part.op in ("agg", "unknown") for arg in node.args for part in arg.walk()):
        return False
    if node.op == "cast" and node.args[0].op == "lit" and _says_offset(node.args[0]):
        return False
    kinds = {reasoner.type_of(arg) for arg in node.args}
    if node.op != "agg":
        kinds.add(reasoner.type_of(node))
    has = any("WITH TIME ZONE" in kind for kind in kinds)
    if not has:
        return False
    if node.op == "cmp" or node.op == "in":
        return kinds != {"TIMESTAMP WITH TIME ZONE", "BOOLEAN"}
    if node.op == "fn" and node.data[0] in ("timezone", "epoch", "epoch_ms", "epoch_us"):
        return node.data[0] == "timezone" and not constant(node.args[0])
    if (node.op == "fn" and node.data[0] == "coalesce") or node.op == "case":
        return not kinds <= {"TIMESTAMP WITH TIME ZONE", "BOOLEAN"}
    return True


def _says_offset(literal: Node) -> bool:
    """Whether a text names an instant by itself."""
    return bool(re.search(r"\d\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?)$", str(literal.data[1])))


def _outputs(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, table: Table, normal: Normal
) -> Cuboid:
    block = normal.block
    reasoner = Reasoner(catalogue, cursor, block.tables)
    levels, stored, formulas = [], [], []
    for (name, _), (_, node) in zip(table.columns, block.items, strict=True):
        column = col(CELL, name)
        if unfixed(node) or (catalogue.timezone is None and zoned(reasoner, node)):
            continue
        if not has_aggregate(node):
            levels.append((node, column))
            continue
        stored += [(request, column) for request in _requests(reasoner, normal, node)]
        formulas.append((node, column))
    rows = not block.grouped and not block.distinct
    return Cuboid(table, normal, tuple(levels), tuple(stored), tuple(formulas), rows)


def _requests(reasoner: Reasoner, normal: Normal, node: Node) -> list[Request]:
    """The aggregate a stored column is, casts that keep its value aside."""
    while node.op == "cast" and not node.data[1] and node.args[0].op in ("agg", "cast", "fn"):
        inner = node.args[0]
        kinds = reasoner.type_of(node), reasoner.type_of(inner)
        whole = not any(kind.startswith("DECIMAL") for kind in kinds)
        if not (all(exact(kind) for kind in kinds) and (whole or kinds[0] == kinds[1])):
            break
        node = inner
    if node.op == "fn" and node.data[0] == "coalesce" and len(node.args) == 2:
        inner, other = node.args
        if inner.op == "agg" and other.op == "lit" and str(other.data[1]) == "0":
            request = request_of(inner, normal)
            filled = request.args and normal.never_null(request.args[0])
            counted = request.name == "count_star"
            if counted or (request.name == "sum" and not request.where and filled):
                return [request]
            if request.name == "sum" and not request.distinct:
                return [replace(request, name="sum_or_zero")]
        return []
    if node.op != "agg" or any(part.op == "unknown" for part in node.walk()):
        return []
    return [request_of(node, normal)]
