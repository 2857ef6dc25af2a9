"""Reads the calls that tell a figure by other groups: earlier times, a whole, all that compete.

previous(index, interval 1 year), rolling(index, interval 28 day), cumulative(index, 'year'),
share(answers, 'province'), rank(index, 'site_type') and measure(rank). The first argument is the
name of a measure, or one call of measure, low, high or n; what previous() tells may itself roll or
cumulate, so that the year to date stands beside that of last year.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from cubes.blocks import FORMS, Call, Form
from cubes.cube import Cube
from cubes.definitions import level_of
from cubes.periods import TIMES, read_span
from models.errors import QuestionError, did_you_mean

_ROLL = ("rolling", "cumulative")


def kind_of(node: exp.Expr) -> str:
    """The name of the form that is called here; empty where it is another node."""
    if isinstance(node, exp.Rank) and node.expressions and not isinstance(node.parent, exp.Window):
        return "rank"
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    return name if name in FORMS else ""


def inside_form(node: exp.Expr) -> bool:
    """Whether a call is the argument of a form, which then stands for it."""
    above = node.parent
    while above is not None and not isinstance(above, exp.Query):
        if kind_of(above):
            return True
        above = above.parent
    return False


@dataclass(frozen=True, slots=True)
class Forms:
    """Reads the forms of one block; `figure` reads a call of measure, low, high or n."""

    cube: Cube
    figure: Callable[[exp.Expr], Call]

    def read(self, node: exp.Expr, start: int, end: int) -> Call:
        """The form at a node."""
        kind, said = kind_of(node), node.expressions
        if isinstance(node.parent, exp.Window):
            raise QuestionError(
                f"{kind}() already looks at other groups and takes no OVER; use it in a subquery "
                "and open the window there"
            )
        if not said:
            raise QuestionError(f"{kind}() takes a measure first: {kind}(index, …)")
        if kind == "previous" and kind_of(said[0]) in _ROLL:
            found = self.read(said[0], start, end)
        else:
            found = self._of(kind, said[0])
        form = self._form(kind, said[1:], found)
        return replace(found, kind=kind, start=start, end=end, form=form)  # type: ignore[arg-type]

    def rank(self, start: int, end: int) -> Call:
        """What measure(rank) stands for: the rank by the cube's first measure."""
        return Call("rank", start, end, self.cube.measures[0], form=Form(named="rank"))

    def _of(self, kind: str, node: exp.Expr) -> Call:
        if kind_of(node):
            raise QuestionError(
                f"{kind}() takes a measure, or one call of measure, low, high or n, and no "
                f"{kind_of(node)}(); ask that in a subquery, or previous(rolling(…)) the other way"
            )
        call = self.figure(node)
        if call.form is not None or (kind == "share" and not _counts(call)):
            raise QuestionError(
                f"{kind}() is of what can be counted: share(n(index)) is the share of answers, and "
                "an index is no part of another"
            )
        return replace(call, figure=call.kind)  # type: ignore[arg-type]

    def _form(self, kind: str, said: Sequence[exp.Expr], of: Call) -> Form:
        form = of.form or Form()
        if kind in ("share", "rank"):
            return replace(form, within=tuple(self._level(kind, node) for node in said))
        if kind == "previous" and len(said) <= 1:
            return replace(form, back=read_span(said[0], kind) if said else None)
        if kind == "rolling" and len(said) == 1:
            return replace(form, over=read_span(said[0], kind))
        if kind == "cumulative" and len(said) == 1:
            return replace(form, since=self._period(said[0]))
        means = {
            "previous": "previous(index) or previous(index, interval 1 year)",
            "rolling": "rolling(index, interval 28 day)",
            "cumulative": "cumulative(index, 'year')",
        }
        raise QuestionError(f"Say it as {means[kind]}")

    def _period(self, node: exp.Expr) -> str:
        periods = [name for name in TIMES if name != "day"]
        name = node.name if isinstance(node, exp.Literal) and node.is_string else ""
        if name not in periods:
            raise QuestionError(
                f"cumulative() counts from the first day of a period{did_you_mean(name, periods)}: "
                f"{', '.join(repr(period) for period in periods)}"
            )
        return name

    def _level(self, kind: str, node: exp.Expr) -> str:
        name = node.name if isinstance(node, exp.Literal) and node.is_string else ""
        level = level_of(self.cube, name)
        if level is None:
            raise QuestionError(
                f"{kind}() takes levels of {self.cube.name} in quotes"
                f"{did_you_mean(name, self.cube.levels)}: {kind}({_example(kind)}, 'province')"
            )
        return level.name


def _example(kind: str) -> str:
    return "answers" if kind == "share" else "index"


def _counts(call: Call) -> bool:
    return call.kind == "n" or (
        call.kind == "measure" and call.measure is not None and call.measure.unit == "count"
    )
