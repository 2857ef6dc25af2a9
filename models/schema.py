"""The tables of a release, derived from the models by binding them against empty inputs.

Nothing is typed twice: a column's type is the cast in its canonical SELECT, a table's key the tag
in its head comment. What the loader keeps besides the star (records, members, files, accounts) is
listed here, because no SELECT makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import duckdb
import sqlglot
from sqlglot import exp

from models.catalog import Model, shipped_models
from models.connection import open_connection
from models.table import TableSpec

MEMBER_DIMENSIONS = (
    "site", "question", "touchpoint", "channel", "product", "agent", "campaign", "reason",
    "profile",
)  # fmt: skip

RECORD = TableSpec(
    name="record",
    kind="ledger",
    columns=(
        ("record_key", "BIGINT"),
        ("content", "BIGINT"),
        ("landed_day", "DATE"),
        ("source", "VARCHAR"),
        ("raw_table", "VARCHAR"),
        ("file_no", "INTEGER"),
        ("record_no", "BIGINT"),
        ("version", "VARCHAR"),
        ("state", "VARCHAR"),
    ),
    key=("record_key", "content"),
    sort=("landed_day", "record_key"),
    lookup=("record_key", "landed_day"),
)
QUARANTINE = TableSpec(
    name="quarantine",
    kind="ledger",
    columns=(
        ("entry", "BIGINT"),
        ("stored_load", "INTEGER"),
        ("source", "VARCHAR"),
        ("raw_table", "VARCHAR"),
        ("file_no", "INTEGER"),
        ("file", "VARCHAR"),
        ("record_no", "BIGINT"),
        ("record_key", "BIGINT"),
        ("reason", "VARCHAR"),
        ("detail", "VARCHAR"),
        ("state", "VARCHAR"),
    ),
    key=("entry",),
    sort=("entry",),
)
MEMBER = TableSpec(
    name="member",
    kind="log",
    columns=(("dimension", "VARCHAR"), ("ref", "VARCHAR"), ("key", "INTEGER")),
    sort=("dimension", "key"),
)
LOOKUP_VALUE = TableSpec(
    name="lookup_value",
    kind="log",
    columns=(("source", "VARCHAR"), ("lookup", "VARCHAR"), ("value", "VARCHAR[]")),
    sort=("source", "lookup"),
)
FILE = TableSpec(
    name="file",
    kind="log",
    columns=(
        ("file_no", "INTEGER"),
        ("sha256", "VARCHAR"),
        ("path", "VARCHAR"),
        ("source", "VARCHAR"),
        ("raw_table", "VARCHAR"),
        ("bytes", "BIGINT"),
        ("records", "BIGINT"),
        ("repaired", "BIGINT"),
        ("shipped", "BOOLEAN"),
        ("load", "INTEGER"),
    ),
    sort=("file_no",),
)
_COUNTS = tuple(
    (name, "BIGINT")
    for name in ("landed", "accepted", "duplicate", "quarantined", "deleted", "set_aside")
)
LOAD = TableSpec(
    name="load",
    kind="log",
    columns=(
        ("load", "INTEGER"),
        ("as_of", "TIMESTAMP"),
        ("command", "VARCHAR"),
        ("seconds", "DOUBLE"),
    ),
    sort=("load",),
)
LOAD_SOURCE = TableSpec(
    name="load_source",
    kind="log",
    columns=(("load", "INTEGER"), ("source", "VARCHAR"), ("landed_at", "TIMESTAMP"), *_COUNTS),
    sort=("load", "source"),
)
KEPT = (RECORD, QUARANTINE, MEMBER, LOOKUP_VALUE, FILE, LOAD, LOAD_SOURCE)


@dataclass(frozen=True, slots=True)
class Entity:
    """What a mapping may deliver for one canonical entity, and how it becomes canonical."""

    model: Model
    mapped: tuple[str, ...]  # every column the canonical SELECT reads
    casts: tuple[tuple[str, str], ...]  # mapped column, type it must have
    dimensions: tuple[str, ...]  # members resolved from `<dimension>_ref`
    persons: tuple[str, ...]
    texts: tuple[str, ...]
    trying: str  # the canonical SELECT with TRY_CAST and `_record`, run once the casts hold

    @property
    def name(self) -> str:
        """The entity as mapping files call it: `answer`."""
        return self.model.entity


@dataclass(frozen=True, slots=True)
class Schema:
    """Every table of a release and every entity of a mapping."""

    models: tuple[Model, ...]
    entities: Mapping[str, Entity]
    specs: Mapping[str, TableSpec]

    def layer(self, name: str) -> tuple[Model, ...]:
        """The models of one layer, those that are read before those that read them."""
        return tuple(model for model in self.models if model.layer == name)

    def model(self, name: str) -> Model:
        """The model of that name."""
        return next(model for model in self.models if model.name == name)


@cache
def shipped_schema() -> Schema:
    """The schema of this installation's models; bound once."""
    return bind(shipped_models())


