"""The compiler: what is tried, in the order it is tried.

A text is parsed and bound by DuckDB; each block is brought to normal form, every cuboid is laid
over it, the smallest that is provably enough is written down, and what was written is bound again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import duckdb
import sqlglot

from cubes.rewrite import functions, witness
from cubes.rewrite.assembly import shown
from cubes.rewrite.binding import path_of
from cubes.rewrite.catalogue import (
    Catalogue,
    Table,
    described,
    first_line,
    parsed,
    unparsed,
)
from cubes.rewrite.cuboid import Cuboid, cuboid_of, refuse_odd_nights, refuse_zoned
from cubes.rewrite.grammar import Json
from cubes.rewrite.implication import known
from cubes.rewrite.matching import Match, matches
from cubes.rewrite.naming import unshadowed
from cubes.rewrite.normal import Normal, normal_of
from cubes.rewrite.nullable import met_or_not
from cubes.rewrite.orders import refuse_open_order
from cubes.rewrite.outcome import Considered, Plan, Unanswered
from cubes.rewrite.reading import Nested, block_of
from cubes.rewrite.reasoner import Reasoner
from cubes.rewrite.requests import narrowed
from cubes.rewrite.sources import Env
from cubes.rewrite.statement import Visit, with_ctes
from cubes.rewrite.told import Told
from cubes.rewrite.trees import pruned, tables_read, volatile
from cubes.rewrite.writing import sql_of

Prefer = Literal["proof", "cost"]


@dataclass(frozen=True, slots=True)
class Bound:
    """A catalogue with its cuboids read."""

    catalogue: Catalogue
    cuboids: tuple[Cuboid, ...]
    unread: tuple[tuple[Table, Unanswered], ...]


def with_sizes(bound: Bound, sizes: Mapping[str, int]) -> Bound:
    """The same with these numbers of rows: they change with every load, and decide cost alone."""
    sized = {".".join(path_of(name)).lower(): rows for name, rows in sizes.items()}
    return replace(bound, catalogue=replace(bound.catalogue, sizes=sized))


def bind_cuboids(catalogue: Catalogue) -> Bound:
    """Read every cuboid's SELECT once."""
    cursor = catalogue.cursor()
    read, unread = [], []
    for table in catalogue.tables.values():
        if table.kind != "cuboid":
            continue
        try:
            read.append(cuboid_of(catalogue, cursor, table))
        except Unanswered as why:
            unread.append((table, why))
        except (duckdb.Error, RecursionError) as error:
            unread.append(
                (table, Unanswered("definition", f"It was not read: {first_line(error)}"))
            )
    return Bound(catalogue, tuple(read), tuple(unread))


