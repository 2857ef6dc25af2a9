"""Sums over the rows of a cell, from stored sums, counts and levels.

A sum is a stored one, or put together from what adds up exactly: a level as often as the cell has
rows, the branches of a CASE, a flag that is counted, products term by term. NULL where no row has a
value.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from cubes.rewrite import combined, guards
from cubes.rewrite.canonical import truths
from cubes.rewrite.constants import exact
from cubes.rewrite.measures import Conditions
from cubes.rewrite.node import (
    NULL,
    ONE,
    ZERO,
    Node,
    case,
    cast,
    cmp,
    fn,
    is_not_null,
    value_if,
)
from cubes.rewrite.polynomial import factors, numeral, polynomial
from cubes.rewrite.strictness import never_null

if TYPE_CHECKING:
    from cubes.rewrite.parts import Parts


def total(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """The sum over a cell's rows; NULL where no row that meets the conditions has a value."""
    decided, rest = parts.parted(where)
    found = parts.lookup("sum", (node,), rest, decided)
    if found is not None:
        return parts.only(decided, found)
    if node.op == "lit" and _zero(node):
        some = parts.some(where)
        return None if some is None else value_if(some, ZERO)
    if node.op == "fn" and node.data[0] == "coalesce" and len(node.args) == 2:
        node = case((is_not_null(node.args[0]), node.args[0]), otherwise=node.args[1])
    for way in (_total_of_level, _total_of_case, _total_of_flag):
        found = way(parts, node, where)
        if found is not None:
            return found
    for way in (_total_of_polynomial, combined.total, _total_stored_with_zero):
        found = way(parts, node, where)
        if found is not None:
            return found
    return None


