"""Whether what a question demands implies what a cuboid demands, and the other way round.

It says yes only where that is shown: the same condition, a range within a range, every branch of a
disjunction, or all values an expression can have, tried one by one.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import duckdb

from cubes.rewrite import periods
from cubes.rewrite.canonical import constant, substituted
from cubes.rewrite.constants import step_of
from cubes.rewrite.node import FALSE, NULL, TRUE, Node, columns_of
from cubes.rewrite.printing import printed
from cubes.rewrite.ranges import Domain
from cubes.rewrite.reasoner import Reasoner, as_node
from cubes.rewrite.strictness import never_null, never_true

BRANCHES = 16
TRIALS = 64


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
        if atom is not None and self._within(*atom):
            return True
        return self._by_prefix(wanted) or self._by_cases(wanted, depth) or self._by_trial(wanted)

    def _within(self, term: Node, wanted: Domain) -> bool:
        """Whether all values an expression can have are among those wanted."""
        if term in self.domains and self.domains[term].within(wanted):
            return True
        period = periods.period_of(self.reasoner, term)
        base = self.domains.get(period[0]) if period else None
        found = base and periods.of_period(self.reasoner, term, base)
        return bool(found and found.within(wanted))

    def _by_prefix(self, wanted: Node) -> bool:
        """Whether a longer beginning is asked for: LIKE 'web%' is LIKE 'w%'."""
        prefix = _prefix(wanted)
        if prefix is None:
            return False
        return any(
            each.args[0] == wanted.args[0] and _head(each).startswith(prefix)
            for each in self.conditions
            if each.op == "fn" and each.data[0] == "~~" and each.args[1].op == "lit"
        )

    def never_null(self, node: Node) -> bool:
        """Whether an expression cannot be NULL: a comparison with it would not be true."""
        return node in self.domains or never_null(node, self.not_null.__contains__)

    def _domain(self, term: Node) -> Domain:
        return self.domains.get(term, Domain())

    def _by_cases(self, wanted: Node, depth: int) -> bool:
        """Whether each branch of some disjunction implies it."""
        if depth == 0:
            return False
        for each in self.conditions:
            if each.op != "or" or len(each.args) > BRANCHES:
                continue
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
            if Node("isnull", (), (node,)) in self.conditions:
                choices.append([(node, NULL)])
                continue
            kind = self.reasoner.type_of(node)
            if values is None and kind == "BOOLEAN":
                choices.append([(node, value) for value in self._truth_values(node)])
                continue
            if values is None or not values:
                return False
            choices.append([(node, as_node(value, kind)) for value in sorted(values, key=str)])
        count = 1
        for choice in choices:
            count *= len(choice)
        if not columns or count > TRIALS:
            return False
        for combination in itertools.product(*choices):
            tried = substituted(wanted, dict(combination))
            if not constant(tried) or not self._true(tried):
                return False
        return True

    def _truth_values(self, node: Node) -> list[Node]:
        """What a boolean can still be, by the conditions on it alone."""
        alone = [part for part in self.conditions if columns_of(part) == {node}]
        return [
            value
            for value in (TRUE, FALSE, NULL)
            if all(
                constant(tried) and self._true(tried)
                for tried in (substituted(part, {node: value}) for part in alone)
            )
        ]

    def _true(self, condition: Node) -> bool:
        try:
            row = self.reasoner.cursor.execute(f"select {printed(condition)}").fetchone()
        except duckdb.Error:
            return False
        return bool(row and row[0] is True)


def _met(a: Mapping[Node, Domain], b: Mapping[Node, Domain]) -> dict[Node, Domain]:
    return {term: a[term].meet(domain) if term in a else domain for term, domain in b.items()}


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
    for term, domain in tuple(domains.items()):
        found = periods.of_base(reasoner, term, domain)
        if found is not None:
            base, range_ = found
            domains[base] = domains[base].meet(range_) if base in domains else range_
    for term, domain in tuple(domains.items()):
        domains[term] = _listed(domain, step_of(reasoner.type_of(term)))
    return Known(reasoner, frozenset(conditions), domains, frozenset(nullless))


def _listed(domain: Domain, step: int | None) -> Domain:
    """A short range of whole steps as its values."""
    if domain.only is not None or step is None or not (domain.low and domain.high):
        return domain
    low, high = domain.low[0], domain.high[0]
    if not isinstance(low, Fraction) or not isinstance(high, Fraction):
        return domain
    if not (domain.low[1] and domain.high[1]) or (high - low) / step >= TRIALS:
        return domain
    values = (low + n * step for n in range(int((high - low) / step) + 1))
    return replace(domain, only=frozenset(value for value in values if domain.holds(value)))


def _head(like: Node) -> str:
    """What a LIKE begins with for sure."""
    pattern = str(like.args[1].data[1])
    return pattern[: min([pattern.find(c) for c in "%_" if c in pattern] or [len(pattern)])]


def _prefix(like: Node) -> str | None:
    """What a LIKE wants at the beginning, where it wants nothing else."""
    if like.op != "fn" or like.data[0] != "~~" or like.args[1].op != "lit":
        return None
    pattern = str(like.args[1].data[1])
    plain = pattern.endswith("%") and pattern.count("%") == 1 and "_" not in pattern
    return pattern[:-1] if plain else None
