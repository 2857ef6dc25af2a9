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

from cubes.rewrite import guards, periods
from cubes.rewrite.beginnings import beginning, range_of
from cubes.rewrite.canonical import constant, substituted
from cubes.rewrite.constants import evaluated, step_of
from cubes.rewrite.node import FALSE, NULL, TRUE, Node, cast, columns_of, fn, text
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
        return (
            self._by_beginning(wanted)
            or self._by_contrast(wanted)
            or self._by_cases(wanted, depth)
            or self._by_trial(wanted)
        )

    def _within(self, term: Node, wanted: Domain) -> bool:
        """Whether all values an expression can have are among those wanted."""
        if term in self.domains and self.domains[term].within(wanted):
            return True
        period = periods.period_of(self.reasoner, term)
        base = self.domains.get(period[0]) if period else None
        found = base and periods.of_period(self.reasoner, term, base)
        return bool(found and found.within(wanted))

    def _by_beginning(self, wanted: Node) -> bool:
        """Whether a longer beginning is asked for: LIKE 'web%' is LIKE 'w%'."""
        found = beginning(wanted)
        if found is None or found[0] not in self.domains or not guards.says_no_more(found[2]):
            return False
        range_ = range_of(found[1]) if self.reasoner.type_of(found[0]) == "VARCHAR" else None
        return range_ is not None and self.domains[found[0]].within(range_)

    def _by_contrast(self, wanted: Node) -> bool:
        """Whether what must not be would break a condition: LIKE '/%' is never ''."""
        if wanted.op != "cmp" or wanted.data[0] != "<>" or not constant(wanted.args[1]):
            return False
        term, value = wanted.args
        if term.op != "col" or self.reasoner.type_of(term) != "VARCHAR":
            return False
        if value.op != "lit" or value.data[0] != "STRING" or not self.never_null(term):
            return False
        alone = [part for part in self.conditions if columns_of(part) == {term}]
        tried = [substituted(part, {term: value}) for part in alone]
        return any(constant(part) and self._false(part) for part in tried)

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
            few = self._all_of(kind) if values is None else ()
            if few:
                choices.append([(node, value) for value in self._left(node, (*few, NULL))])
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

    def _left(self, node: Node, values: tuple[Node, ...]) -> list[Node]:
        """The values a column can still have, by the conditions on it alone."""
        alone = [part for part in self.conditions if columns_of(part) == {node}]
        return [
            value
            for value in values
            if all(
                constant(tried) and self._true(tried)
                for tried in (substituted(part, {node: value}) for part in alone)
            )
        ]

    def _all_of(self, kind: str) -> tuple[Node, ...]:
        """Every value of a type that has few; how DuckDB compares them is DuckDB's to say."""
        if kind == "BOOLEAN":
            return (TRUE, FALSE)
        if not kind.startswith("ENUM") or kind.endswith("]"):
            return ()
        names = cast(fn("enum_range", cast(NULL, kind)), "VARCHAR[]")
        found = evaluated(self.reasoner.catalogue, self.reasoner.cursor, names)
        listed = found[1] if found else None
        if not isinstance(listed, list) or len(listed) > TRIALS:
            return ()
        return tuple(cast(text(str(name)), kind) for name in listed)

    def _true(self, condition: Node) -> bool:
        return self._tried(condition) == (True,)

    def _false(self, condition: Node) -> bool:
        return self._tried(condition) in ((False,), (None,))

    def _tried(self, condition: Node) -> tuple[object, ...] | None:
        """What DuckDB makes of a condition without columns."""
        try:
            return self.reasoner.cursor.execute(f"select {printed(condition)}").fetchone()
        except duckdb.Error:
            return None


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
        begins = _texts(reasoner, condition)
        if begins is not None:
            term, domain = begins
            domains[term] = domains[term].meet(domain) if term in domains else domain
        for node in columns_of(condition):
            if never_true(condition, node.__eq__):
                nullless.add(node)
    for term, domain in tuple(domains.items()):
        found = periods.of_base(reasoner, term, domain)
        if found is not None:
            base, range_ = found
            domains[base] = domains[base].meet(range_) if base in domains else range_
    for base, range_ in tuple(periods.of_parts(reasoner, domains)):
        domains[base] = domains[base].meet(range_) if base in domains else range_
    for term, domain in tuple(domains.items()):
        domains[term] = _listed(domain, step_of(reasoner.type_of(term)))
    return Known(reasoner, frozenset(conditions), domains, frozenset(nullless))


def _texts(reasoner: Reasoner, condition: Node) -> tuple[Node, Domain] | None:
    """The texts a condition on how one begins leaves."""
    found = beginning(condition)
    if found is None or columns_of(found[0]) != {found[0]}:
        return None
    domain = range_of(found[1]) if reasoner.type_of(found[0]) == "VARCHAR" else None
    return (found[0], domain) if domain else None


def _listed(domain: Domain, step: Fraction | int | None) -> Domain:
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
