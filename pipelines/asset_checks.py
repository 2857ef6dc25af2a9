"""Row checks as Dagster shows them: one asset check for each model, with a count for each `check:`.

They warn and never block, because the records that fail are in quarantine already and the load is
right without them. The night says of every model how it stands; in between a load speaks only where
it refused something, since each event costs the freshness of the board.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import dagster as dg

from models.catalog import Model
from pipelines import row_checks

if TYPE_CHECKING:
    from pipelines.session import LoadSession

ROWS = "rows"
Key = Callable[[Model], dg.AssetKey]


def checked(models: Sequence[Model]) -> tuple[Model, ...]:
    """The models that declare a check of their rows."""
    return tuple(model for model in models if model.checks)


def row_check_specs(models: Sequence[Model], key: Key) -> tuple[dg.AssetCheckSpec, ...]:
    """What Dagster lists: one check a model, its tags in the description."""
    return tuple(
        dg.AssetCheckSpec(ROWS, asset=key(m), description=_doc(m)) for m in checked(models)
    )


def _doc(model: Model) -> str:
    told = "\n".join(f"- `{check}`" for check in model.checks)
    if model.layer == "dimension":
        return f"Rows of this dimension that fail:\n{told}"
    return f"Records that a load put into quarantine because a row of theirs fails:\n{told}"


def nightly_row_checks(models: Sequence[Model], key: Key) -> dg.AssetChecksDefinition:
    """One step that says of every model how its checks went in the load of the run."""

    @dg.multi_asset_check(
        name="row_checks",
        specs=row_check_specs(models, key),
        description="Records refused by the row checks of each model, by check.",
        required_resource_keys={"load"},
        can_subset=True,
    )
    def row_check_step(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        load = context.resources.load
        if load.has_work is None:
            raise dg.Failure(
                "Row checks tell how a load went; run the job that loads, or read what waits with"
                " happycall quarantine."
            )
        load.has_told = True
        found = _all(load.session, models) if load.has_work else {}
        wanted = {check.asset_key for check in context.selected_asset_check_keys}
        for model in (m for m in checked(models) if key(m) in wanted):
            counts = found.get(model.name, {})
            yield dg.AssetCheckResult(
                asset_key=key(model), check_name=ROWS, passed=not counts,
                severity=dg.AssetCheckSeverity.WARN, metadata=counts or {"refused": 0},
            )  # fmt: skip

    return row_check_step


def _all(session: "LoadSession", models: Sequence[Model]) -> row_checks.Refusals:
    wanted = checked(models)
    session.model(wanted[-1].name)  # the whole star is made with any part of it
    state = session.state
    return {**row_checks.refused(state, wanted), **row_checks.failing_members(state, wanted)}


def refusals(
    session: "LoadSession", models: Sequence[Model], key: Key
) -> tuple[dg.AssetCheckEvaluation, ...]:
    """An event for each model whose checks refused records of this load; mostly none."""
    found: Mapping[str, Mapping[str, int]] = row_checks.refused(session.state, checked(models))
    return tuple(
        dg.AssetCheckEvaluation(
            asset_key=key(model), check_name=ROWS, passed=False,
            severity=dg.AssetCheckSeverity.WARN, blocking=False,
            metadata={**found[model.name], "load": session.state.load},
        )
        for model in models
        if model.name in found
    )  # fmt: skip
