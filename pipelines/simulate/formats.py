"""Tables as the bytes that real systems write."""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path
from typing import Literal

import polars as pl

from pipelines.simulate.defects import MARK

_BROKEN = b"\xff"  # a byte that neither UTF-8 nor CP949 knows
_NOTHING = "\x02"


def csv_bytes(
    table: pl.DataFrame,
    *,
    delimiter: str = ",",
    encoding: Literal["utf-8", "cp949"] = "utf-8",
    header: bool = True,
    more_heads: list[list[str]] | None = None,
) -> bytes:
    """A CSV file with fields quoted where they need it, null as nothing, broken bytes put in."""
    body = table.write_csv(include_header=False, separator=delimiter)
    heads = [table.columns, *(more_heads or [])] if header else []
    text = "".join(_line(head, delimiter) for head in heads) + (body or "")
    return text.encode(encoding).replace(MARK.encode(), _BROKEN)


def lime_bytes(table: pl.DataFrame) -> bytes:
    """As LimeSurvey writes: byte order mark, ';', all quoted but nulls, a blank last line."""
    filled = table.select(pl.all().cast(pl.String).fill_null(_NOTHING))
    out = io.BytesIO()
    filled.write_csv(
        out, include_bom=True, separator=";", line_terminator="\r\n", quote_style="always"
    )
    text = out.getvalue().replace(f'"{_NOTHING}"'.encode(), b"")
    return text.replace(MARK.encode(), _BROKEN) + b"\r\n"


def asterisk_bytes(table: pl.DataFrame) -> bytes:
    """As Asterisk writes call records: no header, texts quoted, numbers not."""
    out = io.BytesIO()
    table.write_csv(out, include_header=False, quote_style="non_numeric", null_value="")
    return out.getvalue().replace(MARK.encode(), _BROKEN)


def log_bytes(lines: pl.Series) -> bytes:
    """Lines of a log."""
    text = "\n".join(lines.to_list())
    return (text + "\n" if text else "").encode().replace(MARK.encode(), _BROKEN)


def write_sqlite(path: Path, tables: dict[str, tuple[str, pl.DataFrame]]) -> None:
    """A SQLite file with each table as its `create table` says."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as con:
        con.execute("pragma journal_mode = off")
        con.execute("pragma synchronous = off")
        for name, (create, rows) in tables.items():
            con.execute(create)
            marks = ", ".join(
                "cast(? as text)" if kind == pl.String else "?" for kind in rows.dtypes
            )
            con.executemany(f"insert into {name} values ({marks})", map(_damaged, rows.iter_rows()))
    con.close()


def _damaged(row: tuple[object, ...]) -> tuple[object, ...]:
    """The row with the broken bytes put in; texts go in as bytes there."""
    if not any(isinstance(each, str) and MARK in each for each in row):
        return row
    return tuple(
        each.encode().replace(MARK.encode(), _BROKEN) if isinstance(each, str) else each
        for each in row
    )


def _line(fields: list[str], delimiter: str) -> str:
    quoted = (
        '"' + each.replace('"', '""') + '"'
        if any(c in each for c in (delimiter, '"', "\n"))
        else each
        for each in fields
    )
    return delimiter.join(quoted) + "\n"
