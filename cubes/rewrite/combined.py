"""A sum as a combination of stored sums: the discount is the price less the net.

Stored sums of products, each of the very same rows, are unknowns of linear equations; what is asked
is worked out where it hangs on them alone.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from cubes.rewrite.measures import Conditions
from cubes.rewrite.node import Node, fn, is_not_null
from cubes.rewrite.polynomial import Monomial, Polynomial, factors, numeral, polynomial

if TYPE_CHECKING:
    from cubes.rewrite.parts import Parts

Key = TypeVar("Key")
MOST = 24  # stored sums that are looked at
Row = tuple[Polynomial, dict[int, Fraction]]  # what is left of it, made of which columns


def total(parts: Parts, node: Node, where: Conditions) -> Node | None:
    """The sum over a cell's rows; NULL where no row that meets the conditions has a value."""
    wanted = polynomial(node, parts.type_of)
    if not wanted:
        return None
    decided, rest = parts.parted(where)
    columns: list[Node] = []
    rows: dict[Monomial, Row] = {}
    for column, terms in _stored(parts, node, rest, wanted)[:MOST]:
        columns.append(column)
        left, made = _reduced((terms, {len(columns) - 1: Fraction(1)}), rows)
        if left:
            first = min(left, key=lambda product: [atom.number for atom in product])
            rows[first] = _scaled((left, made), 1 / left[first])
    left, made = _reduced((wanted, {}), rows)
    if left or not made or not all(_ends(factor) for factor in made.values()):
        return None
    return parts.only(decided, _added([(-f, columns[n]) for n, f in sorted(made.items())]))


def _stored(
    parts: Parts, node: Node, rest: Conditions, wanted: Polynomial
) -> list[tuple[Node, Polynomial]]:
    """Stored sums of the rows in which all that is asked has a value."""
    filled = {is_not_null(each) for each in factors(node, parts.type_of)}
    atoms = {atom for product in wanted for atom in product}
    found = []
    for request, column in parts.stored.items():
        if request.name != "sum" or request.distinct or len(request.args) != 1:
            continue
        terms = polynomial(request.args[0], parts.type_of)
        if not terms or not any(atoms & set(product) for product in terms):
            continue
        own = {is_not_null(each) for each in factors(request.args[0], parts.type_of)}
        if parts.same_rows(request.where | own, rest | filled):
            found.append((column, terms))
    return found


def _reduced(row: Row, rows: dict[Monomial, Row]) -> Row:
    """What is left of it once what is known of its products is taken away."""
    for first, known in rows.items():
        factor = row[0].get(first)
        if factor:
            row = _plus(row, _scaled(known, -factor))
    return row


def _plus(a: Row, b: Row) -> Row:
    return _added_up(a[0], b[0]), _added_up(a[1], b[1])


def _added_up(a: dict[Key, Fraction], b: dict[Key, Fraction]) -> dict[Key, Fraction]:
    nothing = Fraction(0)
    both = {key: a.get(key, nothing) + b.get(key, nothing) for key in (*a, *b)}
    return {key: value for key, value in both.items() if value}


def _scaled(row: Row, by: Fraction) -> Row:
    left, made = row
    return {key: f * by for key, f in left.items()}, {key: f * by for key, f in made.items()}


def _ends(value: Fraction) -> bool:
    """Whether it is written with a few digits."""
    return value.denominator <= 1000 and 1000 % value.denominator == 0


def _added(terms: list[tuple[Fraction, Node]]) -> Node:
    """The columns, as often as they count; what is added first, then what is taken away."""
    terms.sort(key=lambda term: term[0] < 0)
    found: Node | None = None
    for factor, column in terms:
        size = abs(factor) if found is not None else factor
        value = column if size == 1 else fn("*", column, numeral(size))
        found = value if found is None else fn("-" if factor < 0 else "+", found, value)
    assert found is not None
    return found
