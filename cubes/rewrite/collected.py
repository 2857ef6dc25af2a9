"""Aggregates that mind neither repetition nor chance: distinct lists in order, first values.

A level that comes once a cell instead of once a row gives the same, where its own value says in
which order it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from cubes.rewrite import guards
from cubes.rewrite.canonical import constant
from cubes.rewrite.measures import Conditions, Measures
from cubes.rewrite.node import TRUE, Node, agg, is_not_null
from cubes.rewrite.requests import Request

LISTS = frozenset(("list", "array_agg", "string_agg", "group_concat", "listagg"))
FIRSTS = frozenset(("first", "last", "any_value", "arbitrary"))
OF_ONE = FIRSTS | {"mode"}
EXTREMES = frozenset(("arg_min", "arg_max"))
SORTS = frozenset(("list_sort", "array_sort", "list_reverse_sort", "array_reverse_sort"))


@dataclass(frozen=True, slots=True)
class Taken:
    """What an aggregate takes, besides its name: the value, constants, the terms of its order."""

    value: Node
    rest: tuple[Node, ...]
    order: tuple[Node, ...]


def taken(request: Request) -> Taken | None:
    """The arguments apart from the order, which come last."""
    count = len(request.args) - len(request.orders)
    if count < 1:
        return None
    args = request.args
    return Taken(args[0], args[1:count], args[count:])


def own_order(request: Request, kind: str) -> bool:
    """Whether what ties in its order is the same value."""
    found = taken(request)
    if found is None or not request.orders:
        return False
    return guards.is_ordered_fully(found.value in found.order and guards.equal_means_same(kind))


def of_level(parts: Measures, request: Request, *, sorted_after: bool) -> Node | None:
    """A distinct list of a level, or its first value, in an order that it says itself."""
    found = taken(request)
    if found is None or request.name not in LISTS | FIRSTS or not all(map(constant, found.rest)):
        return None
    kind = parts.type_of(found.value)
    repeatable = request.distinct or request.name in FIRSTS
    ordered = own_order(request, kind)
    if sorted_after and not request.orders and request.name in ("list", "array_agg"):
        ordered = guards.is_ordered_fully(guards.equal_means_same(kind))
    if not ordered or not guards.counts_rows(repeatable):
        return None
    if not parts.values.can(found.value):
        return None
    some = parts.some(request.where)
    if some is None or any(term != found.value for term in found.order):
        return None
    value = parts.values.value(found.value)
    args = (value, *found.rest, *(value for _ in found.order))
    return _only(request, request.name, args, some)


def of_one(parts: Measures, request: Request) -> Node | None:
    """The value that is the same in all rows of a group, where there is such a row."""
    name, args = request.name, request.args
    if request.orders or not args or not parts.values.can(args[0]):
        return None
    where: Conditions = request.where
    if name in EXTREMES and len(args) == 2:
        name, where = "any_value", where | {is_not_null(arg) for arg in args}
    elif name in ("list", "array_agg") and request.distinct and len(args) == 1:
        where = request.where
    elif name not in OF_ONE or len(args) != 1:
        return None
    if request.name not in FIRSTS and not guards.equal_means_same(parts.type_of(args[0])):
        return None
    some = parts.some(where)
    name = "any_value" if name == "mode" else name
    return None if some is None else _only(request, name, (parts.values.value(args[0]),), some)


def _only(request: Request, name: str, args: tuple[Node, ...], some: Node) -> Node:
    if not request.orders and not request.distinct:
        return agg(name, *args, only=None if some == TRUE else some)
    tail = () if some == TRUE else (some,)
    return Node("agg", (name, request.distinct, request.orders, bool(tail)), (*args, *tail))
