"""The calls of a block that stand for measures or count facts, read with their places."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from cubes.blocks import CALLS, CONFIDENCE, Call
from cubes.cube import Cube, Measure
from cubes.scopes import check_scope
from cubes.splice import Text, place
from cubes.trees import counts_rows, windowed
from models.errors import QuestionError, did_you_mean

#: Aggregate functions that give the same whatever cells the facts are grouped into.
_SAME_FOR_ANY_GRAIN = (exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr, exp.ApproxDistinct)


@dataclass(frozen=True, slots=True)
class Calls:
    """Reads the calls of one block."""

    cube: Cube
    joined: bool  # the block reads another table too
    text: Text
    aggregates: frozenset[str]  # names of DuckDB's aggregate functions

    def read(self, node: exp.Expression) -> Call | None:
        """The call at a node, if it is one of ours."""
        if isinstance(node, exp.Anonymous) and node.name.lower() in CALLS:
            return self._measure(node)
        if isinstance(node, exp.Count) and not windowed(node) and counts_rows(node):
            return self._count(node)
        return None

    def is_aggregate(self, node: exp.Expression) -> bool:
        """Whether a node aggregates rows."""
        if windowed(node):
            return False
        if isinstance(node, exp.AggFunc):
            return not isinstance(node, exp.Grouping)
        return isinstance(node, exp.Anonymous) and node.name.lower() in self.aggregates

    def check(self, node: exp.Expression) -> None:
        """Refuse an aggregate function whose result would depend on the grain of cells."""
        if isinstance(node, exp.Sum) and isinstance(node.this, exp.Column):
            name = node.this.name.casefold()
            if any(a.name == name for a in self.cube.aggregates):
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

    def _span(self, node: exp.Expression) -> tuple[int, int, int]:
        span = place(node)
        assert span is not None
        last = self.text.call_end(self.text.index_at(span[0]))
        return span[0], self.text.tokens[last].end + 1, last

    def _count(self, node: exp.Count) -> Call:
        if self.joined:
            raise QuestionError(
                f"count(*) of {self.cube.name} joined with another table is not offered; "
                "use sum(rows)"
            )
        start, end, last = self._span(node)
        if not isinstance(node.parent, exp.Filter):
            return Call("count", start, end)
        final = self.text.tokens[self.text.call_end(last + 1)].end + 1
        return Call("count", start, final, condition=(end, final))

    def _measure(self, node: exp.Anonymous) -> Call:
        kind = node.name.lower()
        if isinstance(node.parent, exp.Filter):
            raise QuestionError(
                f"{kind}() takes no FILTER; filter in WHERE, or use sum(…) filter (…)"
            )
        start, end, _ = self._span(node)
        if kind == "n" and not node.expressions:
            return Call("n", start, end)
        if kind == "benchmark":
            return self._benchmark(node, start, end)
        measure = self._named(kind, node.expressions)
        if kind in ("low", "high") and measure.interval is None:
            raise QuestionError(
                f"{measure.name} has no interval, so {kind}({measure.name}) cannot be told"
            )
        confidence = _confidence(node.expressions[1]) if len(node.expressions) > 1 else CONFIDENCE
        return Call(kind, start, end, measure, confidence)  # type: ignore[arg-type]

    def _benchmark(self, node: exp.Anonymous, start: int, end: int) -> Call:
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

    def _named(self, kind: str, arguments: list[exp.Expression]) -> Measure:
        cube, known = self.cube, [measure.name for measure in self.cube.measures]
        most = 2 if kind in ("low", "high") else 1
        if not 1 <= len(arguments) <= most or not isinstance(arguments[0], exp.Column):
            raise QuestionError(
                f"{kind}() takes the name of a measure of {cube.name}: {', '.join(known)}"
            )
        name = arguments[0].name
        measure = cube.measure(name.lower())
        if measure is None:
            raise QuestionError(
                f"{cube.name} has no measure '{name}'{did_you_mean(name, known)}; "
                f"it has {', '.join(known)}"
            )
        return measure


def is_argument(column: exp.Column) -> bool:
    """Whether a name is the measure that a call speaks of."""
    call = column.parent
    return isinstance(call, exp.Anonymous) and call.name.lower() in CALLS


def _confidence(node: exp.Expression) -> float:
    if isinstance(node, exp.Literal) and not node.is_string and 0 < float(node.name) < 1:
        return float(node.name)
    raise QuestionError(
        "The level of an interval is a number between 0 and 1, such as low(index, 0.90)"
    )
