"""The conditions under which the rules are sound, each by name.

A rule asks here whether it may; every answer is True where it is safe and False where that is not
shown. They stand in one file so that a test can take each away and see an answer go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from cubes.rewrite.node import Node, instances_of
from cubes.rewrite.strictness import never_true

if TYPE_CHECKING:
    from cubes.rewrite.block import Block, Left
    from cubes.rewrite.implication import Known

GUARDS = (
    "joins_at_most_one",
    "is_never_null",
    "rejects_missing",
    "equal_means_same",
    "is_set_equal",
    "follows",
    "joins_alike",
    "only_its_key_is_used",
    "is_constant_in_bucket",
    "keeps_endless_dates",
    "shifts_whole_buckets",
    "is_in_same_rows",
    "adds_exactly",
    "cannot_tell_apart",
    "is_one_cell",
    "is_one_row",
    "is_ordered_fully",
    "is_a_group_only_with_rows",
    "counts_rows",
    "hangs_on_no_zone",
    "has_a_whole_bucket",
    "met_a_row",
    "minds_no_repeats",
    "only_selects",
    "is_null_alike",
    "is_one_year",
    "says_no_more",
)
IDENTITIES = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
    "UBIGINT", "UHUGEINT", "VARCHAR", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "BOOLEAN",
    "UUID", "TIME", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
)  # fmt: skip


def joins_at_most_one(block: Block, left: Left) -> bool:
    """An outer join finds at most one row: a whole key is set equal to what stands before."""
    instance = left.instances[0]
    fixed = set()
    for part in left.condition:
        if part.op == "cmp" and part.data[0] == "=":
            for mine, other in (part.args, part.args[::-1]):
                own = mine.op == "col" and mine.data[0] == instance
                if own and instance not in instances_of(other):
                    fixed.add(mine.data[1])
    return any(set(key) <= fixed for key in block.tables[instance].keys)


def is_never_null(node: Node, known: Collection[Node]) -> bool:
    """A foreign key has a value in every row, so that its parent is there."""
    return node in known


def rejects_missing(part: Node, missing: Callable[[Node], bool]) -> bool:
    """A condition drops the rows an outer join fills with NULL."""
    return never_true(part, missing)


def equal_means_same(kind: str) -> bool:
    """Equal values of a type are the same value: 0.0 and -0.0 are not, nor 30 days and a month."""
    return kind in IDENTITIES or kind.startswith(("DECIMAL", "ENUM"))


def is_set_equal(wanted: frozenset[Node], equal: frozenset[Node]) -> bool:
    """The question sets equal what the cuboid joins on."""
    return wanted <= equal


def follows(holds: Known, condition: Node) -> bool:
    """A condition of the cuboid follows from the question's: it lacks no row asked for."""
    return holds.implies(condition)


def joins_alike(mine: frozenset[Node], theirs: frozenset[Node]) -> bool:
    """Outer joins of both are on the same conditions."""
    return mine == theirs


def only_its_key_is_used(used: set[Node], key: set[Node]) -> bool:
    """A parent that is joined for its key alone may go."""
    return used <= key


def is_constant_in_bucket(constant: bool) -> bool:
    """An expression has one value all through a bucket, so that its start stands for all."""
    return constant


def keeps_endless_dates(finite: bool, bounded: bool) -> bool:
    """A level that is NULL for an infinite date tells dates between two others."""
    return bounded or not finite


def shifts_whole_buckets(amount: int, width: int) -> bool:
    """A shift by whole buckets keeps what lies in one bucket in one bucket."""
    return amount % width == 0


def is_in_same_rows(same: bool) -> bool:
    """A stored part is of the very rows an aggregate is of."""
    return same


def adds_exactly(exact: bool) -> bool:
    """Adding loses nothing: whole numbers and DECIMAL, not DOUBLE."""
    return exact


def cannot_tell_apart(unlike: bool) -> bool:
    """An operation sees no difference between values a level holds as one."""
    return not unlike


def is_one_cell(one: bool) -> bool:
    """A group is one cell, so that what does not add up may be read from it."""
    return one


def is_one_row(one: bool) -> bool:
    """Values tell one row of the join from any other: no ties."""
    return one


def is_ordered_fully(total: bool) -> bool:
    """An order leaves no ties that could come out either way."""
    return total


def is_a_group_only_with_rows(single: bool) -> bool:
    """A cuboid without levels, one row even over nothing, answers only what is so as well."""
    return single


def counts_rows(repeatable: bool) -> bool:
    """An aggregate over cells says the same of rows: repeating a value does not matter."""
    return repeatable


def hangs_on_no_zone(zoned: bool) -> bool:
    """An expression is the same in every time zone."""
    return not zoned


def has_a_whole_bucket(least: object, most: object) -> bool:
    """At least one whole bucket lies within a range."""
    return not (least is not None and most is not None and least >= most)  # type: ignore[operator]


def met_a_row(some: bool) -> bool:
    """Cells of rows an outer join found nothing for can be told from the others."""
    return some


def minds_no_repeats(every_row: bool) -> bool:
    """A reader takes the members of what it reads: how often each comes is nothing to it."""
    return not every_row


def only_selects(block: Block) -> bool:
    """A subquery has a row where its tables have one: it neither groups, counts nor cuts off."""
    return block.plain and not block.having and not block.lefts


def is_null_alike(alike: bool) -> bool:
    """A level is NULL exactly where a column is."""
    return alike


def is_one_year(one: bool) -> bool:
    """The months of a question are those of one year, so that they are a range."""
    return one


def says_no_more(plain: bool) -> bool:
    """A condition says how a text begins, and nothing besides."""
    return plain
