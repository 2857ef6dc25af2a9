"""Files sealed chunk by chunk, so that a landed file of any size streams through a little memory.

A file is a head (magic, salt) and chunks of fixed size. Each file has its own key, derived from the
master key, the salt and the purpose; each chunk is bound to its place and says whether it is the
last. A changed, moved, missing or appended chunk therefore does not open. Random places can be
read without the rest.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.durable import sync
from models.errors import HomeError
from models.keys import KEY_BYTES, Keys

CHUNK_BYTES = 256 * 1024  # part of the form: another size is another magic
_MAGIC = b"happycall sealed 1\n"
_SALT_BYTES = 32
_HEAD_BYTES = len(_MAGIC) + _SALT_BYTES
_TAG_BYTES = 16


@dataclass(slots=True)
class SealedWriter:
    """Takes plain bytes in pieces of any size and writes sealed chunks."""

    file: BinaryIO
    cipher: AESGCM
    number: int = 0
    waiting: bytearray = field(default_factory=bytearray)

    def write(self, piece: bytes) -> int:
        """Take a piece; the last chunk waits, because only the end knows that it is the last."""
        self.waiting += piece
        if len(self.waiting) > CHUNK_BYTES:
            whole = (len(self.waiting) - 1) // CHUNK_BYTES * CHUNK_BYTES
            for start in range(0, whole, CHUNK_BYTES):
                self._put(bytes(self.waiting[start : start + CHUNK_BYTES]), last=False)
            del self.waiting[:whole]
        return len(piece)

    def finish(self) -> None:
        """Write the last chunk, which may be empty; without it the file counts as cut off."""
        self._put(bytes(self.waiting), last=True)
        self.waiting.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self.file.write(self.cipher.encrypt(_nonce(self.number, last=last), chunk, None))
        self.number += 1


@contextmanager
def sealed_writer(path: Path, keys: Keys, purpose: str) -> Iterator[SealedWriter]:
    """A writer whose file appears whole and synced under its name, or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    salt = secrets.token_bytes(_SALT_BYTES)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MAGIC + salt)
            writer = SealedWriter(file, _cipher(keys, salt, purpose))
            yield writer
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)


def write_sealed(path: Path, keys: Keys, purpose: str, pieces: Iterable[bytes]) -> None:
    """Write all pieces into one sealed, synced file."""
    with sealed_writer(path, keys, purpose) as writer:
        for piece in pieces:
            writer.write(piece)


def read_sealed(path: Path, keys: Keys, purpose: str) -> Iterator[bytes]:
    """The plain bytes, chunk by chunk; `HomeError` at the first one that is not as written.

    Who acts on what was read must read to the end: only there does it show that nothing is missing.
    """
    with _opened(path) as file:
        cipher = _cipher(keys, _salt(file, path), purpose)
        number, chunk = 0, file.read(CHUNK_BYTES + _TAG_BYTES)
        while True:
            following = file.read(CHUNK_BYTES + _TAG_BYTES)
            yield _open_chunk(cipher, chunk, number, last=not following, path=path, keys=keys)
            if not following:
                return
            number, chunk = number + 1, following


def read_range(path: Path, keys: Keys, purpose: str, start: int, length: int) -> bytes:
    """Plain bytes `start … start + length`, opening only the chunks that hold them."""
    if start < 0 or length < 0:
        raise ValueError("start and length are not negative")
    stored = CHUNK_BYTES + _TAG_BYTES
    with _opened(path) as file:
        cipher = _cipher(keys, _salt(file, path), purpose)
        last = max(0, -(-(path.stat().st_size - _HEAD_BYTES) // stored) - 1)
        first = min(start // CHUNK_BYTES, last)
        parts = []
        for number in range(first, min((start + length) // CHUNK_BYTES, last) + 1):
            file.seek(_HEAD_BYTES + number * stored)
            chunk = file.read(stored)
            parts.append(
                _open_chunk(cipher, chunk, number, last=number == last, path=path, keys=keys)
            )
    offset = start - first * CHUNK_BYTES
    return b"".join(parts)[offset : offset + length]


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise HomeError(f"{path}: cannot be read ({error.strerror})") from error
    with file:
        yield file


def _salt(file: BinaryIO, path: Path) -> bytes:
    head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
        raise HomeError(f"{path}: is not a sealed file of this version; restore it from a backup")
    return head[len(_MAGIC) :]


def _cipher(keys: Keys, salt: bytes, purpose: str) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=_MAGIC + purpose.encode())
    return AESGCM(derive.derive(keys.master))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _open_chunk(
    cipher: AESGCM, chunk: bytes, number: int, *, last: bool, path: Path, keys: Keys
) -> bytes:
    try:
        return cipher.decrypt(_nonce(number, last=last), chunk, None)
    except (InvalidTag, ValueError) as error:
        raise HomeError(
            f"{path}: chunk {number + 1} does not open with the keys in {keys.folder}; the file "
            "was changed or cut off, or sealed with other keys: restore it or the keys"
        ) from error
