"""An aggregate of the question over the cells of a group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cubes.rewrite import collected, guards, moments, sums, weighted
from cubes.rewrite.constants import INTEGERS, exact
from cubes.rewrite.functions import SAME_WHEN_REPEATED
from cubes.rewrite.measures import Measures
from cubes.rewrite.node import (
    ONE,
    ZERO,
    Node,
    agg,
    both,
    case,
    cast,
    cmp,
    fn,
    is_not_null,
    number,
    value_if,
)
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.parts import Parts
from cubes.rewrite.printing import printed
from cubes.rewrite.requests import Request

STORED = frozenset(
    ("avg", "var_pop", "var_samp", "stddev_pop", "stddev_samp", "median", "quantile_cont",
     "quantile_disc", "count", "sum", "covar_pop", "covar_samp", "corr", "mad", "regr_count",
     "regr_avgx", "regr_avgy", "regr_sxx", "regr_syy", "regr_sxy", "regr_slope",
     "regr_intercept", "regr_r2", "skewness", "kurtosis", "approx_count_distinct")
)  # fmt: skip
DOUBLES = frozenset(("avg", "sum", "median", "quantile_cont", "quantile_disc", "count", "mad"))
COUNTS = frozenset(("count", "count_star", "regr_count", "approx_count_distinct"))


SHORT = frozenset(("BOOLEAN", "TINYINT", "SMALLINT", "UTINYINT", "USMALLINT"))
KEYED = frozenset(("histogram", "entropy"))  # what they say hangs on which values are the same
Fixed = Callable[[tuple[Node, ...]], bool]


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of the cells of one group."""

    one_cell: bool
    fixed: Fixed  # whether columns have one value in the group
    one_row: Fixed  # whether they tell one row from any other


def answered(
    parts: Parts,
    measures: Measures,
    request: Request,
    kind: str,
    group: Group,
    *,
    sorted_after: bool = False,
) -> Node:
    """The aggregate over cells, in the type DuckDB gives it over rows.

    Where rows come beside the cells, only what adds up will do.
    """
    value = _over_cells(measures, request, kind)
    if value is None:
        value = collected.of_level(measures, request, sorted_after=sorted_after)
    if value is None and measures is not parts:
        raise _refused(parts, request)
    if value is None and parts.rows:
        value = _over_rows(parts, request)
    if value is None:
        value = _any(parts, request, group) or _at_extreme(parts, request, group)
    if value is None and group.one_cell:
        value = _stored(parts, request, group)
    if value is None:
        raise _refused(parts, request)
    return value


def _over_rows(parts: Parts, request: Request) -> Node | None:
    """Any aggregate that minds no order, where the cells are the rows."""
    if request.name not in STORED or request.orders:
        return None
    kinds = [parts.type_of(arg) for arg in request.args]
    if any(kind in ("DOUBLE", "FLOAT") for kind in kinds) and request.name not in DOUBLES:
        return None
    if not all(parts.cells.can(node) for node in (*request.args, *request.where)):
        return None
    args = tuple(parts.cells.value(arg) for arg in request.args)
    where = sorted(request.where, key=lambda node: node.number)
    only = both(*(parts.cells.value(part) for part in where)) if where else None
    return agg(request.name, *args, distinct=request.distinct, only=only)


def _any(parts: Parts, request: Request, group: Group) -> Node | None:
    """Any value of what has one in the group is that one."""
    if not request.args or not group.fixed(request.args[:1]):
        return None
    return collected.of_one(parts, request)


def _at_extreme(parts: Parts, request: Request, group: Group) -> Node | None:
    """The value at the greatest key, which has no ties: the cell with the greatest key has it."""
    if request.name not in ("arg_min", "arg_max") or len(request.args) != 2:
        return None
    value, key = request.args
    if request.distinct or request.orders or not group.one_row((key,)):
        return None
    decided, rest = parts.parted(request.where | {is_not_null(value)})
    at = parts.lookup(request.name, request.args, rest) or parts.lookup(
        request.name, request.args, rest - {is_not_null(value)}
    )
    end = parts.extreme(request.name.removeprefix("arg_"), key, rest)
    if at is None or end is None:
        return None
    return agg(request.name, parts.only(decided, at), end)


def or_zero(parts: Parts, request: Request, kind: str) -> Node | None:
    """`coalesce(sum(x), 0)`, which does without knowing where there was nothing to add."""
    if request.name != "sum" or request.distinct or request.orders or len(request.args) != 1:
        return None
    found = sums.total_or_zero(parts, request.args[0], request.where)
    return None if found is None else cast(fn("coalesce", agg("sum", found), ZERO), kind)


def _refused(parts: Parts, request: Request) -> Unanswered:
    text = _shown(request)
    if _stored(parts, request, None) is not None:
        return Unanswered(
            "grain",
            f"{text} is stored, but does not add up over the several cells of a group",
            f"group by all its levels, or store what {text} is made of",
        )
    return Unanswered("aggregate", f"{text} cannot be had from what it stores", f"store {text}")


