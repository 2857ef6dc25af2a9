"""JSON and JSON lines to blocks of records.

The fields of a record's object are its columns. Numbers, and whatever is nested, keep the text they
had in the file: reading them and writing them again would change some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from models.errors import SourceError, did_you_mean
from pipelines.formats.block import Block, Content, Row
from pipelines.formats.columns import RESERVED, column_names, unique
from pipelines.formats.lines import LOST, composed, find_decoder, line_blocks
from pipelines.source_table import SourceTable

BLOCK_RECORDS = 8192
_SPACE = re.compile(r"[ \t\n\r]*")


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON value")


_DECODER = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_refuse_constant)


@dataclass(slots=True)
class Gathered:
    """Records on their way into a block; columns appear as records bring them."""

    table: SourceTable
    places: dict[str, int] = field(default_factory=dict)  # the key in the file → its column
    names: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {name.casefold() for name in RESERVED})
    number: int = 0
    numbers: list[int] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    bad: list[tuple[int, str]] = field(default_factory=list)
    forms: dict[int, bytes] = field(default_factory=dict)
    damaged: int = 0

    def add(self, text: str) -> None:
        """Take the text of one record."""
        try:
            fields = fields_of(text)
            "".join(value for value in fields.values() if value).encode()
        except UnicodeEncodeError:
            self.bad.append((self.number, "it holds half of a character (a lone surrogate)"))
        except (ValueError, RecursionError) as error:
            self.bad.append((self.number, f"it is no JSON object: {error}"))
        else:
            self._place(fields)

    def block(self) -> Block:
        """What was gathered since the last block."""
        width = len(self.names)
        rows: Sequence[Row] = [row + [None] * (width - len(row)) for row in self.rows]
        done = Block(
            tuple(self.names), self.numbers, rows, tuple(self.bad), self.damaged, self.forms
        )
        self.numbers, self.rows, self.bad, self.forms, self.damaged = [], [], [], {}, 0
        return done

    def _place(self, fields: dict[str, str | None]) -> None:
        for key in fields:
            if key not in self.places:
                self.places[key] = len(self.names)
                self.names.append(unique(column_names([key], self.table.rename)[0], self.taken))
        row: list[str | None] = [None] * len(self.names)
        damaged = False
        for key, value in fields.items():
            row[self.places[key]] = composed(value) if value else value
            damaged = damaged or (value is not None and LOST in value)
        self.damaged += damaged
        self.numbers.append(self.number)
        self.rows.append(row)


def cut_json_lines(
    content: Content, table: SourceTable, keep: Set[int] = frozenset()
) -> Iterator[Block]:
    """One JSON object a line; blank lines are no records."""
    decoder = find_decoder(content, table.read.encoding)
    gathered = Gathered(table)
    for piece in line_blocks(content, decoder):
        for line in piece.splitlines():
            if not line.strip():
                continue
            gathered.number += 1
            if gathered.number in keep:
                gathered.forms[gathered.number] = decoder.original(line)
            try:
                gathered.add(decoder.text(line))
            except UnicodeDecodeError as error:
                gathered.bad.append((gathered.number, decoder.trouble(error)))
        yield gathered.block()
    _check_some_column(content.name, gathered)


def cut_json(content: Content, table: SourceTable, keep: Set[int] = frozenset()) -> Iterator[Block]:
    """The objects of a list within one JSON document, or the document as the only record."""
    decoder = find_decoder(content, table.read.encoding)
    unread = "surrogatepass" if decoder.wide else "surrogateescape"
    gathered = Gathered(table)
    try:
        text = content.whole()[decoder.mark :].decode(decoder.encoding, unread)
        for start, end in _records(text, table.read.json_path):
            gathered.number += 1
            record = text[start:end]
            if gathered.number in keep:
                gathered.forms[gathered.number] = record.encode(decoder.encoding, unread)
            if record.isascii() or _whole(record):
                gathered.add(record)
            else:
                reason = f"it is not {decoder.encoding}"
                gathered.bad.append((gathered.number, reason))
            if len(gathered.rows) >= BLOCK_RECORDS:
                yield gathered.block()
    except UnicodeDecodeError as error:
        raise SourceError(f"{content.name} is not {decoder.encoding}: {error.reason}") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{content.name} is no JSON that can be read: {error}") from error
    yield gathered.block()
    _check_some_column(content.name, gathered)


def fields_of(text: str) -> dict[str, str | None]:
    """The fields of a JSON object as text; `ValueError` when it is none.

    >>> fields_of('{"id": 7, "score": 1.10, "tags": ["a", 2.0], "note": null, "done": true}')
    {'id': '7', 'score': '1.10', 'tags': '["a", 2.0]', 'note': None, 'done': 'true'}
    """
    found = _DECODER.decode(text)
    if not isinstance(found, dict):
        raise ValueError(f"it is a {type(found).__name__}")
    if any(isinstance(value, list | dict) for value in found.values()):
        spans = {key: text[start:end] for key, start, end in _members(text, _after_space(text, 0))}
        nested = {key for key, value in found.items() if isinstance(value, list | dict)}
        return {key: spans[key] if key in nested else _plain(value) for key, value in found.items()}
    return {key: _plain(value) for key, value in found.items()}


def _plain(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else str(value)
    return "true" if value else "false"


def _records(text: str, path: str) -> Iterator[tuple[int, int]]:
    at = _after_space(text, 0)
    for part in path.removeprefix("$").strip(".").split(".") if path else ():
        spans = {key: start for key, start, _ in _members(text, at)}
        if part not in spans:
            raise ValueError(f"it has no '{part}' of json_path '{path}'")
        at = spans[part]
    if text[at : at + 1] == "[":
        yield from _elements(text, at)
    else:
        yield at, _DECODER.raw_decode(text, at)[1]


def _members(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Key, start and end of the value, for each member of the object that begins at `at`."""
    if text[at : at + 1] != "{":
        raise json.JSONDecodeError("an object was expected", text, at)
    at = _after_space(text, at + 1)
    while text[at : at + 1] != "}":
        key, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        if not isinstance(key, str) or text[at : at + 1] != ":":
            raise json.JSONDecodeError("a name and a colon were expected", text, at)
        start = _after_space(text, at + 1)
        at = _DECODER.raw_decode(text, start)[1]
        yield str(key), start, at
        at = _after_comma(text, at, "}")


def _elements(text: str, at: int) -> Iterator[tuple[int, int]]:
    at = _after_space(text, at + 1)
    while text[at : at + 1] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        yield at, end
        at = _after_comma(text, end, "]")


def _after_comma(text: str, at: int, close: str) -> int:
    at = _after_space(text, at)
    if text[at : at + 1] == ",":
        return _after_space(text, at + 1)
    if text[at : at + 1] != close:
        raise json.JSONDecodeError(f"a comma or {close} was expected", text, at)
    return at


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_some_column(name: str, gathered: Gathered) -> None:
    """Fields may be absent from any record, but a file that has none of them is another one."""
    there = {column.casefold() for column in gathered.names}
    wanted = gathered.table.wanted
    if gathered.names and wanted and not any(column.casefold() in there for column in wanted):
        hint = did_you_mean(wanted[0], gathered.names)
        raise SourceError(f"no record of {name} has a field '{wanted[0]}'{hint}")
