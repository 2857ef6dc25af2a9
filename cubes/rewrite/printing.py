"""Expressions as text DuckDB reads: every operation in brackets, every name quoted."""

from __future__ import annotations

from cubes.rewrite.node import Node

INFIX = frozenset(
    ("+", "-", "*", "/", "//", "%", "**", "^", "||", "&", "|", "<<", ">>", "~~", "!~~", "~~*",
     "!~~*", "~~~", "~", "!~", "^@", "&&", "@>", "<@", "->", "->>")
)  # fmt: skip
AROUND = {
    "not": "(not {})", "isnull": "({} is null)", "notnull": "({} is not null)", "try": "try({})",
    "grouping": "grouping({})",
}  # fmt: skip
ORDERS = {"ORDER_DEFAULT": "", "ASCENDING": " asc", "DESCENDING": " desc"}
NULLS = {"ORDER_DEFAULT": "", "NULLS LAST": " nulls last", "NULLS FIRST": " nulls first"}


def quoted(name: str) -> str:
    """A name as DuckDB reads it back, whatever stands in it."""
    return '"' + name.replace('"', '""') + '"'


def literal(kind: str, value: str) -> str:
    """A constant as it was written."""
    if kind == "STRING":
        return "'" + value.replace("'", "''") + "'"
    return "null" if kind == "NULL_LITERAL" else value


def order_text(expression: str, spec: tuple[str, str]) -> str:
    """One term of an ORDER BY."""
    return expression + ORDERS[spec[0]] + NULLS[spec[1]]


def printed(node: Node) -> str:
    """The expression as SQL."""
    parts = [printed(arg) for arg in node.args]
    match node.op:
        case "col":
            return ".".join(quoted(str(name)) for name in node.data)
        case "lit":
            return literal(str(node.data[0]), str(node.data[1]))
        case "fn":
            named = [f"{quoted(str(k))} := {v}" for k, v in zip(node.data[1:], parts, strict=False)]
            return _call(str(node.data[0]), named or parts)
        case "agg":
            return _aggregate(node, parts)
        case "win":
            return _window(node, parts)
        case "cast":
            return f"{'try_cast' if node.data[1] else 'cast'}({parts[0]} as {node.data[0]})"
        case "case":
            whens = "".join(
                f" when {parts[i]} then {parts[i + 1]}" for i in range(0, len(parts) - 1, 2)
            )
            return f"case{whens} else {parts[-1]} end"
        case _:
            return _operation(node, parts)


def _operation(node: Node, parts: list[str]) -> str:
    match node.op:
        case "cmp":
            return f"({parts[0]} {node.data[0]} {parts[1]})"
        case "and" | "or":
            return "(" + f" {node.op} ".join(parts) + ")"
        case "not" | "isnull" | "notnull" | "try" | "grouping":
            return AROUND[node.op].format(", ".join(parts))
        case "in":
            return f"({parts[0]} in ({', '.join(parts[1:])}))"
        case "collate":
            return f"({parts[0]} collate {node.data[0]})"
        case "sub" | "named":
            return str(node.data[0])
        case "insub":
            return _pieced(node.data, parts)
        case "lambda":
            names = ", ".join(quoted(str(name)) for name in node.data)
            return f"(lambda {names}: {parts[0]})"
        case "var":
            return quoted(str(node.data[0]))
        case _:
            raise ValueError(f"no text for {node.op}")


def _call(name: str, parts: list[str]) -> str:
    if name == "[]" and len(parts) == 2:
        return f"({parts[0]})[{parts[1]}]"
    if name == "." and len(parts) == 2:
        name = parts[1][1:-1].replace("''", "'")
        return f"({parts[0]}).{quoted(name)}"
    if name in INFIX and len(parts) == 2:
        return f"({parts[0]} {name} {parts[1]})"
    if name in ("-", "+", "~") and len(parts) == 1:
        return f"({name}({parts[0]}))"
    return f"{name if name == 'coalesce' else quoted(name)}({', '.join(parts)})"


def _aggregate(node: Node, parts: list[str]) -> str:
    name, distinct, orders, filtered = node.data
    assert isinstance(orders, tuple)
    only = f" filter (where {parts.pop()})" if filtered else ""
    if name == "count_star":
        return f"count(*){only}"
    terms = [parts.pop() for _ in orders][::-1]
    by = ", ".join(order_text(term, spec) for term, spec in zip(terms, orders, strict=True))
    return (
        f"{quoted(str(name))}({'distinct ' if distinct else ''}{', '.join(parts)}"
        f"{' order by ' + by if by else ''}){only}"
    )


def _window(node: Node, parts: list[str]) -> str:
    """The pieces between the arguments were printed when the window was read."""
    pieces = node.data[1]
    assert isinstance(pieces, tuple)
    return _pieced(pieces, parts)


def _pieced(pieces: tuple[object, ...], parts: list[str]) -> str:
    """Text with arguments at their places."""
    return "".join(parts[each] if isinstance(each, int) else str(each) for each in pieces)
