"""What a rewriting says: the text, what it reads, and for every cuboid why or why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Refusal = Literal[
    "statement",  # not one SELECT that binds against the catalogue
    "shape",  # a form of query no rule reads
    "volatile",  # an answer that may differ from one run to the next
    "order",  # which rows come out hangs on an order the question does not fix
    "correlated",  # a block that reads the block around it
    "tables",  # other tables, or other joins between them
    "filter",  # the cuboid lacks rows the question may ask for
    "predicate",  # a condition that its levels cannot decide
    "level",  # a group that its levels cannot give
    "aggregate",  # an aggregate it does not hold, or that does not add up
    "grain",  # stored values that do not add up, and several cells in a group
    "bucket",  # a period that does not end where its buckets end
    "zone",  # it hangs on a time zone that is not given
    "multiplicity",  # a join that repeats or drops rows
    "empty",  # a cuboid without levels holds a row even where there is none
    "definition",  # a cuboid whose own SELECT cannot be reasoned about
    "binding",  # the rewritten text did not give the same names and types
    "witness",  # the rewritten text gave another answer on a small data set
    "smaller",  # another cuboid answers from fewer rows
    "base",  # the base tables are as cheap
]


class CatalogueError(ValueError):
    """The catalogue contradicts itself: the sentence says where, and what would work."""


class Unanswered(Exception):  # noqa: N818 — a refusal, not an error
    """Why a rule does not apply: a reason with a type, a sentence, the change that would help."""

    def __init__(self, reason: Refusal, sentence: str, change: str | None = None) -> None:
        super().__init__(sentence)
        self.reason: Refusal = reason
        self.sentence = sentence
        self.change = change


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
