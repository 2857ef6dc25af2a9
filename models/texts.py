"""Verbatims, kept apart and sealed under the key of whoever said them.

A release carries `text_id` alone. What was said opens with the person's key and dies with it; what
nobody in particular said has a key of its own, so that it can be given to a person, or destroyed,
later.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import HomeError
from models.keys import KEY_BYTES, Keys, seal, unseal
from models.scrub import scrub
from models.sealed_database import reading, select_in, writing
from models.vault import PersonKey, Vault

if TYPE_CHECKING:
    from models.home import Home

_SCHEMA = (
    """create table text (
        text_id integer primary key, slot blob not null, content blob not null unique,
        person integer, wrapped_key blob, sealed blob not null)""",
    "create index text_slot on text (slot)",
    "create index text_person on text (person)",
)
_COLUMNS = "text_id, slot, content, person, wrapped_key, sealed"


@dataclass(frozen=True, slots=True)
class _Stored:
    """One row of the database."""

    text_id: int
    slot: bytes
    content: bytes
    person: int | None
    wrapped_key: bytes | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Verbatim:
    """One text of a batch: where it belongs, what it says, who said it."""

    slot: bytes
    content: bytes
    text: str
    customer_key: int | None


@dataclass(frozen=True, slots=True)
class Texts:
    """The verbatims of one home."""

    path: Path
    keys: Keys
    vault: Vault

    def put(self, texts: pa.Table) -> pa.Int64Array:
        """Scrub, seal and keep each row's text; its `text_id`, null where there is nothing to keep.

        Columns: slot (what the text belongs to, such as a record's key and column), text, and
        customer_key, which may be null. The same text in the same slot has the same id for ever,
        so that a record that is mapped again is no change. Once a person is known, every text
        of the slot is sealed under their key. A text of someone forgotten is not kept.
        """
        rows = [self._verbatim(*row) for row in _rows(texts)]
        batch = {row.content: row for row in rows if row is not None}
        if not batch:
            return pa.nulls(len(rows), pa.int64())
        named = {r.content: r.customer_key for r in rows if r and r.customer_key is not None}
        owners = self.vault.person_keys(set(named.values()))
        lost = {content for content, customer in named.items() if customer not in owners}
        owner_of = {content: owners[key] for content, key in named.items() if key in owners}
        with writing(self.path, _SCHEMA) as con:
            stored = _stored(con, "slot", {row.slot for row in batch.values()})
            self._give_slots(con, stored, batch, owner_of)
            ids = {row.content: row.text_id for row in stored}
            new = [r for c, r in batch.items() if c not in ids and c not in lost]
            fresh = [self._sealed_new(row, owner_of.get(row.content)) for row in new]
            _insert(con, fresh)
        ids |= {row.content: row.text_id for row in fresh}
        return pa.array([ids.get(row.content) if row else None for row in rows], pa.int64())

    def get(self, text_ids: Iterable[int]) -> dict[int, str]:
        """The texts by id; what is unknown, or whose person was forgotten, is left out."""
        with reading(self.path) as con:
            stored = [] if con is None else _stored(con, "text_id", set(text_ids))
        people = self.vault.ciphers({row.person for row in stored if row.person is not None})
        plain = {row.text_id: self._opened(row, people) for row in stored}
        return {text_id: text for text_id, text in plain.items() if text is not None}

    def forget(self, person: int) -> int:
        """Delete the rows of a person by their number in the vault; how many there were."""
        with writing(self.path, _SCHEMA) as con:
            return con.execute("delete from text where person = ?", (person,)).rowcount

    def _verbatim(self, slot: str, text: str | None, customer_key: int | None) -> _Verbatim | None:
        clean = scrub(text).strip() if text else ""
        if not clean:
            return None
        content = self.keys.mac("text", f"{slot}|{clean}")
        return _Verbatim(self.keys.mac("slot", slot), content, clean, customer_key)

    def _give_slots(
        self,
        con: sqlite3.Connection,
        stored: Iterable[_Stored],
        batch: Mapping[bytes, _Verbatim],
        owner_of: Mapping[bytes, PersonKey],
    ) -> None:
        """Seal what is stored under the person now known to have said it."""
        by_slot = {batch[content].slot: owner for content, owner in owner_of.items()}
        given = []
        for row in stored:
            owner = owner_of.get(row.content)
            if owner is None and row.person is None:
                owner = by_slot.get(row.slot)
            if owner is None or owner.person == row.person:
                continue
            text = batch[row.content].text if row.content in batch else self._opened(row, {})
            if text is not None:
                sealed = seal(owner.cipher, text.encode(), _bound(row.text_id))
                given.append((owner.person, sealed, row.text_id))
        con.executemany(
            "update text set person = ?, wrapped_key = null, sealed = ? where text_id = ?", given
        )

    def _sealed_new(self, row: _Verbatim, owner: PersonKey | None) -> _Stored:
        text_id = secrets.randbelow(2**63 - 1) + 1
        plain, bound = row.text.encode(), _bound(text_id)
        if owner is not None:
            sealed = seal(owner.cipher, plain, bound)
            return _Stored(text_id, row.slot, row.content, owner.person, None, sealed)
        key = os.urandom(KEY_BYTES)
        wrapped = seal(AESGCM(self.keys.master), key, bound)
        sealed = seal(AESGCM(key), plain, bound)
        return _Stored(text_id, row.slot, row.content, None, wrapped, sealed)

    def _opened(self, row: _Stored, people: Mapping[int, AESGCM]) -> str | None:
        bound = _bound(row.text_id)
        if row.person is not None:
            cipher = people.get(row.person)
            if cipher is None:
                return None
        else:
            key = unseal(AESGCM(self.keys.master), row.wrapped_key or b"", bound)
            cipher = AESGCM(key) if key is not None else None
        plain = unseal(cipher, row.sealed, bound) if cipher is not None else None
        if plain is None:
            raise HomeError(
                f"{self.path}: text {row.text_id} does not open; the file was changed, or other "
                "keys were used: restore it or the keys from a backup"
            )
        return plain.decode()


def open_texts(home: Home, keys: Keys, vault: Vault) -> Texts:
    """The verbatims of a home; their file is made with the first."""
    return Texts(home.texts / "texts.sqlite", keys, vault)


def forget_person(vault: Vault, texts: Texts, customer_key: int) -> bool:
    """Make a surrogate nobody's: identifiers, key and texts go, facts and totals stay.

    The key goes first: from then on nothing opens, even if the rest is interrupted. False where
    the vault does not know the surrogate.
    """
    person = vault.forget(customer_key)
    if person is not None:
        texts.forget(person)
    return person is not None


def _rows(texts: pa.Table) -> Iterable[tuple[str, str | None, int | None]]:
    slots = pc.cast(texts.column("slot"), pa.string()).to_pylist()
    words = pc.cast(texts.column("text"), pa.string()).to_pylist()
    return zip(slots, words, texts.column("customer_key").to_pylist(), strict=True)


def _stored(con: sqlite3.Connection, column: str, values: Iterable[Any]) -> list[_Stored]:
    sql = f"select {_COLUMNS} from text where {column} in (?)"
    return [_Stored(*row) for row in select_in(con, sql, sorted(values))]


def _insert(con: sqlite3.Connection, rows: Iterable[_Stored]) -> None:
    con.executemany(
        f"insert into text ({_COLUMNS}) values (?, ?, ?, ?, ?, ?)",
        [(r.text_id, r.slot, r.content, r.person, r.wrapped_key, r.sealed) for r in rows],
    )


def _bound(text_id: int) -> bytes:
    return b"text|" + text_id.to_bytes(8, "big")
