"""An expression as a value: immutable, comparable, hashed once.

Matching compares expressions all the time, so equality must be cheap and must mean "reads the
same"; names are resolved before a node is made, so that two spellings of a column are one node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One expression: what it is (`op`), what it carries (`data`), what it stands over (`args`).

    `col` carries instance and column, `lit` kind and text, `fn` a name and those of its args where
    they have some, `cmp` an operator, `cast` type and whether it tries, `lambda` its parameters,
    which are `var`, `agg` name, distinct, order and whether a filter is its last arg,
    `win` the printed frame, `sub` the text of a query that stands for itself, `insub` the text of
    a condition with a query in it, in pieces between its args.
    """

    op: str
    data: tuple[object, ...] = ()
    args: tuple[Node, ...] = ()
    number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "number", hash((self.op, self.data, self.args)))

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Node)
            and self.number == other.number
            and self.op == other.op
            and self.data == other.data
            and self.args == other.args
        )

    def walk(self) -> Iterator[Node]:
        """Itself and everything below, outside in."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    def over(self, args: tuple[Node, ...]) -> Node:
        """The same operation over other arguments."""
        same = all(a is b for a, b in zip(args, self.args, strict=True))
        return self if same else Node(self.op, self.data, args)


def rebuild(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Replace every outermost subexpression for which `change` gives another."""
    other = change(node)
    if other is not None:
        return other
    if not node.args:
        return node
    return node.over(tuple(rebuild(arg, change) for arg in node.args))


def col(instance: str, column: str) -> Node:
    """A column of a table instance."""
    return Node("col", (instance, column))


def fn(name: str, *args: Node) -> Node:
    """A call, or an operator written as one."""
    return Node("fn", (name,), args)


def cmp(operator: str, left: Node, right: Node) -> Node:
    """A comparison."""
    return Node("cmp", (operator,), (left, right))


def cast(node: Node, to: str) -> Node:
    """The expression in another type."""
    return Node("cast", (to, False), (node,))


def agg(name: str, *args: Node, distinct: bool = False, only: Node | None = None) -> Node:
    """An aggregate, of the rows for which `only` is true."""
    tail = () if only is None else (only,)
    return Node("agg", (name, distinct, (), only is not None), (*args, *tail))


def number(value: int) -> Node:
    """An integer as it would be written."""
    return Node("lit", ("INTEGER", str(value)))


def text(value: str) -> Node:
    """A string as it would be written."""
    return Node("lit", ("STRING", value))


def field_of(node: Node, names: list[str]) -> Node:
    """A field of a struct, of a struct of structs, and so on."""
    for name in names:
        node = fn(".", node, text(name))
    return node


NULL = Node("lit", ("NULL_LITERAL", ""))
TRUE = Node("lit", ("BOOLEAN", "true"))
FALSE = Node("lit", ("BOOLEAN", "false"))
ZERO = number(0)
ONE = number(1)


def case(*pairs: tuple[Node, Node], otherwise: Node = NULL) -> Node:
    """The first value whose condition is true."""
    return Node("case", (), (*(n for pair in pairs for n in pair), otherwise))


def value_if(condition: Node, value: Node) -> Node:
    """The value where a condition is true, NULL elsewhere; itself where it is always true."""
    return value if condition == TRUE else case((condition, value))


def both(*conditions: Node) -> Node:
    """All conditions at once."""
    flat = conjuncts(Node("and", (), conditions))
    if not flat:
        return TRUE
    return flat[0] if len(flat) == 1 else Node("and", (), flat)


def conjuncts(node: Node) -> tuple[Node, ...]:
    """What must be true for the whole to be true."""
    if node.op == "and":
        return tuple(part for arg in node.args for part in conjuncts(arg))
    return () if node == TRUE else (node,)


def negated(node: Node) -> Node:
    """Not so."""
    return Node("not", (), (node,))


def is_null(node: Node) -> Node:
    """It has no value."""
    return Node("isnull", (), (node,))


def is_not_null(node: Node) -> Node:
    """It has a value."""
    return Node("notnull", (), (node,))


def columns_of(node: Node) -> frozenset[Node]:
    """The columns an expression reads."""
    return frozenset(part for part in node.walk() if part.op == "col")


def instances_of(node: Node) -> frozenset[str]:
    """The table instances an expression reads."""
    return frozenset(str(part.data[0]) for part in node.walk() if part.op == "col")


def has_aggregate(node: Node) -> bool:
    """Whether an aggregate stands in it, outside of windows' own functions."""
    return any(part.op == "agg" for part in node.walk())
