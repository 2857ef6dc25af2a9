"""Lambdas: functions of their parameters and of the columns they read besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cubes.rewrite.node import Node, field_of
from cubes.rewrite.outcome import Unanswered

if TYPE_CHECKING:
    from cubes.rewrite.grammar import Names

Json = dict[str, Any]


def parameters(tree: Json) -> tuple[str, ...]:
    """The parameters of a lambda."""
    left = tree["lhs"]
    parts = [a["expression"] for a in left["arguments"]] if left["class"] == "FUNCTION" else [left]
    if tree["syntax_type"] != "LAMBDA_KEYWORD" or any(p["class"] != "COLUMN_REF" for p in parts):
        raise Unanswered("shape", "An arrow is not reasoned about: JSON or a lambda")
    return tuple(part["column_names"][-1] for part in parts)


@dataclass(frozen=True, slots=True)
class Parameters:
    """The names within a lambda: its parameters hide all others."""

    own: tuple[str, ...]
    around: Names

    def column(self, path: list[str]) -> Node | None:
        """The parameter, or what the name stands for outside."""
        for name in self.own:
            if name.lower() == path[0].lower():
                return field_of(Node("var", (name,)), path[1:])
        return self.around.column(path)

    def position(self, index: int) -> Node:
        """The output at that position."""
        return self.around.position(index)

    def star(self) -> Node:
        """What stands for a star."""
        return self.around.star()

    def subquery(self, query: Json, kind: str) -> str:
        """The text of a subquery, which reads no parameter."""
        return self.around.subquery(query, kind)

    def correlated(self, query: Json, kind: str) -> tuple[tuple[str | int, ...], tuple[Node, ...]]:
        """The text of a subquery that reads the block around it, and no parameter."""
        return self.around.correlated(query, kind)

    def inside(self) -> Names:
        """No aggregate stands in a lambda."""
        raise Unanswered("shape", "An aggregate in a lambda is not reasoned about")
