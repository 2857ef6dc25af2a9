"""What a question may be: exactly one SELECT over offered tables, with pure functions.

Judged is the tree that DuckDB itself makes of the text, so that no other parser's reading can
differ from what would run. Everything not known to be harmless is refused: kinds of nodes, table
functions, and every function that DuckDB does not call consistent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from cubes.blocks import CALLS
from cubes.clock import CLOCK
from models.errors import Forbidden, QuestionError, did_you_mean

LONGEST = 100_000  # characters of one question

_QUERIES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_RELATIONS = {
    "BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT",
}  # fmt: skip
_TABLE_FUNCTIONS = {"range", "generate_series", "unnest"}
_VOLATILE = {"random", "uuid", "gen_random_uuid"}
_NOT_PURE = {
    "version",
    "parse_duckdb_log_message",
    "index_key",
    "alias",
}  # called consistent, yet no business of a question
_WORDS = {
    "current_catalog",
    "current_role",
    "current_schema",
    "current_user",
    "session_user",
    "user",
}
_MACROS = ("list_", "array_", "json_", "map_")
_MACRO_NAMES = {
    "date_add", "days_in_month", "fdiv", "fmod", "geomean", "geometric_mean", "generate_subscripts",
    "if", "json", "md5_number_lower", "md5_number_upper", "nullif", "split_part", "wavg",
    "weighted_avg",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of this DuckDB: those a question may use, and which of them aggregate."""

    allowed: frozenset[str]
    aggregates: frozenset[str]
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an admitted question reads, each table with how often it is named."""

    tables: Mapping[str, int]


def read_functions(con: duckdb.DuckDBPyConnection) -> Functions:
    """Sort DuckDB's own catalogue of functions; macros that happycall made are harmless."""
    rows = con.execute(
        "select function_name, function_type,"
        " bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT'), bool_or(internal)"
        " from duckdb_functions()"
        " where function_type in ('scalar', 'aggregate', 'window', 'macro') group by all"
    ).fetchall()
    impure = {name for name, _, consistent, _ in rows if not consistent} | _NOT_PURE
    macros = {
        name
        for name, kind, _, internal in rows
        if kind == "macro" and (not internal or name in _MACRO_NAMES or name.startswith(_MACROS))
    }
    plain = {name for name, kind, _, _ in rows if kind != "macro"}
    allowed = ((plain | macros) - impure) | _VOLATILE | _TABLE_FUNCTIONS | set(CLOCK) | set(CALLS)
    aggregates = {name for name, kind, _, _ in rows if kind == "aggregate"}
    refused = {name for name, *_ in rows} - allowed
    return Functions(frozenset(allowed), frozenset(aggregates), frozenset(refused))


def judge(
    sql: str, con: duckdb.DuckDBPyConnection, offered: frozenset[str], functions: Functions
) -> Verdict:
    """Admit a question or refuse it in a sentence; QuestionError where it is no SQL at all."""
    if len(sql) > LONGEST:
        raise QuestionError(f"The question is longer than {LONGEST:,} characters; say it shorter")
    statements = _statements(sql, con)
    case = _Case(offered, functions, Counter())
    try:
        case.visit(statements[0]["node"], frozenset())
    except RecursionError as error:
        raise QuestionError(
            "The question is nested too deeply; say it in steps, with CTEs"
        ) from error
    return Verdict(dict(case.tables))


