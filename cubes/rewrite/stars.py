"""COLUMNS in an expression: where it stands, and which names it is for."""

from __future__ import annotations

from collections.abc import Iterator

from cubes.rewrite.grammar import Json
from cubes.rewrite.outcome import Unanswered


def stars_of(tree: object) -> Iterator[Json]:
    """The stars of an expression, those of its subqueries aside."""
    if isinstance(tree, list):
        for each in tree:
            yield from stars_of(each)
    elif isinstance(tree, dict) and tree.get("class") != "SUBQUERY":
        if tree.get("class") == "STAR":
            yield tree
        for value in tree.values():
            if isinstance(value, (dict, list)):
                yield from stars_of(value)


def pattern_of(star: Json) -> str:
    """What a name must have in it: the regular expressions that say no more."""
    if star["exclude_list"] or star["relation_name"]:
        raise Unanswered("shape", "A star in a rare form is left to the star")
    if star["expr"] is None:
        return ""
    plain = star["expr"]["class"] == "CONSTANT" and star["expr"]["literal"]["kind"] == "STRING"
    pattern = str(star["expr"]["literal"]["text"]) if plain else ""
    if not pattern.replace("_", "").isalnum():
        raise Unanswered("shape", "COLUMNS of a rare pattern is left to the star")
    return pattern