def _shown(request: Request) -> str:
    node = Node("agg", (request.name, request.distinct, (), False), request.args)
    if request.orders:
        return request.name
    text = printed(node).replace('"', "")
    for part in sorted({str(c.data[0]) for a in request.args for c in a.walk() if c.op == "col"}):
        text = text.replace(f"{part}.", "")
    return text


def _stored(parts: Parts, request: Request, group: Group | None) -> Node | None:
    """The stored value of the only cell."""
    extreme = request.name in ("arg_min", "arg_max") and len(request.args) == 2
    sole = group is not None and extreme and group.one_row(request.args[1:])
    kinds = [parts.type_of(arg) for arg in request.args[:2]]
    ordered = bool(request.orders) and collected.own_order(request, kinds[0])
    keyed = request.name in KEYED and guards.equal_means_same(kinds[0])
    if not (ordered if request.orders else sole or keyed or request.name in STORED):
        return None
    if any(kind in ("DOUBLE", "FLOAT") for kind in kinds[:1]) and request.name not in DOUBLES:
        return None
    for stored, column in parts.stored.items():
        same = (stored.name, stored.args, stored.distinct, stored.orders) == (
            request.name, request.args, request.distinct, request.orders,
        )  # fmt: skip
        if same and (stored.where == request.where or parts.same_rows(stored.where, request.where)):
            value = agg("any_value", column)
            return fn("coalesce", value, ZERO) if request.name in COUNTS else value
    return None


def _over_cells(parts: Measures, request: Request, kind: str) -> Node | None:
    name, args, where = request.name, request.args, request.where
    if name in weighted.QUANTILES and not request.distinct:
        return weighted.quantile(parts, request, kind)
    if request.orders:
        return None
    if request.distinct:
        return _distinct(parts, request, kind)
    if name == "count_star":
        count = parts.count(where)
        return None if count is None else cast(fn("coalesce", agg("sum", count), ZERO), "BIGINT")
    if name in SAME_WHEN_REPEATED and len(args) == 1:
        found = parts.extreme(name, args[0], where)
        return None if found is None else agg(name, found)
    if name in ("sum", "avg") and len(args) == 1:
        args = (_undoubled(parts, args[0]),)
    if name == "bit_xor" and len(args) == 1:
        return _odd(parts, args[0], where, kind)
    if name == "sum" and len(args) == 1:
        found = parts.total(args[0], where)
        return None if found is None else cast(agg("sum", found), kind)
    if name == "avg" and len(args) == 1:
        return _mean(parts, args[0], where)
    if name in moments.SPREAD and len(args) == 1 and exact(parts.type_of(args[0])):
        return moments.spread(name, parts, args[0], where, where | {is_not_null(args[0])})
    paired = name in moments.PAIRED and len(args) == 2
    if paired and all(exact(parts.type_of(arg)) for arg in args):
        present = where | {is_not_null(arg) for arg in args}
        return moments.paired(name, parts, args[0], args[1], present)
    return None


def _undoubled(parts: Measures, node: Node) -> Node:
    """A short whole number instead of it as DOUBLE: 2^53 is not reached by adding them."""
    if node.op != "cast" or node.data != ("DOUBLE", False) or node.args[0].op == "lit":
        return node
    return node.args[0] if guards.adds_exactly(parts.type_of(node.args[0]) in SHORT) else node


def _odd(parts: Measures, node: Node, where: frozenset[Node], kind: str) -> Node | None:
    """What stands in an odd number of rows remains."""
    if kind not in INTEGERS or not parts.values.can(node):
        return None
    count = parts.count(where | {is_not_null(node)})
    if count is None:
        return None
    value = parts.values.value(node)
    odd = case((cmp("=", fn("%", count, number(2)), ONE), value), otherwise=cast(ZERO, kind))
    some = both(is_not_null(value), cmp(">", count, ZERO))
    return agg("bit_xor", odd, only=some)


def _mean(parts: Measures, node: Node, where: frozenset[Node]) -> Node | None:
    kind = parts.type_of(node)
    if not exact(kind) and kind not in ("DOUBLE", "FLOAT"):
        return None
    total, count = parts.total(node, where), parts.count(where | {is_not_null(node)})
    if total is None or count is None:
        return None
    below = fn("nullif", agg("sum", count), ZERO)
    return fn("/", moments.double(agg("sum", total)), moments.double(below))


def _distinct(parts: Measures, request: Request, kind: str) -> Node | None:
    """Distinct values of what the levels tell: each cell has one."""
    if len(request.args) != 1 or request.name not in ("count", "sum", "avg"):
        return None
    node = request.args[0]
    if request.name != "count" and not exact(parts.type_of(node)):
        return None
    if not parts.values.can(node):
        return None
    some = parts.some(request.where)
    if some is None:
        return None
    found = agg(request.name, value_if(some, parts.values.value(node)), distinct=True)
    return cast(found, kind) if request.name == "sum" else found
