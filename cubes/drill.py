"""From a cell of an answer to the facts behind it, which must add up to exactly that cell.

Three plain questions come of it: the cell as the question answers it, the facts, and the same
figures from those facts alone. Each passes judge, policy and planner as any other question, so that
a principal gets the rows that are theirs; and where the figures are not the same, nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from cubes.answer import Column
from cubes.blocks import CALLS, Block
from cubes.choice import facts_source
from cubes.definitions import cube_named
from cubes.drill_rows import facts_sql, key_of
from cubes.formula import formula_of, hidden, names_in, over_columns
from cubes.reading import read_blocks
from cubes.splice import Edit, Text, read_text, spliced
from models.errors import QuestionError, did_you_mean
from models.table import quoted

PLAIN = ("measure", "low", "high", "n", "count")
_AFTER_WHERE = {
    TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY, TokenType.WINDOW, TokenType.ORDER_BY,
    TokenType.LIMIT, TokenType.OFFSET, TokenType.SEMICOLON,
}  # fmt: skip
_FIRST_ROWS = {TokenType.LIMIT, TokenType.OFFSET, TokenType.SEMICOLON}
_OPEN = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE}
_CLOSE = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE}


@dataclass(frozen=True, slots=True)
class Drill:
    """One cell as three questions, and the parameters that name it."""

    fact: str
    levels: tuple[str, ...]  # the outputs that name a cell
    figures: tuple[int, ...]  # the outputs that facts must add up to
    cell: str
    rows: str
    again: str
    given: Mapping[str, Any]


def drill(
    question: str,
    outputs: Sequence[Column],
    members: Mapping[str, Any],
    aggregates: frozenset[str],
    *,
    as_is: bool = False,
) -> Drill:
    """The questions behind one cell; QuestionError where it has no rows of its own.

    `outputs` are those of the question, `members` the cell's own by the names of its levels.
    """
    text = read_text(question)
    block, select = _only_block(question, text, aggregates)
    keys, figures = _sorted(select, outputs)
    chosen = _chosen(select, outputs, keys, members)
    given = {f"cell_{place}": member for place, member in chosen.items()}
    types = {place: outputs[place].type for place in chosen}
    here = " and ".join(
        f"{_said(select.expressions[p])} is not distinct from $cell_{p}::{types[p]}" for p in chosen
    )
    there = " and ".join(
        f"{quoted(outputs[p].name)} is not distinct from $cell_{p}::{types[p]}" for p in chosen
    )
    whole = question.rstrip().rstrip(";")
    where = _where(text)
    from_facts = _edits(block, question, as_is=as_is)
    key = key_of(block.cube)
    condition = f"where {_all(where.said, here)}" if where.said or here else ""
    found = (
        f"select {_alias(block)}.{hidden(key)} from {from_facts[0].text}"
        f"{'' if not block.named else f' as {_alias(block)}'} {condition}"
    )
    return Drill(
        fact=block.cube.fact,
        levels=tuple(outputs[place].name for place in keys),
        figures=figures,
        cell=f"select * from (\n{whole}\n) as _answer" + (f"\nwhere {there}" if there else ""),
        rows=f"select *\nfrom {block.cube.fact}\nwhere {key} in (\n{found}\n)\n"
        f"order by local_date, {key}",
        again=spliced(
            question, (*from_facts, *where.edits(here), Edit(where.limit, len(question), ""))
        ),
        given=given,
    )


def _only_block(question: str, text: Text, aggregates: frozenset[str]) -> tuple[Block, exp.Select]:
    """The one block of a question that is nothing but one block over a cube."""
    try:
        tree = sqlglot.parse_one(question, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        raise QuestionError("The question cannot be read to be drilled; say it plainly") from error
    blocks = read_blocks(tree, text, aggregates)
    selects = list(tree.find_all(exp.Select))
    if len(blocks) != 1 or len(selects) != 1 or tree is not selects[0]:
        raise QuestionError(
            "Rows stand behind a question that is one SELECT over one cube; drill into the inner "
            "question by itself"
        )
    block = blocks[0]
    if cube_named(block.cube.name) is None:
        raise QuestionError(
            "A figure of several cubes rests on facts of each; drill into a question over one cube"
        )
    if not block.simple or block.cube.sides or selects[0].args.get("distinct"):
        raise QuestionError(
            "Behind totals over several levels (ROLLUP, GROUPING SETS), joins and DISTINCT no rows "
            "are listed; group by the levels of the cell"
        )
    for call in block.calls:
        if call.kind not in PLAIN:
            raise QuestionError(
                f"{call.kind}() tells of more than one cell, and no rows are listed behind it; "
                "drill into a question without it"
            )
    return block, selects[0]


def _sorted(
    select: exp.Select, outputs: Sequence[Column]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The outputs that name a cell, and those that facts add up to; a window is neither."""
    keys: list[int] = []
    figures: list[int] = []
    for place, output in enumerate(select.expressions):
        nodes = list(output.walk())
        if any(isinstance(node, exp.Window) for node in nodes):
            continue
        summed = any(isinstance(node, exp.AggFunc) or _is_call(node) for node in nodes)
        (figures if summed else keys).append(place)
    if len(select.expressions) != len(outputs) or not figures:
        raise QuestionError("The question has no figure that rows could stand behind")
    return tuple(keys), tuple(figures)


