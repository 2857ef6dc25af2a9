"""A whole statement: each block on its own, outermost first, the rest left as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb

from cubes.rewrite import guards
from cubes.rewrite.catalogue import Catalogue, described, unparsed
from cubes.rewrite.fragile import hangs_on_order
from cubes.rewrite.grammar import Json
from cubes.rewrite.naming import named, unshadowed
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.sources import Env
from cubes.rewrite.trees import QUERIES, base_tables, queries_in, tables_read

ONCE = {"type": "DISTINCT_MODIFIER", "distinct_on_targets": []}
RewriteBlock = Callable[[Json, Env, Callable[[Json, Env, str], str]], Json | None]


@dataclass(slots=True)
class Visit:
    """Walks a statement; `block` rewrites one SELECT or gives None."""

    catalogue: Catalogue
    cursor: duckdb.DuckDBPyConnection
    block: RewriteBlock
    ordered: Callable[[Json, Env, Callable[[Json, Env, str], str]], bool]
    seen: dict[tuple[int, bool, bool], tuple[Json, Json]] = field(default_factory=dict)

    def query(self, node: Json, env: Env, *, fragile: bool, once: bool = False) -> Json:
        """The query with every block that a cuboid answers replaced.

        Where `once`, who reads it does not mind rows that repeat, nor how often.
        """
        key = (id(node), fragile, once)
        if key not in self.seen:
            self.seen[key] = (node, self._query(node, env, fragile=fragile, once=once))
        return self.seen[key][1]

    def _query(self, node: Json, env: Env, *, fragile: bool, once: bool) -> Json:
        if node["type"] not in QUERIES:
            return node
        inside = env.within(node)
        if node["type"] == "SELECT_NODE" and not fragile:
            found = self.block(node, env, self.nested)
            if found is None and once and not node["modifiers"]:
                found = self.block({**node, "modifiers": [ONCE]}, env, self.nested)
            if found is not None:
                ctes = self._ctes(node, env, fragile=True)
                return {**found, "cte_map": ctes}
        fragile = fragile or self.hangs(node, env)
        changed = {"cte_map": self._ctes(node, env, fragile=fragile)}
        if node["type"] == "SET_OPERATION_NODE":
            both = node["setop_type"].startswith("UNION") and not node["modifiers"]
            once = guards.minds_no_repeats(node["setop_all"]) or (once and both)
            children = [
                self.query(each, inside, fragile=fragile, once=once and self._alike(each, inside))
                for each in node["children"]
            ]
            return {**node, **changed, "children": children}
        changed["from_table"] = self._source(node["from_table"], inside, fragile=fragile)
        rest = {
            key: self._expression(value, inside)
            for key, value in node.items()
            if key not in ("cte_map", "from_table")
        }
        return self._as_named(node, {**node, **rest, **changed}, env)

    def _as_named(self, before: Json, after: Json, env: Env) -> Json:
        """The SELECT under the names it had; its outputs as they were where that does not do."""
        if after["select_list"] == before["select_list"]:
            return after
        found = named(self.cursor, before, after)
        if found is not None and self.standing(found, env) == self.standing(before, env):
            return found
        return {**after, "select_list": before["select_list"]}

    def _alike(self, query: Json, env: Env) -> bool:
        """Whether rows of a query that are equal are the same, in whatever type they meet."""
        outputs = self.standing(query, env)
        return outputs is not None and all(guards.equal_means_same(kind) for _, kind in outputs)

    def hangs(self, node: Json, env: Env) -> bool:
        """Whether ties in its sources could change what a query gives."""
        if not hangs_on_order(node, lambda each: self.standing(each, env)):
            return False
        return node["type"] != "SELECT_NODE" or not self.ordered(node, env, self.nested)

    def _ctes(self, node: Json, env: Env, *, fragile: bool) -> Json:
        """The CTEs of a query, rewritten where who reads them does not mind the order of rows."""
        entries = []
        inside = env.within(node)
        for entry in node["cte_map"]["map"]:
            value = entry["value"]
            key = "query_node" if "query_node" in value else "query"
            query = value[key] if key == "query_node" else value[key]["node"]
            other = query
            if not fragile and not any(
                self.hangs(each, inside) for each in queries_in(node) if each is not query
            ):
                other = self.query(query, env, fragile=False)
            changed = other if key == "query_node" else {**value[key], "node": other}
            kept = other is query
            entries.append(entry if kept else {**entry, "value": {**value, key: changed}})
            env = Env({**env.ctes, entry["key"].lower(): (value, env)})
        return {**node["cte_map"], "map": entries}

    def _source(self, tree: Json, env: Env, *, fragile: bool) -> Json:
        match tree["type"]:
            case "JOIN":
                return {
                    **tree,
                    "left": self._source(tree["left"], env, fragile=fragile),
                    "right": self._source(tree["right"], env, fragile=fragile),
                    "condition": self._expression(tree["condition"], env),
                }
            case "SUBQUERY":
                query = self.query(tree["subquery"]["node"], env, fragile=fragile)
                return {**tree, "subquery": {**tree["subquery"], "node": query}}
            case "BASE_TABLE":
                return self._view(tree, env, fragile=fragile)
            case _:
                return tree

    def _view(self, tree: Json, env: Env, *, fragile: bool) -> Json:
        """A view whose own SELECT a cuboid answers becomes that answer."""
        path = (tree["catalog_name"], tree["schema_name"], tree["table_name"])
        if fragile or tree.get("sample") or (not any(path[:2]) and path[2].lower() in env.ctes):
            return tree
        table = self.catalogue.find(path)
        if table is None or table.kind != "view" or table.query is None:
            return tree
        before = unshadowed(self.catalogue, self.cursor, table.query)
        query = self.query(before, Env(), fragile=False)
        if query == before or not _reads_cuboid(self.catalogue, query, before):
            return tree
        names = [name for name, _ in table.columns]
        spelt = tree["column_name_alias"]
        text = f"select * from ({unparsed(self.cursor, query)}) as v"
        row = self.cursor.execute("select json_serialize_sql(?::varchar)", [text]).fetchone()
        import json

        made: Json = json.loads(row[0])["statements"][0]["node"]["from_table"] if row else tree
        alias = tree["alias"] or tree["table_name"]
        return {**made, "alias": alias, "column_name_alias": [*spelt, *names[len(spelt) :]]}

    def _expression(self, tree: object, env: Env) -> object:
        """Uncorrelated subqueries within expressions."""
        if isinstance(tree, list):
            return [self._expression(each, env) for each in tree]
        if not isinstance(tree, dict):
            return tree
        if tree.get("class") == "SUBQUERY":
            node = tree["subquery"]["node"]
            if self.standing(node, env) is not None:
                query = self.members(tree["subquery_type"], node, env)
                tree = {**tree, "subquery": {**tree["subquery"], "node": query}}
            return {**tree, "child": self._expression(tree.get("child"), env)}
        return {key: self._expression(value, env) for key, value in tree.items()}

    def members(self, kind: str, query: Json, env: Env) -> Json:
        """A subquery rewritten; where only members count, rows that repeat do not."""
        once = kind in ("ANY", "EXISTS")
        if once and query["type"] == "SELECT_NODE" and not query["modifiers"]:
            found = self.block({**query, "modifiers": [ONCE]}, env, self.nested)
            if found is not None:
                return {**found, "cte_map": query["cte_map"]}
            once = False
        return self.query(query, env, fragile=False, once=once)

    def nested(self, query: Json, env: Env, kind: str = "SCALAR") -> str:
        """The text of an uncorrelated subquery of a block, rewritten itself."""
        if self.standing(query, env) is None:
            raise Unanswered(
                "correlated", "A subquery that reads the block around it is left alone"
            )
        found = self.members(kind, query, env)
        return unparsed(self.cursor, with_ctes(found, env) if kind == "FROM" else found)

    def standing(self, query: Json, env: Env) -> tuple[tuple[str, str], ...] | None:
        """Names and types of a query on its own; None where it reads the block around it."""
        try:
            return described(self.cursor, unparsed(self.cursor, with_ctes(query, env)))
        except duckdb.Error:
            return None


def _reads_cuboid(catalogue: Catalogue, query: Json, before: Json) -> bool:
    def kinds(node: Json) -> set[str]:
        return {t.name for t in tables_read(catalogue, node) if t.kind == "cuboid"}

    return kinds(query) != kinds(before)


def with_ctes(query: Json, env: Env) -> Json:
    """The query with all CTEs in its sight written before it, so that it stands on its own."""
    own = query["cte_map"]["map"]
    named = {entry["key"].lower() for entry in own}
    wanted = _reached(query, env)
    outer = [{"key": key, "value": env.ctes[key][0]} for key in env.ctes if key in wanted - named]
    return {**query, "cte_map": {**query["cte_map"], "map": [*outer, *own]}}


def _reached(query: Json, env: Env) -> set[str]:
    """The CTEs a query reads, directly or through others."""
    found: set[str] = set()
    waiting = [query]
    while waiting:
        for table in base_tables(waiting.pop()):
            key = table["table_name"].lower()
            if key in env.ctes and key not in found:
                found.add(key)
                waiting.append(env.ctes[key][0])
    return found
