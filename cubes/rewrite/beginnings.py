"""Conditions on how a text begins, as ranges: LIKE 'web%' is all from 'web' up to 'wec'."""

from __future__ import annotations

from cubes.rewrite.node import Node
from cubes.rewrite.ranges import Domain

LAST = 0x10FFFF
STARTS = frozenset(("starts_with", "prefix", "^@"))


def beginning(condition: Node) -> tuple[Node, str, bool] | None:
    """The text, what it begins with where this is true, and whether no more is said."""
    if condition.op == "cmp" and condition.data[0] == "=":
        return _cut(*condition.args)
    if condition.op != "fn" or len(condition.args) != 2:
        return None
    term, other = condition.args
    if other.op != "lit" or other.data[0] != "STRING":
        return None
    told = str(other.data[1])
    if condition.data[0] in STARTS:
        return (term, told, True)
    if condition.data[0] != "~~":
        return None
    end = min([told.find(sign) for sign in "%_" if sign in told] or [len(told)])
    return (term, told[:end], told[end:] == "%")


def _cut(term: Node, value: Node) -> tuple[Node, str, bool] | None:
    """left(c, 2) = 'we', substring(c, 1, 2) = 'we'."""
    if value.op != "lit" or value.data[0] != "STRING" or term.op != "fn":
        return None
    counts = [arg.data for arg in term.args[1:]]
    if any(len(count) != 2 or count[0] != "INTEGER" for count in counts):
        return None
    numbers = [int(str(count[1])) for count in counts]
    first = term.data[0] == "left" and len(numbers) == 1
    if not first and not (term.data[0] == "substring" and len(numbers) == 2 and numbers[0] == 1):
        return None
    told = str(value.data[1])
    return (term.args[0], told, len(told) == numbers[-1]) if numbers[-1] >= len(told) else None


def range_of(told: str) -> Domain | None:
    """All texts that begin so, as DuckDB orders them: by code points."""
    if not told or ord(told[-1]) >= LAST or 0xD7FF <= ord(told[-1]) < 0xE000:
        return None
    return Domain(low=(told, True), high=(told[:-1] + chr(ord(told[-1]) + 1), False))
