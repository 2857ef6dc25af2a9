"""The calls of a block that stand for measures or count facts, read with their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from cubes.blocks import CALLS, CONFIDENCE, Call
from cubes.cube import Cube, Measure
from cubes.forms import Forms, inside_form, kind_of
from cubes.joint import aggregate_of, measure_of
from cubes.scopes import check_scope
from cubes.splice import Text, place
from cubes.trees import counts_rows, windowed
from models.errors import QuestionError

#: Aggregate functions that give the same whatever cells the facts are grouped into.
_SAME_FOR_ANY_GRAIN = (exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr, exp.ApproxDistinct)


@dataclass(frozen=True, slots=True)
class Calls:
    """Reads the calls of one block."""

    cube: Cube
    joined: bool  # the block reads another table too
    text: Text
    aggregates: frozenset[str]  # names of DuckDB's aggregate functions
    sides: Mapping[str, Cube] = field(default_factory=dict)  # cubes by the names in FROM

    def read(self, node: exp.Expr) -> Call | None:
        """The call at a node, if it is one of ours and not the argument of another."""
        if inside_form(node):
            return None
        if kind_of(node):
            start, end, _ = self._span(node)
            self._refuse_filter(kind_of(node), node)
            return Forms(self.cube, self._figure).read(node, start, end)
        if isinstance(node, exp.Anonymous) and node.name.lower() in CALLS:
            return self._measure(node)
        if isinstance(node, exp.Count) and not windowed(node) and counts_rows(node):
            return self._count(node)
        return None

    def is_aggregate(self, node: exp.Expr) -> bool:
        """Whether a node aggregates rows."""
        if windowed(node) or kind_of(node):
            return False
        if isinstance(node, exp.AggFunc):
            return not isinstance(node, exp.Grouping)
        return isinstance(node, exp.Anonymous) and node.name.lower() in self.aggregates

    def check(self, node: exp.Expr) -> None:
        """Refuse an aggregate function whose result would depend on the grain of cells."""
        if (
            isinstance(node, exp.Sum)
            and isinstance(node.this, exp.Column)
            and aggregate_of(self.cube, node.this, self.sides)
        ):
            return
        if isinstance(node, exp.Count) and (
            counts_rows(node) or isinstance(node.this, exp.Distinct)
        ):
            return
        alone = not any(value for name, value in node.args.items() if name != "this")
        if isinstance(node, _SAME_FOR_ANY_GRAIN) and alone:
            return
        name = node.sql(dialect="duckdb").split("(")[0].lower()
        raise QuestionError(
            f"{name}() over {self.cube.name} would count cells instead of facts; use measure(), "
            "n(), sum() of an aggregate, min(), max() or count(distinct …) of a level, or ask the "
            "fact table"
        )

    def _span(self, node: exp.Expr) -> tuple[int, int, int]:
        span = place(node)
        assert span is not None
        last = self.text.call_end(self.text.index_at(span[0]))
        return span[0], self.text.tokens[last].end + 1, last

    def _count(self, node: exp.Count) -> Call:
        if self.joined or self.cube.sides:
            named = f"sum({self.cube.sides[0].name}.rows)" if self.cube.sides else "sum(rows)"
            raise QuestionError(
                f"count(*) of {self.cube.name} beside another table is not offered; use {named}"
            )
        start, end, last = self._span(node)
        if not isinstance(node.parent, exp.Filter):
            return Call("count", start, end)
        final = self.text.tokens[self.text.call_end(last + 1)].end + 1
        return Call("count", start, final, condition=(end, final))

    def _measure(self, node: exp.Anonymous) -> Call:
        kind = node.name.lower()
        self._refuse_filter(kind, node)
        start, end, _ = self._span(node)
        if kind == "n" and not node.expressions:
            if self.cube.sides:
                raise QuestionError(
                    f"n() of {self.cube.name} could be that of either; name a measure: n(index)"
                )
            return Call("n", start, end)
        if kind == "benchmark":
            return self._benchmark(node, start, end)
        if kind == "measure" and [e.name.lower() for e in node.expressions] == ["rank"]:
            return Forms(self.cube, self._figure).rank(start, end)
        measure = self._named(kind, node.expressions)
        if kind in ("low", "high") and measure.interval is None:
            raise QuestionError(
                f"{measure.name} has no interval, so {kind}({measure.name}) cannot be told"
            )
        confidence = _confidence(node.expressions[1]) if len(node.expressions) > 1 else CONFIDENCE
        return Call(kind, start, end, measure, confidence)  # type: ignore[arg-type]

    def _figure(self, node: exp.Expr) -> Call:
        """What a form is of: a measure by its name, or a call of measure, low, high or n."""
        if isinstance(node, exp.Anonymous) and node.name.lower() in ("measure", "low", "high", "n"):
            return self._measure(node)
        return Call("measure", 0, 0, self._named("measure", [node]))

    def _refuse_filter(self, kind: str, node: exp.Expr) -> None:
        if isinstance(node.parent, exp.Filter):
            raise QuestionError(
                f"{kind}() takes no FILTER; filter in WHERE, or use sum(…) filter (…)"
            )

    def _benchmark(self, node: exp.Anonymous, start: int, end: int) -> Call:
        if self.cube.sides:
            raise QuestionError(
                "benchmark() needs a block over one cube alone; ask it in a subquery of its own"
            )
        said = node.expressions[1:]
        words = [each.name for each in said if isinstance(each, exp.Literal) and each.is_string]
        if not 1 <= len(words) <= 2 or len(words) < len(said):
            raise QuestionError(
                "benchmark() takes a measure and a scope in quotes: benchmark(index, 'peers'), and "
                "if wanted 'low', 'high' or 'n': benchmark(index, 'peers', 'low')"
            )
        measure = self._named("benchmark", node.expressions[:1])
        figure = words[1] if len(words) > 1 else "measure"
        if figure not in ("measure", "low", "high", "n"):
            raise QuestionError(
                f"A benchmark has no '{figure}'; it has 'low', 'high' and 'n' beside the measure"
            )
        if figure in ("low", "high") and measure.interval is None:
            raise QuestionError(
                f"{measure.name} has no interval, so '{figure}' of it cannot be told"
            )
        scope = check_scope(words[0])
        return Call("benchmark", start, end, measure, scope=scope, figure=figure)  # type: ignore[arg-type]

    def _named(self, kind: str, arguments: list[exp.Expr]) -> Measure:
        cube, known = self.cube, [measure.name for measure in self.cube.measures]
        most = 2 if kind in ("low", "high") else 1
        if not 1 <= len(arguments) <= most or not isinstance(arguments[0], exp.Column):
            raise QuestionError(
                f"{kind}() takes the name of a measure of {cube.name}: {', '.join(known)}"
            )
        return measure_of(cube, arguments[0], self.sides)


def is_argument(column: exp.Column) -> bool:
    """Whether a name is the measure that a call speaks of."""
    call = column.parent
    if call is None:
        return False
    named = isinstance(call, exp.Anonymous) and call.name.lower() in CALLS
    return named or bool(kind_of(call))


def _confidence(node: exp.Expr) -> float:
    if isinstance(node, exp.Literal) and not node.is_string and 0 < float(node.name) < 1:
        return float(node.name)
    raise QuestionError(
        "The level of an interval is a number between 0 and 1, such as low(index, 0.90)"
    )
