"""From a question over cubes to SQL over cuboids or facts: the same answer, read from fewer rows.

Each SELECT block over a cube keeps its text; only the cube's name in FROM becomes a subquery, and
measures become formulas. HAVING, windows, ROLLUP, ORDER BY and everything around the block stay as
written and work on the same columns whatever cells were chosen.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cubes.block_plan import BlockPlan, Surroundings, plan_block
from cubes.clock import clock_edits
from cubes.judge import Verdict
from cubes.lookups import Lookup, Moment
from cubes.policy import OWN
from cubes.reading import read_blocks
from cubes.scopes import PUBLISHED
from cubes.splice import Edit, named_outputs, place, read_text, spliced
from models.errors import Forbidden, QuestionError

__all__ = ["BlockPlan", "Plan", "Surroundings", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """SQL that DuckDB runs as it stands, and how it came about."""

    question: str
    sql: str
    reads: tuple[str, ...]
    blocks: tuple[BlockPlan, ...]
    parameters: tuple[str, ...]

    @property
    def lookups(self) -> tuple[Lookup | Moment, ...]:
        """The conditions on keys, and the dates, that can be found before it runs."""
        return tuple(lookup for block in self.blocks for lookup in block.lookups)

    @property
    def cuboids(self) -> tuple[str, ...]:
        """The cuboids that answer its blocks; published cells are none."""
        stored = (b for b in self.blocks if b.stored and not b.source.startswith(PUBLISHED))
        return tuple(dict.fromkeys(name for b in stored for name in (b.source, b.ends) if name))


def plan(question: str, verdict: Verdict, around: Surroundings) -> Plan:
    """Plan an admitted question; QuestionError where it has no meaning over cells."""
    text = read_text(question)
    tree = _tree(question)
    tables = _named_tables(tree)
    if Counter({k: len(v) for k, v in tables.items()}) != Counter(dict(verdict.tables)):
        raise Forbidden(
            "The question is written in a way that cannot be read for certain; say it plainly"
        )
    blocks = read_blocks(tree, text, around.aggregates)
    edits, names = clock_edits(text, around.as_of)
    cubes = {side.name for block in blocks for side in (block.cube, *block.cube.sides)}
    reads = {name for name in tables if name not in cubes}
    filtered = tuple(
        Edit(*_span(table), f"({around.filters[name]})" + ("" if table.alias else f" as {name}"))
        for name, nodes in tables.items()
        if name in around.filters
        for table in nodes
    )
    edits = (*edits, *filtered)
    plans: list[BlockPlan] = []
    for block in blocks:
        planned, more, read = plan_block(block, question, edits, around)
        plans += planned
        edits = (*edits, *more)
        reads |= set(read)
        names |= {call.start: call.name for call in block.calls}
    edits = (*edits, *named_outputs(text, edits, names))
    parameters = {node.name for node in tree.find_all(exp.Placeholder) if node.name}
    sql = spliced(question, edits)
    if f"${OWN}" in sql:
        parameters.add(OWN)
    return Plan(
        question=question,
        sql=sql,
        reads=tuple(sorted(reads)),
        blocks=tuple(plans),
        parameters=tuple(sorted(parameters)),
    )


def _tree(question: str) -> exp.Expr:
    try:
        trees = sqlglot.parse(question, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        raise QuestionError(
            "The question cannot be planned: "
            + (str(error) or "it is nested too deeply").splitlines()[0]
        ) from error
    found = [tree for tree in trees if tree is not None]
    if len(found) != 1:
        raise Forbidden("A question is exactly one SELECT")
    return found[0]


def _named_tables(tree: exp.Expr) -> dict[str, list[exp.Table]]:
    """The tables of a question that are no CTEs; names of CTEs never are names of tables."""
    ctes = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
    found: dict[str, list[exp.Table]] = {}
    for table in tree.find_all(exp.Table):
        name = table.name.casefold()
        if isinstance(table.this, exp.Identifier) and name not in ctes:
            found.setdefault(name, []).append(table)
    return found


def _span(table: exp.Table) -> tuple[int, int]:
    span = place(table.this)
    assert span is not None
    return span
