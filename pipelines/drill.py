"""The rows behind one cell, as the command line shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

from cubes.api import connect
from cubes.behind import Behind
from cubes.policy import parse_principal
from cubes.wire import as_csv, as_json, as_text, json_value, read_params, split_param
from models.home import Home
from pipelines.answers import table


def drill(
    home: Home,
    question: str,
    cell: Sequence[str],
    params: Sequence[str],
    principal: str,
    form: str,
    *,
    as_is: bool,
    as_known_at: int | None,
) -> tuple[str, str]:
    """The rows as text, and the note that names the cell and its load.

    `cell` is LEVEL=MEMBER for each level; an empty member is the unknown one.
    """
    given = read_params(dict(split_param(param) for param in params))
    members = {name: member or None for name, member in map(split_param, cell)}
    with closing(connect(home, principal=parse_principal(principal), door="cli")) as connection:
        found = connection.rows_behind(
            question, members, given, as_is=as_is, as_known_at=as_known_at
        )
    answer = found.answer
    if form == "json":
        told = {name: json_value(value) for name, value in found.cell.items()}
        body = {**as_json(answer), "fact": found.fact, "cell": told}
        return json.dumps(body, ensure_ascii=False), _note(found)
    if form == "csv":
        return as_csv(answer).removesuffix("\r\n"), _note(found)
    names = [column.name for column in answer.columns]
    return table(names, answer.frame.iter_rows()), _note(found)


def _note(found: Behind) -> str:
    answer = found.answer
    cell = ", ".join(f"{name} {as_text(value) or '-'}" for name, value in found.cell.items())
    cut = " listed of more" if answer.truncated else ""
    return (
        f"{answer.frame.height:,} rows of {found.fact}{cut} add up to {cell}; "
        f"load {answer.load}, as of {answer.as_of:%Y-%m-%d %H:%M} UTC"
    )
