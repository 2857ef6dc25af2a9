"""CSV records, cut from lines one by one.

A record may span lines. What is malformed is one record's trouble, never the rest of the file's: a
quote that is opened and not closed would otherwise swallow all that follows.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.formats.lines import LINE_BYTES, LOST, Decoder, composed
from pipelines.source_table import Reading

OPEN = "a quote is opened and not closed"
_FAULTS = {
    "unexpected end of data": OPEN,
    "expected after": "a quote within a quoted field is not doubled",
    "field larger": "a field is larger than 64 MiB",
}


@dataclass(slots=True)
class Record:
    """One CSV record with the lines it was cut from."""

    row: list[str]
    lines: list[bytes]
    trouble: str
    unusual: bool  # lost letters, or not in the composed Unicode form


@dataclass(slots=True)
class Cutter:
    """Feeds lines to the CSV reader and takes records from it."""

    read: Reading
    decoder: Decoder
    blocks: Iterator[bytes]
    waiting: deque[bytes] = field(default_factory=deque)
    pending: list[Record] = field(default_factory=list)  # trailer lines, as long as they are last
    lines: list[bytes] = field(default_factory=list)
    trouble: str = ""
    unusual: bool = False
    reader: Iterator[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        csv.field_size_limit(LINE_BYTES)
        self.reader = rows_of(self._texts(), self.read)

    def lines_at_hand(self) -> bytes:
        """The next whole lines as one piece, empty at the end; only between two records."""
        piece = b"".join(self.waiting) or next(self.blocks, b"")
        self.waiting.clear()
        return piece

    def put(self, piece: bytes) -> None:
        """Have the lines of a piece waiting."""
        self.waiting.extend(piece.splitlines(keepends=True))

    def skip_lines(self, count: int) -> None:
        """Pass over lines that stand before the header."""
        for _ in range(count):
            if self.fill():
                self.waiting.popleft()

    def records(self, width: int, most: int) -> Iterator[Record]:
        """Records that begin in the waiting lines; the last one may fetch further lines."""
        trailer = re.compile(self.read.trailer) if self.read.trailer else None
        for _ in range(most):
            if not self.waiting:
                return
            record = self.next_record(width)
            if record is None:
                return
            if trailer and trailer.search(self._said(record)):
                self.pending.append(record)
                continue
            yield from self.pending
            self.pending.clear()
            yield record

    def next_record(self, width: int = 0) -> Record | None:
        """The next record that is no blank line, or None at the end of the file."""
        while True:
            record = self._next(width)
            if record is None or record.trouble or not _blank(record.row, width):
                return record

    def _next(self, width: int) -> Record | None:
        self.lines, self.trouble, self.unusual = [], "", False
        if not self.fill():
            return None
        row: list[str] = []
        fault = ""
        try:
            row = next(self.reader)
        except csv.Error as error:
            fault = next((say for part, say in _FAULTS.items() if part in str(error)), str(error))
        lines = self.lines
        if len(lines) > 1 and width and (fault or len(row) != width) and self._swallowed(width):
            self.waiting.extendleft(reversed(lines[1:]))
            self.reader = rows_of(self._texts(), self.read)
            return Record([], lines[:1], OPEN, self.unusual)
        return Record(row, lines, self.trouble or fault, self.unusual)

    def _swallowed(self, width: int) -> bool:
        """Whether the record's second line is a whole record by itself, eaten by a quote."""
        line = self.decoder.guess(self.lines[1])
        try:
            return width > 1 and len(next(rows_of(iter([line]), self.read), [])) == width
        except csv.Error:
            return False

    def fill(self) -> bool:
        """Have lines waiting; False at the end of the file."""
        while not self.waiting:
            piece = next(self.blocks, b"")
            if not piece:
                return False
            self.put(piece)
        return True

    def _texts(self) -> Iterator[str]:
        while self.fill():
            line = self.waiting.popleft()
            self.lines.append(line)
            try:
                text = self.decoder.text(line)
            except UnicodeDecodeError as error:
                self.trouble = self.trouble or self.decoder.trouble(error)
                text = self.decoder.guess(line)
            if not text.isascii() and (LOST in text or composed(text) is not text):
                self.unusual = True
            yield text

    def _said(self, record: Record) -> str:
        return self.decoder.guess(b"".join(record.lines)).strip("\r\n")


def rows_of(texts: Iterator[str], read: Reading) -> Iterator[list[str]]:
    """The CSV reader with the dialect of a source, strict about quotes."""
    return csv.reader(
        texts,
        delimiter=read.delimiter,
        quotechar=read.quote or None,
        quoting=csv.QUOTE_MINIMAL if read.quote else csv.QUOTE_NONE,
        strict=True,
    )


def _blank(row: list[str], width: int) -> bool:
    return not row or (len(row) == 1 and width != 1 and not row[0].strip(" \t\x1a"))
