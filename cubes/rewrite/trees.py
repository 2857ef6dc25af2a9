"""Parsed statements looked through: the tables, queries and functions they name."""

from __future__ import annotations

from collections.abc import Iterator

from cubes.rewrite import functions
from cubes.rewrite.catalogue import Catalogue, Table
from cubes.rewrite.grammar import Json

QUERIES = ("SELECT_NODE", "SET_OPERATION_NODE")


def dicts(tree: object) -> Iterator[Json]:
    """Every object of a tree."""
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            if isinstance(value, (dict, list)):
                yield from dicts(value)
    elif isinstance(tree, list):
        for value in tree:
            if isinstance(value, (dict, list)):
                yield from dicts(value)


def base_tables(tree: Json) -> Iterator[Json]:
    """Every table a tree names."""
    return (each for each in dicts(tree) if each.get("type") == "BASE_TABLE")


def queries_in(tree: Json) -> Iterator[Json]:
    """Every query of a tree."""
    return (each for each in dicts(tree) if each.get("type") in QUERIES)


def tables_read(catalogue: Catalogue, node: Json) -> list[Table]:
    """The catalogue's tables a query names; CTE names shadow them."""
    found: dict[str, Table] = {}

    def walk(tree: object, hidden: frozenset[str]) -> None:
        if isinstance(tree, list):
            for each in tree:
                walk(each, hidden)
        if not isinstance(tree, dict):
            return
        if tree.get("type") == "BASE_TABLE":
            path = (tree["catalog_name"], tree["schema_name"], tree["table_name"])
            if any(path[:2]) or path[2].lower() not in hidden:
                table = catalogue.find(path)
                if table is not None:
                    found[table.name] = table
        if tree.get("type") == "RECURSIVE_CTE_NODE":
            hidden = hidden | {str(tree.get("cte_name", "")).lower()}
        inner = hidden
        for entry in tree.get("cte_map", {}).get("map", ()) if "cte_map" in tree else ():
            walk(entry["value"], inner)
            inner = inner | {entry["key"].lower()}
        for key, value in tree.items():
            if key != "cte_map" and isinstance(value, (dict, list)):
                walk(value, inner)

    walk(node, frozenset())
    return list(found.values())


def pruned(node: Json) -> Json:
    """The statement without CTEs nothing reads any more."""
    if node["type"] not in QUERIES:
        return node
    entries = node["cte_map"]["map"]
    while True:
        rest = {**node, "cte_map": {"map": []}}
        kept = []
        for index, entry in enumerate(entries):
            readers = [rest, *(each["value"] for each in entries[index + 1 :])]
            names = {t["table_name"].lower() for r in readers for t in base_tables(r)}
            if entry["key"].lower() in names:
                kept.append(entry)
        if len(kept) == len(entries):
            return {**node, "cte_map": {**node["cte_map"], "map": entries}}
        entries = kept


def volatile(tree: Json) -> str | None:
    """A function in the statement that may answer differently each time."""
    names = functions.volatile_names()
    for each in dicts(tree):
        name = str(each.get("function_name", "")).lower()
        if name in names:
            return name
    return None
