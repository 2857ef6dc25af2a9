"""A parsed SELECT as a block: aliases, positions, stars and GROUP BY ALL worked out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cubes.rewrite import nested
from cubes.rewrite.block import Block, Order
from cubes.rewrite.canonical import fixed
from cubes.rewrite.catalogue import Catalogue
from cubes.rewrite.correlated import Pieces, pieces_of
from cubes.rewrite.grammar import Json, read
from cubes.rewrite.joins import Relation
from cubes.rewrite.names import BlockNames, Place, Scope, Within
from cubes.rewrite.node import Node, conjuncts, has_aggregate
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.sources import Env, Sources
from cubes.rewrite.stars import pattern_of, stars_of

Nested = Callable[[Json, Env, str], str]
UNKNOWN = Node("unknown")


def block_of(
    catalogue: Catalogue, tree: Json, env: Env, nested_text: Nested, *, flatten_cells: bool = False
) -> Block:
    """The block of a SELECT; raises `Unanswered` for what no rule reads."""
    sources = Sources(catalogue, _inner, nested_text, flatten_cells)
    return _read(tree, env, sources, outermost=True)


def _inner(tree: Json, env: Env, sources: Sources) -> Block:
    return _read(tree, env, sources, outermost=False)


def _read(
    tree: Json, env: Env, sources: Sources, *, outermost: bool, around: BlockNames | None = None
) -> Block:
    if tree["sample"]:
        raise Unanswered("volatile", "A sample is another one each time")
    env = env.within(tree)
    relation = sources.relation(tree["from_table"], env)
    reader = _Reader(
        tree,
        relation,
        lambda query, kind: sources.nested(query, env, kind),
        lambda query, kind, names: _within(query, kind, names, env, sources),
        around,
    )
    lenient = sources.flatten_cells
    items = reader.items(lenient)
    grouped, groups, sets = reader.groups(items)
    having = reader.conditions("having", "having", frozenset(groups))
    orders = reader.orders(items) if outermost or reader.limited else ()
    where = (*relation.where, *reader.conditions("where_clause", "where"))
    distinct, limit, offset = reader.modifiers()
    block = Block(
        tables=sources.tables,
        core=relation.core,
        lefts=relation.lefts,
        where=where,
        grouped=grouped or any(has_aggregate(node) for node in having),
        groups=groups,
        sets=sets,
        items=items,
        having=having,
        qualify=reader.one("qualify", "qualify"),
        orders=orders,
        distinct=distinct,
        limit=limit,
        offset=offset,
    )
    return nested.flattened(block, relation.cells, lenient) if relation.cells else block


def _within(
    query: Json, kind: str, names: BlockNames, env: Env, sources: Sources
) -> tuple[Pieces, tuple[Node, ...]]:
    """A subquery that reads the block around it, in pieces between what it reads there."""
    if query["type"] != "SELECT_NODE" or sources.flatten_cells:
        raise Unanswered("correlated", "A subquery that reads the block around it is left alone")
    inner = Sources(
        sources.catalogue, _inner, sources.nested, flatten_cells=False, count=sources.count
    )
    block = _read(query, env, inner, outermost=False, around=names)
    sources.count = inner.count
    return pieces_of(block, kind, tuple(sources.tables.values()))


class _Reader:
    """The clauses of one SELECT against one FROM."""

    def __init__(
        self,
        tree: Json,
        relation: Relation,
        nested_text: Callable[[Json, str], str],
        within: Within,
        around: BlockNames | None,
    ) -> None:
        self.tree = tree
        self.within = within
        self.around = around
        self.scope: Scope = relation.scope
        self.nested_text = nested_text
        self.aliases: dict[str, Json] = {}
        self.outputs: list[Node] = []
        self.shown: dict[str, Json] = {}
        for item in tree["select_list"]:
            if item["alias"]:
                self.shown.setdefault(item["alias"].lower(), item)

    @property
    def limited(self) -> bool:
        return any(m["type"].startswith("LIMIT") for m in self.tree["modifiers"])

    def names(self, place: Place, grouped: frozenset[Node] = frozenset()) -> BlockNames:
        aliases = self.aliases if place == "select" else self.shown
        return BlockNames(
            self.scope, place, aliases, self._output, self.nested_text, grouped,
            around=self.around, within=self.within,
        )  # fmt: skip

    def _output(self, index: int) -> Node:
        if not 0 <= index < len(self.outputs):
            raise Unanswered("shape", "A position stands for no output")
        return self.outputs[index]

    def items(self, lenient: bool) -> tuple[tuple[str, Node], ...]:
        """The outputs; where `lenient`, one that cannot be read is kept as unknown."""
        found: list[tuple[str, Node]] = []
        for item in self.tree["select_list"]:
            stars = [each for each in stars_of(item) if each["columns"]]
            if item["class"] == "STAR" and not (item["columns"] and item["expr"]):
                found += self._star(item)
            elif stars:
                found += self._columns(item, stars)
            else:
                try:
                    node = read(item, self.names("select"))
                except Unanswered:
                    if not lenient:
                        raise
                    node = UNKNOWN
                name = item["alias"] or (
                    item["column_names"][-1] if item["class"] == "COLUMN_REF" else ""
                )
                found.append((name, node))
                if item["alias"]:
                    self.aliases.setdefault(item["alias"].lower(), item)
            self.outputs = [node for _, node in found]
        return tuple(found)

    def _star(self, item: Json) -> list[tuple[str, Node]]:
        rare = ("replace_list", "rename_list", "expr", "qualified_exclude_list")
        if any(item.get(key) for key in rare):
            raise Unanswered("shape", "A star in a rare form is left to the star")
        without = {name.lower() for name in item["exclude_list"]}
        relation = item["relation_name"].lower()
        found = []
        for place, visible in enumerate(self.scope.visible):
            if relation and visible.alias.lower() != relation:
                continue
            for name, node in visible.columns:
                hidden = not relation and (place, name.lower()) in self.scope.hidden
                if name.lower() not in without and not hidden:
                    shown = self.scope.merged.get(name.lower(), node) if not relation else node
                    found.append((name, shown))
        return found

    def _columns(self, item: Json, stars: list[Json]) -> list[tuple[str, Node]]:
        """An expression of COLUMNS, once for every column whose name matches."""
        patterns = {pattern_of(each) for each in stars}
        pattern = patterns.pop()
        if item["alias"] or patterns:
            raise Unanswered("shape", "A star in a rare form is left to the star")
        shown = self._star({**stars[0], "expr": None})
        if not all(name for name, _ in shown):
            raise Unanswered("shape", "COLUMNS over outputs without a name is left to the star")
        names = self.names("select")
        return [
            (name, read(item, replace(names, starred=node)))
            for name, node in shown
            if pattern in name
        ]

    def conditions(
        self, clause: str, place: Place, grouped: frozenset[Node] = frozenset()
    ) -> tuple[Node, ...]:
        tree = self.tree[clause]
        return conjuncts(read(tree, self.names(place, grouped))) if tree else ()

    def one(self, clause: str, place: Place) -> Node | None:
        tree = self.tree[clause]
        return read(tree, self.names(place)) if tree else None

    def groups(
        self, items: tuple[tuple[str, Node], ...]
    ) -> tuple[bool, tuple[Node, ...], tuple[tuple[int, ...], ...]]:
        """Whether a row is a group, the group expressions, and the grouping sets over them."""
        if self.tree["aggregate_handling"] == "FORCE_AGGREGATES":
            groups = []
            for _, node in items:
                if any(part.op == "win" for part in node.walk()):
                    raise Unanswered("shape", "GROUP BY ALL beside a window is left to the star")
                if not (has_aggregate(node) or fixed(node)):  # a constant is no group
                    groups.append(node)
            unique = tuple(dict.fromkeys(groups))
            aggregated = any(has_aggregate(node) for _, node in items)
            return bool(unique) or aggregated, unique, (tuple(range(len(unique))),)
        names = self.names("group")
        groups = [names.root(tree) for tree in self.tree["group_expressions"]]
        aggregated = any(has_aggregate(node) for _, node in items)
        if any(has_aggregate(node) for node in groups):
            raise Unanswered("shape", "A group by an aggregate is left to the star")
        sets = [tuple(sorted(each)) for each in self.tree["group_sets"]]
        return bool(sets) or aggregated, tuple(groups), tuple(sets) or ((),)

    def modifiers(self) -> tuple[bool, Node | None, Node | None]:
        distinct, limit, offset = False, None, None
        for modifier in self.tree["modifiers"]:
            match modifier["type"]:
                case "DISTINCT_MODIFIER":
                    if modifier["distinct_on_targets"]:
                        raise Unanswered("order", "DISTINCT ON takes the first row of an order")
                    distinct = True
                case "LIMIT_MODIFIER":
                    if modifier["limit_type"] != "ROW_COUNT":
                        raise Unanswered("order", "A share of the rows is left to the star")
                    names = self.names("inside")
                    limit = read(modifier["limit"], names) if modifier["limit"] else None
                    offset = read(modifier["offset"], names) if modifier["offset"] else None
                case "ORDER_MODIFIER":
                    pass
                case other:
                    raise Unanswered("shape", f"{other.lower()} is left to the star")
        return distinct, limit, offset

    def orders(self, items: tuple[tuple[str, Node], ...]) -> tuple[Order, ...]:
        """The terms of ORDER BY: positions, aliases of a whole term, else expressions."""
        found: list[Order] = []
        lowered = [name.lower() for name, _ in items]
        for modifier in self.tree["modifiers"]:
            for order in modifier.get("orders", ()):
                tree, spec = order["expression"], (order["type"], order["null_order"])
                if tree["class"] == "STAR":
                    if not tree["columns"] or tree["expr"]:
                        raise Unanswered("shape", "An order by a star is left to the star")
                    found += [Order(node, spec, n) for n, (_, node) in enumerate(items)]
                    continue
                found.append(self._order(tree, spec, items, lowered))
        return tuple(found)

    def _order(
        self, tree: Json, spec: tuple[str, str], items: tuple[tuple[str, Node], ...],
        lowered: list[str],
    ) -> Order:  # fmt: skip
        position = None
        if tree["class"] == "COLLATE":
            return Order(self._collated(tree), spec, None)
        if tree["class"] == "CONSTANT":
            if tree["literal"]["kind"] == "INTEGER":
                position = int(tree["literal"]["text"]) - 1
                self._output(position)
            else:
                raise Unanswered("order", "An order by a constant is left to the star")
        elif tree["class"] == "COLUMN_REF" and len(tree["column_names"]) == 1:
            name = tree["column_names"][0].lower()
            position = lowered.index(name) if name in lowered and name in self.shown else None
        if position is not None:
            return Order(items[position][1], spec, position)
        node = read(tree, self.names("order"))
        nodes = [each for _, each in items]
        return Order(node, spec, nodes.index(node) if node in nodes else None)

    def _collated(self, tree: Json) -> Node:
        """A term in an order of letters of its own: ties are more than values that are equal."""
        inner = tree["child"]
        if inner["class"] != "COLUMN_REF" or not tree["collation"].replace("_", "").isalnum():
            raise Unanswered(
                "order", "An order by a collation of an expression is left to the star"
            )
        node = read(inner, self.names("order"))
        item = self.shown.get(inner["column_names"][-1].lower())
        if item is not None and read(item, self.names("select")) != node:
            raise Unanswered("order", "An order by a name of two things is left to the star")
        return Node("collate", (tree["collation"],), (node,))
