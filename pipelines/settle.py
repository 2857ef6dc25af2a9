"""Maps and models, over and again, until no check refuses a record any more.

A refused record leaves its place to an older version, which may be refused in its turn. Each round
refuses at least one record more than the one before, so that there is a last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines import accounts, canonical, cells, classify, star, star_checks
from pipelines.again import call_heirs, grow_lookups, map_again, offer

if TYPE_CHECKING:
    from pipelines.session import LoadSession


def map_source(session: LoadSession, source: str) -> dict[str, int]:
    """Maps the records of a source that count and were not mapped yet; rows by entity."""
    arrival, rows = session.arrivals[source], dict[str, int]()
    if not arrival.has_looked:
        arrival.has_looked = True
        grown = grow_lookups(session, arrival)
        again = {m.table for m in arrival.source.mappings if grown & set(m.reads)}
        renewed = (session.renewal.mapped or {}).get(source, frozenset())
        map_again(session, arrival, again | renewed)
    for landed in arrival.tables:
        for mapping in landed.source.mappings:
            if mapping.table != landed.table.name:
                continue
            offer(session, arrival, mapping.reads)
            entity = session.schema.entities[mapping.entity]
            done = canonical.map_entity(session.state, landed, mapping, entity, session.persons)
            rows[mapping.entity] = rows.get(mapping.entity, 0) + done
    classify.mark_mapped(session.state, source)
    return rows


def settle(session: LoadSession) -> None:
    """Leaves plus_/minus_ of every model as they go into the release, if it comes to one."""
    state, schema = session.state, session.schema
    _map_all(session)
    while True:
        _star(session)
        refused = [
            star_checks.refused_by_checks(state, schema, model) for model in schema.layer("fact")
        ]
        if not sum(refused):
            return
        call_heirs(session)
        _map_all(session)


def _map_all(session: LoadSession) -> None:
    """Maps until every record that counts is mapped; what was refused lets others count."""
    for source in session.source_names:
        session.map(source)
    while True:
        _map_more(session)
        others = classify.choose_again(session.state)
        if star_checks.recall_refused(session.state):
            others += call_heirs(session)
        if not others:
            return


def _map_more(session: LoadSession) -> None:
    """Maps the records that came to count after their source was mapped."""
    for source in session.source_names:
        if classify.unmapped(session.state, source):
            map_source(session, source)


def _star(session: LoadSession) -> None:
    """Computes canonical rows, dimensions and facts once, without records whose key is taken."""
    state, schema, renewed = session.state, session.schema, session.renewal.models
    fed = {mapping.entity for source in session.batch.sources for mapping in source.mappings}
    while True:
        accounts.changed_records(state)
        for entity in schema.entities:
            star.canonical_difference(state, entity, is_fed=entity in fed)
        if not sum(star_checks.clashes(state, schema, entity) for entity in fed):
            break
        _map_all(session)
    cells.settings(state, is_renewed="dim_date" in renewed)
    members = canonical.all_members(state)
    state.con.execute(f"create or replace temp table member as from {members}")
    for model in schema.layer("dimension"):
        inputs = [t for t in model.reads if t.startswith("canonical_")]
        star.dimension(state, model, inputs, is_renewed=model.name in renewed)
    for model in schema.layer("fact"):
        star.touched_units(state, schema, model, is_renewed=model.name in renewed)
        star.fact(state, model)
