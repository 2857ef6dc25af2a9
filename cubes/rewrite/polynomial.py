"""Sums of exact numbers as polynomials: a sum of x * 2 + y is twice the sum of x and the sum of y.

Only for whole numbers and DECIMAL, where adding and multiplying lose nothing whatever the order.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cubes.rewrite.constants import exact
from cubes.rewrite.node import Node
from cubes.rewrite.printing import printed
from cubes.rewrite.reasoner import as_node

Monomial = tuple[Node, ...]
Polynomial = dict[Monomial, Fraction]


def factors(node: Node, type_of: Callable[[Node], str]) -> frozenset[Node]:
    """What must have a value for the expression to have one, those that cancel out included."""
    if node.op == "lit":
        return frozenset()
    if node.op == "fn" and node.data[0] in ("+", "-", "*") and exact(type_of(node)):
        return frozenset().union(*(factors(arg, type_of) for arg in node.args))
    if node.op == "cast" and not node.data[1] and _widens(node, type_of):
        return factors(node.args[0], type_of)
    return frozenset((node,))


def polynomial(node: Node, type_of: Callable[[Node], str]) -> Polynomial | None:
    """The expression as a sum of products; None where it is not exact."""
    if node.op == "lit":
        if node.data[0] not in ("INTEGER", "NUMERIC") or "e" in str(node.data[1]).lower():
            return None
        value = Fraction(str(node.data[1]))
        return {(): value} if value else {}
    if not exact(type_of(node)):
        return None
    if node.op == "fn" and node.data[0] in ("+", "-", "*"):
        sides = [polynomial(arg, type_of) for arg in node.args]
        if any(side is None for side in sides):
            return None
        left = sides[0] or {}
        if len(sides) == 1:
            return _scaled(left, Fraction(-1 if node.data[0] == "-" else 1))
        right = sides[1] or {}
        if node.data[0] == "*":
            return _times(left, right)
        return _plus(left, _scaled(right, Fraction(-1 if node.data[0] == "-" else 1)))
    if node.op == "cast" and not node.data[1] and _widens(node, type_of):
        return polynomial(node.args[0], type_of)
    return {(node,): Fraction(1)}


def _widens(node: Node, type_of: Callable[[Node], str]) -> bool:
    """Whether a cast keeps every digit."""
    if node.args[0].op == "lit":
        return False
    source, target = type_of(node.args[0]), type_of(node)
    if not exact(source) or not exact(target):
        return False
    return scale(target) >= scale(source)


def scale(kind: str) -> int:
    """Digits after the point."""
    return int(kind.rstrip(")").split(",")[1]) if kind.startswith("DECIMAL") else 0


def _plus(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for monomial, factor in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + factor
    return {monomial: factor for monomial, factor in total.items() if factor}


def _scaled(a: Polynomial, by: Fraction) -> Polynomial:
    return {monomial: factor * by for monomial, factor in a.items()}


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    total: Polynomial = {}
    for one, factor in a.items():
        for other, by in b.items():
            product = tuple(sorted((*one, *other), key=printed))
            total = _plus(total, {product: factor * by})
    return total


def numeral(value: Fraction) -> Node:
    """A factor as a number of just as many digits."""
    digits = value.denominator
    places = 0
    while digits % 10 and places < 40 and Fraction(10) ** places % value.denominator:
        places += 1
    if value.denominator == 1:
        return Node("lit", ("INTEGER", str(value.numerator)))
    kind = f"DECIMAL(38,{max(places, 1)})"
    node = as_node(value, kind)
    return Node("lit", ("NUMERIC", str(node.args[0].data[1])))
