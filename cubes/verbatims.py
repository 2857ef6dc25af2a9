"""Verbatims by their id: those the principal may read, of persons who were not forgotten."""

from __future__ import annotations

from collections.abc import Iterable

from cubes.catalogue import Snapshot
from cubes.cursors import cursor_for
from cubes.memory import Memory
from cubes.policy import Principal, may_read_texts, texts_sql, with_sites
from models.home import Home


def read_texts(
    memory: Memory,
    home: Home | None,
    principal: Principal,
    snapshot: Snapshot,
    text_ids: Iterable[int],
) -> dict[int, str]:
    """The texts by their id; what is not the principal's to read or is gone is left out."""
    return _texts(home, _readable(memory, home, principal, snapshot, tuple(text_ids)))


def _texts(home: Home | None, text_ids: tuple[int, ...]) -> dict[int, str]:
    if home is None:  # a reader alone has no texts
        return {}
    from models.keys import open_keys
    from models.texts import open_texts
    from models.vault import open_vault

    keys = open_keys(home)
    return open_texts(home, keys, open_vault(home, keys)).get(text_ids)


def _readable(
    memory: Memory,
    home: Home | None,
    principal: Principal,
    snapshot: Snapshot,
    text_ids: tuple[int, ...],
) -> tuple[int, ...]:
    """Those of the texts that stand in rows the principal may read."""
    if may_read_texts(principal) == "all" or not text_ids:
        return text_ids
    with cursor_for(snapshot) as cursor:
        own = texts_sql(memory.catalogue(snapshot, cursor, home).tables)
        asked = with_sites({"asked": list(text_ids)}, principal)
        mine = {row[0] for row in cursor.execute(own, asked).fetchall()}
    return tuple(text_id for text_id in text_ids if text_id in mine)
