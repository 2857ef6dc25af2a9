"""How the row checks of the models went in one load: records refused, by model and by check.

The checks themselves run where rows are made and refuse the records behind a failing row; this only
counts what they did, out of the tables of the load, so that asking costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from models.catalog import Model

if TYPE_CHECKING:
    from pipelines.state import State

Refusals = Mapping[str, Mapping[str, int]]  # model → check → records


def reason_of(model: Model, check: str) -> str:
    """The words under which a record lies in quarantine that fails a check of this model."""
    return f"{model.entity}: {check}"


def refused(state: State, models: Sequence[Model]) -> Refusals:
    """Records that this load refused or recalled by a check; models without any are left out.

    A record that fails several checks counts under each of them.
    """
    from pipelines.accounts import FINAL

    rows = state.con.execute(f"""
        select reason, count(*) from (
            select distinct j._record as record, j.reason from rejected as j
            semi join (select _record from ({FINAL}) where final = 'quarantined') as f
                on f._record = j._record
            union all
            select record_key, reason from recalled)
        group by reason
    """).fetchall()
    by_reason: dict[str, int] = dict(rows)
    found = {
        model.name: {c: n for c in model.checks if (n := by_reason.get(reason_of(model, c), 0))}
        for model in models
    }
    return {name: counts for name, counts in found.items() if counts}


def failing_members(state: State, models: Sequence[Model]) -> Refusals:
    """Rows of dimensions that fail a check; a version is made of several records and refuses none.

    The dimensions are read as this load leaves them, so that its star must have been made.
    """
    found: dict[str, dict[str, int]] = {}
    for model in models:
        for check in model.checks if model.layer == "dimension" else ():
            if n := state.count(model.name, f"not coalesce(({check}), true)"):
                found.setdefault(model.name, {})[check] = n
    return found
