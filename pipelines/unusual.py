"""Files with fewer or more records than their table usually has: told, and loaded all the same.

A short file is often a cut-off export and a long one a full dump in a delta's place, yet either may
be right: so it is a warning until the next files of the source are usual again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from models.home import Home
from models.noted import UNUSUAL, note, noted

if TYPE_CHECKING:
    from pipelines.source import Source
    from pipelines.state import State

Told = Mapping[str, tuple[str, ...]]  # source → a sentence for each file


def unusual(state: State, sources: Sequence[Source]) -> Told:
    """Of each source of which this load took files: those whose size is not the usual one."""
    usual = {
        (source.name, table.name): table.expect.rows_per_file
        for source in sources
        for table in source.tables
        if table.expect.rows_per_file
    }
    if not usual:
        return {}
    rows = state.con.execute("""
        select source, raw_table, path, records from taken_file where not shipped order by file_no
    """).fetchall()
    told: dict[str, list[str]] = {source: [] for source, *_ in rows}
    for source, table, path, records in rows:
        least, most = usual.get((source, table)) or (0, records)
        if not least <= records <= most:
            told[source].append(f"{path} has {records:,} records; usual are {least:,} to {most:,}")
    return {source: tuple(sentences) for source, sentences in told.items()}


def note_unusual(home: Home, told: Told) -> None:
    """Keeps the sentences of each source's newest files for `happycall status`."""
    if not told:
        return
    before = noted(home, UNUSUAL)
    after = {name: list(said) for name, said in {**before, **told}.items() if said}
    if after != before:
        note(home, UNUSUAL, after)