def bind(models: tuple[Model, ...]) -> Schema:
    """Runs every model over empty inputs to learn its columns and types.

    >>> shipped_schema().specs["fact_answer"].lookup
    ('response_key', 'local_date')
    """
    con = open_connection("build")
    try:
        entities = {m.entity: _entity(m) for m in models if m.layer == "canonical"}
        _inputs(con, entities)
        specs = {spec.name: spec for spec in KEPT}
        for model in models:
            con.execute(f"create table {model.name} as {model.sql}")
            if model.layer == "canonical":
                con.execute(f"alter table {model.name} add column record_key bigint")
                con.execute(f"alter table {model.name} add column landed_day date")
            specs[model.name] = _spec(con, model)
    finally:
        con.close()
    return Schema(models, entities, specs)


def _inputs(con: duckdb.DuckDBPyConnection, entities: Mapping[str, Entity]) -> None:
    for entity in entities.values():
        columns = ", ".join(f"{name} varchar" for name in entity.mapped)
        con.execute(f"create table mapped_{entity.name} ({columns})")
    con.execute("create table member (dimension varchar, ref varchar, key integer)")
    con.execute("create table setting (name varchar, value varchar)")
    con.execute("create table holiday (day date, name varchar)")


def _spec(con: duckdb.DuckDBPyConnection, model: Model) -> TableSpec:
    columns = tuple(
        (name, type_) for name, type_, *_ in con.execute(f"describe {model.name}").fetchall()
    )
    names = {name for name, _ in columns}
    types = dict(columns)
    if model.layer == "canonical":
        by_unit = types.get(model.unit) == "BIGINT"
        return TableSpec(
            name=model.name,
            kind="ledger",
            columns=columns,
            key=("record_key", *model.key),
            sort=("landed_day", "record_key"),
            lookup=(model.unit, "landed_day") if by_unit else None,
        )
    if model.layer == "dimension":
        return TableSpec(model.name, "ledger", columns, key=model.key, sort=model.key)
    place = ("site_key",) if "site_key" in names else ()
    return TableSpec(
        name=model.name,
        kind="ledger",
        columns=columns,
        key=model.key,
        sort=("date_trunc('month', local_date)", *place, "local_date", *model.key),
        lookup=(model.unit, "local_date"),
    )


def _entity(model: Model) -> Entity:
    tree = sqlglot.parse_one(model.sql, dialect="duckdb")
    read = tuple(
        sorted(
            {c.name for c in tree.find_all(exp.Column) if c.table == "m" and c.name != "_source"}
        )
    )
    casts = tuple(
        (node.this.name, node.to.sql(dialect="duckdb"))
        for node in tree.find_all(exp.Cast)
        if isinstance(node.this, exp.Column) and node.this.table == "m" and _checked(node)
    )
    for node in list(tree.find_all(exp.Cast)):
        if isinstance(node.this, exp.Column) and node.this.table == "m" and type(node) is exp.Cast:
            node.replace(exp.TryCast(this=node.this, to=node.to))
    tree.select("m._record", append=True, copy=False)  # type: ignore[attr-defined]
    return Entity(
        model=model,
        mapped=(*read, "_source"),
        casts=tuple(dict.fromkeys(casts)),
        dimensions=tuple(d for d in MEMBER_DIMENSIONS if f"{d}_key" in read),
        persons=tuple(c for c, kind in model.classes if kind == "person"),
        texts=tuple(c for c, kind in model.classes if kind == "text"),
        trying=tree.sql(dialect="duckdb", comments=False),
    )


def _checked(node: exp.Cast) -> bool:
    return node.to.this not in (exp.DataType.Type.VARCHAR, exp.DataType.Type.TEXT)
