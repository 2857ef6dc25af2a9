"""What a cuboid joins besides: tables that match each row exactly once, by their foreign keys."""

from __future__ import annotations

from collections.abc import Mapping

from cubes.rewrite import guards
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.cuboid import Cuboid
from cubes.rewrite.equalities import Equalities, given_not_null
from cubes.rewrite.implication import Known, known
from cubes.rewrite.node import Node
from cubes.rewrite.normal import Normal
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parents import parent_link
from cubes.rewrite.reasoner import Reasoner


def extended(
    catalogue: Catalogue,
    question: Normal,
    cuboid: Cuboid,
    mapping: Mapping[str, str],
    own_equal: Equalities,
    reasoner: Reasoner,
) -> Equalities:
    """The question's equalities, with those of tables that only the cuboid joins.

    Such a table must match each row exactly once: then the question could join it as well. That
    nothing else is asked of it is seen where equalities and conditions are compared.
    """
    equal = question.equal
    waiting = [mapping[i] for i in cuboid.normal.block.core if mapping[i].startswith("_x")]
    inside = {mapping[i] for i in cuboid.normal.block.core} - set(waiting)
    if waiting:
        there = frozenset((*question.not_null, *given_not_null(reasoner.tables, waiting)))
        holds = known(reasoner, question.conditions, there)
    while waiting:
        for instance in waiting:
            pairs = parent_link(catalogue, reasoner.tables, sorted(inside), instance, own_equal)
            if pairs is None:
                continue
            if not all(_surely_there(holds, equal, mine) for mine, _ in pairs):
                continue
            for mine, theirs in pairs:
                equal = equal.joined(mine, theirs)
            waiting.remove(instance)
            inside.add(instance)
            break
        else:
            name = reasoner.tables[waiting[0]].name
            raise Unanswered(
                "multiplicity",
                f"It joins {name}, which may add or drop rows of the question",
                f"declare the key of {name}, the foreign key to it, and that it is not null",
            )
    for left in cuboid.normal.block.lefts:
        extra = [i for i in left.instances if mapping[i].startswith("_x")]
        if extra and (
            len(left.instances) > 1 or not guards.joins_at_most_one(cuboid.normal.block, left)
        ):
            name = cuboid.normal.block.tables[extra[0]].name
            raise Unanswered(
                "multiplicity",
                f"It joins {name}, which may repeat rows of the question",
                f"declare the key of {name}",
            )
    return equal


def _surely_there(holds: Known, equal: Equalities, node: Node) -> bool:
    return any(guards.is_never_null(each, holds.not_null) for each in equal.same(node))
