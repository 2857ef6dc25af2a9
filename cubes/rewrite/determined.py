"""What is fixed once some expressions are: by equality, by keys, by coarser time."""

from __future__ import annotations

from collections.abc import Iterable

from cubes.rewrite import guards
from cubes.rewrite.block import Left
from cubes.rewrite.buckets import bucket_of
from cubes.rewrite.canonical import fixed
from cubes.rewrite.constants import evaluated
from cubes.rewrite.equalities import Equalities
from cubes.rewrite.implication import Known
from cubes.rewrite.node import Node, cmp, col, columns_of, rebuild
from cubes.rewrite.normal import Normal
from cubes.rewrite.reasoner import as_node
from cubes.rewrite.steady import constant_on


def closure(
    question: Normal, holds: Known, equal: Equalities, given: Iterable[Node]
) -> frozenset[Node]:
    """The given expressions and all columns they fix."""
    found = set(given) | _pinned(holds)
    tables = holds.reasoner.tables
    size = -1
    while size != len(found):
        size = len(found)
        found |= {same for node in tuple(found) if node.op == "col" for same in equal.same(node)}
        for instance, table in tables.items():
            for key in table.keys:
                if all(col(instance, name) in found for name in key):
                    found |= {col(instance, name) for name, _ in table.columns}
        for left in question.block.lefts:
            found |= _found_at_most_once(question, left, found)
    return frozenset(found)


def _pinned(holds: Known) -> set[Node]:
    """What the conditions leave one value."""
    terms = {part.args[0] for part in holds.conditions if part.op == "isnull"}
    values = {
        part.args[0]
        for part in holds.conditions
        if part.op == "cmp" and part.data[0] == "=" and fixed(part.args[1])
    }
    values |= {
        term
        for term, domain in holds.domains.items()
        if domain.only is not None and len(domain.only) == 1
    }
    kinds = holds.reasoner.type_of
    return terms | {term for term in values if not kinds(term).startswith(("DOUBLE", "FLOAT"))}


def _found_at_most_once(question: Normal, left: Left, known: set[Node]) -> set[Node]:
    """The columns of an outer join's only row, once what it is joined on is known."""
    own = left.instances[0]
    if len(left.instances) > 1 or not guards.joins_at_most_one(question.block, left):
        return set()
    reads = {c for part in left.condition for c in columns_of(part) if c.data[0] != own}
    columns = question.block.tables[own].columns
    return {col(own, name) for name, _ in columns} if reads <= known else set()


def _within_one_bucket(node: Node, holds: Known) -> bool:
    """Whether the range the question asks for lies in one bucket of a level."""
    put = bucket_of(holds.reasoner, node) if node.op in ("fn", "cast") else None
    domain = holds.domains.get(put[0]) if put else None
    if put is None or domain is None or not (domain.low and domain.high):
        return False
    kind = holds.reasoner.type_of(put[0])
    first, last = (
        rebuild(node, {put[0]: as_node(end[0], kind)}.get) for end in (domain.low, domain.high)
    )
    found = evaluated(
        holds.reasoner.catalogue, holds.reasoner.cursor, cmp("is not distinct from", first, last)
    )
    return bool(found and found[1] is True)


def determined(node: Node, by: frozenset[Node], holds: Known) -> bool:
    """Whether an expression has one value where those are fixed."""
    if node in by or fixed(node) or _within_one_bucket(node, holds):
        return True
    if node.op in ("col", "agg", "win"):
        return False
    for each in by:
        put = bucket_of(holds.reasoner, each) if each.op in ("fn", "cast") else None
        reads = put is not None and any(part == put[0] for part in node.walk())
        if put is not None and reads and constant_on(holds.reasoner, node, put[0], put[1]):
            return True
    return bool(node.args) and all(determined(arg, by, holds) for arg in node.args)
