"""Conditions read one by one: what expression they bound, and to which values.

Types and constants are DuckDB's own; what it would compare in a way not known here bounds nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

import duckdb

from cubes.rewrite.canonical import constant
from cubes.rewrite.catalogue import Catalogue, Table, types_of
from cubes.rewrite.constants import Value, step_of, value_in, values_in
from cubes.rewrite.node import Node
from cubes.rewrite.ranges import Domain, compared


@dataclass(frozen=True, slots=True)
class Reasoner:
    """What is needed to read conditions: types and values as DuckDB gives them."""

    catalogue: Catalogue
    cursor: duckdb.DuckDBPyConnection
    tables: Mapping[str, Table]
    atoms: dict[Node, tuple[Node, Domain] | None] = field(default_factory=dict)
    types: dict[Node, str] = field(default_factory=dict)

    def type_of(self, node: Node) -> str:
        """The DuckDB type of an expression."""
        if node not in self.types:
            self.types.update(types_of(self.catalogue, self.cursor, (node,), self.tables))
        return self.types[node]

    def atom(self, condition: Node) -> tuple[Node, Domain] | None:
        """An expression, and the values it may have where the condition is true."""
        if condition not in self.atoms:
            self.atoms[condition] = self._atom(condition)
        return self.atoms[condition]

    def _atom(self, condition: Node) -> tuple[Node, Domain] | None:
        match condition.op:
            case "cmp" if constant(condition.args[1]) and not constant(condition.args[0]):
                term, value = condition.args
                kind = self._kind(term)
                found = kind and value_in(self.catalogue, self.cursor, value, kind)
                if kind is None or found is None:
                    return None
                domain = compared(str(condition.data[0]), found, step_of(kind))
                return (term, domain) if domain else None
            case "in":
                kind = self._kind(condition.args[0])
                values = kind and values_in(self.catalogue, self.cursor, condition.args[1:], kind)
                return (condition.args[0], Domain(only=values)) if values else None
            case "not" if condition.args[0].op == "in":
                inner = self.atom(condition.args[0])
                if inner is None or inner[1].only is None:
                    return None
                return (inner[0], Domain(never=inner[1].only))
            case "or":
                return self._union(condition)
            case "col" if self._kind(condition) == "BOOLEAN":
                return (condition, Domain(only=frozenset((True,))))
            case "not" if condition.args[0].op == "col":
                if self._kind(condition.args[0]) == "BOOLEAN":
                    return (condition.args[0], Domain(only=frozenset((False,))))
        return None

    def _union(self, condition: Node) -> tuple[Node, Domain] | None:
        atoms = [self.atom(arg) for arg in condition.args]
        first = atoms[0]
        if first is None:
            return None
        whole: Domain | None = first[1]
        for each in atoms[1:]:
            if each is None or each[0] != first[0] or whole is None:
                return None
            whole = whole.join(each[1])
        return (first[0], whole) if whole else None

    def _kind(self, term: Node) -> str | None:
        if any(part.op in ("agg", "win", "unknown", "insub") for part in term.walk()):
            return None
        try:
            return self.type_of(term)
        except duckdb.Error:
            return None


def as_node(value: Value, kind: str) -> Node:
    """A value as an expression of its type."""
    if isinstance(value, bool):
        text = "true" if value else "false"
        return Node("lit", ("BOOLEAN", text))
    if isinstance(value, str):
        return Node("cast", (kind, False), (Node("lit", ("STRING", value)),))
    if isinstance(value, float):
        return Node("cast", (kind, False), (Node("lit", ("STRING", repr(value))),))
    if kind in ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
        micros = Node("lit", ("INTEGER", str(int(value))))
        made = Node("fn", ("make_timestamp",), (micros,))
        if kind == "TIMESTAMP WITH TIME ZONE":
            utc = Node("lit", ("STRING", "UTC"))
            return Node("fn", ("timezone",), (utc, made))
        return made if kind == "TIMESTAMP" else Node("cast", ("DATE", False), (made,))
    number = str(value.numerator) if value.denominator == 1 else _decimal(value)
    return Node("cast", (kind, False), (Node("lit", ("NUMERIC", number)),))


def _decimal(value: Fraction) -> str:
    with localcontext() as context:
        context.prec = 60
        return format(Decimal(value.numerator) / Decimal(value.denominator), "f")
