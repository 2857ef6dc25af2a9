"""Where a NULL comes out for sure, and where it cannot."""

from __future__ import annotations

from collections.abc import Callable

from cubes.rewrite.node import Node, columns_of

STRICT = frozenset(
    ("+", "-", "*", "/", "//", "%", "**", "^", "&", "|", "<<", ">>", "~", "~~", "!~~", "~~*",
     "!~~*", "date_part", "date_trunc", "lower", "upper", "abs", "round", "floor", "ceil",
     "ceiling", "length", "strlen", "trim", "ltrim", "rtrim", "left", "right", "starts_with",
     "ends_with", "contains", "prefix", "suffix", "strftime", "last_day", "monthname",
     "dayname", "to_days", "to_months", "to_years", "to_hours", "to_minutes", "to_seconds",
     "to_weeks", "trunc", "sign", "sqrt", "ln", "regexp_matches", "regexp_full_match",
     "date_diff", "make_date", "time_bucket", "substring", "timezone", "epoch", "epoch_ms",
     "epoch_us")
)  # fmt: skip
TOTAL = frozenset(("date_trunc", "lower", "upper", "abs", "length", "strlen"))
#: Casts to these give a value for a value, or fail; JSON has a NULL of its own.
PLAIN = (
    "VARCHAR", "BOOLEAN", "DATE", "TIME", "DECIMAL", "DOUBLE", "FLOAT", "TINYINT", "SMALLINT",
    "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
    "UUID", "ENUM",
)  # fmt: skip
IsNull = Callable[[Node], bool]


def surely_null(node: Node, null: IsNull) -> bool:
    """Whether it is NULL where the columns `null` names are."""
    match node.op:
        case "col":
            return null(node)
        case "lit":
            return node.data[0] == "NULL_LITERAL"
        case "cmp":
            strict = str(node.data[0]) in ("=", "<>", "<", "<=", ">", ">=")
            return strict and any(surely_null(arg, null) for arg in node.args)
        case "cast" | "not":
            return surely_null(node.args[0], null)
        case "in":
            return surely_null(node.args[0], null)
        case "fn":
            known = node.data[0] in STRICT
            if node.data[0] == "coalesce":
                return all(surely_null(arg, null) for arg in node.args)
            return known and any(surely_null(arg, null) for arg in node.args)
        case _:
            return False


def never_true(condition: Node, null: IsNull) -> bool:
    """Whether a condition cannot be true where those columns are NULL."""
    match condition.op:
        case "and":
            return any(never_true(arg, null) for arg in condition.args)
        case "or":
            return all(never_true(arg, null) for arg in condition.args)
        case "notnull":
            return surely_null(condition.args[0], null)
        case _:
            return surely_null(condition, null)


def never_null(node: Node, known: IsNull) -> bool:
    """Whether it cannot be NULL where the columns `known` names are not."""
    match node.op:
        case "col":
            return known(node)
        case "lit":
            return node.data[0] != "NULL_LITERAL"
        case "cast":
            return not node.data[1] and never_null(node.args[0], known)
        case "cmp":
            return "distinct" in str(node.data[0]) or all(never_null(a, known) for a in node.args)
        case "isnull" | "notnull":
            return True
        case "and" | "or" | "not" | "in":
            return all(never_null(arg, known) for arg in node.args)
        case "case":
            values = (*node.args[1::2], node.args[-1])
            return all(never_null(value, known) for value in values)
        case "fn" if node.data[0] == "coalesce":
            return any(never_null(arg, known) for arg in node.args)
        case "fn" if node.data[0] in ("+", "-", "*") or node.data[0] in TOTAL:
            return all(never_null(arg, known) for arg in node.args)
        case _:
            return False


def null_where(node: Node) -> frozenset[Node] | None:
    """The columns that make it NULL, each of them and nothing else; None where not so simple."""
    columns = columns_of(node)
    plain = all(part.op != "cast" or plain_type(str(part.data[0])) for part in node.walk())
    if not columns or not plain or not never_null(node, columns.__contains__):
        return None
    alone = all(surely_null(node, each.__eq__) for each in columns)
    return columns if alone else None


def plain_type(kind: str) -> bool:
    """Whether a value of a type is never a NULL of another."""
    return kind.startswith(PLAIN) and "[" not in kind
