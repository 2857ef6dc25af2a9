"""What the names of a block stand for, by DuckDB's own rules.

Columns come before aliases, but for a whole term of ORDER BY, where the alias comes first, and for
HAVING, where a grouped column does, then the alias. Each rule was asked of DuckDB; where a name
could mean two things and the rule was not clear-cut, the block is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from cubes.rewrite.grammar import Json, read
from cubes.rewrite.node import Node, field_of
from cubes.rewrite.outcome import Unanswered

Place = Literal["select", "where", "group", "having", "qualify", "order", "inside"]
Within = Callable[[Json, str, "BlockNames"], tuple[tuple[str | int, ...], tuple[Node, ...]]]


@dataclass(frozen=True, slots=True)
class Visible:
    """One name of a FROM: its alias, and its columns in order."""

    alias: str
    path: tuple[str, ...]  # schema and table where it has no alias of its own
    columns: tuple[tuple[str, Node], ...]

    def column(self, name: str) -> Node | None:
        """What a column's name stands for, whatever its letters' case."""
        lower = name.lower()
        return next((node for each, node in self.columns if each.lower() == lower), None)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names a FROM offers; `merged` are the columns a USING made one."""

    visible: tuple[Visible, ...] = ()
    merged: Mapping[str, Node] = field(default_factory=dict)
    hidden: frozenset[tuple[int, str]] = frozenset()  # (place, column) a star leaves out

    def unqualified(self, name: str) -> Node | None:
        """The column of that name, of whichever source."""
        lower = name.lower()
        if lower in self.merged:
            return self.merged[lower]
        found = [node for each in self.visible if (node := each.column(lower)) is not None]
        if len(found) > 1:
            raise Unanswered("shape", f"The name {name} stands for several columns")
        return found[0] if found else None

    def qualified(self, path: list[str]) -> Node | None:
        """The column of a source named by its alias or by its path."""
        lower = [part.lower() for part in path]
        for each in self.visible:
            if lower[:-1] == [each.alias.lower()]:
                return each.column(lower[-1])
            whole = [part.lower() for part in each.path]
            if len(path) > 2 and whole[-len(path) + 1 :] == lower[:-1]:
                return each.column(lower[-1])
        return None


@dataclass(frozen=True, slots=True)
class BlockNames:
    """Names at one place of a block: the FROM's columns, and the outputs' aliases."""

    scope: Scope
    place: Place
    aliases: Mapping[str, Json]
    outputs: Callable[[int], Node]
    nested: Callable[[Json, str], str]
    grouped: frozenset[Node] = frozenset()
    open: tuple[str, ...] = ()  # aliases being read, against circles
    around: BlockNames | None = None  # of the block a subquery stands in
    within: Within | None = None
    starred: Node | None = None  # the column a star in the expression stands for

    def column(self, path: list[str]) -> Node | None:
        """The column or alias, by the rules of the place; else that of the block around it."""
        found = self._own(path)
        if found is not None or self.around is None:
            return found
        first = path[0].lower()
        own = first in self.aliases or any(v.alias.lower() == first for v in self.scope.visible)
        if own or (len(path) == 1 and first in self.around.aliases):
            raise Unanswered("correlated", f"The name {first} could be of either block")
        return self.around.column(path)

    def _own(self, path: list[str]) -> Node | None:
        if len(path) > 1:
            found = self.scope.qualified(path)
            return self._field(path) if found is None else found
        here = self.scope.unqualified(path[0])
        alias = path[0].lower() in self.aliases and self.place != "inside"
        if self.place == "group":
            return here
        if self.place == "having" and alias and here not in self.grouped:
            return self._alias(path[0])
        if here is None and alias:
            return self._alias(path[0])
        if here is not None and alias and self.place in ("having", "qualify", "order"):
            self._same_or_unclear(path[0], here)
        return here

    def _field(self, path: list[str]) -> Node | None:
        """A field of a struct: of a column of a source, or of a column by its own name."""
        whole = self.scope.qualified(path[:2]) if len(path) > 2 else None
        if whole is not None:
            return field_of(whole, path[2:])
        here = self.scope.unqualified(path[0])
        if here is not None and any(v.alias.lower() == path[0].lower() for v in self.scope.visible):
            raise Unanswered("shape", f"The name {path[0]} is a column and a source")
        return None if here is None else field_of(here, path[1:])

    def _same_or_unclear(self, name: str, here: Node) -> None:
        if self.place == "order":
            return
        if self._alias(name) != here:
            raise Unanswered("shape", f"The name {name} is a column and another output's alias")

    def _alias(self, name: str) -> Node:
        lower = name.lower()
        if lower in self.open:
            raise Unanswered("shape", f"The alias {name} reads itself")
        names = replace(self, place="select", open=(*self.open, lower))
        return read(self.aliases[lower], names)

    def position(self, index: int) -> Node:
        """The output at a position that counts from 1."""
        return self.outputs(index - 1)

    def star(self) -> Node:
        """The column that stands for a star in an expression."""
        if self.starred is None:
            raise Unanswered("shape", "A star in a rare form is left to the star")
        return self.starred

    def subquery(self, query: Json, kind: str) -> str:
        """The text of an uncorrelated subquery."""
        return self.nested(query, kind)

    def correlated(self, query: Json, kind: str) -> tuple[tuple[str | int, ...], tuple[Node, ...]]:
        """The text of a subquery that reads this block, in pieces between what it reads of it."""
        if self.within is None or self.place not in ("select", "where"):
            raise Unanswered(
                "correlated", "A subquery that reads the block around it is left alone"
            )
        return self.within(query, kind, self)

    def inside(self) -> BlockNames:
        """The names within an aggregate: columns only."""
        return replace(self, place="inside")

    def root(self, tree: Json) -> Node:
        """A whole term of GROUP BY: a position, else a column, else an alias."""
        if tree["class"] == "CONSTANT" and tree["literal"]["kind"] == "INTEGER":
            return self.position(int(tree["literal"]["text"]))
        if tree["class"] == "COLUMN_REF" and len(tree["column_names"]) == 1:
            name = tree["column_names"][0]
            found = self.scope.unqualified(name)
            if found is None and name.lower() in self.aliases:
                return self._alias(name)
        return read(tree, self)
