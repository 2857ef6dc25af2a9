"""A table that is pulled from a live database: where it lies, and what is asked of it.

Pulled rows go into landing as extracts (JSON lines) and from there the way of every other extract,
so that a database is matched, sealed, checked and accounted for like a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from models.errors import SourceError
from models.table import quoted
from pipelines.toml_fields import Fields

Kind = Literal["sqlite", "duckdb"]
NOT_SPOKEN = ("postgresql", "postgres", "mysql", "mariadb", "oracle", "mssql", "sqlserver")


@dataclass(frozen=True, slots=True)
class Pull:
    """What is asked of which database; the place itself is no part of a definition."""

    kind: Kind
    variable: str  # of the environment; it holds the path of the database
    relation: str
    query: str = ""

    def select(self, watermark: str, since: str) -> str:
        """The SELECT for all rows, or for those from the watermark `since` (a literal) on.

        Rows at the watermark itself come again, because others may have joined them there.
        """
        every = f"({self.query}) as pulled" if self.query else _relation(self.relation)
        column = quoted(watermark)
        asked = f" where {column} >= {since}" if watermark and since else ""
        return f"select * from {every}{asked}" + (f" order by {column}" if watermark else "")


def _relation(name: str) -> str:
    return ".".join(quoted(part) for part in name.split("."))


def read_pull(fields: Fields, name: str, mode: str, watermark: str) -> Pull:
    """[table.read] of a table of a database."""
    fields.only("format", "database", "relation", "query")
    if fields.text("format") in NOT_SPOKEN:
        raise SourceError(
            f"{fields.where}: format '{fields.text('format')}' is not spoken here; known are "
            f"{', '.join(get_args(Kind))}. Let its own tools export the table into landing (CSV, "
            "Parquet, JSON lines) as a source of kind file"
        )
    kind = cast(Kind, fields.choice("format", get_args(Kind), "sqlite"))
    if fields.text("relation") and fields.text("query"):
        raise SourceError(f"{fields.where} has both relation and query; one of them says what")
    if watermark and mode == "snapshot":
        raise SourceError(
            f"{fields.where}: a watermark pulls only what changed, but each pull of mode "
            '"snapshot" states the whole; leave the watermark out, or use mode "upsert"'
        )
    return Pull(
        kind, fields.needed("database"), fields.text("relation", name),
        fields.text("query").strip().rstrip(";"),
    )  # fmt: skip
