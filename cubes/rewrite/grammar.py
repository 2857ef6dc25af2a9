"""Expressions from DuckDB's own parser: what DuckDB reads is what is reasoned about.

A second parser would be a second opinion of what a text means. DuckDB gives its tree as JSON; what
stands here turns an expression of that tree into a node, and refuses every shape it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cubes.rewrite import functions
from cubes.rewrite.node import Node, both, case, cmp, fn, is_not_null, is_null, negated, text
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import order_text, printed, quoted

Json = dict[str, Any]
COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_DISTINCT_FROM": "is distinct from",
    "COMPARE_NOT_DISTINCT_FROM": "is not distinct from",
}
STABLE_NAMES = frozenset(
    ("current_date", "current_timestamp", "localtimestamp", "current_time", "localtime")
)


class Names(Protocol):
    """What the names in an expression stand for."""

    def column(self, path: list[str]) -> Node | None:
        """The column or alias of that name; None where there is none."""

    def position(self, index: int) -> Node:
        """The output at that position, for GROUP BY 1."""

    def subquery(self, query: Json, kind: str) -> str:
        """The text of an uncorrelated subquery; raises where it reads the block around it."""

    def correlated(self, query: Json, kind: str) -> tuple[tuple[str | int, ...], tuple[Node, ...]]:
        """The text of a subquery that reads this block, in pieces between what it reads of it."""

    def inside(self) -> Names:
        """The names within an aggregate, where aliases do not count."""


def read(tree: Json, names: Names) -> Node:
    """The node of a parsed expression."""
    kind = tree["class"]
    reader = READERS.get(kind)
    if reader is None:
        raise Unanswered("shape", f"An expression of the kind {kind.lower()} is not reasoned about")
    return reader(tree, names)


def _column(tree: Json, names: Names) -> Node:
    path = tree["column_names"]
    found = names.column(path)
    if found is not None:
        return found
    if len(path) == 1 and path[0].lower() in STABLE_NAMES:
        return Node("named", (path[0].lower(),))
    raise Unanswered("correlated", f"The name {'.'.join(path)} is not one of this block's columns")


def _constant(tree: Json, _: Names) -> Node:
    literal = tree.get("literal")
    kinds = ("INTEGER", "NUMERIC", "STRING", "BOOLEAN", "NULL_LITERAL")
    if literal is None or literal["kind"] not in kinds:
        raise Unanswered("shape", "A constant of a rare kind is not reasoned about")
    value = str(literal.get("text") or "")
    return Node("lit", (literal["kind"], value.lower() if literal["kind"] == "BOOLEAN" else value))


def _arguments(tree: Json, names: Names) -> tuple[Node, ...]:
    if any(argument.get("name") for argument in tree["arguments"]):
        raise Unanswered("shape", "Named arguments are not reasoned about")
    return tuple(read(argument["expression"], names) for argument in tree["arguments"])


def _function(tree: Json, names: Names) -> Node:
    name = functions.ALIASES.get(tree["function_name"].lower(), tree["function_name"].lower())
    if tree["schema"] or tree["catalog"] or tree["export_state"]:
        raise Unanswered("shape", f"{name} is called in a form that is not reasoned about")
    if functions.is_aggregate(name):
        return _aggregate(name, tree, names)
    args = _arguments(tree, names)
    plain = not (tree["distinct"] or tree["filter"] or tree["order_bys"]["orders"])
    if name == "nullif" and len(args) == 2:
        return case(
            (cmp("=", args[0], args[1]), Node("lit", ("NULL_LITERAL", ""))), otherwise=args[0]
        )
    if name == "if" and len(args) == 3:
        return case((args[0], args[1]), otherwise=args[2])
    if name == "date_part" and len(args) == 2 and args[0].op == "lit":
        args = (text(functions.unit_of(str(args[0].data[1]))), args[1])
    if name in functions.PARTS and len(args) == 1:
        name, args = "date_part", (text(functions.PARTS[name]), args[0])
    if name == "date_trunc" and len(args) == 2 and args[0].op == "lit":
        args = (text(functions.unit_of(str(args[0].data[1]))), args[1])
    if not plain or not functions.is_known(name):
        raise Unanswered("shape", f"The function {name} is not reasoned about")
    if functions.is_volatile(name):
        raise Unanswered("volatile", f"{name} may answer differently each time it is asked")
    return fn(name, *args)


def _aggregate(name: str, tree: Json, names: Names) -> Node:
    names = names.inside()
    args = _arguments(tree, names)
    orders = tree["order_bys"]["orders"]
    terms = tuple(read(order["expression"], names) for order in orders)
    specs = tuple((order["type"], order["null_order"]) for order in orders)
    if name == "count" and not args:
        name = "count_star"
    only = (read(tree["filter"], names),) if tree["filter"] else ()
    return Node("agg", (name, tree["distinct"], specs, bool(only)), (*args, *terms, *only))


def _window(tree: Json, names: Names) -> Node:
    """A window over the groups: its own function is no aggregate of the block."""
    if tree["schema"] or tree["catalog"] or tree["arg_orders"]:
        raise Unanswered("shape", "A window in a rare form is not reasoned about")
    name = tree["function_name"].lower()
    if not (functions.is_aggregate(name) or name in functions.WINDOWS):
        raise Unanswered("shape", f"The window {name} is not reasoned about")
    args: list[Node] = []
    pieces: list[str | int] = []

    def put(tree: Json) -> None:
        args.append(read(tree, names))
        pieces.append(len(args) - 1)

    def put_all(trees: list[Json]) -> None:
        for index, each in enumerate(trees):
            pieces.append(", " if index else "")
            put(each)

    pieces.append(quoted(name) + "(" + ("distinct " if tree["distinct"] else ""))
    if name in ("count", "count_star") and not tree["arguments"]:
        pieces[0] = "count(*"
    put_all([argument["expression"] for argument in tree["arguments"]])
    pieces.append(" ignore nulls)" if tree["ignore_nulls"] else ")")
    if tree["filter_expr"]:
        pieces.append(" filter (where ")
        put(tree["filter_expr"])
        pieces.append(")")
    pieces.append(" over (" + ("partition by " if tree["partitions"] else ""))
    partitions = len(tree["partitions"])
    first = len(args)
    put_all(tree["partitions"])
    for index, order in enumerate(tree["orders"]):
        pieces.append(", " if index else " order by ")
        put(order["expression"])
        pieces.append(order_text("", (order["type"], order["null_order"])))
    frame = _frame(tree, put, pieces)
    keys = tuple(range(first, first + partitions + len(tree["orders"])))
    return Node("win", (name, tuple(pieces), keys, frame), tuple(args))


def _frame(tree: Json, put: Callable[[Json], None], pieces: list[str | int]) -> str:
    """Append the frame; says what kind it is, for whether ties matter."""
    start, end = tree["start"], tree["end"]
    unit = next((u for u in ("ROWS", "RANGE", "GROUPS") if u in start + end), "RANGE")
    default = start == "UNBOUNDED_PRECEDING" and end == "CURRENT_ROW_RANGE"
    if not default or tree["exclude_clause"] != "NO_OTHER":
        pieces.append(f" {unit.lower()} between ")
        for which, bound in (("start", start), ("end", end)):
            if tree[f"{which}_expr"]:
                put(tree[f"{which}_expr"])
                pieces.append(" preceding" if "PRECEDING" in bound else " following")
            else:
                words = bound.replace("_ROWS", "").replace("_RANGE", "").replace("_GROUPS", "")
                pieces.append(words.replace("_", " ").lower())
            pieces.append(" and " if which == "start" else "")
        if tree["exclude_clause"] != "NO_OTHER":
            words = tree["exclude_clause"].replace("_", " ").lower()
            pieces.append(f" exclude {words}")
    pieces.append(")")
    return unit if not (start.startswith("UNBOUNDED") and end.startswith("UNBOUNDED")) else "ALL"


def _comparison(tree: Json, names: Names) -> Node:
    if tree["type"] not in COMPARISONS:
        raise Unanswered("shape", "A rare comparison is not reasoned about")
    return cmp(COMPARISONS[tree["type"]], read(tree["left"], names), read(tree["right"], names))


def _conjunction(tree: Json, names: Names) -> Node:
    op = "and" if tree["type"] == "CONJUNCTION_AND" else "or"
    return Node(op, (), tuple(read(child, names) for child in tree["children"]))


def _operator(tree: Json, names: Names) -> Node:
    args = tuple(read(child, names) for child in tree["children"])
    match tree["type"]:
        case "OPERATOR_NOT":
            return negated(args[0])
        case "OPERATOR_IS_NULL":
            return is_null(args[0])
        case "OPERATOR_IS_NOT_NULL":
            return is_not_null(args[0])
        case "COMPARE_IN":
            return Node("in", (), args)
        case "COMPARE_NOT_IN":
            return negated(Node("in", (), args))
        case "OPERATOR_COALESCE":
            return fn("coalesce", *args)
        case "GROUPING_FUNCTION":
            return Node("grouping", (), args)
        case "OPERATOR_TRY":
            return Node("try", (), args)
        case other:
            raise Unanswered("shape", f"The operator {other.lower()} is not reasoned about")


def _between(tree: Json, names: Names) -> Node:
    value = read(tree["input"], names)
    lower, upper = read(tree["lower"], names), read(tree["upper"], names)
    whole = both(cmp(">=", value, lower), cmp("<=", value, upper))
    return negated(whole) if tree["type"] == "COMPARE_NOT_BETWEEN" else whole


def _case(tree: Json, names: Names) -> Node:
    pairs = [
        (read(check["when_expr"], names), read(check["then_expr"], names))
        for check in tree["case_checks"]
    ]
    return case(*pairs, otherwise=read(tree["else_expr"], names))


def _cast(tree: Json, names: Names) -> Node:
    return Node(
        "cast", (type_text(tree["type_expr"]), tree["try_cast"]), (read(tree["child"], names),)
    )


def type_text(tree: Json) -> str:
    """A type as SQL; only those without names of their own."""
    if tree.get("class") != "TYPE" or tree.get("catalog") or tree.get("schema"):
        raise Unanswered("shape", "A type in a rare form is not reasoned about")
    name, children = tree["type_name"], tree["children"]
    if not children:
        return functions.TYPE_NAMES.get(name.lower(), str(name).upper())
    if name.lower() in ("decimal", "numeric") and all(c["class"] == "CONSTANT" for c in children):
        return f"DECIMAL({','.join(c['literal']['text'] for c in children)})"
    if name.lower() == "list" and len(children) == 1:
        return type_text(children[0]) + "[]"
    raise Unanswered("shape", f"The type {name.lower()} is not reasoned about")


def _subquery(tree: Json, names: Names) -> Node:
    query, kind = tree["subquery"]["node"], tree["subquery_type"]
    pieces: tuple[str | int, ...]
    args: tuple[Node, ...] = ()
    try:
        pieces = (names.subquery(query, kind),)
    except Unanswered as why:
        if why.reason != "correlated":
            raise
        pieces, args = names.correlated(query, kind)
    if kind == "SCALAR":
        return Node("sub", (f"({pieces[0]})",))
    if kind == "EXISTS" and not args:
        return Node("sub", (f"exists ({pieces[0]})",))
    if kind == "EXISTS":
        return Node("insub", ("(exists (", *pieces, "))"), args)
    if kind == "ANY" and tree["comparison_type"] in COMPARISONS:
        head = ("(", len(args), f" {COMPARISONS[tree['comparison_type']]} any (")
        return Node("insub", (*head, *pieces, "))"), (*args, read(tree["child"], names)))
    raise Unanswered("shape", "A subquery in a rare form is not reasoned about")


READERS: dict[str, Callable[[Json, Names], Node]] = {
    "COLUMN_REF": _column,
    "CONSTANT": _constant,
    "FUNCTION": _function,
    "WINDOW": _window,
    "COMPARISON": _comparison,
    "CONJUNCTION": _conjunction,
    "OPERATOR": _operator,
    "BETWEEN": _between,
    "CASE": _case,
    "CAST": _cast,
    "SUBQUERY": _subquery,
}

__all__ = ["Names", "printed", "read", "type_text"]
