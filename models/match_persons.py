"""Which rows of a batch name the same person: exact, in one stated order, without effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from models.identify import BETWEEN, IDENTIFIERS, NAME_BIRTH, REFERENCE, reference_space
from models.keys import Keys


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of a batch, numbered; the references come first.

    `codes` has a row per row of the batch and a column per kind, −1 where the row has none; `macs`
    holds each identifier's HMAC; `spaces` says of each reference in whose list it stands.
    """

    codes: NDArray[np.int64]
    macs: tuple[bytes, ...]
    spaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Per row its person, what was newly attached as (code, person), and who is new."""

    chosen: tuple[int | None, ...]
    attached: tuple[tuple[int, int], ...]
    new: frozenset[int]

    @property
    def old(self) -> frozenset[int]:
        """Who was chosen and known before."""
        return frozenset(person for person in self.chosen if person is not None) - self.new


def identifiers_of(persons: pa.Table, keys: Keys) -> Identifiers:
    """Spell and number what the columns of a batch name persons by; absent columns name nobody."""
    codes = np.full((persons.num_rows, len(IDENTIFIERS)), -1, dtype=np.int64)
    macs: list[bytes] = []
    spaces: tuple[str, ...] = ()
    for position, (kind, normalise) in enumerate(IDENTIFIERS):
        column = _column(persons, kind)
        if column is None:
            continue
        spellings = column.dictionary_encode()
        numbers: dict[str, int] = {}
        code_of = np.full(len(spellings.dictionary) + 1, -1, dtype=np.int64)  # the last: null
        for index, spelling in enumerate(spellings.dictionary.to_pylist()):
            value = normalise(spelling)
            if value is not None:
                code_of[index] = numbers.setdefault(value, len(macs) + len(numbers))
        macs.extend(keys.mac(kind, value) for value in numbers)
        codes[:, position] = code_of[pc.fill_null(spellings.indices, -1).to_numpy()]
        if kind == REFERENCE:
            spaces = tuple(reference_space(value) for value in numbers)
    return Identifiers(codes, tuple(macs), spaces)


def _column(persons: pa.Table, kind: str) -> pa.Array | None:
    names = ("customer_name", "birth_date") if kind == NAME_BIRTH else (kind,)
    if not set(names) <= set(persons.column_names):
        return None
    parts = [pc.cast(persons.column(name), pa.string()) for name in names]
    column = parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, BETWEEN)
    return column.combine_chunks()


def distinct_rows(codes: NDArray[np.int64]) -> tuple[list[list[int]], NDArray[np.int64]]:
    """The distinct rows in order of first appearance, and for each row which of them it is."""
    label = np.zeros(len(codes), dtype=np.int64)
    first = np.arange(min(len(codes), 1))
    for column in codes.T:
        combined = label * (column.max(initial=-1) + 2) + column + 1
        _, first, label = np.unique(combined, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return codes[first[order]].tolist(), rank[label]


def match_rows(
    rows: Iterable[Sequence[int]],
    spaces: Sequence[str],
    owners: Sequence[int | None],
    listed: Set[tuple[int, str]],
    new_person: Callable[[], int],
) -> Match:
    """Row by row: the first identifier with an owner decides, those without one join it.

    A list names a person once. An owner who is `listed` as (person, space) is therefore somebody
    else than a reference of that space that is seen for the first time, however much else they
    share: couples share a telephone, and strangers a name and a birthday.
    """
    owner_of, is_listed = list(owners), set(listed)
    chosen: list[int | None] = []
    attached: list[tuple[int, int]] = []
    new: set[int] = set()
    for row in rows:
        codes = [code for code in row if code >= 0]
        candidates = [owner for code in codes if (owner := owner_of[code]) is not None]
        if codes and codes[0] < len(spaces) and owner_of[codes[0]] is None:
            space = spaces[codes[0]]
            candidates = [owner for owner in candidates if (owner, space) not in is_listed]
        person = candidates[0] if candidates else None
        if person is None and codes:
            person = new_person()
            new.add(person)
        for code in codes:
            if owner_of[code] is None and person is not None:
                owner_of[code] = person
                attached.append((code, person))
                if code < len(spaces):
                    is_listed.add((person, spaces[code]))
        chosen.append(person)
    return Match(tuple(chosen), tuple(attached), frozenset(new))
