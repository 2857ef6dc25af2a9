"""How one block is answered: cells take its cube's place in FROM, formulas that of its calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cubes.benchmark import Around, benchmark_sql, check_block, grid_of, members_sql, texts_of
from cubes.blocks import Block, Call, Condition
from cubes.choice import choose
from cubes.cube import Cuboid
from cubes.form_check import Meant, meant
from cubes.form_sql import (
    Beside,
    aggregates_of_forms,
    form_edits,
    levels_of_forms,
    with_forms,
)
from cubes.formula import formula_of, hidden, names_in, over_columns
from cubes.joint import own_aggregates, prefixed
from cubes.lookups import Lookup, Moment
from cubes.policy import Reach, own_sites
from cubes.relation import lookups_of, relation_sql
from cubes.source import Considered, Source
from cubes.splice import Edit, spliced
from models.errors import Forbidden

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
    lookups: tuple[Lookup | Moment, ...] = ()  # what is found before the question runs
    ends: str = ""  # where the days come from, where `source` gives whole months alone


def plan_block(
    block: Block, question: str, edits: tuple[Edit, ...], around: Surroundings
) -> tuple[tuple[BlockPlan, ...], tuple[Edit, ...], tuple[str, ...]]:
    """How a block is answered, the edits that make it so, and the tables that are read then."""
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
    forms = tuple(meant(call, block) for call in block.calls if call.form)
    spoken = [names_in(formula, block.cube) for _, formula in formulas]
    aggregates = frozenset({s.name for s in block.sums}.union(*(a for a, _ in spoken)))
    aggregates |= aggregates_of_forms(forms, block)
    levels = block.levels.union(levels_of_forms(forms), *(levels for _, levels in spoken))
    chosen = _chosen(block, levels, around)
    relation, read = _Reading(block, chosen, aggregates, question, edits, around).relation(forms)
    more = (
        _in_from(block, alias, relation),
        *(Edit(condition.start, condition.end, "true") for condition in chosen.early),
        *(
            Edit(c.start, c.end, _filtered(c, over_columns(f, block.cube, alias), question, edits))
            for c, f in formulas
            if c.form is None
        ),
        *form_edits(forms, alias),
        *(Edit(spot.start, spot.end, hidden(spot.name)) for spot in block.sums),
        *(Edit(spot.start, spot.end, spot.name) for spot in block.renamed),
        *published.edits,
    )
    described = tuple(
        replace(
            _described(_of_cube(block, source), source.name, source.stored, considered, published),
            lookups=lookups_of(source, question, edits, as_is=around.as_is),
            ends=source.ends.name if source.ends else "",
        )
        for source, considered in zip(chosen.sources, chosen.considered, strict=True)
    )
    return described, more, (*read, *published.reads)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Where the cells of a block come from: one source for each of its cubes."""

    sources: tuple[Source, ...]
    considered: tuple[tuple[Considered, ...], ...]

    @property
    def early(self) -> tuple[Condition, ...]:
        """The conditions that every source applies to its cells."""
        first, *others = (source.applied for source in self.sources)
        return tuple(c for c in first if all(c in other for other in others))


def _chosen(block: Block, levels: frozenset[str], around: Surroundings) -> _Chosen:
    sides = block.cube.sides or (block.cube,)
    found = [
        choose(
            replace(block, cube=cube),
            levels,
            [c for c in around.cuboids if c.cube.name == cube.name],
            around.sizes,
            as_is=around.as_is,
            own=around.cells == "own",
            ill=around.refused,
            in_pieces=not (block.cube.sides or any(call.form for call in block.calls)),
        )
        for cube in sides
    ]
    chosen = _Chosen(tuple(s for s, _ in found), tuple(c for _, c in found))
    late = {c for source in chosen.sources for c in source.applied} - set(chosen.early)
    seen = levels.union(*(condition.levels for condition in late))
    return chosen if seen == levels else _chosen(block, seen, around)


def _of_cube(block: Block, source: Source) -> Block:
    """What a block asks of one of its cubes."""
    cube = source.cuboid.cube
    if cube is block.cube:
        return block
    calls = (c for c in block.calls if c.measure is None or cube.measure(c.measure.name))
    return replace(block, cube=cube, calls=tuple(calls))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A block whose source is chosen."""

    block: Block
    chosen: _Chosen
    aggregates: frozenset[str]
    question: str
    edits: tuple[Edit, ...]
    around: Surroundings

    def relation(self, forms: tuple[Meant, ...]) -> tuple[str, tuple[str, ...]]:
        """What takes the cube's place, and the tables it reads."""
        cells, read = self._cells(self.chosen.sources)
        if not forms:
            return cells, read
        beside = Beside(
            self.block,
            self.chosen.sources,
            self.chosen.early,
            lambda sources: self._cells(sources)[0],
            texts_of(self.question, self.edits),
        )
        return with_forms(cells, forms, beside), read

    def _cells(self, sources: tuple[Source, ...]) -> tuple[str, tuple[str, ...]]:
        if not self.block.cube.sides:
            return self._of_source(sources[0], self.aggregates)
        parts: list[str] = []
        read: list[str] = []
        for source in sources:
            cube = source.cuboid.cube
            own = own_aggregates(cube, self.aggregates)
            cells, tables = self._of_source(source, own)
            named = (f"{hidden(a)} as {hidden(prefixed(cube, a))}" for a in sorted(own))
            columns = ", ".join((*(name for name, _ in source.levels), *named)) or "true as _"
            parts.append(f"select {columns} from (\n{cells}\n)")
            read += tables
        return "\nunion all by name\n".join(parts), tuple(read)

    def _of_source(self, source: Source, aggregates: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        return relation_sql(
            source,
            aggregates,
            self.question,
            self.edits,
            as_is=self.around.as_is,
            none=self.around.cells == "none",
        )


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
) -> tuple[tuple[BlockPlan, ...], tuple[Edit, ...], tuple[str, ...]]:
    read = published.reads[1]
    considered = (Considered(read, used=True, reason="every figure asked for is a published one"),)
    described = _described(block, read, True, considered, published)
    edits = (_in_from(block, alias, published.members), *published.edits)
    return (described,), edits, published.reads


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
        measures=tuple(dict.fromkeys(call.plain.name for call in block.calls)),
        considered=considered,
        grids=published.grids,
    )