def total_or_zero(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """The sum over a cell's rows, 0 where there is none."""
    found = total(parts, node, where)
    if found is not None:
        return fn("coalesce", found, ZERO)
    decided, rest = parts.parted(where)
    found = parts.lookup("sum_or_zero", (node,), rest, decided)
    return None if found is None else parts.only(decided, found, ZERO)


def _total_of_level(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """A value that is one in a cell counts as often as the cell has rows."""
    kind = parts.type_of(node)
    if not guards.adds_exactly(exact(kind) or (parts.rows and kind in ("DOUBLE", "FLOAT"))):
        return None
    if not parts.cells.can(node):
        return None
    decided, rest = parts.parted(where)
    count, some = parts.count_of(rest), bool(rest)
    if count is None:
        count, some = parts.count(where | {is_not_null(node)}), True
    if count is None:
        return None
    value = parts.cells.value(node)
    if count == ONE:
        return parts.only(decided, value)
    if not kind.startswith("DECIMAL"):
        value = cast(value, "HUGEINT")
    times = fn("nullif", count, ZERO) if some else count
    return parts.only(decided, fn("*", value, times))


def _total_of_case(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """CASE: by the levels where they decide, else by rows that meet the condition."""
    if node.op != "case":
        return None
    if all(parts.cells.can(when) for when in node.args[:-1:2]):
        pairs = []
        for index in range(0, len(node.args) - 1, 2):
            value = _branch(parts, node.args[index + 1], where)
            if value is None:
                return None
            pairs.append((parts.cells.value(node.args[index]), value))
        last = _branch(parts, node.args[-1], where)
        return None if last is None else case(*pairs, otherwise=last)
    return _total_of_two(parts, node, where) if len(node.args) == 3 else None


def _total_of_two(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """One value where a condition is true, a constant elsewhere."""
    when, then, otherwise = node.args
    chosen = where | frozenset(truths(when))
    value = _branch(parts, then, chosen)
    if value is None or otherwise == NULL:
        return value
    if otherwise.op != "lit" or otherwise.data[0] not in ("INTEGER", "NUMERIC"):
        return None
    filled = frozenset(p.args[0] for p in chosen if p.op == "notnull")
    some = parts.some(where)
    sure = parts.never_null(then) or never_null(then, filled.__contains__)
    if _zero(otherwise) and some is not None and sure:
        return value_if(some, fn("coalesce", value, ZERO))
    all_rows, met = parts.count(where), parts.count(chosen)
    if all_rows is None or met is None:
        return None
    others = fn("coalesce", value, ZERO)
    if not _zero(otherwise):
        if polynomial(otherwise, parts.type_of) is None or not exact(parts.type_of(then)):
            return None
        others = fn("+", others, fn("*", otherwise, fn("-", all_rows, met)))
    return case((cmp(">", all_rows, met), others), otherwise=value)


def _branch(parts: Parts, node: Node, where: Conditions) -> Node | None:
    return NULL if node == NULL else total(parts, node, where)


def _total_of_flag(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """A sum of a boolean as a number is a count of where it is true."""
    if node.op != "cast" or not exact(str(node.data[0])):
        return None
    inner = node.args[0]
    if parts.type_of(inner) != "BOOLEAN":
        return None
    true = parts.count(where | frozenset(truths(inner)))
    known_rows = where if parts.never_null(inner) else where | {is_not_null(inner)}
    some = parts.some(known_rows)
    if true is None or some is None:
        return None
    return value_if(some, true)


def _total_of_polynomial(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """A sum of products, product by product, over rows where all of it has a value."""
    terms = polynomial(node, parts.type_of)
    if terms is None or list(terms) == [(node,)]:
        return None
    if not terms:
        return None
    atoms = factors(node, parts.type_of)
    filled = where | {is_not_null(a) for a in atoms if not parts.never_null(a)}
    one = len(terms) == 1 and set(next(iter(terms))) == atoms
    added: Node | None = None
    for monomial, factor in sorted(terms.items(), key=lambda t: [n.number for n in t[0]]):
        value = _product(parts, monomial, where if one else filled)
        if value is None:
            return None
        if factor != 1:
            value = fn("*", value, numeral(factor))
        added = value if added is None else fn("+", added, value)
    return added


def _product(parts: Parts, monomial: tuple[Node, ...], where: Conditions) -> Node | None:
    outside = [atom for atom in monomial if parts.cells.can(atom)]
    inside = [atom for atom in monomial if atom not in outside]
    if not inside:
        count = parts.count(where)
        if count is None:
            return None
        base: Node = cast(fn("nullif", count, ZERO), "HUGEINT")
    else:
        found = _stored_product(parts, tuple(inside), where)
        if found is None:
            return None
        base = found
    for atom in outside:
        value = parts.cells.value(atom)
        if not parts.type_of(atom).startswith("DECIMAL"):
            value = cast(value, "HUGEINT")
        base = fn("*", value, base)
    return base


def _stored_product(parts: Parts, inside: tuple[Node, ...], where: Conditions) -> Node | None:
    """A stored sum whose product is these very factors."""
    decided, rest = parts.parted(where)
    for request, column in parts.stored.items():
        if request.name != "sum" or request.distinct or len(request.args) != 1:
            continue
        terms = polynomial(request.args[0], parts.type_of)
        if terms != {inside: Fraction(1)}:
            continue
        needed = {is_not_null(a) for a in factors(request.args[0], parts.type_of)}
        mine = {is_not_null(a) for a in inside}
        if request.where == rest or parts.same_rows(request.where | needed, rest | mine):
            return parts.only(decided, column)
    if len(inside) == 1 and inside[0].op in ("case", "cast"):
        return _total_of_case(parts, inside[0], where) or _total_of_flag(parts, inside[0], where)
    return None


def _total_stored_with_zero(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """A stored `case … else 0` is the sum wanted, but for cells where no row counts."""
    decided, rest = parts.parted(where)
    zeroed = parts.lookup("sum_or_zero", (node,), rest, decided)
    some = parts.some(where | {is_not_null(node)}) if zeroed is not None else None
    if zeroed is not None and some is not None:
        return value_if(some, zeroed)
    for request, column in parts.stored.items():
        if request.name != "sum" or request.distinct or len(request.args) != 1:
            continue
        stored = request.args[0]
        if stored.op != "case" or len(stored.args) != 3 or stored.args[1] != node:
            continue
        if stored.args[2].op != "lit" or not _zero(stored.args[2]):
            continue
        chosen = request.where | frozenset(truths(stored.args[0]))
        if not parts.same_rows(chosen, rest):
            continue
        counted = rest if parts.never_null(node) else rest | {is_not_null(node)}
        some = parts.some(counted)
        if some is not None:
            return parts.only(decided, value_if(some, column))
    return None


def _zero(node: Node) -> bool:
    return node.data[0] in ("INTEGER", "NUMERIC") and Fraction(str(node.data[1])) == 0
