"""Outer joins of a cuboid, against the question's outer and inner ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cubes.rewrite import guards
from cubes.rewrite.block import Left
from cubes.rewrite.canonical import canonical, substituted
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.cuboid import Cuboid
from cubes.rewrite.equalities import Equalities, given_not_null
from cubes.rewrite.node import TRUE, Node, both, cmp, is_not_null
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parents import pairs_of
from cubes.rewrite.sources import renumbered
from cubes.rewrite.strictness import never_true

if TYPE_CHECKING:
    from cubes.rewrite.matching import Match


def turned_inner(question: Normal, cuboid: Cuboid, mapping: Mapping[str, str]) -> tuple[Left, ...]:
    """Outer joins of the cuboid that are inner joins of the question."""
    core = set(question.block.core)
    found = []
    for left in cuboid.normal.block.lefts:
        instances = tuple(mapping[i] for i in left.instances)
        if set(instances) & core:
            if not set(instances) <= core:
                raise Unanswered("tables", "It joins the same tables in another way")
            condition = tuple(renumbered(part, mapping) for part in left.condition)
            found.append(Left(instances, condition))
    return tuple(found)


def met(catalogue: Catalogue, match: Match, left: Left, asked: tuple[Node, ...]) -> Node:
    """A condition on cells that is true where the outer join found a row."""
    tables = match.cells.known.reasoner.tables
    own = set(left.instances)
    for node in sorted(given_not_null(tables, left.instances), key=lambda n: n.data):
        if node in match.cells.exact:
            return is_not_null(match.cells.exact[node])

    def missing(node: Node) -> bool:
        alone = match.equal.same(node) == frozenset((node,))
        return node.data[0] in own and alone and node in match.cells.exact

    if guards.met_a_row(any(never_true(part, missing) for part in asked)):
        return TRUE
    for link in catalogue.foreign_keys:
        for child in match.mapping.values():
            pairs = [cmp("=", *each) for each in pairs_of(link, child, left.instances[0])]
            named = (
                tables[child].name == link.child and tables[left.instances[0]].name == link.parent
            )
            if named and {canonical(p) for p in pairs} == {canonical(p) for p in left.condition}:
                keys = [match.cells.column(pair.args[0]) for pair in pairs]
                if all(key is not None for key in keys):
                    return both(*(is_not_null(key) for key in keys if key is not None))
    raise Unanswered(
        "multiplicity",
        f"It keeps rows without {tables[left.instances[0]].name}, and cannot tell them",
        f"give it a level of {tables[left.instances[0]].name} that is never null",
    )


def refuse_other_joins(
    question: Normal,
    cuboid: Cuboid,
    mapping: Mapping[str, str],
    equal: Equalities,
    turned: tuple[Left, ...],
) -> None:
    """Outer joins both have must be the same joins."""
    inner = {i for left in turned for i in left.instances}
    change = equal.representative

    def spelt(parts: tuple[Node, ...], own: set[str]) -> frozenset[Node]:
        kept = {a: b for a, b in change.items() if a.data[0] not in own}
        return frozenset(substituted(part, kept) for part in parts)

    theirs = {left.instances: left for left in question.block.lefts}
    for left in cuboid.normal.block.lefts:
        instances = tuple(mapping[i] for i in left.instances)
        if any(i.startswith("_x") for i in instances) or set(instances) <= inner:
            continue
        same = next((t for key, t in theirs.items() if set(key) == set(instances)), None)
        mine = tuple(renumbered(part, mapping) for part in left.condition)
        if same is None or not guards.joins_alike(
            spelt(mine, set(instances)), spelt(same.condition, set(instances))
        ):
            raise Unanswered("tables", "It joins the same tables in another way")