def _is_call(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in CALLS


def _chosen(
    select: exp.Select,
    outputs: Sequence[Column],
    keys: Sequence[int],
    members: Mapping[str, Any],
) -> dict[int, Any]:
    """The member of each output that names the cell, by its place."""
    names: dict[str, int] = {}
    for place in keys:
        node = select.expressions[place].unalias()
        if isinstance(node, exp.Column):
            names[node.name.casefold()] = place
    names |= {outputs[place].name.casefold(): place for place in keys}
    known = [outputs[place].name for place in keys]
    found = {}
    for name, member in members.items():
        named = names.get(name.casefold())
        if named is None:
            raise QuestionError(
                f"The answer has no level '{name}'{did_you_mean(name, known)}; "
                f"its cells are named by {', '.join(known) or 'nothing, there is one'}"
            )
        found[named] = member
    return dict(sorted(found.items()))


def _said(output: exp.Expression) -> str:
    return f"({output.unalias().sql(dialect='duckdb')})"


def _alias(block: Block) -> str:
    return quoted(block.alias)


def _edits(block: Block, question: str, *, as_is: bool) -> tuple[Edit, ...]:
    """What makes the block one over its facts: first the relation that takes the cube's place."""
    formulas = [(call, formula_of(call, block)) for call in block.calls]
    spoken = [names_in(formula, block.cube) for _, formula in formulas]
    aggregates = frozenset({s.name for s in block.sums}.union(*(a for a, _ in spoken)))
    levels = block.in_play.union(*(names for _, names in spoken))
    plain = replace(block, conditions=(), levels=levels)
    source = facts_source(plain, levels, as_is=as_is)
    relation = facts_sql(source, aggregates, as_is=as_is)
    end = "" if block.named else f" as {_alias(block)}"
    counted = (
        (call, over_columns(formula, block.cube, _alias(block))) for call, formula in formulas
    )
    return (
        Edit(block.start, block.end, f"(\n{relation}\n){end}"),
        *(
            Edit(
                call.start,
                call.end,
                f"({formula})"
                if call.kind != "count"
                else f"coalesce({formula}{spliced(question, (), *call.condition)}, 0)::bigint",
            )
            for call, formula in counted
        ),
        *(Edit(spot.start, spot.end, hidden(spot.name)) for spot in block.sums),
    )


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a question's WHERE stands, or would stand; and where its first rows are cut off."""

    said: str
    start: int
    end: int
    limit: int

    def edits(self, more: str) -> tuple[Edit, ...]:
        """What adds a condition to it."""
        if not more:
            return ()
        return (Edit(self.start, self.end, f" where {_all(self.said, more)} "),)


def _all(*conditions: str) -> str:
    return " and ".join(f"({each})" for each in conditions if each)


def _where(text: Text) -> _Where:
    """Read off the tokens: a parsed tree does not say where a clause ends."""
    depth, start, said = 0, -1, -1
    ends = limit = len(text.sql)
    for token in text.tokens:
        depth += (token.token_type in _OPEN) - (token.token_type in _CLOSE)
        if depth:
            continue
        if token.token_type is TokenType.WHERE:
            start, said = token.start, token.end + 1
        elif token.token_type in _AFTER_WHERE and ends == len(text.sql):
            ends = token.start
        if token.token_type in _FIRST_ROWS:
            limit = min(limit, token.start)
    if start < 0:
        return _Where("", ends, ends, limit)
    return _Where(text.sql[said:ends].strip(), start, ends, limit)
