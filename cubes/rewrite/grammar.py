"""Expressions from DuckDB's own parser: what DuckDB reads is what is reasoned about.

A second parser would be a second opinion of what a text means. DuckDB gives its tree as JSON; what
stands here turns an expression of that tree into a node, and refuses every shape it does not know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cubes.rewrite import functions
from cubes.rewrite.lambdas import Parameters, parameters
from cubes.rewrite.node import Node, both, case, cmp, fn, is_not_null, is_null, negated, text
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.windows import window

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
SCHEMAS = frozenset(("main", "memory", "system", "temp", "pg_catalog", "information_schema"))
STABLE_NAMES = frozenset(
    ("current_date", "current_timestamp", "localtimestamp", "current_time", "localtime")
)


class Names(Protocol):
    """What the names in an expression stand for."""

    def column(self, path: list[str]) -> Node | None:
        """The column or alias of that name; None where there is none."""

    def position(self, index: int) -> Node:
        """The output at that position, for GROUP BY 1."""

    def star(self) -> Node:
        """The column that stands for a star in an expression."""

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


def _of_column(tree: Json, names: Names) -> Json:
    """A call with a dot, `name.upper()`, as the call of the column it is."""
    path = [part for part in (tree["catalog"], tree["schema"]) if part]
    known = path[0].lower() not in SCHEMAS and names.column(path) is not None
    if not known or isinstance(names, Parameters):  # there it is the column, not the parameter
        raise Unanswered("shape", "A function of a schema is not reasoned about")
    first = {"name": "", "expression": {"class": "COLUMN_REF", "column_names": path}}
    return {**tree, "schema": "", "catalog": "", "arguments": [first, *tree["arguments"]]}


def _function(tree: Json, names: Names) -> Node:
    name = functions.ALIASES.get(tree["function_name"].lower(), tree["function_name"].lower())
    if tree["export_state"]:
        raise Unanswered("shape", f"{name} is called in a form that is not reasoned about")
    if tree["schema"] or tree["catalog"]:
        tree = _of_column(tree, names)
    if functions.is_aggregate(name):
        return _aggregate(name, tree, names)
    if name == "struct_pack":
        return _struct(tree, names)
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


def _struct(tree: Json, names: Names) -> Node:
    """A struct; a field without a name has that of its column."""
    keys = [argument["name"] for argument in tree["arguments"]]
    if not all(keys) or tree["distinct"] or tree["filter"] or tree["order_bys"]["orders"]:
        raise Unanswered("shape", "A struct in a rare form is not reasoned about")
    args = (read(argument["expression"], names) for argument in tree["arguments"])
    return Node("fn", ("struct_pack", *keys), tuple(args))


def _lambda(tree: Json, names: Names) -> Node:
    own = parameters(tree)
    return Node("lambda", own, (read(tree["expr"], Parameters(own, names)),))


def _star(_: Json, names: Names) -> Node:
    return names.star()


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
    return window(tree, lambda part: read(part, names))


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
        case "ARRAY_EXTRACT":
            return fn("[]", *args)
        case "ARRAY_SLICE":
            return fn("array_slice", *args)
        case "STRUCT_EXTRACT" if args[1].op == "lit" and args[1].data[0] == "STRING":
            return fn(".", *args)
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
    "LAMBDA": _lambda,
    "STAR": _star,
}
