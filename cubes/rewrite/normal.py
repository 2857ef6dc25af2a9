"""The normal form of a block: what is joined, what is equal, what holds, what is asked.

Question and cuboid are brought to the same form: outer joins that a condition makes inner, joins
that neither add nor drop rows gone, equal columns under one name, conditions one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from cubes.rewrite import guards
from cubes.rewrite.block import Block, Left
from cubes.rewrite.canonical import canonical, substituted, truths
from cubes.rewrite.catalogue import Catalogue, ForeignKey, Table
from cubes.rewrite.node import Node, col, columns_of, instances_of, is_not_null, rebuild
from cubes.rewrite.strictness import never_null, never_true


@dataclass(frozen=True, slots=True)
class Equalities:
    """Columns known to be equal, and the one that stands for each class."""

    classes: tuple[frozenset[Node], ...] = ()

    @property
    def representative(self) -> dict[Node, Node]:
        """Each column of a class, and who stands for it."""
        found = {}
        for each in self.classes:
            first = min(each, key=lambda node: node.data)
            found.update({node: first for node in each if node is not first})
        return found

    def joined(self, left: Node, right: Node) -> Equalities:
        """With one more equality."""
        if left == right:
            return self
        touched = [c for c in self.classes if left in c or right in c]
        merged = frozenset((left, right)).union(*touched)
        return Equalities((*(c for c in self.classes if c not in touched), merged))

    def same(self, node: Node) -> frozenset[Node]:
        """All columns equal to this one, itself among them."""
        return next((c for c in self.classes if node in c), frozenset((node,)))


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


def column_type(tables: Mapping[str, Table], node: Node) -> str:
    """The type of a column."""
    table = tables[str(node.data[0])]
    return dict(table.columns)[str(node.data[1])]


def normal_of(catalogue: Catalogue, block: Block) -> Normal:
    """Bring a block to normal form."""
    block = _spelt(block)
    block = _inner_where_strict(block)
    while True:
        smaller = _without_one_join(catalogue, block)
        if smaller is block:
            break
        block = smaller
    equal = equalities(block)
    block = _over_representatives(block, equal)
    given = set(given_not_null(block.tables, block.core))
    rest = tuple(
        part
        for part in block.where
        if not _column_equality(block, part)
        and not (part.op == "notnull" and never_null(part.args[0], given.__contains__))
    )
    return Normal(block, equal, rest, _not_null(block, equal))


def _mapped(block: Block, change: Callable[[Node], Node]) -> Block:
    """The block with every expression changed."""
    return replace(
        block,
        lefts=tuple(
            Left(left.instances, _flat(change(part) for part in left.condition))
            for left in block.lefts
        ),
        where=_flat(change(part) for part in block.where),
        groups=tuple(change(node) for node in block.groups),
        items=tuple((name, change(node)) for name, node in block.items),
        having=tuple(change(node) for node in block.having),
        qualify=change(block.qualify) if block.qualify else None,
        orders=tuple(replace(order, node=change(order.node)) for order in block.orders),
    )


def _flat(conditions: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(part for each in conditions for part in truths(each)))


def _spelt(block: Block) -> Block:
    return _mapped(block, lambda node: canonical(simpler(block.tables, canonical(node))))


def simpler(tables: Mapping[str, Table], node: Node) -> Node:
    """The year of a month's first day is the year of any day in it."""

    def change(part: Node) -> Node | None:
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


def _column_equality(block: Block, part: Node) -> bool:
    """An equality of two columns of the core that makes them the same value."""
    if part.op != "cmp" or part.data[0] != "=":
        return False
    left, right = part.args
    core = set(block.core)
    if left.op != "col" or right.op != "col":
        return False
    if left.data[0] not in core or right.data[0] not in core:
        return False
    kind = column_type(block.tables, left)
    same = kind == column_type(block.tables, right)
    return same and guards.equal_means_same(kind)


def equalities(block: Block) -> Equalities:
    """The classes of equal columns."""
    equal = Equalities()
    for part in block.where:
        if _column_equality(block, part):
            equal = equal.joined(*part.args)
    return equal


def _over_representatives(block: Block, equal: Equalities) -> Block:
    change = equal.representative
    own = {i for left in block.lefts for i in left.instances}
    kept = {a: b for a, b in change.items() if a.data[0] not in own}
    links = tuple(part for part in block.where if _column_equality(block, part))
    rest = replace(block, where=tuple(part for part in block.where if part not in links))
    changed = _mapped(rest, lambda node: substituted(node, kept))
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


def given_not_null(tables: Mapping[str, Table], core: Iterable[str]) -> Iterable[Node]:
    """The columns the arguments call not null."""
    return (col(instance, name) for instance in core for name in tables[instance].not_null)


def _without_one_join(catalogue: Catalogue, block: Block) -> Block:
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
            found = parent_link(catalogue, block, equal, instance)
            if found is not None:
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
            wanted = _link(link, child, instance)
            alike = {frozenset(pair) for pair in pairs} == {frozenset(pair) for pair in wanted}
            if alike and all(guards.is_never_null(mine, known) for mine, _ in wanted):
                return True
    return False


def _link(link: ForeignKey, child: str, parent: str) -> tuple[tuple[Node, Node], ...]:
    return tuple(
        (col(child, mine), col(parent, theirs))
        for mine, theirs in zip(link.columns, link.referred, strict=True)
    )


def parent_link(
    catalogue: Catalogue, block: Block, equal: Equalities, instance: str
) -> tuple[tuple[Node, Node], ...] | None:
    """The foreign key by which an instance of the core matches once, if only its key is used."""
    for link in catalogue.foreign_keys:
        if link.parent != block.tables[instance].name:
            continue
        for child in block.core:
            if child == instance or block.tables[child].name != link.child:
                continue
            pairs = _link(link, child, instance)
            if all(theirs in equal.same(mine) for mine, theirs in pairs):
                return pairs if _only_key_used(block, equal, instance, pairs) else None
    return None


def _only_key_used(
    block: Block, equal: Equalities, instance: str, pairs: tuple[tuple[Node, Node], ...]
) -> bool:
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


def _removed(block: Block, instance: str, pairs: tuple[tuple[Node, Node], ...]) -> Block:
    """The block without a parent: its key is the child's column, which must not be NULL."""
    change = {theirs: mine for mine, theirs in pairs}
    changed = _mapped(block, lambda node: substituted(node, change))
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
