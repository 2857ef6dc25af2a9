"""Whether what a question demands implies what a cuboid demands, and the other way round.

It says yes only where that is shown: the same condition, a range within a range, every branch of a
disjunction, or all values an expression can have, tried one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import duckdb

from cubes.rewrite.canonical import constant, substituted
from cubes.rewrite.catalogue import Catalogue, Table, types_of
from cubes.rewrite.constants import Value, step_of, value_in, values_in
from cubes.rewrite.node import Node, columns_of
from cubes.rewrite.printing import printed
from cubes.rewrite.ranges import Domain, compared
from cubes.rewrite.strictness import never_null, never_true

BRANCHES = 16
TRIALS = 64


@dataclass(frozen=True, slots=True)
class Reasoner:
    """What is needed to read conditions: types and values as DuckDB gives them."""

    catalogue: Catalogue
    cursor: duckdb.DuckDBPyConnection
    tables: Mapping[str, Table]
    atoms: dict[Node, tuple[Node, Domain] | None] = field(default_factory=dict)

    def type_of(self, node: Node) -> str:
        """The DuckDB type of an expression."""
        return types_of(self.catalogue, self.cursor, (node,), self.tables)[node]

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


@dataclass(frozen=True, slots=True)
class Known:
    """Conditions that hold, with what follows for single expressions."""

    reasoner: Reasoner
    conditions: frozenset[Node]
    domains: Mapping[Node, Domain]
    not_null: frozenset[Node]

    def implies(self, wanted: Node, depth: int = 2) -> bool:
        """Whether a condition must be true."""
        if wanted in self.conditions:
            return True
        match wanted.op:
            case "and":
                return all(self.implies(arg, depth) for arg in wanted.args)
            case "notnull" if self.never_null(wanted.args[0]):
                return True
            case "or" if any(self.implies(arg, depth) for arg in wanted.args):
                return True
        atom = self.reasoner.atom(wanted)
        if atom is not None and self._domain(atom[0]).within(atom[1]):
            if atom[0] in self.domains:
                return True
        return self._by_cases(wanted, depth) or self._by_trial(wanted)

    def never_null(self, node: Node) -> bool:
        """Whether an expression cannot be NULL: a comparison with it would not be true."""
        if node in self.domains or never_null(node, self.not_null.__contains__):
            return True
        return False

    def _domain(self, term: Node) -> Domain:
        return self.domains.get(term, Domain())

    def _by_cases(self, wanted: Node, depth: int) -> bool:
        """Whether each branch of some disjunction implies it."""
        if depth == 0:
            return False
        for each in self.conditions:
            if each.op == "or" and len(each.args) <= BRANCHES:
                if all(self.with_one(arg, each).implies(wanted, depth - 1) for arg in each.args):
                    return True
        return False

    def with_one(self, condition: Node, instead: Node) -> Known:
        """What is known when one branch of a disjunction holds."""
        parts = condition.args if condition.op == "and" else (condition,)
        rest = (self.conditions - {instead}) | set(parts)
        again = known(self.reasoner, rest, self.not_null)
        return replace(again, domains={**self.domains, **_met(self.domains, again.domains)})

    def _by_trial(self, wanted: Node) -> bool:
        """Whether it is true for all values its columns can have."""
        columns = sorted(columns_of(wanted), key=printed)
        choices = []
        for node in columns:
            values = self._domain(node).only
            if values is None or not values:
                return False
            choices.append([(node, value) for value in sorted(values, key=str)])
        count = 1
        for choice in choices:
            count *= len(choice)
        if not columns or count > TRIALS:
            return False
        for combination in itertools.product(*choices):
            change = {
                node: as_node(value, self.reasoner.type_of(node)) for node, value in combination
            }
            tried = substituted(wanted, change)
            if not constant(tried) or not self._true(tried):
                return False
        return True

    def _true(self, condition: Node) -> bool:
        try:
            row = self.reasoner.cursor.execute(f"select {printed(condition)}").fetchone()
        except duckdb.Error:
            return False
        return bool(row and row[0] is True)


def _met(a: Mapping[Node, Domain], b: Mapping[Node, Domain]) -> dict[Node, Domain]:
    return {term: a[term].meet(domain) if term in a else domain for term, domain in b.items()}


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


def _decimal(value: object) -> str:
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = 60
        return format(Decimal(value.numerator) / Decimal(value.denominator), "f")  # type: ignore[attr-defined]


def known(
    reasoner: Reasoner, conditions: frozenset[Node] | tuple[Node, ...], not_null: frozenset[Node]
) -> Known:
    """What follows from conditions that hold together."""
    domains: dict[Node, Domain] = {}
    nullless = set(not_null)
    for condition in conditions:
        atom = reasoner.atom(condition)
        if atom is not None:
            term, domain = atom
            domains[term] = domains[term].meet(domain) if term in domains else domain
        for node in columns_of(condition):
            if never_true(condition, node.__eq__):
                nullless.add(node)
    return Known(reasoner, frozenset(conditions), domains, frozenset(nullless))
