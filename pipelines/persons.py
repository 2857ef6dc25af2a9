"""Persons and their words leave the rows here: a random surrogate and the id of a text go on.

Whatever names a person goes to the vault, what a person said to the texts; neither is in a release.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.home import Home
from models.keys import Keys
from models.schema import Entity
from models.texts import Texts, open_texts
from models.vault import Vault, open_vault
from pipelines.classify import RECORDS


@dataclass(frozen=True, slots=True)
class Persons:
    """Where persons and their words go; opened once for a load."""

    vault: Vault
    texts: Texts


def open_persons(home: Home, keys: Keys) -> Persons:
    """The vault and the texts of a home."""
    vault = open_vault(home, keys)
    return Persons(vault, open_texts(home, keys, vault))


def resolve(
    con: duckdb.DuckDBPyConnection, part: str, entity: Entity, given: set[str], vault: Vault
) -> None:
    """Gives each row of `part` the surrogate of its person; in landing order, as the vault asks."""
    present = [column for column in entity.persons if column in given]
    if not present:
        return
    columns = ", ".join(f"{column}::varchar as {column}" for column in present)
    con.execute(f"""
        create or replace temp table person as
        select {columns}, min(_record) as _first from {part} group by all order by _first
    """)
    persons = con.sql(f"select {', '.join(present)} from person order by _first").to_arrow_table()
    con.register("keyed_person", persons.append_column("customer_key", vault.resolve(persons)))
    same = " and ".join(f"k.{c} is not distinct from p.{c}::varchar" for c in present)
    con.execute(f"""
        create or replace temp table {part} as
        select p.*, k.customer_key from {part} as p left join keyed_person as k on {same}
    """)
    con.unregister("keyed_person")


def store_texts(
    con: duckdb.DuckDBPyConnection, part: str, entity: Entity, given: set[str], texts: Texts
) -> None:
    """Hands the words to the texts, which scrub and seal them; rows go on with an id alone.

    The slot follows from record and entity, so that a record that is mapped again is no change.
    """
    present = [column for column in entity.texts if column in given]
    if not present:
        return
    text = f"p.{present[0]}::varchar"
    named = any(column in given for column in entity.persons)
    person = "p.customer_key" if named else "null::bigint as customer_key"
    same_person = " and k.customer_key is not distinct from p.customer_key" if named else ""
    con.execute(f"""
        create or replace temp table said as
        select distinct '{entity.name}/' || r.record_key::varchar as slot, {text} as text,
            {person}
        from {part} as p join {RECORDS} as r on r._record = p._record
        where blank_null({text}) is not null order by all
    """)
    said = con.sql("from said").to_arrow_table()
    con.register("kept_text", said.append_column("text_id", texts.put(said)))
    con.execute(f"""
        create or replace temp table {part} as
        select p.*, k.text_id
        from {part} as p join {RECORDS} as r on r._record = p._record
        left join kept_text as k on k.slot = '{entity.name}/' || r.record_key::varchar
            and k.text = {text}{same_person}
    """)
    con.unregister("kept_text")
