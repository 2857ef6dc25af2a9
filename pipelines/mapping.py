"""A mapping: one SELECT from one raw table of a source to the columns of a canonical entity.

What a mapping reads is found in its parsed tree, so that a source folder states nothing twice:
which raw table feeds it, which lookups it joins (when one grows, its records are mapped again) and
which columns a landed file must have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from models.errors import SourceError, did_you_mean

CANONICAL = Path(__file__).parent.parent / "models" / "canonical"
ROW_FUNCTIONS = ("unnest", "range", "generate_series")


@dataclass(frozen=True, slots=True)
class EntityMapping:
    """The SELECT that feeds one canonical entity from one raw table."""

    entity: str
    table: str
    sql: str
    reads: tuple[str, ...]  # lookups and snapshot tables joined besides the raw table
    columns: tuple[str, ...]  # columns of the raw table named through its alias
    file: str = ""  # its name within the source folder


def read_mappings(
    folder: Path, tables: Sequence[str], joinable: Sequence[str]
) -> tuple[EntityMapping, ...]:
    """All `<entity>.sql` and `<entity>.<table>.sql` of a source folder, by name.

    `joinable` names the lookups and the tables of mode snapshot: the only ones that may be joined.
    """
    return tuple(read_mapping(path, tables, joinable) for path in sorted(folder.glob("*.sql")))


def read_mapping(path: Path, tables: Sequence[str], joinable: Sequence[str]) -> EntityMapping:
    """One mapping file; its name says which entity it feeds."""
    where = f"{path.parent.name}/{path.name}"
    entity, _, named = path.stem.partition(".")
    known = sorted(file.stem for file in CANONICAL.glob("*.sql"))
    if entity not in known:
        hint = did_you_mean(entity, known) or f"; known are {', '.join(known)}"
        raise SourceError(f"{where} feeds no canonical entity: '{entity}' is not one{hint}")
    if named and named not in tables:
        hint = did_you_mean(named, tables) or f"; it has {', '.join(tables)}"
        raise SourceError(f"{where} reads no table of the source: '{named}' is not one{hint}")
    sql = path.read_text("utf-8-sig")
    tree = _one_select(sql, where)
    read = _tables_read(tree, where, (*tables, *joinable))
    table = named or _main_table(tree, where, read, tables, joinable)
    if table not in read:
        raise SourceError(f"{where} does not read the table '{table}' that its name promises")
    others = tuple(name for name in read if name != table)
    for name in others:
        if name not in joinable:
            raise SourceError(
                f"{where} reads both '{table}' and '{name}', but a mapping reads one raw table and "
                "joins lookups or tables of mode snapshot; split it, or make one of them a lookup"
            )
    return EntityMapping(entity, table, sql, others, _columns_of(tree, table), path.name)


def _one_select(sql: str, where: str) -> exp.Query:
    try:
        trees = [tree for tree in sqlglot.parse(sql, dialect="duckdb") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise SourceError(f"{where} is not SQL that can be read: {lines[0]}") from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise SourceError(f"{where} must be exactly one SELECT, and nothing else")
    names = [name.lower() for name in trees[0].named_selects]
    if "_record" not in names and "*" not in names:
        raise SourceError(f"{where} does not pass _record on; select it beside the mapped columns")
    return trees[0]


def _tables_read(tree: exp.Query, where: str, known: Sequence[str]) -> tuple[str, ...]:
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    names: list[str] = []
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if isinstance(table.this, exp.Func):
            call = table.this
            called = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
            if called not in ROW_FUNCTIONS:
                raise SourceError(
                    f"{where} reads from {called}(…), but a mapping reads the tables of its "
                    "source; land the data and read it as a table"
                )
        elif name in known and name not in names:
            names.append(name)
        elif name not in known and name not in own:
            hint = did_you_mean(name, known) or f"; it has {', '.join(known)}"
            raise SourceError(f"{where} reads '{name}', which is no table of the source{hint}")
    return tuple(names)


def _main_table(
    tree: exp.Query,
    where: str,
    read: Sequence[str],
    tables: Sequence[str],
    joinable: Sequence[str],
) -> str:
    """The raw table: the one that may not be joined, else the first one read from."""
    raw = [name for name in read if name in tables]
    facts = [name for name in raw if name not in joinable]
    first = tree.args.get("from_") or tree.args.get("from")
    outer = first.this.name.lower() if isinstance(first, exp.From) else ""
    if len(facts) == 1:
        return facts[0]
    if outer in raw:
        return outer
    if len(raw) == 1:
        return raw[0]
    file = where.rpartition("/")[2]
    better = file.replace(".sql", f".{(facts or raw or tables)[0]}.sql")
    raise SourceError(f"{where} does not tell which table feeds it; name the file {better}")


def _columns_of(tree: exp.Query, table: str) -> tuple[str, ...]:
    """Columns written as alias.column, where the alias stands for the raw table alone."""
    meant: dict[str, set[str]] = {}
    for source in tree.find_all(exp.Table, exp.Subquery, exp.CTE):
        meant.setdefault(source.alias_or_name.lower(), set()).add(
            source.name.lower() if isinstance(source, exp.Table) else ""
        )
    aliases = {alias for alias, names in meant.items() if names == {table}}
    columns = (
        column.name for column in tree.find_all(exp.Column) if column.table.lower() in aliases
    )
    return tuple(dict.fromkeys(name for name in columns if name != "*" and name[:1] != "_"))
