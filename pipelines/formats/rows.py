"""Rows of typed values, from workbooks, Parquet files and databases, as blocks of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date, datetime, time
from itertools import islice

from pipelines.formats.block import Block, Row
from pipelines.formats.lines import LOST, composed

BLOCK_ROWS = 8192


def blocks_of_rows(
    columns: tuple[str, ...], rows: Iterable[Sequence[object]], keep: Set[int]
) -> Iterator[Block]:
    """Number the rows and turn their values into text; the form of a row is JSON."""
    yield Block(columns, (), ())  # the columns of a table without rows
    numbered = enumerate(rows, 1)
    while some := list(islice(numbered, BLOCK_ROWS)):
        numbers: list[int] = []
        texts: list[Row] = []
        bad: list[tuple[int, str]] = []
        forms: dict[int, bytes] = {}
        damaged = 0
        for number, row in some:
            values = [text_of(value) for value in row]
            if number in keep:
                form = json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
                forms[number] = form.encode("utf-8", "surrogateescape")
            try:
                joined = "".join(value for value in values if value)
                joined.encode()
            except UnicodeEncodeError:
                bad.append((number, "it holds text that is not utf-8"))
                continue
            if not joined.isascii():
                damaged += LOST in joined
                values = [composed(value) if value else value for value in values]
            numbers.append(number)
            texts.append(values)
        yield Block(columns, numbers, texts, tuple(bad), damaged, forms)


def text_of(value: object) -> str | None:
    r"""A value as the text by which SQL would read it back.

    >>> text_of(True), text_of(2.5), text_of(b"\x00\xff"), text_of(datetime(2026, 3, 1, 9, 30))
    ('true', '2.5', '00ff', '2026-03-01 09:30:00')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=text_of)
    return str(value)
