"""From a question over cubes to SQL over cuboids or facts: the same answer, read from fewer rows.

Each SELECT block over a cube keeps its text; only the cube's name in FROM becomes a subquery, and
measures become formulas. HAVING, windows, ROLLUP, ORDER BY and everything around the block stay as
written and work on the same columns whatever cells were chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from cubes.benchmark import Around, benchmark_sql, check_block, grid_of, members_sql, texts_of
from cubes.blocks import Block, Call
from cubes.choice import Considered, choose
from cubes.clock import clock_edits
from cubes.cube import Cuboid
from cubes.formula import formula_of, hidden, names_in, over_columns
from cubes.judge import Verdict
from cubes.policy import OWN, Reach, own_sites
from cubes.reading import read_blocks
from cubes.relation import relation_sql
from cubes.scopes import PUBLISHED
from cubes.splice import Edit, named_outputs, place, read_text, spliced
from models.errors import Forbidden, QuestionError

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan depends on besides the text."""

    cuboids: tuple[Cuboid, ...]  # those the release has, made as this installation makes them
    sizes: Mapping[str, int]
    as_of: datetime
    aggregates: frozenset[str]  # names of DuckDB's aggregate functions
    filters: Mapping[str, str] = field(default_factory=dict)
    as_is: bool = False
    cells: Reach = "all"  # those that a cube means to the principal
    has_sites: bool = False  # the principal has sites of their own
    withheld: frozenset[str] = frozenset()  # levels that are not offered
    refused: Mapping[str, str] = field(default_factory=dict)  # cuboids in quarantine, and why


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """How one block over a cube is answered."""

    cube: str
    source: str
    stored: bool
    levels: tuple[str, ...]
    measures: tuple[str, ...]
    considered: tuple[Considered, ...]
    grids: tuple[str, ...] = ()  # of the cube, whose published cells are read


@dataclass(frozen=True, slots=True)
class Plan:
    """SQL that DuckDB runs as it stands, and how it came about."""

    question: str
    sql: str
    reads: tuple[str, ...]
    blocks: tuple[BlockPlan, ...]
    parameters: tuple[str, ...]

    @property
    def cuboids(self) -> tuple[str, ...]:
        """The cuboids that answer its blocks; published cells are none."""
        found = (b.source for b in self.blocks if b.stored and not b.source.startswith(PUBLISHED))
        return tuple(dict.fromkeys(found))


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
    reads = {name for name in tables if name not in {block.cube.name for block in blocks}}
    filtered = tuple(
        Edit(*_span(table), f"({around.filters[name]})" + ("" if table.alias else f" as {name}"))
        for name, nodes in tables.items()
        if name in around.filters
        for table in nodes
    )
    edits = (*edits, *filtered)
    plans = []
    for block in blocks:
        planned, more, read = _block(block, question, edits, around)
        plans.append(planned)
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


def _block(
    block: Block, question: str, edits: tuple[Edit, ...], around: Surroundings
) -> tuple[BlockPlan, tuple[Edit, ...], tuple[str, ...]]:
    withheld = sorted(block.in_play & around.withheld)
    if withheld:
        raise Forbidden(f"The level {withheld[0]} of {block.cube.name} is not offered to you")
    alias = (
        block.alias if _PLAIN.fullmatch(block.alias) else '"' + block.alias.replace('"', '""') + '"'
    )
    published = _published(block, alias, question, edits, around)
    if block.published_only:
        return _of_members(block, alias, published)
    formulas = [(call, formula_of(call, block)) for call in block.calls if call.kind != "benchmark"]
    spoken = [names_in(formula, block.cube) for _, formula in formulas]
    aggregates = frozenset({s.name for s in block.sums}.union(*(a for a, _ in spoken)))
    levels = block.levels.union(*(levels for _, levels in spoken))
    cuboids = [c for c in around.cuboids if c.cube.name == block.cube.name]
    source, considered = choose(
        block,
        levels,
        cuboids,
        around.sizes,
        as_is=around.as_is,
        own=around.cells == "own",
        ill=around.refused,
    )
    none = around.cells == "none"
    relation, read = relation_sql(
        source, aggregates, question, edits, as_is=around.as_is, none=none
    )
    more = (
        _in_from(block, alias, relation),
        *(Edit(condition.start, condition.end, "true") for condition, _ in source.early),
        *(
            Edit(c.start, c.end, _filtered(c, over_columns(f, block.cube, alias), question, edits))
            for c, f in formulas
        ),
        *(Edit(spot.start, spot.end, hidden(spot.name)) for spot in block.sums),
        *published.edits,
    )
    described = _described(block, source.name, source.stored, considered, published)
    return described, more, (*read, *published.reads)


@dataclass(frozen=True, slots=True)
class _Published:
    """What the benchmarks of a block become."""

    edits: tuple[Edit, ...]
    members: str  # what stands in FROM where nothing but benchmarks is asked
    reads: tuple[str, ...]
    grids: tuple[str, ...]


def _published(
    block: Block, alias: str, question: str, edits: tuple[Edit, ...], around: Surroundings
) -> _Published:
    calls = [call for call in block.calls if call.kind == "benchmark"]
    if not calls:
        return _Published((), "", (), ())
    own = own_sites("_site.site") if around.cells != "all" and around.has_sites else ""
    nearby = Around(alias, own, around.as_is, texts_of(question, edits))
    check_block(block, nearby)
    grids = tuple(dict.fromkeys(grid_of(call, block).name for call in calls))
    tables = (f"published_{block.cube.name}_{name}" for name in grids)
    return _Published(
        edits=tuple(Edit(c.start, c.end, f"({benchmark_sql(c, block, nearby)})") for c in calls),
        members=members_sql(block) if block.published_only else "",
        reads=("dim_site", *tables),
        grids=grids,
    )


def _of_members(
    block: Block, alias: str, published: _Published
) -> tuple[BlockPlan, tuple[Edit, ...], tuple[str, ...]]:
    read = published.reads[1]
    considered = (Considered(read, used=True, reason="every figure asked for is a published one"),)
    described = _described(block, read, True, considered, published)
    return described, (_in_from(block, alias, published.members), *published.edits), published.reads


def _in_from(block: Block, alias: str, relation: str) -> Edit:
    return Edit(
        block.start, block.end, f"(\n{relation}\n)" + ("" if block.named else f" as {alias}")
    )


def _filtered(call: Call, formula: str, question: str, edits: tuple[Edit, ...]) -> str:
    if call.kind != "count":
        return f"({formula})"
    return f"coalesce({formula}{spliced(question, edits, *call.condition)}, 0)::bigint"


def _described(
    block: Block,
    source: str,
    stored: bool,
    considered: tuple[Considered, ...],
    published: _Published,
) -> BlockPlan:
    return BlockPlan(
        cube=block.cube.name,
        source=source,
        stored=stored,
        levels=tuple(sorted(block.in_play)),
        measures=tuple(dict.fromkeys(call.name for call in block.calls)),
        considered=considered,
        grids=published.grids,
    )
