"""What `happycall diff` prints: what moved between two loads, and the answers that moved it."""

from __future__ import annotations

import json
from contextlib import closing

import polars as pl

from cubes.api import connect
from cubes.difference import Difference, in_words
from cubes.policy import parse_principal
from cubes.wire import as_text, csv_text
from models.history import Load
from models.home import Home
from pipelines.answers import table

SHOWN = 20  # answers that a table for people lists; JSON and CSV list all


def diff(
    home: Home, loads: tuple[int, int], by: str, site: str | None, principal: str, form: str,
    *, rows: bool,
) -> tuple[str, str]:  # fmt: skip
    """The text, and the note that names both loads; with `rows`, answers instead of figures."""
    asked = connect(home, principal=parse_principal(principal), door="cli")
    with closing(asked) as connection:
        found = connection.diff(*loads, by=by, site=site)
    note = " → ".join(_named(load) for load in (found.earlier, found.later))
    if form == "json":
        return json.dumps(_as_json(found), ensure_ascii=False), note
    frame = found.rows if rows else found.moved
    if form == "csv":
        return csv_text(frame.columns, frame.iter_rows()).removesuffix("\r\n"), note
    if rows:
        return table(frame.columns, frame.iter_rows()), note
    return "\n".join(_for_people(found)), note


def _for_people(found: Difference) -> list[str]:
    """A sentence for each member and month, then the re-coded sites, then the first answers."""
    lines = in_words(found) or ["Nothing moved."]
    if found.recoded.height:
        lines += ["", "re-coded sites", table(found.recoded.columns, found.recoded.iter_rows())]
    if found.rows.height:
        first = found.rows.head(SHOWN)
        lines += ["", "answers", table(first.columns, first.iter_rows())]
    if found.rows.height > SHOWN:
        lines.append(f"and {found.rows.height - SHOWN:,} more; --rows lists all")
    return lines


def _as_json(found: Difference) -> dict[str, object]:
    return {
        "earlier": _load(found.earlier),
        "later": _load(found.later),
        "by": found.by,
        "moved": _rows(found.moved),
        "rows": _rows(found.rows),
        "recoded": _rows(found.recoded),
    }


def _rows(frame: pl.DataFrame) -> list[dict[str, object]]:
    plain = (int, float, str, type(None))
    return [
        {name: value if isinstance(value, plain) else as_text(value) for name, value in row.items()}
        for row in frame.to_dicts()
    ]


def _load(load: Load) -> dict[str, object]:
    return {"load": load.number, "as_of": as_text(load.as_of), "command": load.command}


def _named(load: Load) -> str:
    return f"load {load.number}, as of {load.as_of:%Y-%m-%d %H:%M} UTC"
