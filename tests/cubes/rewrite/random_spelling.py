# ruff: noqa: E501  (SQL reads better whole)
"""How people write one and the same question: joins, aliases, CTEs, blocks around blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tests.cubes.rewrite.chance import Chance
from tests.cubes.rewrite.random_question import Block
from tests.cubes.rewrite.random_star import Shape


def outputs_of(block: Block) -> tuple[str, ...]:
    """The names of what a block gives."""
    groups = (f"c{i}" for i in range(len(block.groups)))
    return (*groups, *(f"v{i}" for i in range(len(block.aggregates))))


def from_and_where(
    chance: Chance, shape: Shape, block: Block, aliases: Mapping[str, str]
) -> tuple[str, list[str]]:
    """FROM, in one of its spellings, and the conditions."""
    text = f"{shape.table(block.root)} as {aliases[block.root]}"
    where = [f"({sql})" for sql in block.where]
    if len(block.joins) == 1 and block.joins[0].left and chance.yes(25):
        one = block.joins[0].link
        on = f"{aliases[one.parent]}.{one.parent_column} = {aliases[one.child]}.{one.column}"
        return (
            f"{shape.table(one.parent)} as {aliases[one.parent]} right join {text} on {on}",
            where,
        )
    commas = chance.yes(20) and not any(join.left for join in block.joins)
    for join in block.joins:
        parent, child = aliases[join.link.parent], aliases[join.link.child]
        sides = [f"{parent}.{join.link.parent_column}", f"{child}.{join.link.column}"]
        on = " = ".join(sides if chance.yes(50) else sides[::-1])
        table = f"{shape.table(join.link.parent)} as {parent}"
        if commas:
            text += f", {table}"
            where.append(on)
        else:
            text += f" {'left ' if join.left else ''}join {table} on {on}"
    return text, where


def spell(chance: Chance, shape: Shape, block: Block, grouping: str = "", outputs: str = "") -> str:
    """The text of one block."""
    prefix = chance.one(("", "x_", "T"))
    aliases = {p: prefix + p for p in (block.root, *(join.link.parent for join in block.joins))}
    pairs = zip((*block.groups, *block.aggregates), outputs_of(block), strict=True)
    outputs = outputs or ", ".join(f"{sql} as {name}" for sql, name in pairs) or "1 as one"
    text, where = from_and_where(chance, shape, block, aliases)
    text = f"select {outputs} from {text}"
    text += f" where {' and '.join(where)}" if where else ""
    if grouping:
        text += f" group by {grouping} ({', '.join(block.groups)})"
    elif block.groups:
        numbers = ", ".join(str(i + 1) for i in range(len(block.groups)))
        text += " group by " + chance.one((", ".join(block.groups), numbers, "all"))
    return text.format(**aliases)


def question(chance: Chance, shape: Shape, blocks: tuple[Block, Block]) -> tuple[str, bool]:
    """A whole question over one or two blocks, and whether one of them was changed."""
    block, other = blocks
    plain = spell(chance, shape, block)
    if not outputs_of(block) or chance.yes(40):
        return plain, block.changed
    if chance.yes(10):
        text = f"select (select count(*) from ({plain}) as a) as x, (select count(*) from (OTHER) as b) as y"
        return text.replace("OTHER", spell(chance, shape, other)), block.changed or other.changed
    forms = [ordered, counted_again, outside, over_rows, over_rows]
    if block.groups:
        forms += [in_sets, limited] + ([having] if block.aggregates else [distinct])
    if block.aggregates:
        forms.append(ranked)
    return chance.one(forms)(chance, shape, block, plain), block.changed


def over_rows(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    """The rows first, their columns renamed, in a CTE or in FROM; the groups around them."""
    rows = replace(block, groups=(), aggregates=())
    named = sorted({*re.findall(r"{(\w+)}\.(\w+)", " ".join((*block.groups, *block.aggregates)))})
    outputs = (
        ", ".join(f"{{{place}}}.{name} as {place}_{name}" for place, name in named) or "1 as one"
    )
    inner = spell(chance, shape, rows, outputs=outputs)
    outer = [
        re.sub(r"{(\w+)}\.(\w+)", r"r.\1_\2", f"{sql} as {name}")
        for sql, name in zip((*block.groups, *block.aggregates), outputs_of(block), strict=True)
    ]
    group = (
        f" group by {', '.join(str(i + 1) for i in range(len(block.groups)))}"
        if block.groups
        else ""
    )
    if chance.yes(50):
        return f"with r as ({inner}) select {', '.join(outer)} from r{group}"
    return f"select {', '.join(outer)} from ({inner}) as r{group}"


def ordered(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    return f"{plain} order by {', '.join(outputs_of(block))} nulls last"


def having(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    return f"{plain} having {block.aggregates[0]} is not null".format(**aliases_in(plain, block))


def counted_again(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    name = outputs_of(block)[0]
    return f"with t as ({plain}) select {name}, count(*) as n from t group by {name}"


def in_sets(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    few = replace(block, groups=block.groups[:3])
    return spell(chance, shape, few, chance.one(("rollup", "cube")))


def limited(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    return f"{plain} order by {', '.join(outputs_of(block))} limit {chance.number(1, 4)}"


def ranked(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    return f"select *, rank() over (order by v0) as place from ({plain}) as t"


def outside(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    return f"select * from ({plain}) as t where {outputs_of(block)[0]} is not null"


def distinct(chance: Chance, shape: Shape, block: Block, plain: str) -> str:
    """The groups as DISTINCT rows."""
    return plain.split(" group by ", maxsplit=1)[0].replace("select ", "select distinct ", 1)


def aliases_in(text: str, block: Block) -> dict[str, str]:
    """The aliases that a spelt block has taken."""
    prefix = next(p for p in ("x_", "T", "") if f" as {p}{block.root}" in text)
    return {p: prefix + p for p in (block.root, *(join.link.parent for join in block.joins))}