@dataclass(slots=True)
class Attempt:
    """One text against one catalogue: what was found about each cuboid on the way."""

    bound: Bound
    cursor: duckdb.DuckDBPyConnection
    prefer: Prefer
    check: bool
    missed: dict[str, Unanswered] = field(default_factory=dict)
    matched: dict[str, None] = field(default_factory=dict)
    blocks: Unanswered | None = None
    later: list[Callable[[], None]] = field(default_factory=list)

    def miss(self, name: str, why: Unanswered) -> None:
        """Keep the most telling reason: one that got further than the tables."""
        before = self.missed.get(name)
        if before is None or before.reason in ("tables", "shape", "smaller"):
            self.missed[name] = why

    def block(self, tree: Json, env: Env, nested: Nested) -> Json | None:
        """A SELECT over a cuboid, as a tree; None where the star answers."""
        try:
            return self._block(tree, env, nested)
        except Unanswered as why:
            self.blocks = self.blocks or why
        except duckdb.Error as error:
            self.blocks = self.blocks or Unanswered("correlated", first_line(error))
        except RecursionError:
            raise
        except Exception as error:  # noqa: BLE001 — a fault in one block must not cost the others
            self.blocks = self.blocks or _fault(error)
        return None

    def _block(self, tree: Json, env: Env, nested: Nested) -> Json | None:
        catalogue = self.bound.catalogue
        question = normal_of(catalogue, block_of(catalogue, tree, env, nested))
        if not any(table.kind != "derived" for table in question.block.tables.values()):
            raise Unanswered("shape", "The block reads other blocks only")
        refuse_zoned(catalogue, self.cursor, question.block)
        refuse_odd_nights(catalogue, self.cursor, question.block)
        text = unparsed(self.cursor, with_ctes(tree, env))
        before = described(self.cursor, text)
        names = tuple(name for name, _ in before)
        ranked = sorted(self.bound.cuboids, key=self._cost)
        for place, cuboid in enumerate(ranked):
            if self._dearer(question, cuboid):
                self.later.append(partial(self._rest, question, names, ranked[place:], None))
                return None
            tried = self._tried(question, cuboid, names)
            found = tried and self._checked(question, env, cuboid, tried, (text, before))
            if found:
                name = cuboid.table.name
                self.later.append(partial(self._rest, question, names, ranked[place + 1 :], name))
                return found
        return None

    def _checked(
        self,
        question: Normal,
        env: Env,
        cuboid: Cuboid,
        tried: tuple[Match, str],
        before: tuple[str, tuple[tuple[str, str], ...]],
    ) -> Json | None:
        """What was written as a tree, where it has the names, the types and the answers asked."""
        match, written = tried
        name, (text, outputs) = cuboid.table.name, before
        catalogue = self.bound.catalogue
        try:
            found = parsed(self.cursor, written)
            whole = found and unparsed(self.cursor, with_ctes(found, env))
            if not found or not whole or described(self.cursor, whole) != outputs:
                self.miss(name, Unanswered("binding", "It would give other names or types"))
                return None
            read = tables_read(catalogue, found)
            texts = (text, whole)
            if self.check and not witness.agree(catalogue, question, match, texts, read):
                self.miss(name, Unanswered("witness", "It gave another answer on a small data set"))
                return None
        except RecursionError:
            raise
        except duckdb.Error as error:
            self.miss(name, Unanswered("binding", f"It would not bind: {first_line(error)}"))
            return None
        except Exception as error:  # noqa: BLE001 — a fault over one cuboid must not cost the others
            self.miss(name, _fault(error))
            return None
        return found

    def ordered(self, tree: Json, env: Env, nested: Nested) -> bool:
        """Whether a block that stays fixes the order of whatever it reads, ties included."""
        catalogue = self.bound.catalogue
        try:
            block = normal_of(catalogue, block_of(catalogue, tree, env, nested))
            reasoner = Reasoner(catalogue, self.cursor, block.block.tables)
            holds = known(reasoner, block.conditions, block.not_null)
            refuse_open_order(block, holds, block.equal)
        except RecursionError:
            raise
        except Exception:  # noqa: BLE001 — what is not shown to be in order is not
            return False
        every = [node for _, node in block.block.items] + list(block.block.having)
        return not any(
            part.op == "agg" and functions.minds_order(str(part.data[0]))
            for node in every
            for part in node.walk()
        )

    def _tried(
        self, question: Normal, cuboid: Cuboid, names: tuple[str, ...]
    ) -> tuple[Match, str] | None:
        """The block over a cuboid; None where it does not match, and why is kept."""
        name = cuboid.table.name
        try:
            found = self._written(question, cuboid, names)
        except Unanswered as why:
            self.miss(name, why)
            return None
        except Exception as error:  # noqa: BLE001 — a fault of a rule must not cost the others
            self.miss(name, _fault(error))
            return None
        self.matched[name] = None
        return found

    def _rest(
        self,
        question: Normal,
        names: tuple[str, ...],
        cuboids: Sequence[Cuboid],
        taken: str | None,
    ) -> None:
        """What there is to say of the cuboids that nobody had to look at."""
        for cuboid in cuboids:
            if self._tried(question, cuboid, names) is None:
                continue
            why = Unanswered("base", "The base tables are as cheap to read")
            if taken is not None and not self._dearer(question, cuboid):
                why = Unanswered("smaller", f"{taken} answers as well, from fewer cells")
            self.miss(cuboid.table.name, why)

    def _written(
        self, question: Normal, cuboid: Cuboid, names: tuple[str, ...]
    ) -> tuple[Match, str]:
        """The block over one cuboid; conditions all aggregates share may be the block's own."""
        try:
            match = matches(self.bound.catalogue, self.cursor, question, cuboid)
            return match, sql_of(match, shown(match), names)
        except Unanswered as why:
            if question.block.lefts:
                with suppress(Unanswered):
                    missing = met_or_not(self.bound.catalogue, self.cursor, question, cuboid)
                    return missing.match, sql_of(
                        missing.match, shown(missing.match, missing), names
                    )
            other = narrowed(question) if why.reason == "filter" else None
            if other is None:
                raise
            match = matches(self.bound.catalogue, self.cursor, other, cuboid)
            return match, sql_of(match, shown(match), names)

    def _size(self, table: Table) -> float:
        return self.bound.catalogue.sizes.get(".".join(table.path).lower(), float("inf"))

    def _cost(self, cuboid: Cuboid) -> tuple[float, int, str]:
        return (self._size(cuboid.table), len(cuboid.levels), cuboid.table.name)

    def _dearer(self, question: Normal, cuboid: Cuboid) -> bool:
        """Whether cost counts and the largest base table is no larger than the cuboid."""
        if self.prefer == "proof":
            return False
        base = [self._size(table) for table in question.block.tables.values()]
        known = [size for size in base if size != float("inf")]
        return bool(known) and len(known) == len(base) and self._size(cuboid.table) >= max(known)


