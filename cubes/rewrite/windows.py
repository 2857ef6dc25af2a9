"""Windows as text between their arguments: what they are over, and whether ties matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cubes.rewrite import functions
from cubes.rewrite.node import Node
from cubes.rewrite.outcome import Unanswered
from cubes.rewrite.printing import order_text, quoted

Json = dict[str, Any]


def window(tree: Json, read: Callable[[Json], Node]) -> Node:
    """A window over the groups: its own function is no aggregate of the block."""
    if tree["schema"] or tree["catalog"] or tree["arg_orders"]:
        raise Unanswered("shape", "A window in a rare form is not reasoned about")
    name = tree["function_name"].lower()
    if not (functions.is_aggregate(name) or name in functions.WINDOWS):
        raise Unanswered("shape", f"The window {name} is not reasoned about")
    args: list[Node] = []
    pieces: list[str | int] = []

    def put(tree: Json) -> None:
        args.append(read(tree))
        pieces.append(len(args) - 1)

    def put_all(trees: list[Json]) -> None:
        for index, each in enumerate(trees):
            pieces.append(", " if index else "")
            put(each)

    pieces.append(quoted(name) + "(" + ("distinct " if tree["distinct"] else ""))
    if name in ("count", "count_star") and not tree["arguments"]:
        pieces[0] = "count(*"
    put_all([argument["expression"] for argument in tree["arguments"]])
    pieces.append(" ignore nulls)" if tree["ignore_nulls"] else ")")
    if tree["filter_expr"]:
        pieces.append(" filter (where ")
        put(tree["filter_expr"])
        pieces.append(")")
    pieces.append(" over (" + ("partition by " if tree["partitions"] else ""))
    partitions = len(tree["partitions"])
    first = len(args)
    put_all(tree["partitions"])
    for index, order in enumerate(tree["orders"]):
        pieces.append(", " if index else " order by ")
        put(order["expression"])
        pieces.append(order_text("", (order["type"], order["null_order"])))
    frame = _frame(tree, put, pieces)
    keys = tuple(range(first, first + partitions + len(tree["orders"])))
    return Node("win", (name, tuple(pieces), keys, frame), tuple(args))


def _frame(tree: Json, put: Callable[[Json], None], pieces: list[str | int]) -> str:
    """Append the frame; says what kind it is, for whether ties matter."""
    start, end = tree["start"], tree["end"]
    unit = next((u for u in ("ROWS", "RANGE", "GROUPS") if u in start + end), "RANGE")
    default = start == "UNBOUNDED_PRECEDING" and end == "CURRENT_ROW_RANGE"
    if not default or tree["exclude_clause"] != "NO_OTHER":
        pieces.append(f" {unit.lower()} between ")
        for which, bound in (("start", start), ("end", end)):
            if tree[f"{which}_expr"]:
                put(tree[f"{which}_expr"])
                pieces.append(" preceding" if "PRECEDING" in bound else " following")
            else:
                words = bound.replace("_ROWS", "").replace("_RANGE", "").replace("_GROUPS", "")
                pieces.append(words.replace("_", " ").lower())
            pieces.append(" and " if which == "start" else "")
        if tree["exclude_clause"] != "NO_OTHER":
            words = tree["exclude_clause"].replace("_", " ").lower()
            pieces.append(f" exclude {words}")
    pieces.append(")")
    return unit if not (start.startswith("UNBOUNDED") and end.startswith("UNBOUNDED")) else "ALL"
