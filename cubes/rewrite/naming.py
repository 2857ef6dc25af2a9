"""Names that stay what they were: outputs named after their text, and CTEs named like tables.

DuckDB names an output without an alias after its text, and a CTE hides a table of its name. Where
the text of an output changes it is given the name it had; where a CTE could hide what a rewritten
block reads, it is given another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from cubes.rewrite.catalogue import Catalogue, parsed, unparsed
from cubes.rewrite.grammar import Json
from cubes.rewrite.outcome import Unanswered

READ_BY_NAME = frozenset(("query", "query_table"))


def named(cursor: duckdb.DuckDBPyConnection, before: Json, after: Json) -> Json | None:
    """The SELECT with the names it had; None where a name would be read as something else."""
    items = []
    for old, new in zip(before["select_list"], after["select_list"], strict=True):
        if new is old or new["alias"] or new["class"] in ("STAR", "COLUMN_REF") or new == old:
            items.append(new)
            continue
        name = _text(cursor, old)
        if name.lower() in {each["column_names"][-1].lower() for each in _references(before)}:
            return None
        items.append({**new, "alias": name})
    return {**after, "select_list": items}


def _text(cursor: duckdb.DuckDBPyConnection, item: Json) -> str:
    """What DuckDB calls an output without an alias."""
    bare = parsed(cursor, "select 1")
    assert bare is not None
    return unparsed(cursor, {**bare, "select_list": [item]}).removeprefix("SELECT ")


def _references(tree: object) -> Iterator[Json]:
    if isinstance(tree, dict):
        if tree.get("class") == "COLUMN_REF":
            yield tree
        for value in tree.values():
            yield from _references(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _references(value)


def unshadowed(catalogue: Catalogue, cursor: duckdb.DuckDBPyConnection, tree: Json) -> Json:
    """The statement with every CTE renamed that has the name of a table; itself without such."""
    taken = {t.path[0].lower() for t in catalogue.tables.values() if len(t.path) == 1}
    used: set[str] = set()
    clash = _named_in(tree, used) & taken
    if not clash:
        return tree
    if used & READ_BY_NAME or "recurring" in used:
        raise Unanswered("statement", f"A CTE and a table are both called {min(clash)}")
    found = _Renaming(cursor, clash, used | taken).changed(tree, {})
    assert isinstance(found, dict)
    return found


def _named_in(tree: object, used: set[str]) -> set[str]:
    """The names of CTEs; every name of a source, a schema or a function is added to `used`."""
    found: set[str] = set()
    if isinstance(tree, list):
        for each in tree:
            found |= _named_in(each, used)
    if isinstance(tree, dict):
        for key in ("table_name", "schema_name", "function_name", "alias"):
            if isinstance(tree.get(key), str):
                used.add(tree[key].lower())
        if "cte_map" in tree:
            found |= {entry["key"].lower() for entry in tree["cte_map"]["map"]}
        for value in tree.values():
            if isinstance(value, (dict, list)):
                found |= _named_in(value, used)
    used |= found
    return found


@dataclass(slots=True)
class _Renaming:
    """Gives every CTE of these names one that nothing else has."""

    cursor: duckdb.DuckDBPyConnection
    clash: set[str]
    used: set[str]

    def fresh(self, name: str) -> str:
        number = 1
        while f"{name}_{number}".lower() in self.used:
            number += 1
        self.used.add(f"{name}_{number}".lower())
        return f"{name}_{number}"

    def changed(self, tree: object, names: Mapping[str, str]) -> object:
        """The tree under the new names; `names` are those in sight."""
        if isinstance(tree, list):
            return [self.changed(each, names) for each in tree]
        if not isinstance(tree, dict):
            return tree
        found = dict(tree)
        if tree.get("type") == "BASE_TABLE" and not (tree["catalog_name"] or tree["schema_name"]):
            other = names.get(tree["table_name"].lower())
            if other is not None:
                found |= {"table_name": other, "qualified_name": {"path": [other]}}
                found["alias"] = tree["alias"] or tree["table_name"]
        if tree.get("type") == "RECURSIVE_CTE_NODE":
            found["cte_name"] = names.get(tree["cte_name"].lower(), tree["cte_name"])
        if "cte_map" in tree:
            found["cte_map"], names = self._ctes(tree["cte_map"], names)
        for key, value in found.items():
            if key not in ("cte_map", "qualified_name") and isinstance(value, (dict, list)):
                found[key] = self.changed(value, names)
        if tree.get("type") == "SELECT_NODE":
            kept = named(self.cursor, tree, found)
            if kept is None:
                raise Unanswered("statement", "An output would be called like something it reads")
            return kept
        return found

    def _ctes(self, tree: Json, names: Mapping[str, str]) -> tuple[Json, Mapping[str, str]]:
        """The CTEs of a query, each in sight of those before it, and the names in its sight."""
        entries = []
        for entry in tree["map"]:
            key, value = entry["key"], entry["value"]
            query = value.get("query_node") or value["query"]["node"]
            after = {**names, key.lower(): self.fresh(key)} if key.lower() in self.clash else names
            inside = after if query["type"] == "RECURSIVE_CTE_NODE" else names
            other = self.changed(value, inside)
            entries.append({**entry, "key": after.get(key.lower(), key), "value": other})
            names = after
        return {**tree, "map": entries}, names
