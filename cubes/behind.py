"""The facts behind one cell, asked as a principal: listed only when they add up to it exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from cubes.answer import Answer, Column
from cubes.drill import Drill
from cubes.policy import Principal, rights_of
from cubes.recompute import Rows, difference
from models.errors import Forbidden, QuestionError

Ask = Callable[[str, Mapping[str, Any]], Answer]


@dataclass(frozen=True, slots=True)
class Behind:
    """One cell of an answer, and the facts that add up to it."""

    fact: str
    cell: Mapping[str, Any]
    answer: Answer  # the facts, a row each

    @property
    def frame(self) -> pl.DataFrame:
        """The facts."""
        return self.answer.frame


def check_rows(principal: Principal) -> None:
    """Forbidden for whoever may read no row."""
    if rights_of(principal).rows == "none":
        raise Forbidden(
            f"The rows behind a figure are not offered to {principal.role}; "
            "ask as analyst or as the site's manager"
        )


def behind(found: Drill, ask: Ask, ask_facts: Ask, params: Mapping[str, Any]) -> Behind:
    """Ask for the cell, its facts, and the same figures of these facts; all at one load.

    `ask_facts` reads no cuboid: a cell cannot vouch for itself.
    """
    given = {**params, **found.given}
    cell = ask(found.cell, given)
    if cell.frame.height != 1:
        raise QuestionError(_not_one(cell.frame.height, found.levels))
    again = ask_facts(found.again, given)
    mine, its = (_figures(each, found.figures, cell.columns) for each in (again, cell))
    why = difference(mine, its)
    if why:
        raise QuestionError(
            f"The rows behind this cell do not add up to it, and none are listed: their sum {why}"
        )
    return Behind(found.fact, cell.frame.row(0, named=True), ask_facts(found.rows, given))


def _not_one(height: int, levels: tuple[str, ...]) -> str:
    names = ", ".join(levels)
    if height == 0:
        return f"The answer has no such cell; ask the question alone to see its members of {names}"
    return f"That names {height:,} cells of the answer; name one of them by {names}"


def _figures(answer: Answer, places: tuple[int, ...], names: tuple[Column, ...]) -> Rows:
    kept = tuple((names[place].name, answer.columns[place].type) for place in places)
    return Rows(kept, [tuple(row[place] for place in places) for row in answer.frame.rows()])
