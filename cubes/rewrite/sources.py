"""A FROM clause as instances of base tables, with what selects, projects and joins flattened away.

CTEs, derived tables and views that only select, project and join become part of the block that
reads them: a cuboid is compared with base tables, whatever the layers between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cubes.rewrite.block import Block, Left
from cubes.rewrite.canonical import canonical
from cubes.rewrite.catalogue import Catalogue, Table, described
from cubes.rewrite.grammar import Json, read
from cubes.rewrite.names import BlockNames, Scope, Visible
from cubes.rewrite.node import Node, cmp, columns_of, conjuncts, instances_of, rebuild
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import printed, quoted


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


@dataclass(frozen=True, slots=True)
class Relation:
    """A FROM or a part of it."""

    scope: Scope
    core: tuple[str, ...] = ()
    lefts: tuple[Left, ...] = ()
    where: tuple[Node, ...] = ()
    cells: Block | None = None  # the aggregated source it flattens


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
        if not block.plain and not (self.flatten_cells and _cells(block)):
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
                return _outer(scope, left, right, tuple(condition))
            case "RIGHT":
                return _outer(scope, right, left, tuple(condition))
            case "SEMI":
                return _semi(self.tables, left, right, tuple(condition))
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


def _cells(block: Block) -> bool:
    """Whether an aggregated source is cells: groups by plain grouping, and nothing on top."""
    return bool(
        block.grouped
        and block.groups
        and len(block.sets) == 1
        and not (block.having or block.qualify or block.limit or block.offset or block.distinct)
        and not any(part.op == "win" for _, node in block.items for part in node.walk())
    )


def _outer(scope: Scope, kept: Relation, joined: Relation, condition: tuple[Node, ...]) -> Relation:
    """A left join; it joins columns only, since an expression over NULLs may not be NULL."""
    if kept.cells or joined.cells:
        raise Unanswered("shape", "An aggregated source in an outer join is a block of its own")
    outputs = [node for visible in joined.scope.visible for _, node in visible.columns]
    if any(node.op != "col" for node in outputs):
        raise Unanswered("shape", "An expression on the joined side of an outer join stays there")
    own = set(joined.core)
    lefts = [Left(joined.core, (*condition, *joined.where))]
    if joined.lefts:
        # a left (b left c on q) on p = (a left b on p) left c on q, where q is false without b
        plain = {instance for left in joined.lefts for instance in left.instances}
        reads = {str(c.data[0]) for part in (*condition, *joined.where) for c in columns_of(part)}
        if reads & plain or not all(_strict_on(left, own) for left in joined.lefts):
            raise Unanswered("shape", "Outer joins nested this way are left to the star")
        lefts += joined.lefts
    return Relation(scope, kept.core, (*kept.lefts, *lefts), kept.where)


def _semi(
    tables: dict[str, Table], left: Relation, right: Relation, condition: tuple[Node, ...]
) -> Relation:
    """A semi-join as membership: the one column both sides share is among the other's values."""
    others = set(right.core)
    links = [
        part
        for part in condition
        if part.op == "cmp" and part.data[0] == "=" and len(instances_of(part) & others) == 1
        and len(instances_of(part)) == 2
    ]  # fmt: skip
    rest = [part for part in (*condition, *right.where) if part not in links]
    inside = all(instances_of(part) <= others for part in rest)
    if len(links) != 1 or not inside or right.lefts or right.cells:
        raise Unanswered("shape", "A semi-join on more than one column is left to the star")
    theirs, mine = sorted(links[0].args, key=lambda node: not instances_of(node) <= others)
    source = " cross join ".join(f"{tables[i].sql} as {quoted(i)}" for i in right.core)
    text = f"select {printed(theirs)} from {source}"
    if rest:
        text += " where " + " and ".join(printed(part) for part in rest)
    for instance in right.core:
        del tables[instance]
    member = Node("insub", ("=", text), (mine,))
    return Relation(left.scope, left.core, left.lefts, (*left.where, member), left.cells)


def _strict_on(left: Left, own: set[str]) -> bool:
    """Whether some equality needs a value of the side it is joined to."""
    return any(
        part.op == "cmp"
        and part.data[0] == "="
        and any(arg.op == "col" and arg.data[0] in own for arg in part.args)
        for part in left.condition
    )


def renumbered(node: Node, change: Mapping[str, str]) -> Node:
    """The expression over other instances."""
    if all(old == new for old, new in change.items()):
        return node

    def other(part: Node) -> Node | None:
        if part.op == "col":
            return Node("col", (change.get(str(part.data[0]), part.data[0]), part.data[1]))
        return None

    return canonical(rebuild(node, other))
