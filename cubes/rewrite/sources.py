"""A FROM clause as instances of base tables, with what selects, projects and joins flattened away.

CTEs, derived tables and views that only select, project and join become part of the block that
reads them: a cuboid is compared with base tables, whatever the layers between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from cubes.rewrite.block import Block
from cubes.rewrite.canonical import canonical
from cubes.rewrite.catalogue import Catalogue, Table, described
from cubes.rewrite.grammar import Json, read
from cubes.rewrite.joins import Relation, is_cells, outer, semi
from cubes.rewrite.names import BlockNames, Scope, Visible
from cubes.rewrite.node import Node, cmp, conjuncts, rebuild
from cubes.rewrite.outcome import Unanswered


@dataclass(frozen=True, slots=True)
class Env:
    """The CTEs in sight, each with the sight it was written in."""

    ctes: Mapping[str, tuple[Json, Env]] = field(default_factory=dict)

    def within(self, node: Json) -> Env:
        """The sight inside a query with CTEs of its own."""
        env = self
        for entry in node["cte_map"]["map"]:
            env = Env({**env.ctes, entry["key"].lower(): (entry["value"], env)})
        return env


@dataclass(slots=True)
class Sources:
    """Reads one FROM; counts the instances it meets."""

    catalogue: Catalogue
    read_block: Callable[[Json, Env, Sources], Block]
    nested: Callable[[Json, Env, str], str]
    flatten_cells: bool
    tables: dict[str, Table] = field(default_factory=dict)
    count: int = 0

    def instance(self, table: Table) -> str:
        """A new instance of a table."""
        name = f"_{self.count}"
        self.count += 1
        self.tables[name] = table
        return name

    def relation(self, tree: Json, env: Env) -> Relation:
        """The instances, conditions and names of a FROM."""
        if tree.get("sample") or tree.get("at_clause"):
            raise Unanswered("volatile", "A sample is another one each time")
        match tree["type"]:
            case "BASE_TABLE":
                return self._base(tree, env)
            case "SUBQUERY":
                return self._derived(tree, tree["subquery"]["node"], tree["alias"], env)
            case "JOIN":
                return self._join(tree, env)
            case "EMPTY":
                raise Unanswered("tables", "The block reads no table")
            case other:
                raise Unanswered("shape", f"A FROM with {other.lower()} is left to the star")

    def _base(self, tree: Json, env: Env) -> Relation:
        path = (tree["catalog_name"], tree["schema_name"], tree["table_name"])
        alias = tree["alias"] or tree["table_name"]
        if not any(path[:2]) and path[2].lower() in env.ctes:
            value, outer = env.ctes[path[2].lower()]
            names = tree["column_name_alias"] or value["aliases"]
            query = value["query_node"] if "query_node" in value else value["query"]["node"]
            return self._derived({"column_name_alias": names}, query, alias, outer)
        table = self.catalogue.find(path)
        if table is None:
            raise Unanswered("statement", f"The table {path[2]} is not in the catalogue")
        if table.kind == "view" or (table.kind == "cuboid" and self.flatten_cells):
            if table.query is None:
                raise Unanswered("definition", f"{table.name} cannot be parsed as a SELECT")
            spelt = tree["column_name_alias"]
            names = [*spelt, *[name for name, _ in table.columns][len(spelt) :]]
            found = self._derived({"column_name_alias": names}, table.query, alias, Env())
            shown = found.scope.visible[0]
            return Relation(
                Scope((Visible(alias, () if tree["alias"] else table.path, shown.columns),)),
                found.core, found.lefts, found.where, found.cells,
            )  # fmt: skip
        instance = self.instance(table)
        columns = [(name, Node("col", (instance, name))) for name, _ in table.columns]
        renamed = tree["column_name_alias"]
        shown_columns = tuple(
            (renamed[n] if n < len(renamed) else name, node)
            for n, (name, node) in enumerate(columns)
        )
        path_shown = () if tree["alias"] else table.path
        return Relation(Scope((Visible(alias, path_shown, shown_columns),)), (instance,))

    def _derived(self, tree: Json, query: Json, alias: str, env: Env) -> Relation:
        before = dict(self.tables)
        try:
            block = self._inlined(query, env)
        except Unanswered:
            if self.flatten_cells:
                raise
            self.tables.clear()
            self.tables.update(before)
            return self._opaque(tree, query, alias, env)
        names = tree["column_name_alias"]
        columns = tuple(
            (names[n] if n < len(names) else name, node)
            for n, (name, node) in enumerate(block.items)
        )
        cells = None if block.plain else block
        scope = Scope((Visible(alias, (), columns),))
        return Relation(scope, block.core, block.lefts, block.where, cells)

    def _inlined(self, query: Json, env: Env) -> Block:
        """A source that only selects, projects and joins, or is cells."""
        if query["type"] != "SELECT_NODE":
            raise Unanswered("shape", "A source of several SELECTs is a block of its own")
        block = self.read_block(query, env, self)
        if not block.plain and not (self.flatten_cells and is_cells(block)):
            raise Unanswered("shape", "An aggregated source is a block of its own")
        return block

    def _opaque(self, tree: Json, query: Json, alias: str, env: Env) -> Relation:
        """A source that stays what it is: a table of its own, to be joined back."""
        text = self.nested(query, env, "FROM")
        columns = described(self.catalogue.cursor(), text)
        keys = self._keys(query, env, columns)
        table = Table(text, "derived", (), columns, None, keys)
        instance = self.instance(table)
        names = tree["column_name_alias"]
        shown = tuple(
            (names[n] if n < len(names) else name, Node("col", (instance, name)))
            for n, (name, _) in enumerate(columns)
        )
        if len({name.lower() for name, _ in columns}) < len(columns):
            raise Unanswered("shape", "A source that names two columns the same is left alone")
        return Relation(Scope((Visible(alias, (), shown),)), (instance,))

    def _keys(
        self, query: Json, env: Env, columns: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, ...], ...]:
        """What tells the rows of an aggregated source apart: its groups, all of them shown."""
        inner = Sources(self.catalogue, self.read_block, self.nested, flatten_cells=False)
        try:
            block = self.read_block(query, env, inner) if query["type"] == "SELECT_NODE" else None
        except Unanswered:
            return ()
        if block is None or not block.grouped or len(block.sets) != 1:
            return ()
        nodes = [node for _, node in block.items]
        if not all(group in nodes for group in block.groups):
            return ()
        return (tuple(columns[nodes.index(group)][0] for group in block.groups),)

    def _join(self, tree: Json, env: Env) -> Relation:
        if tree["ref_type"] not in ("REGULAR", "CROSS", "NATURAL"):
            raise Unanswered("shape", f"A {tree['ref_type'].lower()} join is left to the star")
        left, right = self.relation(tree["left"], env), self.relation(tree["right"], env)
        scope, merging = self._scope(tree, left, right)
        condition = list(merging)
        if tree["condition"]:
            names = BlockNames(
                scope, "group", {}, _no_position, lambda query, kind: self.nested(query, env, kind)
            )
            condition += conjuncts(read(tree["condition"], names))
        if left.cells and right.cells:
            raise Unanswered("shape", "Two aggregated sources are blocks of their own")
        match tree["join_type"]:
            case "INNER":
                return Relation(
                    scope,
                    (*left.core, *right.core),
                    (*left.lefts, *right.lefts),
                    (*left.where, *right.where, *condition),
                    left.cells or right.cells,
                )
            case "LEFT":
                return outer(scope, left, right, tuple(condition))
            case "RIGHT":
                return outer(scope, right, left, tuple(condition))
            case "SEMI" | "ANTI" as kind:
                return semi(self.tables, left, right, tuple(condition), without=kind == "ANTI")
            case other:
                raise Unanswered("shape", f"A {other.lower()} join is left to the star")

    def _scope(self, tree: Json, left: Relation, right: Relation) -> tuple[Scope, tuple[Node, ...]]:
        """The names after a join, and the equalities of its USING."""
        using = list(tree["using_columns"])
        if tree["ref_type"] == "NATURAL":
            mine = [name.lower() for v in left.scope.visible for name, _ in v.columns]
            using = [n for v in right.scope.visible for n, _ in v.columns if n.lower() in mine]
        merged = {**left.scope.merged, **right.scope.merged}
        hidden = set(left.scope.hidden)
        shift = len(left.scope.visible)
        hidden |= {(place + shift, name) for place, name in right.scope.hidden}
        conditions = []
        for name in using:
            here, there = left.scope.unqualified(name), right.scope.unqualified(name)
            if here is None or there is None:
                raise Unanswered("shape", f"USING names {name}, which is not on both sides")
            conditions.append(cmp("=", here, there))
            merged[name.lower()] = there if tree["join_type"] == "RIGHT" else here
            for place, each in enumerate(right.scope.visible):
                if each.column(name) is not None:
                    hidden.add((place + shift, name.lower()))
        visible = (*left.scope.visible, *right.scope.visible)
        return Scope(visible, merged, frozenset(hidden)), tuple(conditions)


def _no_position(_: int) -> Node:
    raise Unanswered("shape", "A position stands for no output here")


def renumbered(node: Node, change: Mapping[str, str]) -> Node:
    """The expression over other instances."""
    return _renumbered(node, tuple(change.items()))


@lru_cache(maxsize=8192)  # a cuboid is laid over every question in one of a few ways
def _renumbered(node: Node, changes: tuple[tuple[str, str], ...]) -> Node:
    change = dict(changes)
    if all(old == new for old, new in changes):
        return node

    def other(part: Node) -> Node | None:
        if part.op == "col":
            return Node("col", (change.get(str(part.data[0]), part.data[0]), part.data[1]))
        return None

    return canonical(rebuild(node, other))