def compiled(bound: Bound, sql: str, prefer: Prefer, *, check: bool | None = None) -> Plan:
    """The plan of a text; the text itself where nothing is used."""
    catalogue = bound.catalogue
    cursor = catalogue.cursor()
    if check is None:
        check = witness.ON
    attempt = Attempt(bound, cursor, prefer, check)
    tree: Json | None = None
    try:
        tree = parsed(cursor, sql)
        if tree is None:
            raise Unanswered("statement", "It is not one SELECT that DuckDB parses")
        name = volatile(tree)
        if name is not None:
            raise Unanswered("volatile", f"{name} may answer differently each time it is asked")
        before = described(cursor, unparsed(cursor, tree))
        visit = Visit(catalogue, cursor, attempt.block, attempt.ordered)
        changed = visit.query(unshadowed(catalogue, cursor, tree), Env(), fragile=False)
        reads = tables_read(catalogue, changed)
        if _cuboids(reads) - _cuboids(tables_read(catalogue, tree)):
            changed = pruned(changed)
            text = unparsed(cursor, changed)
            if described(cursor, text) == before:
                return _plan(attempt, text, tables_read(catalogue, changed))
            attempt.blocks = Unanswered("binding", "The whole would give other names or types")
    except Unanswered as why:
        attempt.blocks = why
    except (duckdb.Error, RecursionError, UnicodeError) as error:
        attempt.blocks = Unanswered("statement", f"DuckDB does not bind it: {first_line(error)}")
    except Exception as error:  # noqa: BLE001 — a fault of a rule must not cost the answer
        attempt.blocks = _fault(error)
    return _plan(attempt, sql, tables_read(catalogue, tree) if tree else _named(bound, sql))


def _fault(error: Exception) -> Unanswered:
    return Unanswered("shape", f"It was not worked out: {first_line(error)}")


def _named(bound: Bound, sql: str) -> list[Table]:
    """The tables of a statement that DuckDB gives no tree for; of PIVOT not even their names."""
    with suppress(duckdb.Error, RecursionError, UnicodeError):
        names = bound.catalogue.cursor().get_table_names(sql, qualified=True)
        read = (bound.catalogue.find(path_of(name)) for name in sorted(names))
        return [table for table in read if table is not None]
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError):
        return []
    found: dict[str, Table] = {}
    for tree in trees:
        hidden = {cte.alias.lower() for cte in tree.find_all(sqlglot.exp.CTE)}
        for each in tree.find_all(sqlglot.exp.Table):
            path = tuple(part.name for part in each.parts)
            table = None if path[0].lower() in hidden else bound.catalogue.find(path)
            if table is not None:
                found[table.name] = table
    return list(found.values())


def _cuboids(tables: list[Table]) -> set[str]:
    return {table.name for table in tables if table.kind == "cuboid"}


def _plan(attempt: Attempt, sql: str, reads: list[Table]) -> Plan:
    names = tuple(table.name for table in reads)
    return Plan(sql, names, Told(lambda: _considered(attempt, frozenset(names))))


def _considered(attempt: Attempt, reads: frozenset[str]) -> dict[str, Considered]:
    """Say of every cuboid what was found."""
    for look in attempt.later:
        look()
    considered = {}
    unread = {table.name: why for table, why in attempt.bound.unread}
    for table in attempt.bound.catalogue.tables.values():
        if table.kind != "cuboid":
            continue
        name = table.name
        matched = name in attempt.matched
        if name in reads:
            how = "answers a block" if matched else "is read because the question names it"
            considered[name] = Considered(True, True, None, f"{name} {how}", None)
            continue
        why = unread.get(name) or attempt.missed.get(name) or attempt.blocks
        why = why or Unanswered("statement", "No block of the text was tried")
        considered[name] = Considered(matched, False, why.reason, why.sentence, why.change)
    return considered
