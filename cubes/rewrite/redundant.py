"""Joins that neither add nor drop rows, and are not asked for."""

from __future__ import annotations

from dataclasses import replace

from cubes.rewrite import guards
from cubes.rewrite.block import Block, Left
from cubes.rewrite.canonical import substituted
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.equalities import Equalities, equalities, given_not_null, mapped
from cubes.rewrite.node import Node, columns_of, instances_of, is_not_null
from cubes.rewrite.parents import Pairs, pairs_of, parent_link


def without_one_join(catalogue: Catalogue, block: Block) -> Block:
    """The block with one join fewer, or one outer join turned inner; itself where none can go."""
    equal = equalities(block)
    for left in block.lefts:
        if len(left.instances) != 1:
            continue
        if not _used(block, left.instances[0], but=left) and guards.joins_at_most_one(block, left):
            lefts = tuple(each for each in block.lefts if each is not left)
            return _forget(replace(block, lefts=lefts), left.instances[0])
        if _always_one(catalogue, block, left):
            return replace(
                block,
                core=(*block.core, *left.instances),
                lefts=tuple(each for each in block.lefts if each is not left),
                where=(*block.where, *left.condition),
            )
    for instance in block.core:
        if len(block.core) > 1:
            others = [each for each in block.core if each != instance]
            found = parent_link(catalogue, block.tables, others, instance, equal)
            if found is not None and _only_key_used(block, equal, instance, found):
                return _removed(block, instance, found)
    return block


def _used(block: Block, instance: str, but: Left | None = None) -> bool:
    expressions = [
        *block.where, *block.groups, *(node for _, node in block.items), *block.having,
        *(order.node for order in block.orders), *([block.qualify] if block.qualify else []),
        *(part for left in block.lefts if left is not but for part in left.condition),
    ]  # fmt: skip
    return any(instance in instances_of(node) for node in expressions)


def _always_one(catalogue: Catalogue, block: Block, left: Left) -> bool:
    """Whether an outer join finds exactly one row: a foreign key that is not null, nothing more."""
    instance = left.instances[0]
    pairs = set()
    for part in left.condition:
        if part.op != "cmp" or part.data[0] != "=" or any(arg.op != "col" for arg in part.args):
            return False
        pairs.add(part.args)
    known = set(given_not_null(block.tables, block.core))
    for link in catalogue.foreign_keys:
        for child in block.core:
            if (block.tables[child].name, block.tables[instance].name) != (link.child, link.parent):
                continue
            wanted = pairs_of(link, child, instance)
            alike = {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in wanted}
            if alike and all(
                guards.is_never_null(mine, known) or _asked_for(block, mine) for mine, _ in wanted
            ):
                return True
    return False


def _asked_for(block: Block, column: Node) -> bool:
    """Whether a condition of the question drops the rows where a column is NULL."""
    return any(guards.rejects_missing(part, lambda node: node == column) for part in block.where)


def _only_key_used(block: Block, equal: Equalities, instance: str, pairs: Pairs) -> bool:
    """Whether nothing of a parent is asked for but its key, and that is the child's own column."""
    key = {theirs for _, theirs in pairs}
    every = [
        *block.where, *block.groups, *(node for _, node in block.items), *block.having,
        *(order.node for order in block.orders), *([block.qualify] if block.qualify else []),
        *(part for left in block.lefts for part in left.condition),
    ]  # fmt: skip
    used = {c for node in every for c in columns_of(node) if c.data[0] == instance}
    if not guards.only_its_key_is_used(used, key):
        return False
    return all(equal.same(mine) == equal.same(theirs) for mine, theirs in pairs)


def _removed(block: Block, instance: str, pairs: Pairs) -> Block:
    """The block without a parent: its key is the child's column, which must not be NULL."""
    change = {theirs: mine for mine, theirs in pairs}
    changed = mapped(block, lambda node: substituted(node, change))
    known = set(given_not_null(block.tables, block.core))
    needed = tuple(is_not_null(mine) for mine, _ in pairs if not guards.is_never_null(mine, known))
    where = tuple(
        part
        for part in dict.fromkeys((*changed.where, *needed))
        if part.op != "notnull" or part.args[0] not in known
    )
    core = tuple(each for each in block.core if each != instance)
    return _forget(replace(changed, core=core, where=where), instance)


def _forget(block: Block, instance: str) -> Block:
    return replace(block, tables={i: t for i, t in block.tables.items() if i != instance})
