"""Whether a cuboid holds what a block asks, and what is left to be done over its cells.

The cuboid's tables are laid over the question's; then its conditions must follow from the
question's, what it joins besides must neither add nor drop rows, and what the question demands
besides must be decided by its levels or by tables joined back to them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from cubes.rewrite import guards
from cubes.rewrite.block import Left
from cubes.rewrite.buckets import sources_of
from cubes.rewrite.canonical import substituted
from cubes.rewrite.catalogue import Catalogue, Table
from cubes.rewrite.cells import Cells
from cubes.rewrite.cuboid import Cuboid
from cubes.rewrite.determined import closure
from cubes.rewrite.equalities import Equalities, given_not_null
from cubes.rewrite.implication import Known, known
from cubes.rewrite.lossless import extended
from cubes.rewrite.node import TRUE, Node, cmp, col
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parts import Parts
from cubes.rewrite.reasoner import Reasoner
from cubes.rewrite.requests import Request
from cubes.rewrite.sources import renumbered
from cubes.rewrite.turned import met, refuse_other_joins, turned_inner

MAPPINGS = 24


@dataclass(slots=True)
class Match:
    """A cuboid laid over a block: its cells, its parts, and the conditions left to apply."""

    cuboid: Cuboid
    question: Normal
    cells: Cells
    parts: Parts
    residual: tuple[Node, ...]  # over cells and tables joined back
    outer: tuple[Left, ...]  # outer joins back, conditions over cells
    mapping: Mapping[str, str]
    equal: Equalities
    undecided: tuple[Node, ...] = ()  # conditions no level decides
    decided: frozenset[Node] = frozenset()

    def without_undecided(self) -> None:
        """Forget what only the undecided conditions say: the cells kept hold other rows too."""
        reasoner = self.cells.known.reasoner
        outer = {i for left in self.question.block.lefts for i in left.instances}
        outer |= {i for left in self.cells.lefts for i in left.instances}
        inner = [i for i in reasoner.tables if i not in outer]
        there = {n for each in self.equal.classes for n in each}
        there |= set(given_not_null(reasoner.tables, inner))
        self.knowing(known(reasoner, self.decided, frozenset(there)))

    def knowing(self, holds: Known) -> None:
        """Take other conditions for granted."""
        self.cells.known = self.parts.known = holds
        self.cells.found.clear()
        self.parts.split.clear()
        self.parts.counted.clear()


def matches(
    catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, question: Normal, cuboid: Cuboid
) -> Match:
    """Lay the cuboid over the question; raises `Unanswered` with the nearest miss."""
    missed: Unanswered | None = None
    for count, mapping in enumerate(_mappings(question, cuboid)):
        if count >= MAPPINGS:
            break
        try:
            return _laid(catalogue, cursor, question, cuboid, mapping)
        except Unanswered as miss:
            missed = missed or miss
        if not count and _joined_alike(question, cuboid, mapping):
            break
    if missed is not None:
        raise missed
    mine = sorted({t.name for t in cuboid.normal.block.tables.values()})
    raise Unanswered("tables", f"It is made from {', '.join(mine)}, and the question is not")


def _joined_alike(question: Normal, cuboid: Cuboid, mapping: Mapping[str, str]) -> bool:
    """Whether no other way of laying can do better: each table once, and joined alike in both."""
    blocks = (question.block, cuboid.normal.block)
    if any(block.lefts for block in blocks):
        return False
    if any(len({t.name for t in b.tables.values()}) < len(b.tables) for b in blocks):
        return False
    for each in cuboid.normal.equal.classes:
        laid = [renumbered(node, mapping) for node in each]
        there = [node for node in laid if not str(node.data[0]).startswith("_x")]
        if there and not question.equal.same(there[0]).issuperset(there):
            return False
    return True


def _mappings(question: Normal, cuboid: Cuboid) -> Iterator[dict[str, str]]:
    """Ways to lay the cuboid's instances over the question's, one table over itself."""
    theirs, mine = question.block.tables, cuboid.normal.block.tables
    outer = {i for left in question.block.lefts for i in left.instances}
    own_outer = {i for left in cuboid.normal.block.lefts for i in left.instances}
    choices = []
    for instance, table in mine.items():
        fitting = [
            each
            for each, other in theirs.items()
            if other.name == table.name and (each not in outer or instance in own_outer)
        ]
        choices.append([*fitting, f"_x{instance}"])
    ways = []
    for way in itertools.islice(itertools.product(*choices), 5000):
        if len(set(way)) == len(way):
            extra = sum(each.startswith("_x") for each in way)
            if extra < len(way):
                ways.append((extra, way))
    ways.sort(key=lambda pair: (pair[0], [pair[1][n] not in outer for n in range(len(mine))]))
    for _, way in ways:
        yield dict(zip(mine, way, strict=True))


def _laid(
    catalogue: Catalogue,
    cursor: duckdb.DuckDBPyConnection,
    question: Normal,
    cuboid: Cuboid,
    mapping: dict[str, str],
) -> Match:
    block, own = question.block, cuboid.normal
    tables = {**block.tables, **{mapping[i]: t for i, t in own.block.tables.items()}}
    reasoner = Reasoner(catalogue, cursor, tables)
    own_equal = Equalities(
        tuple(frozenset(renumbered(n, mapping) for n in c) for c in own.equal.classes)
    )
    turned = turned_inner(question, cuboid, mapping)
    for part in (part for left in turned for part in left.condition):
        if part.op == "cmp" and part.args[1] in question.equal.same(part.args[0]):
            own_equal = own_equal.joined(*part.args)
    equal = extended(catalogue, question, cuboid, mapping, own_equal, reasoner)
    to_theirs = equal.representative
    asked = tuple(substituted(part, to_theirs) for part in question.conditions)
    extra = [mapping[i] for i in own.block.core if mapping[i].startswith("_x")]
    there = (*question.not_null, *given_not_null(tables, extra))
    not_null = frozenset(n for node in there for n in equal.same(node))
    holds = known(reasoner, frozenset(asked), not_null)
    refuse_other_joins(question, cuboid, mapping, equal, turned)
    for each in own_equal.classes:
        first = next(iter(each))
        if not guards.is_set_equal(each, equal.same(first)):
            raise Unanswered("filter", "It joins tables on columns the question does not set equal")

    def laid(node: Node) -> Node:
        return substituted(renumbered(node, mapping), to_theirs)

    for part in own.conditions:
        if not guards.follows(holds, laid(part)):
            raise Unanswered(
                "filter",
                "It holds only some of the rows, and the question may ask for others",
                "ask within its filter, or make it without",
            )
    match = _cells(question, cuboid, mapping, equal, own_equal, holds, laid)
    for left in turned:
        for part in left.condition:
            if part.args[1:] and part.args[1] in own_equal.same(part.args[0]):
                continue
            if not holds.implies(substituted(part, to_theirs)):
                raise Unanswered("tables", "It joins the same tables in another way")
    own_not_null = frozenset(laid(node) for node in own.not_null)
    own_holds = known(reasoner, frozenset(laid(part) for part in own.conditions), own_not_null)
    residual, undecided = _residual(match, asked, own_holds)
    found = tuple(met(catalogue, match, left, asked) for left in turned)
    match.residual = (*residual, *(part for part in found if part != TRUE))
    match.undecided = undecided
    match.decided = frozenset(asked) - frozenset(undecided)
    match.outer = tuple(_outer_back(match, left) for left in block.lefts if _is_back(match, left))
    return match


def _cells(
    question: Normal,
    cuboid: Cuboid,
    mapping: Mapping[str, str],
    equal: Equalities,
    own_equal: Equalities,
    holds: Known,
    laid: Callable[[Node], Node],
) -> Match:
    covered = {mapping[i]: t for i, t in cuboid.normal.block.tables.items()}
    back = frozenset(i for i in question.block.tables if i not in covered)
    levels: dict[Node, Node] = {}
    exact: dict[Node, Node] = {}
    for node, column in cuboid.levels:
        levels.setdefault(laid(node), column)
        exact.setdefault(renumbered(node, mapping), column)
    lefts = tuple(
        Left(
            tuple(mapping[i] for i in left.instances),
            tuple(renumbered(part, mapping) for part in left.condition),
        )
        for left in cuboid.normal.block.lefts
        if not {mapping[i] for i in left.instances} <= set(question.block.core)
    )
    cells = Cells(
        levels=levels,
        exact=exact,
        equal=equal,
        own=own_equal,
        back=back,
        covered=covered,
        lefts=lefts,
        sources=sources_of(holds.reasoner, levels),
        known=holds,
        rows=cuboid.rows,
        grain=lambda instance: _is_grain(question, holds, equal, covered, instance),
    )

    def stored() -> dict[Request, Node]:
        return {
            replace(
                request,
                args=tuple(laid(arg) for arg in request.args),
                where=frozenset(laid(part) for part in request.where),
            ): column
            for request, column in cuboid.stored
        }

    parts = Parts(cells, stored, cuboid.rows, holds)
    return Match(cuboid, question, cells, parts, (), (), mapping, equal)


def _is_grain(
    question: Normal,
    holds: Known,
    equal: Equalities,
    covered: Mapping[str, Table],
    instance: str,
) -> bool:
    """Whether a key of an instance tells each row of the join from any other."""
    if len(covered) == 1:
        return True
    for key in covered[instance].keys:
        by = closure(question, holds, equal, (col(instance, name) for name in key))
        if all(
            any(all(col(i, n) in by for n in each) for each in t.keys) for i, t in covered.items()
        ):
            return True
    return False


def _is_back(match: Match, left: Left) -> bool:
    return bool(set(left.instances) & match.cells.back)


def _outer_back(match: Match, left: Left) -> Left:
    """An outer join the cuboid does not have, joined to its cells."""
    if not set(left.instances) <= match.cells.back:
        raise Unanswered("tables", "It has only a part of an outer join")
    change = match.equal.representative
    condition = tuple(match.cells.condition(substituted(part, change)) for part in left.condition)
    return Left(left.instances, condition)


def _residual(
    match: Match, asked: tuple[Node, ...], own_holds: Known
) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """What the question demands beyond the cuboid, over its cells; and what no level decides."""
    residual: list[Node] = []
    undecided: list[Node] = []
    for each in match.equal.classes:
        residual += _still_equal(match, each)
    for part in asked:
        if own_holds.implies(part):
            continue
        try:
            residual.append(match.cells.condition(part))
        except Unanswered:
            undecided.append(part)
    return tuple(dict.fromkeys(residual)), tuple(undecided)


def _still_equal(match: Match, same: frozenset[Node]) -> list[Node]:
    """Equalities of the question that the cuboid does not have already."""
    groups: list[Node] = []
    firsts: list[Node] = []
    seen: set[Node] = set()
    for node in sorted(same, key=lambda n: n.data):
        if node not in seen:
            firsts.append(node)
            seen |= match.cells.own.same(node)
    for node in firsts if len(firsts) > 1 else ():
        value = match.cells.column(node)
        if value is None:
            raise Unanswered(
                "predicate",
                f"The join on {node.data[1]} cannot be decided by its levels",
                f"give it the level {node.data[1]}",
            )
        groups.append(value)
    return [cmp("=", one, other) for one, other in itertools.pairwise(groups)]
