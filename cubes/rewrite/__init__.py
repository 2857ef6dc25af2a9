"""The general rewriter: SQL text of any star in, the same answer over its cuboids out.

Its contract stands here; the rules come next. Until then every text comes back unchanged, with the
reason, which is always right: what cannot be shown to be the same is answered by the star.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp

Refusal = Literal["not_attempted"]


@dataclass(frozen=True, slots=True)
class Considered:
    """What was found about one cuboid."""

    matches: bool
    used: bool
    reason: Refusal | None
    sentence: str
    change: str | None  # the one change that would have made it match


@dataclass(frozen=True, slots=True)
class Plan:
    """SQL that runs in DuckDB and is the same as the original."""

    sql: str
    reads: tuple[str, ...]
    considered: Mapping[str, Considered]


def rewrite(
    sql: str,
    *,
    tables: Mapping[str, Mapping[str, str]],
    cuboids: Mapping[str, str],
    sizes: Mapping[str, int] = {},  # noqa: ARG001
    keys: Mapping[str, tuple[object, ...]] = {},  # noqa: ARG001
    foreign_keys: Iterable[tuple[object, ...]] = (),  # noqa: ARG001
    not_null: AbstractSet[tuple[str, str]] = frozenset(),  # noqa: ARG001
    views: Mapping[str, str] = {},
    timezone: str | None = None,  # noqa: ARG001
    prefer: Literal["proof", "cost"] = "proof",  # noqa: ARG001
) -> Plan:
    """Answer a question from the cuboids of a star where that is provably the same.

    `tables` gives the columns of each table, `cuboids` the SELECT each was made with, `sizes`
    their rows, `keys` what is unique and not null, `views` their SELECTs. Facts not given are not
    assumed. It never raises for text that DuckDB accepts.
    """
    sentence = "No rule has been tried: the text is returned as it came"
    return Plan(
        sql=sql,
        reads=_reads(sql, (*tables, *views, *cuboids)),
        considered={
            name: Considered(
                matches=False, used=False, reason="not_attempted", sentence=sentence, change=None
            )
            for name in cuboids
        },
    )


def _reads(sql: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known tables the text scans, spelt as in the arguments; CTE names shadow tables."""
    spelt = {name.casefold(): name for name in known}
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]
    except (sqlglot.errors.SqlglotError, RecursionError):
        return ()
    found: dict[str, None] = {}
    for tree in trees:
        ctes = {cte.alias.casefold() for cte in tree.find_all(exp.CTE)}
        for table in tree.find_all(exp.Table):
            dotted = ".".join(part.name for part in table.parts).casefold()
            if dotted not in ctes and dotted in spelt:
                found[spelt[dotted]] = None
    return tuple(found)
