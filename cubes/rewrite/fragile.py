"""Whether a query that stays as it is minds the order its sources come in.

LIMIT at ties, row numbers, first values and samples take what comes first; a cuboid gives the same
rows in another order, so what stands below such a query is left alone.
"""

from __future__ import annotations

from collections.abc import Callable

from cubes.rewrite import functions
from cubes.rewrite.grammar import Json

PLAIN_JOINS = ("REGULAR", "NATURAL", "CROSS", "DEPENDENT")
Standing = Callable[[Json], tuple[tuple[str, str], ...] | None]


def hangs_on_order(node: Json, standing: Standing) -> bool:
    """Whether ties could change the rows of this query, sources aside."""
    modifiers = node["modifiers"]
    if any(m["type"] == "DISTINCT_MODIFIER" and m.get("distinct_on_targets") for m in modifiers):
        return True
    clauses = [node.get(key) for key in ("select_list", "having", "qualify")]
    if any(map(functions.minds_order, _names_in(clauses))) or node.get("sample"):
        return True
    if _picks_rows(node.get("from_table")) or _collated([*clauses, node.get("group_expressions")]):
        return True
    if _rows_frame(clauses):
        return True
    limits = [m for m in modifiers if m["type"].startswith("LIMIT")]
    return bool(limits) and not _ordered_fully(node, standing)


def _names_in(tree: object) -> set[str]:
    """The functions of an expression; those of its subqueries are theirs."""
    found: set[str] = set()
    if isinstance(tree, list):
        for each in tree:
            found |= _names_in(each)
    elif isinstance(tree, dict) and tree.get("class") != "SUBQUERY":
        if tree.get("function_name"):
            found.add(str(tree["function_name"]).lower())
        for value in tree.values():
            if isinstance(value, (dict, list)):
                found |= _names_in(value)
    return found


def _picks_rows(source: Json | None) -> bool:
    """Whether a FROM takes rows by their place: a sample, a positional or a nearest join."""
    if source is None:
        return False
    if source.get("sample"):
        return True
    if source["type"] != "JOIN":
        return False
    plain = source["ref_type"] in PLAIN_JOINS and not source.get("ranking_expression")
    return not plain or _picks_rows(source["left"]) or _picks_rows(source["right"])


def _collated(tree: object) -> bool:
    """Whether texts that differ may count as one, and the first that comes stands for all."""
    if isinstance(tree, list):
        return any(map(_collated, tree))
    if isinstance(tree, dict) and tree.get("class") != "SUBQUERY":
        return tree.get("class") == "COLLATE" or any(map(_collated, tree.values()))
    return False


def _rows_frame(tree: object) -> bool:
    if isinstance(tree, list):
        return any(_rows_frame(each) for each in tree)
    if isinstance(tree, dict) and tree.get("class") != "SUBQUERY":
        frame = f"{tree.get('start', '')} {tree.get('end', '')}"
        if tree.get("class") == "WINDOW" and ("ROWS" in frame or "GROUPS" in frame):
            return True
        return any(_rows_frame(value) for value in tree.values())
    return False


def _ordered_fully(node: Json, standing: Standing) -> bool:
    """Whether every output is a term of the ORDER BY, so that what ties is the same row."""
    outputs = standing(node)
    if outputs is None:
        return False
    names = [name.lower() for name, _ in outputs]
    covered: set[int] = set()
    for modifier in node["modifiers"]:
        for order in modifier.get("orders", ()):
            tree = order["expression"]
            if tree["class"] == "STAR" and tree["columns"] and not tree["expr"]:
                return True
            if tree["class"] == "CONSTANT" and tree["literal"]["kind"] == "INTEGER":
                covered.add(int(tree["literal"]["text"]) - 1)
            if tree["class"] == "COLUMN_REF" and len(tree["column_names"]) == 1:
                name = tree["column_names"][0].lower()
                if names.count(name) == 1:
                    covered.add(names.index(name))
    return covered >= set(range(len(names)))
