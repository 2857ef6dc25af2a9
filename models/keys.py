"""The keys of a home, kept apart from it, and how bytes are sealed with them.

Whoever copies a home copies nothing that can be read: identities, verbatims, landed files and
quarantined records are sealed under keys that lie in `HAPPYCALL_KEYS`. What is lost with the keys
is lost for good, so a home that already holds sealed data never gets new ones.
"""

from __future__ import annotations

import fcntl
import hmac
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import HomeError

if TYPE_CHECKING:
    from models.home import Home

KEY_BYTES = 32
_NAMES = ("master", "hmac", "proxy")
_FORM = b"\x01"  # the form of a sealed value, so that another cipher can follow
_NONCE_BYTES = 12
_FINGERPRINT = "keys.fingerprint"


@dataclass(frozen=True, slots=True)
class Keys:
    """The three keys of a home: what seals, what names without telling, what signs for a proxy."""

    folder: Path
    master: bytes = field(repr=False)
    hmac: bytes = field(repr=False)
    proxy: bytes = field(repr=False)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Seal under the master key, because most of what is sealed belongs to no one person."""
        return seal(AESGCM(self.master), plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Open what `seal` sealed for the same purpose; anything else raises `HomeError`."""
        plain = unseal(AESGCM(self.master), sealed, purpose.encode())
        if plain is None:
            raise HomeError(
                f"{purpose}: does not open with the keys in {self.folder}; it was changed, or "
                "sealed with other keys: restore it or the keys from a backup"
            )
        return plain

    def mac(self, kind: str, value: str) -> bytes:
        """Name a value without telling it: HMAC-SHA256 of kind and value, 32 bytes."""
        return hmac.digest(self.hmac, f"{kind}|{value}".encode(), "sha256")


def seal(cipher: AESGCM, plain: bytes, bound_to: bytes) -> bytes:
    """Form byte, random nonce, ciphertext and tag; it opens only where it was bound to."""
    nonce = os.urandom(_NONCE_BYTES)
    return _FORM + nonce + cipher.encrypt(nonce, plain, bound_to)


def unseal(cipher: AESGCM, sealed: bytes, bound_to: bytes) -> bytes | None:
    """The plain bytes, or None where key, place or one bit differs from when it was sealed."""
    start = len(_FORM) + _NONCE_BYTES
    if sealed[: len(_FORM)] != _FORM or len(sealed) < start:
        return None
    try:
        return cipher.decrypt(sealed[len(_FORM) : start], sealed[start:], bound_to)
    except InvalidTag:
        return None


def open_keys(home: Home, environ: Mapping[str, str] = os.environ) -> Keys:
    """The keys of a home, made at first use.

    A home that holds sealed data and finds no keys, or others than it was sealed with, is refused:
    new keys would make every person in it a stranger without anybody noticing.
    """
    folder = keys_folder(home, environ)
    has_data = _holds_sealed_data(home)  # before looking for keys: keys come before data
    missing = [name for name in _NAMES if not (folder / f"{name}.key").exists()]
    if missing and has_data:
        raise HomeError(
            f"{folder}: {missing[0]}.key is missing, but {home.root} already holds data sealed "
            "with it; put the keys back from your backup, or set HAPPYCALL_KEYS to where they are"
        )
    if missing:
        _make_keys(folder)
    keys = Keys(folder, *(_read_key(folder / f"{name}.key") for name in _NAMES))
    _check_fingerprint(home, keys, has_data=has_data)
    return keys


def keys_folder(home: Home, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the keys of a home lie: `HAPPYCALL_KEYS`, else a folder of the user named by its id."""
    named = environ.get("HAPPYCALL_KEYS", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    config = Path(environ.get("HOME") or Path.home()) / ".config" / "happycall"
    try:
        return config / (home.root / "home.id").read_text("utf-8").strip()
    except OSError as error:
        raise HomeError(f"{home.root}: home.id cannot be read ({error.strerror})") from error


def _holds_sealed_data(home: Home) -> bool:
    databases = (home.vault / "vault.sqlite", home.texts / "texts.sqlite")
    folders = (home.taken, home.quarantine)
    return any(path.exists() for path in databases) or any(
        folder.is_dir() and any(folder.iterdir()) for folder in folders
    )


def _make_keys(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone_in(folder) as descriptor:
            for name in _NAMES:
                if not (folder / f"{name}.key").exists():
                    _write_key(folder / f"{name}.key")
            os.fsync(descriptor)
    except OSError as error:
        raise HomeError(
            f"{folder}: keys cannot be made there ({error.strerror}); "
            "set HAPPYCALL_KEYS to a folder that you may write to"
        ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[int]:
    """Two first uses at once must end with one set of keys."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write_key(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_hex(KEY_BYTES).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _read_key(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text("ascii").strip()
        key = bytes.fromhex(text)
    except OSError as error:
        raise HomeError(f"{path}: the key cannot be read ({error.strerror})") from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise HomeError(f"{path}: is not a key of 64 hex digits; put it back from your backup")
    if mode & 0o077:
        raise HomeError(f"{path}: others on this machine may read the key; run chmod 600 on it")
    return key


def _check_fingerprint(home: Home, keys: Keys, *, has_data: bool) -> None:
    """The home remembers a fingerprint of its keys, which tells nothing about them."""
    fingerprint = hmac.digest(keys.master + keys.hmac, b"happycall keys", "sha256").hex()[:32]
    path = home.vault / _FINGERPRINT
    known = path.read_text("utf-8").strip() if path.exists() else ""
    if known and known != fingerprint and has_data:
        raise HomeError(
            f"{keys.folder}: these are not the keys that {home.root} was sealed with; "
            "set HAPPYCALL_KEYS to where its own keys are"
        )
    if known != fingerprint:
        home.vault.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{_FINGERPRINT}.{secrets.token_hex(4)}")
        temporary.write_text(fingerprint + "\n", "ascii")
        temporary.rename(path)
