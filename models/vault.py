"""Who is who: the only place that ties an identifier to the surrogate that facts carry.

`identity` names each identifier by its HMAC and holds the surrogate sealed under the person's own
key; `person` holds that key, wrapped by the master key. Nothing in here can be read without the
keys, and without the row in `person` nobody can ever tell again whose a surrogate was.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import HomeError
from models.keys import KEY_BYTES, Keys, seal, unseal
from models.match_persons import Identifiers, Match, distinct_rows, identifiers_of, match_rows
from models.sealed_database import reading, select_in, writing

if TYPE_CHECKING:
    from models.home import Home

_SURROGATE = "surrogate"  # kinds of identity that no batch carries
_LISTED = "listed"
_SCHEMA = (
    """create table identity (
        hmac blob primary key, person integer not null, sealed blob not null) without rowid""",
    "create index identity_person on identity (person)",
    "create table person (person integer primary key, wrapped_key blob not null)",
)


@dataclass(frozen=True, slots=True)
class PersonKey:
    """A person's number inside the vault and the key that everything of theirs is sealed under."""

    person: int
    cipher: AESGCM


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault of one home."""

    path: Path
    keys: Keys

    def resolve(self, persons: pa.Table) -> pa.Int64Array:
        """The surrogate of each row's person; null where a row names nobody.

        Columns, any of them absent or null: customer_ref, phone, email, vin, plate, and
        customer_name with birth_date. Row by row in the given order: the first identifier already
        known, in the order of `IDENTIFIERS`, says who it is, unless that person goes by another
        reference of the same list (`match_rows`); if none is known, it is a new person; the unknown
        identifiers become theirs. Rows in two batches therefore give the same persons as in one,
        and a batch that is resolved again after a crash gives the same surrogates.
        """
        named = identifiers_of(persons, self.keys)
        if not named.macs:
            return pa.nulls(persons.num_rows, pa.int64())
        rows, place = distinct_rows(named.codes)
        with writing(self.path, _SCHEMA) as con:
            known = _known(con, named.macs)
            owners = [known[mac][0] if mac in known else None for mac in named.macs]
            listed = _listed(con, self.keys, owners, named.spaces)
            match = match_rows(rows, named.spaces, owners, listed, _random_63_bits)
            ciphers = _unwrap(con, self.keys, match.old)
            surrogates = _surrogates(ciphers, known)
            _make_persons(con, self.keys, match.new, ciphers, surrogates)
            names = [(named.macs[code], person) for code, person in match.attached]
            _attach(con, names, ciphers, surrogates)
            _list(con, self.keys, named, match)
        keys = np.array([0 if p is None else surrogates[p] for p in match.chosen], dtype=np.int64)
        nobody = np.array([p is None for p in match.chosen], dtype=np.bool_)
        return pa.array(keys[place], mask=nobody[place])

    def person_keys(self, customer_keys: Iterable[int]) -> dict[int, PersonKey]:
        """The person behind each surrogate; who was forgotten or never known is left out."""
        by_mac = {_surrogate_mac(self.keys, key): key for key in customer_keys}
        with reading(self.path) as con:
            known = {} if con is None else _known(con, by_mac)
            people = {person for person, _ in known.values()}
            ciphers = {} if con is None else _unwrap(con, self.keys, people)
        surrogates = _surrogates(ciphers, known)
        found = {by_mac[mac]: person for mac, (person, _) in known.items()}
        if any(surrogates[person] != key for key, person in found.items()):
            raise _changed("a surrogate")
        return {key: PersonKey(person, ciphers[person]) for key, person in found.items()}

    def ciphers(self, persons: Iterable[int]) -> dict[int, AESGCM]:
        """The keys of persons by their number in the vault; the forgotten are left out."""
        with reading(self.path) as con:
            return {} if con is None else _unwrap(con, self.keys, set(persons), forgiving=True)

    def forget(self, customer_key: int) -> int | None:
        """Delete a person's identifiers and key; their number in the vault, or None if not known.

        Facts keep the surrogate, which is nobody's from then on.
        """
        with writing(self.path, _SCHEMA) as con:
            mac = _surrogate_mac(self.keys, customer_key)
            row = con.execute("select person from identity where hmac = ?", (mac,)).fetchone()
            if row is None:
                return None
            con.execute("delete from identity where person = ?", row)
            con.execute("delete from person where person = ?", row)
        return int(row[0])


def open_vault(home: Home, keys: Keys) -> Vault:
    """The vault of a home; its file is made with the first person."""
    return Vault(home.vault / "vault.sqlite", keys)


def _known(con: sqlite3.Connection, macs: Iterable[bytes]) -> dict[bytes, tuple[int, bytes]]:
    sql = "select hmac, person, sealed from identity where hmac in (?)"
    return {mac: (person, sealed) for mac, person, sealed in select_in(con, sql, sorted(macs))}


def _listed(
    con: sqlite3.Connection, keys: Keys, owners: Sequence[int | None], spaces: Sequence[str]
) -> set[tuple[int, str]]:
    """Which of the owners stand in the lists that the batch has unknown references of."""
    unknown = {space for space, owner in zip(spaces, owners, strict=False) if owner is None}
    people = {owner for owner in owners if owner is not None} if unknown else set()
    asked = {_listing_mac(keys, who, space): (who, space) for who in people for space in unknown}
    return {asked[mac] for mac in _known(con, asked)}


def _list(con: sqlite3.Connection, keys: Keys, named: Identifiers, match: Match) -> None:
    """Note for new references in whose lists their persons stand from now on."""
    listings = {
        (person, named.spaces[code]) for code, person in match.attached if code < len(named.spaces)
    }
    con.executemany(
        "insert into identity (hmac, person, sealed) values (?, ?, x'')",
        sorted((_listing_mac(keys, person, space), person) for person, space in listings),
    )


def _unwrap(
    con: sqlite3.Connection, keys: Keys, persons: Set[int], *, forgiving: bool = False
) -> dict[int, AESGCM]:
    master = AESGCM(keys.master)
    ciphers: dict[int, AESGCM] = {}
    sql = "select person, wrapped_key from person where person in (?)"
    for person, wrapped in select_in(con, sql, sorted(persons)):
        key = unseal(master, wrapped, _person_bound(person))
        if key is None:
            raise _changed(f"the key of person {person}")
        ciphers[person] = AESGCM(key)
    if len(ciphers) < len(persons) and not forgiving:
        raise _changed("the key of a person who has identifiers")
    return ciphers


def _surrogates(
    ciphers: dict[int, AESGCM], known: dict[bytes, tuple[int, bytes]]
) -> dict[int, int]:
    surrogates: dict[int, int] = {}
    for mac, (person, sealed) in known.items():
        if person in ciphers:
            plain = unseal(ciphers[person], sealed, mac)
            if plain is None:
                raise _changed("an identity")
            found = int.from_bytes(plain, "big")
            if surrogates.setdefault(person, found) != found:
                raise _changed("an identity")
    return surrogates


def _make_persons(
    con: sqlite3.Connection,
    keys: Keys,
    new: Iterable[int],
    ciphers: dict[int, AESGCM],
    surrogates: dict[int, int],
) -> None:
    """Give each new person a key and a surrogate, the surrogate being an identifier too."""
    master = AESGCM(keys.master)
    wrapped = []
    for person in sorted(new):
        key = os.urandom(KEY_BYTES)
        ciphers[person], surrogates[person] = AESGCM(key), _random_63_bits()
        wrapped.append((person, seal(master, key, _person_bound(person))))
    con.executemany("insert into person (person, wrapped_key) values (?, ?)", wrapped)
    names = [(_surrogate_mac(keys, surrogates[person]), person) for person, _ in wrapped]
    _attach(con, names, ciphers, surrogates)


def _attach(
    con: sqlite3.Connection,
    macs: Iterable[tuple[bytes, int]],
    ciphers: dict[int, AESGCM],
    surrogates: dict[int, int],
) -> None:
    """Tie identifiers to persons, in the order of the index so that pages are written once."""
    con.executemany(
        "insert into identity (hmac, person, sealed) values (?, ?, ?)",
        (
            (mac, person, seal(ciphers[person], surrogates[person].to_bytes(8, "big"), mac))
            for mac, person in sorted(macs)
        ),
    )


def _surrogate_mac(keys: Keys, customer_key: int) -> bytes:
    return keys.mac(_SURROGATE, str(customer_key))


def _listing_mac(keys: Keys, person: int, space: str) -> bytes:
    return keys.mac(_LISTED, f"{person}|{space}")


def _person_bound(person: int) -> bytes:
    return b"person key|" + person.to_bytes(8, "big")


def _random_63_bits() -> int:
    return secrets.randbelow(2**63 - 1) + 1


def _changed(what: str) -> HomeError:
    return HomeError(
        f"vault/vault.sqlite: {what} does not open; the file was changed, or other keys were used: "
        "restore it or the keys from a backup"
    )