def _statements(sql: str, con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    row = con.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    try:
        tree = json.loads(row[0] if row else "{}")
    except RecursionError as error:
        raise QuestionError(
            "The question is nested too deeply; say it in steps, with CTEs"
        ) from error
    if tree.get("error"):
        message = str(tree.get("error_message", "")).splitlines()[0]
        if "Only SELECT" in message:
            raise Forbidden("A question is one SELECT; other statements are not offered")
        raise QuestionError(f"The question cannot be read: {message}")
    statements: list[dict[str, Any]] = tree.get("statements", [])
    if not statements:
        raise QuestionError("The question is empty; ask one SELECT")
    if len(statements) > 1:
        raise Forbidden(
            f"A question is exactly one SELECT, and these are {len(statements)} statements"
        )
    return statements


@dataclass(frozen=True, slots=True)
class _Case:
    offered: frozenset[str]
    functions: Functions
    tables: Counter[str]

    def visit(self, node: Any, visible: frozenset[str]) -> None:
        """Judge a node and all below it; `visible` are the names of CTEs in scope."""
        if isinstance(node, list):
            for item in node:
                self.visit(item, visible)
        elif isinstance(node, dict):
            if "modifiers" in node and "cte_map" in node:
                visible = self._query(node, visible)
            elif "class" in node:
                self._expression(node)
            elif "query_location" in node and "type" in node:
                self._relation(node, visible)
            for name, value in node.items():
                if name != "cte_map":
                    self.visit(value, visible)

    def _query(self, node: dict[str, Any], visible: frozenset[str]) -> frozenset[str]:
        if node.get("type") not in _QUERIES:
            raise Forbidden(
                "A question only reads: INSERT, UPDATE, DELETE and the like are not offered"
            )
        if node["type"] == "RECURSIVE_CTE_NODE":
            visible |= {str(node.get("cte_name", "")).casefold()}
        for entry in node["cte_map"].get("map", []):
            name = str(entry["key"]).casefold()
            if name in self.offered:
                raise QuestionError(
                    f"A CTE cannot be called {name}: that is the name of a table; choose another"
                )
            self.visit(entry["value"], visible)
            visible |= {name}
        return visible

    def _expression(self, node: dict[str, Any]) -> None:
        name = str(node.get("function_name") or "").casefold()
        if name:
            self._function(node, name)
        names = node.get("column_names") or []
        if len(names) == 1 and str(names[0]).casefold() in _WORDS:
            raise Forbidden(
                f"{names[0]} is not offered: a question asks about the warehouse, not the server"
            )

    def _function(self, node: dict[str, Any], name: str) -> None:
        if node.get("schema") or node.get("catalog"):
            raise Forbidden(
                f"Functions are called by their plain name, not as {node.get('schema')}.{name}()"
            )
        if name == "age" and len(node.get("arguments") or node.get("children") or ()) == 1:
            raise Forbidden("age() of one value depends on the clock; say age(now(), …)")
        if name not in self.functions.allowed:
            slip = name not in self.functions.refused
            hint = did_you_mean(name, self.functions.allowed) if slip else ""
            raise Forbidden(f"The function {name}() is not offered to questions{hint}")

    def _relation(self, node: dict[str, Any], visible: frozenset[str]) -> None:
        kind = node["type"]
        if kind not in _RELATIONS:
            raise Forbidden(
                f"{kind.replace('_REF', '').lower()} is not offered; ask one SELECT over tables"
            )
        if kind == "TABLE_FUNCTION":
            name = str((node.get("function") or {}).get("function_name", "")).casefold()
            if name not in _TABLE_FUNCTIONS:
                raise Forbidden(
                    f"The table function {name}() is not offered; "
                    f"only {', '.join(sorted(_TABLE_FUNCTIONS))} are"
                )
        if kind == "BASE_TABLE":
            self._table(node, visible)

    def _table(self, node: dict[str, Any], visible: frozenset[str]) -> None:
        name = str(node.get("table_name", ""))
        parts = [part for part in (node.get("catalog_name"), node.get("schema_name"), name) if part]
        folded = name.casefold()
        if len(parts) > 1 or not (folded in visible or folded in self.offered):
            shown = ".".join(parts)
            raise Forbidden(
                f"There is no table '{shown}' to ask{did_you_mean(name, self.offered)};"
                f" offered are {', '.join(sorted(self.offered))}"
            )
        if folded not in visible:
            self.tables[folded] += 1
