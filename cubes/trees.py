"""Small questions about sqlglot's tree."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

_WRAPPERS = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of a SELECT block itself, without those of queries inside it."""
    for child in node.iter_expressions():
        if isinstance(child, exp.Query | exp.With):
            continue
        yield child
        yield from own(child)


def inner_queries(node: exp.Expr) -> Iterator[exp.Expr]:
    """The queries inside a block that may refer to it: all but its CTEs."""
    for child in node.iter_expressions():
        if isinstance(child, exp.With):
            continue
        if isinstance(child, exp.Query):
            yield child
        yield from inner_queries(child)


def conjuncts_of(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition that are joined by AND, in their order."""
    if isinstance(node, exp.And):
        yield from conjuncts_of(node.this)
        yield from conjuncts_of(node.expression)
    else:
        yield node


def windowed(node: exp.Expr) -> bool:
    """Whether a function call is computed over a window, thus over groups and not over rows."""
    while isinstance(node.parent, _WRAPPERS) and node.parent.this is node:
        node = node.parent
    return isinstance(node.parent, exp.Window) and node.parent.this is node


def counts_rows(node: exp.Count) -> bool:
    """Whether a count is count(*)."""
    return node.this is None or isinstance(node.this, exp.Star)


def in_lambda(column: exp.Column) -> bool:
    """Whether a name is the parameter of a lambda around it."""
    found = column.find_ancestor(exp.Lambda)
    return found is not None and any(e.name == column.name for e in found.expressions)
