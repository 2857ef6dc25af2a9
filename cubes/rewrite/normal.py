"""The normal form of a block: what is joined, what is equal, what holds, what is asked.

Question and cuboid are brought to the same form: outer joins that a condition makes inner, joins
that neither add nor drop rows gone, equal columns under one name, conditions one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cubes.rewrite import guards
from cubes.rewrite.block import Block
from cubes.rewrite.canonical import canonical, substituted
from cubes.rewrite.catalogue import Catalogue, Table
from cubes.rewrite.equalities import (
    Equalities,
    column_equality,
    column_type,
    equalities,
    given_not_null,
    mapped,
)
from cubes.rewrite.node import FALSE, TRUE, Node, columns_of, fn, negated, rebuild
from cubes.rewrite.redundant import without_one_join
from cubes.rewrite.strictness import never_null, never_true


@dataclass(frozen=True, slots=True)
class Normal:
    """A block in normal form."""

    block: Block
    equal: Equalities
    conditions: tuple[Node, ...]  # all but the equalities of columns, over representatives
    not_null: frozenset[Node]

    def never_null(self, node: Node) -> bool:
        """Whether an expression cannot be NULL in the rows of the block."""
        return never_null(node, self.not_null.__contains__)


def normal_of(catalogue: Catalogue, block: Block) -> Normal:
    """Bring a block to normal form."""
    block = _spelt(block)
    block = _inner_where_strict(block)
    while True:
        smaller = without_one_join(catalogue, block)
        if smaller is block:
            break
        block = smaller
    equal = equalities(block)
    block = _over_representatives(block, equal)
    given = set(given_not_null(block.tables, block.core))
    rest = tuple(
        part
        for part in block.where
        if not column_equality(block, part)
        and not (part.op == "notnull" and never_null(part.args[0], given.__contains__))
    )
    return Normal(block, equal, rest, _not_null(block, equal))


def _spelt(block: Block) -> Block:
    return mapped(block, lambda node: canonical(simpler(block.tables, canonical(node))))


def simpler(tables: Mapping[str, Table], node: Node) -> Node:
    """The year of a month's first day is the year of any day in it; `ok = false` is `not ok`."""

    def change(part: Node) -> Node | None:
        truth = _truth(tables, part)
        if truth is not None:
            return truth
        if part.op != "fn" or part.data[0] not in ("date_part", "date_trunc"):
            return None
        if len(part.args) != 2 or part.args[0].op != "lit":
            return None
        whole, inner = FINER.get(str(part.args[0].data[1]), ()), part.args[1]
        days = True
        while inner.op == "cast" and inner.data[0] in ("DATE", "TIMESTAMP") and not inner.data[1]:
            days, inner = days and inner.data[0] == "TIMESTAMP", inner.args[0]
        if inner.op != "fn" or inner.data[0] != "date_trunc" or inner.args[0].op != "lit":
            return None
        unit, base = str(inner.args[0].data[1]), simpler(tables, inner.args[1])
        timed = base.op == "col" and column_type(tables, base) in ("DATE", "TIMESTAMP")
        if unit not in whole or not timed or not (days or unit in FINER["month"]):
            return None
        return part.over((part.args[0], base))

    return rebuild(node, change)


def _truth(tables: Mapping[str, Table], part: Node) -> Node | None:
    """A truth value as it is, where it is cast to one or compared with one."""
    if part.op == "cast" and part.data[0] == "BOOLEAN":
        return part.args[0] if _is_flag(tables, part.args[0]) else None
    if part.op != "cmp" or part.args[1] not in (TRUE, FALSE):
        return None
    flag = _truth(tables, part.args[0]) or part.args[0]
    if not _is_flag(tables, flag):
        return None
    wanted = flag if part.args[1] == TRUE else negated(flag)
    match part.data[0]:
        case "=":
            return wanted
        case "<>":
            return negated(flag) if wanted is flag else flag
        case "is not distinct from":
            return fn("coalesce", wanted, FALSE)
        case "is distinct from":
            return negated(fn("coalesce", wanted, FALSE))
    return None


def _is_flag(tables: Mapping[str, Table], node: Node) -> bool:
    return node.op == "col" and column_type(tables, node) == "BOOLEAN"


_MONTHS = ("month", "day")
FINER = {
    "month": _MONTHS, "quarter": (*_MONTHS, "quarter"), "year": (*_MONTHS, "quarter", "year"),
    "decade": (*_MONTHS, "quarter", "year"), "week": ("week", "day"), "isoyear": ("week", "day"),
    "day": ("day",), "dow": ("day",), "isodow": ("day",), "doy": ("day",),
}  # fmt: skip


def _inner_where_strict(block: Block) -> Block:
    """An outer join whose missing rows a condition drops anyway is an inner join."""
    for left in block.lefts:
        own = set(left.instances)

        def missing(node: Node, own: set[str] = own) -> bool:
            return node.data[0] in own

        if any(guards.rejects_missing(part, missing) for part in block.where):
            return _inner_where_strict(
                replace(
                    block,
                    core=(*block.core, *left.instances),
                    lefts=tuple(each for each in block.lefts if each is not left),
                    where=(*block.where, *left.condition),
                )
            )
    return block


def _over_representatives(block: Block, equal: Equalities) -> Block:
    change = equal.representative
    own = {i for left in block.lefts for i in left.instances}
    kept = {a: b for a, b in change.items() if a.data[0] not in own}
    links = tuple(part for part in block.where if column_equality(block, part))
    rest = replace(block, where=tuple(part for part in block.where if part not in links))
    changed = mapped(rest, lambda node: substituted(node, kept))
    return replace(changed, where=(*links, *changed.where))


def _not_null(block: Block, equal: Equalities) -> frozenset[Node]:
    """Columns of the core that are not NULL: as given, or since a condition would not be true."""
    found = set(given_not_null(block.tables, block.core))
    for part in (*block.where, *(link for c in equal.classes for link in c)):
        for node in columns_of(part):
            if node.data[0] in block.core and never_true(part, node.__eq__):
                found.add(node)
    for each in equal.classes:
        found |= each
    return frozenset(found)
