"""Bytes to lines: which encoding a file has, where its lines end, and what a line says.

Lines are cut on bytes, so that a line that does not decode is still one line with its own bytes.
That works wherever line ends are the bytes they are in ASCII; UTF-16 and UTF-32 are first
rewritten, reversibly, as UTF-8.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.errors import SourceError
from pipelines.formats.block import Content

BLOCK_BYTES = 4 << 20
LINE_BYTES = 64 << 20
HEAD_BYTES = 64 << 10
LOST = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_ASCII = re.compile(r"[^\0-\x7f]")
_HANGUL = re.compile(r"[가-힣]{2}")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})
_KINDS = (
    (b"PK\x03\x04", "a workbook or ZIP archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old or protected Office document"),
    (b"(\xb5/\xfd", "compressed with zstd"),
    (b"BZh", "compressed with bzip2"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)


@dataclass(frozen=True, slots=True)
class Decoder:
    """What the bytes of a file mean; `mark` is the length of the byte order mark."""

    encoding: str
    mark: int = 0

    @property
    def wide(self) -> bool:
        """Line ends cannot be seen in the bytes."""
        return self.encoding.startswith(("utf-16", "utf-32"))

    def text(self, line: bytes) -> str:
        """A line as text; `UnicodeDecodeError` when it is not what the file should be."""
        return line.decode("utf-8" if self.wide else self.encoding)

    def guess(self, line: bytes) -> str:
        """A line as text, with U+FFFD for what does not decode, so that it can still be cut."""
        return line.decode("utf-8" if self.wide else self.encoding, "replace")

    def original(self, line: bytes) -> bytes:
        """The bytes as they stood in the file."""
        if not self.wide:
            return line
        text = line.removesuffix(b"\xff").decode("utf-8", "surrogatepass")
        return text.encode(self.encoding, "surrogatepass")

    def trouble(self, error: UnicodeDecodeError) -> str:
        """Why a line does not decode."""
        if self.wide:
            return f"it is not {self.encoding}: half of a character is missing"
        byte, place = error.object[error.start], error.start + 1
        line = f"it is not {self.encoding}: byte 0x{byte:02x}, at place {place} of the line"
        return line + _reads_as(error.object, self.encoding)


def find_decoder(content: Content, encodings: tuple[str, ...]) -> Decoder:
    """The encoding of a file: by its mark, else the first that decodes all of it, else the last.

    Raises `SourceError` when the file is empty or no text at all.
    """
    head = content.head(HEAD_BYTES)
    if not head:
        raise SourceError(f"{content.name} is empty: it has no byte; export it again")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return Decoder(encoding, len(mark))
    found = encodings[0] if len(encodings) == 1 else _first_that_decodes(content, encodings)
    if found in ("utf-16", "utf-32"):
        found += "-be" if head[:1] == b"\0" else "-le"
    decoder = Decoder(found)
    if not decoder.wide:
        refuse_binary(content.name, head)
    return decoder


def refuse_binary(name: str, head: bytes) -> None:
    """Say what a file is when it is no text."""
    for magic, kind in _KINDS:
        if head.startswith(magic):
            raise SourceError(f"{name} is {kind}, not text; export it as source.toml says")
    controls = len(head) - len(head.translate(None, _CONTROL))
    if head.count(0) > max(8, len(head) // 4):
        raise SourceError(f'{name} looks like UTF-16; add "utf-16" to encoding in source.toml')
    if controls > max(8, len(head) // 50):
        raise SourceError(f"{name} is binary, not text; export it as source.toml says")


def _reads_as(line: bytes, encoding: str) -> str:
    """A hint at the encoding that the line seems to have."""
    for name, letters in (("utf-8", _NOT_ASCII), ("cp949", _HANGUL)):
        try:
            if name != encoding and letters.search(line.decode(name)):
                return f"; it reads as {name}"
        except UnicodeDecodeError:
            continue
    return ""


def _first_that_decodes(content: Content, encodings: tuple[str, ...]) -> str:
    left = {name: codecs.getincrementaldecoder(name)() for name in encodings[:-1]}
    for chunk in content.chunks():
        for name, decoder in list(left.items()):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                del left[name]
        if not left:
            return encodings[-1]
    for name, decoder in left.items():
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return name
    return encodings[-1]


def line_blocks(content: Content, decoder: Decoder) -> Iterator[bytes]:
    """Whole lines, some MiB at a time; only the very last line may lack its end.

    A line of more than 64 MiB raises `SourceError`: it is no line.
    """
    waiting: list[bytes] = []
    held = 0
    for chunk in _narrow(_without_mark(content.chunks(), decoder.mark), decoder):
        waiting.append(chunk)
        held += len(chunk)
        end = chunk.rfind(b"\n") + 1
        if not end:  # a single \r at the end may be the first half of a line end
            end = chunk.rfind(b"\r", 0, -1) + 1
        if held > LINE_BYTES and not end:
            raise SourceError(
                f"{content.name} has a line of more than 64 MiB; check how it is written"
            )
        if held >= BLOCK_BYTES and end:
            waiting[-1] = chunk[:end]
            yield b"".join(waiting)
            waiting = [chunk[end:]]
            held = len(waiting[0])
    if held:
        yield b"".join(waiting)


def _without_mark(chunks: Iterable[bytes], mark: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[mark:]
        mark = max(0, mark - len(chunk))


def _narrow(chunks: Iterable[bytes], decoder: Decoder) -> Iterator[bytes]:
    """UTF-16 and UTF-32 as UTF-8; what is no character stays recognisable as none."""
    if not decoder.wide:
        yield from chunks
        return
    wide = codecs.getincrementaldecoder(decoder.encoding)("surrogatepass")
    for chunk in chunks:
        yield wide.decode(chunk).encode("utf-8", "surrogatepass")
    try:
        wide.decode(b"", final=True)
    except UnicodeDecodeError:
        yield b"\xff"


def composed(text: str) -> str:
    """The text in its composed Unicode form (NFC), in which equal texts are equal."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)
