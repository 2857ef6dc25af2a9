"""What commands print: answers, plans, status and quarantine, as tables for people and as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from cubes.api import connect
from cubes.policy import parse_principal
from cubes.wire import as_csv, as_json, as_text, csv_text, read_params, split_param
from models.home import Home
from models.reader import Reader

WIDEST = 10_000
QUARANTINE = """
select source, file, record_no as record, reason, detail, record_key as key, load_from as load
from quarantine
where state = 'open'
order by load_from, source, file, record_no
"""


def answer(
    home: Home,
    question: str,
    params: Sequence[str],
    principal: str,
    form: str,
    *,
    as_is: bool,
    as_known_at: int | None = None,
) -> tuple[str, str]:
    """The answer's text, and the note that names its load."""
    given = read_params(dict(split_param(param) for param in params))
    with closing(connect(home, principal=parse_principal(principal), door="cli")) as connection:
        found = connection.answer(question, given, as_is=as_is, as_known_at=as_known_at)
    cut = f"; cut off after {found.frame.height:,} rows" if found.truncated else ""
    proved = f", verified {found.verified_at:%Y-%m-%d %H:%M} UTC" if found.verified_at else ""
    note = f"load {found.load}, as of {found.as_of:%Y-%m-%d %H:%M} UTC{proved}{cut}"
    if form == "json":
        return json.dumps(as_json(found), ensure_ascii=False), note
    if form == "csv":
        return as_csv(found).removesuffix("\r\n"), note
    names = [column.name for column in found.columns]
    return table(names, found.frame.iter_rows()), f"{found.frame.height:,} rows, {note}"


def plan(
    home: Home,
    question: str,
    principal: str,
    form: str,
    now: datetime,
    *,
    as_known_at: int | None = None,
) -> str:
    """How a question would be answered."""
    with closing(connect(home, principal=parse_principal(principal), door="cli")) as connection:
        asked = connection if as_known_at is None else connection.known_at(as_known_at)
        words, facts = asked.explanation(question, now)
    return words if form == "words" else json.dumps(facts, ensure_ascii=False)


def status(home: Home, form: str) -> str:
    """How the home stands."""
    from cubes.status import status as status_of

    found = status_of(home)
    if form == "json":
        return json.dumps(found, ensure_ascii=False)
    writer, shadow = found["writer"], found["shadow"]
    reasons = found["quarantine"]["by_reason"]
    proved = f"{shadow['checked']:,} comparisons, {shadow['mismatches']:,} mismatches"
    lines = [
        f"load {found['load']}, as of {found['as_of']}, committed {found['committed_at']}",
        f"writer: {writer['pid']} since {writer['since']}" if writer else "writer: none",
        f"verified: {shadow['verified_at'] or 'never'}; {proved}",
        *shadow["quarantine"],
    ]
    return "\n\n".join(
        (
            "\n".join(lines),
            _of("sources", found["sources"]),
            _of("quarantine", [{"reason": why, "rows": n} for why, n in reasons.items()]),
            *([_of("refused files", found["refused"])] if found["refused"] else []),
            *([_of("files of unusual size", found["unusual"])] if found["unusual"] else []),
            _of("cuboids", found["cuboids"]),
        )
    )


def quarantined(home: Home, source: str | None, reason: str | None, form: str) -> str:
    """The records that wait in quarantine."""
    with closing(Reader(home)) as reader:
        reader.refresh()
        cursor = reader.snapshot().cursor().execute(QUARANTINE)
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    wanted = [
        row
        for row in rows
        if (source is None or row["source"] == source)
        and (reason is None or reason.casefold() in str(row["reason"]).casefold())
    ]
    if form == "json":
        return json.dumps(wanted, ensure_ascii=False)
    values = [tuple(row.values()) for row in wanted]
    return csv_text(names, values).removesuffix("\r\n") if form == "csv" else table(names, values)


def table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table for people: nothing cut off, figures to the right.

    >>> print(table(["site", "n"], [("SB001", 3), ("SB002", 12)]))
    site     n
    ──────────
    SB001    3
    SB002   12
    """
    held = [tuple(row) for row in rows]
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="")
    for place, name in enumerate(names):
        figures = all(isinstance(row[place], int | float | Decimal | None) for row in held)
        drawn.add_column(name, justify="right" if figures else "left", no_wrap=True)
    for row in held:
        drawn.add_row(*(_shown(value) for value in row))
    text = io.StringIO()
    Console(file=text, width=WIDEST, markup=False, emoji=False, no_color=True).print(drawn)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines())


def _shown(value: Any) -> str:
    """One value for people: figures to four places, nothing for null."""
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return as_text(value)


def _of(title: str, rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return f"{title}: none"
    return f"{title}\n" + table(list(rows[0]), [list(row.values()) for row in rows])
